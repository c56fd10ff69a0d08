"""Parses typed times and days into the ledger's form: ISO 8601, in the district's time.

Days are read by ``store/values/dates.py``, times of day by ``store/values/clock_times.py``; here they meet: ISO 8601,
now/现在, a time of day (``14:30``, 下午3点, today's), and a day with a time of day (昨天下午3点). A time without a zone
is in the district's zone; a day where a time is wanted is that day at 00:00. Words of people in, bounds of the ledger
kept.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, timezone

from store.exceptions import BadTime, FutureTime, HalfOfDayMissing
from store.values.clock_times import CLOCK_TIME, PART_BEGINS, PARTS_OF_DAY, read_clock_time
from store.values.dates import Toward, normalize_typed, read_day
from store.values.workdays import FIRST_DAY, LAST_DAY

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The district's zone. China has kept no daylight saving time since 1991, so no zone database is needed."""
_NOW = ("now", "现在", "此刻", "刚才", "刚刚")
_ISO = r"\d{4}-?\d{2}-?\d{2}([t ].*)?"
_SECONDS = re.compile(r"(T\d\d:\d\d):\d\d")
_EVENINGS = {
    f"{short}{part}": f"{day}{long}"
    for short, day in (("今", "今天"), ("明", "明天"), ("昨", "昨天"))
    for part, long in (("晚", "晚上"), ("早", "早上"), ("晨", "早上"))
}


def district_time(ms: int) -> datetime:
    """The district's time at ``ms`` milliseconds since 1970."""
    return datetime.fromtimestamp(ms / 1000, SHANGHAI)


def format_moment(value: datetime) -> str:
    """The moment as the ledger stores it, in the district's time; seconds only where they are not 0."""
    local = value.astimezone(SHANGHAI).replace(microsecond=0)
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def minute_of(moment: str) -> str:
    """A stored moment without its seconds."""
    return _SECONDS.sub(r"\1", moment)


def stored_day(text: str | None) -> date | None:
    """The day of a stored day or moment; None where there is none, or none that the ledger knows. Lines of older
    versions may hold any text: whoever computes with a stored day reads it by this."""
    try:
        day = date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def parse_day(text: str, now: datetime, toward: Toward | None = None) -> str:
    """The day that ``text`` names, as ``YYYY-MM-DD``. ``toward`` says where it is expected: a due date in the future, a
    visit in the past. Raises `BadTime`."""
    typed = normalize_typed(text)
    day = read_day(typed, now.astimezone(SHANGHAI).date(), toward)
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


def parse_time(text: str, now: datetime, toward: Toward | None = None) -> str:
    """The moment that ``text`` names, as ISO 8601 with the district's offset; ``toward`` as for `parse_day`. Raises
    `BadTime`, and `FutureTime` where it lies in the past and names a part of today that has not begun: at half past
    midnight neither 今早 nor 今晚 has been."""
    typed = normalize_typed(text)
    if typed in _NOW:
        return format_moment(now.replace(second=0))
    today = now.astimezone(SHANGHAI).date()
    try:
        read = (
            _combine(read_day(typed, today, toward), time())
            or _combine(today, read_clock_time(typed))
            or _parse_iso(typed)
            or _parse_day_and_time(typed, today, toward)
        )
    except HalfOfDayMissing:
        raise HalfOfDayMissing(text=text) from None
    if read is None:
        raise BadTime(text=text)
    if toward == "past" and _is_to_come(typed, read, now.astimezone(SHANGHAI)):
        raise FutureTime(text=text)
    _known(read.astimezone(SHANGHAI).date(), text)
    return format_moment(read)


def _is_to_come(typed: str, read: datetime, now: datetime) -> bool:
    """Whether it lies ahead, in a part of today that is named and has not begun."""
    begins = [hour for part, hour in PART_BEGINS.items() if part in _long_evenings(typed)]
    return bool(begins) and read > now and read.date() == now.date() and now.hour < max(begins)


def part_of_day(text: str) -> str | None:
    """The part of a day that ``text`` ends with, where it says no hour: its hour is then assumed (`PARTS_OF_DAY`)."""
    typed = _long_evenings(normalize_typed(text))
    return next((part for part in PARTS_OF_DAY if typed.endswith(part)), None)


def _long_evenings(typed: str) -> str:
    for short, long in _EVENINGS.items():
        typed = re.sub(f"{short}(?!上)", long, typed)
    return re.sub(r"(?<=[日号天一二三四五六])([早晚])(?=[0-9])", r"\1上", typed)


def _parse_iso(typed: str) -> datetime | None:
    """A moment in ISO 8601. Its week dates are no days: 2026-W48-1 is how a period is written."""
    if re.fullmatch(_ISO, typed) is None:
        return None
    try:
        read = datetime.fromisoformat(typed.upper())
        return (read if read.tzinfo else read.replace(tzinfo=SHANGHAI)).astimezone(SHANGHAI)
    except (ValueError, OverflowError):  # OverflowError: the years 1 and 9999 have no neighbours to shift into
        return None


def _parse_day_and_time(typed: str, today: date, toward: Toward | None) -> datetime | None:
    typed = _long_evenings(typed)
    parts = re.fullmatch(f"(?P<day>.+?)(?P<between>[ t,，]*)(?P<time>{CLOCK_TIME})", typed)
    if parts is None or (not parts["between"] and parts["day"][-1].isdecimal() and parts["time"][0].isdecimal()):
        return None  # “2026-12-319:00” may be nine or nineteen o'clock
    return _combine(read_day(parts["day"], today, toward), read_clock_time(parts["time"]))


def _combine(day: date | None, at: time | None) -> datetime | None:
    return None if day is None or at is None else datetime.combine(day, at, SHANGHAI)
