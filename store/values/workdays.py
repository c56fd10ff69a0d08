"""Working days by China's official calendar: holidays off, the weekends that replace them worked (domain.md, Lights).

The `chinesecalendar` package knows the years the State Council has announced; for others the holidays count that the
bureau has entered (`use_entered_years`); beyond both Monday to Friday counts.

Days are counted, not walked through: working days up to a day are its weekdays, less the announced days off, more the
announced days worked, so any count and any day cost the same few microseconds. What is computed stays within
`FIRST_DAY` to `LAST_DAY`.
"""

from __future__ import annotations

import contextlib
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
"""The days that the ledger knows: what a line may say (``store/ledger/field_types.py``), what arithmetic may give."""
_FRIDAY = 4


class HolidayCalendar(NamedTuple):
    """The holidays of a year: its days off, and the weekends that are worked instead."""

    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


_entered_years: dict[int, HolidayCalendar] = {}


def use_entered_years(years: Mapping[int, HolidayCalendar]) -> None:
    """Count in this process by these holidays, too, for years that the program does not know itself. A process works
    on the ledger of one district; what that ledger knows replaces what was used before."""
    if years != _entered_years:
        _entered_years.clear()
        _entered_years.update(years)
        _exceptions.cache_clear()


@contextlib.contextmanager
def counting_by(years: Mapping[int, HolidayCalendar]) -> Iterator[None]:
    """Count by these holidays inside the block, and then by those that were used before."""
    before = dict(_entered_years)
    use_entered_years(years)
    try:
        yield
    finally:
        use_entered_years(before)


def is_workday(day: date) -> bool:
    """Whether offices work on ``day``."""
    import chinese_calendar  # noqa: PLC0415 - the table is loaded only where working days are counted

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year that the package does not know
        entered = _entered_years.get(day.year, HolidayCalendar())
        return day in entered.worked or (day.weekday() <= _FRIDAY and day not in entered.off)


def is_announced(year: int) -> bool:
    """Whether the holidays of a year, which the State Council announces, are known or were entered. For other years
    Monday to Friday is assumed, and screens say so beside a date of that year."""
    return year in _entered_years or is_known_year(year)


def is_known_year(year: int) -> bool:
    """Whether the program knows the holidays of a year itself."""
    import chinese_calendar  # noqa: PLC0415 - the table is loaded only where working days are counted

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except (NotImplementedError, ValueError):
        return False
    return True


@cache
def announced_checksum() -> str:
    """A checksum of the holidays that the program itself knows: another one after an update that brings a year."""
    from chinese_calendar import constants  # noqa: PLC0415 - as above

    days = [sorted(map(date.toordinal, known)) for known in (constants.holidays, constants.workdays)]
    return f"{zlib.crc32(repr(days).encode()):08x}"


def calendar_of(year: int) -> HolidayCalendar:
    """The weekdays off and the weekends worked of a year, as they are counted in this process."""
    first = date(year, 1, 1)
    days = [first + timedelta(number) for number in range((date(year, 12, 31) - first).days + 1)]
    off = frozenset(day for day in days if day.weekday() <= _FRIDAY and not is_workday(day))
    return HolidayCalendar(off, frozenset(day for day in days if day.weekday() > _FRIDAY and is_workday(day)))


def is_assumed(day: str | None) -> bool:
    """Whether working days up to ``day`` (ISO 8601) are assumed, since the holidays of its year are not announced."""
    return day is not None and day[:4].isdecimal() and not is_announced(int(day[:4]))


def add_days(day: date, count: int) -> date:
    """The day that is ``count`` days after ``day`` (before it, where negative), not beyond what the ledger knows."""
    return date.fromordinal(min(max(day.toordinal() + count, FIRST_DAY.toordinal()), LAST_DAY.toordinal()))


def workdays_between(first: date, last: date) -> int:
    """How many working days come after ``first``, up to and with ``last``; 0 where ``last`` is not later."""
    return max(0, workdays_up_to(last.toordinal()) - workdays_up_to(first.toordinal()))


def add_workdays(day: date, count: int) -> date:
    """The working day that is ``count`` working days after ``day`` (before it, where negative); 0 gives ``day``. Not
    beyond what the ledger knows."""
    if count == 0:
        return day
    before = workdays_up_to(day.toordinal() - (count < 0))
    return workday_number(before + count + (count < 0))


def workday_number(number: int) -> date:
    """The day up to which there are ``number`` working days, found by halving the days that the ledger knows."""
    low, high = FIRST_DAY.toordinal(), LAST_DAY.toordinal()
    while low < high:
        middle = (low + high) // 2
        if workdays_up_to(middle) < number:
            low = middle + 1
        else:
            high = middle
    return date.fromordinal(low)


def workdays_up_to(ordinal: int) -> int:
    """How many working days there are from the year 1 up to and with the day of this ordinal. Day 1 is a Monday."""
    weeks, rest = divmod(ordinal, 7)
    days_off, days_worked = _exceptions()
    return weeks * 5 + min(rest, 5) - bisect_right(days_off, ordinal) + bisect_right(days_worked, ordinal)


@cache
def _exceptions() -> tuple[list[int], list[int]]:
    """The weekdays that are announced as off and the weekends that are announced as worked: ordinals, in order."""
    from chinese_calendar import constants  # noqa: PLC0415 - as above

    days_off = [day for day in constants.holidays if day.weekday() <= _FRIDAY and day not in constants.workdays]
    days_worked = [day for day in constants.workdays if day.weekday() > _FRIDAY]
    for entered in (calendar for year, calendar in _entered_years.items() if not is_known_year(year)):
        days_off += [day for day in entered.off if day.weekday() <= _FRIDAY and day not in entered.worked]
        days_worked += [day for day in entered.worked if day.weekday() > _FRIDAY]
    return sorted(map(date.toordinal, days_off)), sorted(map(date.toordinal, days_worked))
