"""Working days by China's official calendar: holidays off, the weekends that replace them worked (domain.md, Lights).

The `chinesecalendar` package knows the years the State Council has announced; beyond them Monday to Friday counts.
"""

from __future__ import annotations

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def is_workday(day: date) -> bool:
    """Whether offices work on ``day``."""
    import chinese_calendar  # noqa: PLC0415 - only who asks for working days pays for the table

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # a year not announced yet
        return day.weekday() < 5


def add_workdays(day: date, count: int) -> date:
    """The working day that comes ``count`` working days after ``day`` (before it, where negative); 0 is ``day``."""
    step = ONE_DAY if count > 0 else -ONE_DAY
    for _ in range(abs(count)):
        day += step
        while not is_workday(day):
            day += step
    return day
