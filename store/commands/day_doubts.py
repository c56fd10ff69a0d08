"""Days that were understood and are asked back before they are written: a visit a year or more ago, which is mostly a
slip in the year, a due date that is over, and one in a year whose holidays are not known. Pure. A form asks. The
command line refuses them without ``--yes``, but takes and tells what is mostly meant: a due date of the coming twelve
months (until the State Council announces a year, which it does in November, every due date after the turn of the year
would be refused), and one that is over of what is recorded afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from store.commands.exceptions import DueInPast
from store.exceptions import BadTime, DayFarBack, HolidaysUnknown
from store.values.times import parse_day, parse_time
from store.values.workdays import is_announced

FAR_BACK_DAYS = 365
"""A visit so many days ago or more is asked back."""
NEAR_DAYS = 365
"""A due date within so many days is near."""


def find_day_doubts(
    now: datetime,
    *,
    visited: str | None = None,
    due: Iterable[str] = (),
    until: str | None = None,
    at: str | None = None,
) -> list[BadTime]:
    """What is doubtful about the time of a visit and about due dates, as typed. ``until`` is when a
    wait ends; ``at`` is when they were set, if that was not now. Raises `BadTime` for what is no day."""
    set_on = parse_time(at, now, "past")[:10] if at else now.date().isoformat()
    doubts: list[BadTime] = []
    if visited:
        day = date.fromisoformat(parse_time(visited, now, "past")[:10])
        if (now.date() - day).days >= FAR_BACK_DAYS:
            doubts.append(DayFarBack(text=visited, day=day.isoformat()))
    for text in dict.fromkeys(filter(None, (*due, until))):
        day = date.fromisoformat(parse_day(text, now, "future"))
        if day.isoformat() < set_on:
            doubts.append(DueInPast(text=text, day=day.isoformat()))
        elif text != until and day >= now.date() and not is_announced(day.year):
            doubts.append(HolidaysUnknown(text=text, day=day.isoformat(), year=day.year))
    return doubts


def is_taken(doubt: BadTime, now: datetime, *, recorded_later: bool = False) -> bool:
    """Whether the command line takes such a day and tells it: a due date of the coming twelve months, and with
    ``recorded_later`` (issues and registers, which are also entered after the fact) one that is over."""
    if isinstance(doubt, DueInPast):
        return recorded_later
    return isinstance(doubt, HolidaysUnknown) and (
        date.fromisoformat(str(doubt.values["day"])) - now.date()
    ) <= timedelta(days=NEAR_DAYS)
