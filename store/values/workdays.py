"""Working days by China's official calendar: holidays off, the weekends that replace them worked (domain.md, Lights).

The `chinesecalendar` package knows the years the State Council has announced; beyond them Monday to Friday counts.
"""

from __future__ import annotations

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def is_workday(day: date) -> bool:
    """Whether offices work on ``day``."""
    import chinese_calendar  # noqa: PLC0415 - the table is loaded only where working days are counted

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year not announced yet
        return day.weekday() < 5


def is_announced(year: int) -> bool:
    """Whether the table has the holidays of a year, which the State Council announces. For other years Monday to Friday
    is assumed, and screens say so beside a date of that year."""
    import chinese_calendar  # noqa: PLC0415 - the table is loaded only where working days are counted

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def is_assumed(day: str | None) -> bool:
    """Whether working days up to ``day`` (ISO 8601) are assumed, since the holidays of its year are not announced."""
    return day is not None and not is_announced(int(day[:4]))


def workdays_between(first: date, last: date) -> int:
    """How many working days come after ``first``, up to and with ``last``; 0 where ``last`` is not later."""
    span = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(map(is_workday, span))


def add_workdays(day: date, count: int) -> date:
    """The working day that is ``count`` working days after ``day`` (before it, where negative); 0 gives ``day``."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_workday(day):
            day += step
    return day
