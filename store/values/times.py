"""Parses typed times and days into the ledger's form: ISO 8601, in the district's time.

Besides ISO 8601: now/现在, today/今天, yesterday/昨天, tomorrow/明天, ``+3`` (three working days on) and ``-3``,
a time of day (``14:30``, today's), and a day with a time of day (``昨天 14:30``). A time without a zone is in the
district's zone; a day where a time is wanted is that day at 00:00.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta, timezone

from store.exceptions import BadTime
from store.values.workdays import FIRST_DAY, LAST_DAY, add_days, add_workdays

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The district's zone. China has kept no daylight saving time since 1991, so no zone database is needed."""
_DAY_WORDS = {"today": 0, "今天": 0, "yesterday": -1, "昨天": -1, "tomorrow": 1, "明天": 1}
_WORKDAYS = re.compile(r"[+-]\d{1,3}")
_DAY_AND_TIME = re.compile(r"(?P<day>.*?\S)[\sT]*(?P<time>\d{1,2}:\d{2}(:\d{2})?)")
_MONTH = re.compile(r"(?P<year>\d{4})[-./年](?P<month>\d{1,2})月?")
_MAX_WORKDAYS = 366


def district_time(ms: int) -> datetime:
    """The district's time at ``ms`` milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, SHANGHAI)


def format_moment(value: datetime) -> str:
    """The moment as the ledger stores it, in the district's time; seconds only where they are not 0."""
    local = value.astimezone(SHANGHAI).replace(microsecond=0)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def stored_day(text: str | None) -> date | None:
    """The day of a stored day or moment; None where there is none, or none that the ledger knows. Lines of older
    versions may hold any text: whoever computes with a stored day reads it by this."""
    try:
        day = date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def parse_day(text: str, now: datetime) -> str:
    """The day that ``text`` names, as ``YYYY-MM-DD``. Raises `BadTime`."""
    typed = _normalize(text)
    day = _parse_day(typed, now)
    if day is None:
        read = _parse_iso(typed)
        if read is None:
            raise BadTime(text=text)
        day = read.astimezone(SHANGHAI).date()
    return _known(day, text).isoformat()


def _known(day: date, text: str) -> date:
    """The day, if it is one that the ledger knows. Raises `BadTime`: a year like 2206 is a typing error."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadTime(text=text)
    return day


def parse_month(text: str, now: datetime) -> str:
    """The month that ``text`` names (``2026-03``, ``2026年3月``, any day of it): ``YYYY-MM``. Raises `BadTime`."""
    month = _MONTH.fullmatch(_normalize(text))
    if month and 1 <= int(month["month"]) <= 12:
        return _known(date(int(month["year"]) or 1, int(month["month"]), 1), text).isoformat()[:7]
    return parse_day(text, now)[:7]


def parse_time(text: str, now: datetime) -> str:
    """The moment that ``text`` names, as ISO 8601 with the district's offset. Raises `BadTime`."""
    typed = _normalize(text)
    if typed in ("now", "现在"):
        return format_moment(now.replace(second=0))
    read = (
        _combine(_parse_day(typed, now), time())
        or _parse_clock_time(typed, now)
        or _parse_iso(typed)
        or _parse_day_and_time(typed, now)
    )
    if read is None:
        raise BadTime(text=text)
    _known(read.astimezone(SHANGHAI).date(), text)
    return format_moment(read)


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _parse_day(typed: str, now: datetime) -> date | None:
    today = now.astimezone(SHANGHAI).date()
    if typed in _DAY_WORDS:
        return add_days(today, _DAY_WORDS[typed])
    if _WORKDAYS.fullmatch(typed) and abs(int(typed)) <= _MAX_WORKDAYS:
        return add_workdays(today, int(typed))
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _parse_iso(typed: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(typed.upper())
        return (read if read.tzinfo else read.replace(tzinfo=SHANGHAI)).astimezone(SHANGHAI)
    except (ValueError, OverflowError):  # OverflowError: the years 1 and 9999 have no neighbours to shift into
        return None


def _parse_clock_time(typed: str, now: datetime) -> datetime | None:
    if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", typed):
        return None
    try:
        return _combine(now.astimezone(SHANGHAI).date(), time.fromisoformat(typed.zfill(len(typed.split(":")) * 3 - 1)))
    except ValueError:
        return None


def _parse_day_and_time(typed: str, now: datetime) -> datetime | None:
    parts = _DAY_AND_TIME.fullmatch(typed)
    if parts is None:
        return None
    day, clock = _parse_day(parts["day"], now), _parse_clock_time(parts["time"], now)
    return _combine(day, clock.time()) if clock else None


def _combine(day: date | None, at: time) -> datetime | None:
    return None if day is None else datetime.combine(day, at, SHANGHAI)
