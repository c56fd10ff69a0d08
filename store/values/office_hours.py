"""Hours of offices: minutes that pass while offices are open on working days of the official calendar.

A moment is the number of its minute in the district's time (`minute_number`), so that arithmetic on moments is plain
arithmetic on whole numbers; seconds are dropped. A day ends at 24:00, which is the next day's 00:00. Minutes are
counted by days, not walked through, so that any count costs the same.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from store.values.times import SHANGHAI, stored_day
from store.values.workdays import FIRST_DAY, LAST_DAY, workday_number, workdays_up_to

DAY = 1440
"""The minutes of a day."""
FIRST_MINUTE, LAST_MINUTE = FIRST_DAY.toordinal() * DAY, (LAST_DAY.toordinal() + 1) * DAY
"""What is computed stays within these."""


class OfficeHours(NamedTuple):
    """When offices are open on a working day, in minutes since midnight: before and after the break at noon."""

    morning_from: int
    morning_until: int
    afternoon_from: int
    afternoon_until: int

    @property
    def minutes(self) -> int:
        """The minutes of a working day."""
        return self.morning_until - self.morning_from + self.afternoon_until - self.afternoon_from

    @property
    def are_in_order(self) -> bool:
        """Whether each begins before it ends, within one day, and the morning before the afternoon."""
        return 0 <= self.morning_from < self.morning_until <= self.afternoon_from < self.afternoon_until <= DAY


USUAL_HOURS = OfficeHours(8 * 60 + 30, 12 * 60, 13 * 60 + 30, 17 * 60 + 30)
"""8:30–12:00 and 13:30–17:30."""


def minute_number(moment: datetime) -> int:
    """The number of a moment's minute."""
    local = moment.astimezone(SHANGHAI)
    return local.toordinal() * DAY + local.hour * 60 + local.minute


def day_begins(day: date) -> int:
    """The first minute of a day; the day ends with the first of the next."""
    return day.toordinal() * DAY


def stored_minute(text: str | None, *, day_is_over: bool) -> int | None:
    """The minute of a stored moment; of a day without a time its beginning, or with ``day_is_over`` its end. None where
    there is none, or none that the ledger knows."""
    day = stored_day(text)
    if text is None or day is None:
        return None
    if len(text) == len("2026-01-01"):
        return day_begins(day) + (DAY if day_is_over else 0)
    try:
        return minute_number(datetime.fromisoformat(text))
    except ValueError:
        return None


def minute_text(minute: int, *, day_is_over: bool = False) -> str:
    """The minute as ``YYYY-MM-DDTHH:MM`` in the district's time; texts are in the order of time. With ``day_is_over``
    midnight is 24:00 of the day before."""
    day, rest = divmod(minute, DAY)
    if day_is_over and rest == 0:
        day, rest = day - 1, DAY
    return f"{date.fromordinal(day).isoformat()}T{rest // 60:02}:{rest % 60:02}"


def add_office_minutes(minute: int, count: int, hours: OfficeHours) -> int:
    """The minute at which ``count`` more minutes of office hours have passed; ``minute`` itself where that is 0. Not
    beyond what the ledger knows."""
    if count <= 0:
        return minute
    days, rest = divmod(_office_minutes_up_to(minute, hours) + count - 1, hours.minutes)
    day = workday_number(days + 1)
    morning = hours.morning_until - hours.morning_from
    begins = hours.morning_from if rest < morning else hours.afternoon_from - morning
    return min(day_begins(day) + begins + rest + 1, LAST_MINUTE)


def office_minutes_between(first: int, last: int, hours: OfficeHours) -> int:
    """How many minutes of office hours lie between two moments; 0 where ``last`` is not later."""
    return max(0, _office_minutes_up_to(last, hours) - _office_minutes_up_to(first, hours))


def _office_minutes_up_to(minute: int, hours: OfficeHours) -> int:
    """How many minutes of office hours there are from the year 1 up to a moment."""
    day, rest = divmod(min(max(minute, FIRST_MINUTE), LAST_MINUTE), DAY)
    before = workdays_up_to(day - 1)
    if workdays_up_to(day) == before:
        return before * hours.minutes
    morning = min(max(rest, hours.morning_from), hours.morning_until) - hours.morning_from
    afternoon = min(max(rest, hours.afternoon_from), hours.afternoon_until) - hours.afternoon_from
    return before * hours.minutes + morning + afternoon
