"""Days that were understood and are asked back before they are written: a visit a year or more ago, which is mostly a
slip in the year, and a due date in a year whose holidays are not known. Pure. A form asks. The command line refuses
them without ``--yes``, but a due date of the coming twelve months: until the State Council announces a year, which it
does in November, every due date after the turn of the year would be refused, so it is taken and told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from store.exceptions import BadTime, DayFarBack, HolidaysUnknown
from store.values.times import parse_day, parse_time
from store.values.workdays import is_announced

FAR_BACK_DAYS = 365
"""A visit so many days ago or more is asked back."""
NEAR_DAYS = 365
"""A due date within so many days is near."""


def find_day_doubts(now: datetime, *, visited: str | None = None, due: Iterable[str] = ()) -> list[BadTime]:
    """What is doubtful about the time of a visit and about due dates, as typed. Raises `BadTime` for what is no day."""
    doubts: list[BadTime] = []
    if visited:
        day = date.fromisoformat(parse_time(visited, now, "past")[:10])
        if (now.date() - day).days >= FAR_BACK_DAYS:
            doubts.append(DayFarBack(text=visited, day=day.isoformat()))
    for text in dict.fromkeys(filter(None, due)):
        day = date.fromisoformat(parse_day(text, now, "future"))
        if day >= now.date() and not is_announced(day.year):
            doubts.append(HolidaysUnknown(text=text, day=day.isoformat(), year=day.year))
    return doubts


def is_near(doubt: BadTime, now: datetime) -> bool:
    """Whether the doubt is about a due date of the coming twelve months."""
    return isinstance(doubt, HolidaysUnknown) and (date.fromisoformat(str(doubt.values["day"])) - now.date()).days <= (
        NEAR_DAYS
    )
