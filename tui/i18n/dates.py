"""Days and times as short text, in the district's time zone, alike in both languages; periods in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from store.values.times import SHANGHAI, district_time
from tui.i18n.translate import N_, _

_whole: ContextVar[bool] = ContextVar("whole_dates", default=False)


@contextmanager
def whole_dates() -> Iterator[None]:
    """While the block runs, days and moments are written with their year and none relative to today: for files and
    for what is pasted elsewhere."""
    token = _whole.set(True)
    try:
        yield
    finally:
        _whole.reset(token)


def format_time(ms: int, now_ms: int) -> str:
    """A moment (ms since 1970): the time of day, after the day unless that is today."""
    return _short(district_time(ms), district_time(now_ms))


def format_moment(iso: str | None, now_ms: int) -> str:
    """An ISO moment of the ledger; one that cannot be parsed is shown as it is stored."""
    if not iso:
        return ""
    try:
        return _short(datetime.fromisoformat(iso).astimezone(SHANGHAI), district_time(now_ms))
    except ValueError:
        return iso


def _short(when: datetime, now: datetime) -> str:
    time = when.strftime("%H:%M")
    if _whole.get():
        return when.strftime("%Y-%m-%d ") + time
    if when.date() == now.date():
        return time
    return when.strftime("%m-%d ") + time if when.year == now.year else when.strftime("%Y-%m-%d")


def format_day(iso: str | None, now_ms: int) -> str:
    """An ISO day: “today”, or without the year in the present year."""
    if not iso:
        return ""
    now = district_time(now_ms)
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    if _whole.get():
        return day.isoformat()
    if day == now.date():
        return _("today")
    return day.strftime("%m-%d") if day.year == now.year else day.isoformat()


def format_age(iso: str | None, now_ms: int) -> str:
    """The days since a moment of the ledger: ``today``, ``3d``; "" for None."""
    if not iso:
        return ""
    if _whole.get():
        return format_day(iso, now_ms)
    try:
        days = (district_time(now_ms).date() - date.fromisoformat(iso[:10])).days
    except ValueError:
        return iso
    return _("today") if days <= 0 else _("{n}d").format(n=days)


def format_full_moment(ms: int) -> str:
    """A moment with its year, to the minute."""
    return district_time(ms).strftime("%Y-%m-%d %H:%M")


_PERIOD_SHAPES = (
    ("(?P<year>[0-9]{4})", N_("{year}")),
    ("(?P<year>[0-9]{4})Q(?P<part>[1-4])", N_("{year}Q{part}")),
    ("(?P<year>[0-9]{4})H1", N_("{year}H1")),
    ("(?P<year>[0-9]{4})H2", N_("{year}H2")),
    ("(?P<year>[0-9]{4})W(?P<part>[0-9]{2})", N_("{year}W{part:02}")),
    (
        "(?P<year>[0-9]{4})-(?P<month>[0-9]{2})/(?P=year)-(?P<last>[0-9]{2})",
        N_("{year}-{month:02} to {year}-{last:02}"),
    ),
)
"""How periods are stored, and how each is read out; months stay as they are."""


def format_period(name: str) -> str:
    """A stored period in words that may be typed again (2026年三季度 as 2026年第3季度); other text as it is."""
    for shape, text in _PERIOD_SHAPES:
        if match := re.fullmatch(shape, name):
            return _(text).format(**{part: int(number) for part, number in match.groupdict().items()})
    return name
