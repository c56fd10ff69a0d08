"""The clocks that run on an issue: which limit, since when, until when, and how many working days of it are left
(domain.md, Lights and Life of an issue; R36, R39).

Pure, like ``store/domain/status_lights.py``, and agrees with it: a clock that is over is what turns the light. What
is settled or
finished has no clock. Days left are counted from today, which is not among them; so are days over, from the limit's
last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.limits import Limits
from store.domain.responsible_party import ESCALATING
from store.domain.status_lights import LIT_STATES
from store.values.workdays import ONE_DAY, add_workdays, workdays_between

ClockName = Literal["waiting", "due", "escalation", "progress"]
CLOCKS: tuple[ClockName, ...] = ("waiting", "due", "escalation", "progress")


@dataclass(frozen=True, slots=True)
class Clock:
    """One limit as it runs. ``days`` are its working days altogether, ``left`` those that are left, negative where it
    is ``over`` by so many (0 where only days off have passed since)."""

    name: ClockName
    since: str
    until: str
    days: int
    left: int
    over: bool


class Course(NamedTuple):
    """What of an issue decides on its clocks: days, the level, and since when each limit runs."""

    state: str
    level: int
    due: str | None = None
    due_since: str | None = None
    waiting_until: str | None = None
    waiting_since: str | None = None
    progress_on: str | None = None


def clocks(course: Course, today: date, limits: Limits) -> tuple[Clock, ...]:
    """The clocks that run today, in the order of `CLOCKS`."""
    if course.state not in LIT_STATES:
        return ()
    found: list[Clock] = []
    if course.state == "waiting" and course.waiting_until:
        found.append(_clock("waiting", course.waiting_since or course.waiting_until, course.waiting_until, today))
    if course.due:
        found.append(_clock("due", course.due_since or course.due, course.due, today))
        if found[-1].over and course.state in ESCALATING and course.level < TOP_LEVEL:
            found.append(_clock("escalation", course.due, _proposed_on(course.due, limits), today))
    if course.progress_on:
        until = add_workdays(date.fromisoformat(course.progress_on), limits.stale)
        found.append(_clock("progress", course.progress_on, until.isoformat(), today))
    return tuple(found)


def _clock(name: ClockName, since: str, until: str, today: date) -> Clock:
    first, last = date.fromisoformat(since[:10]), date.fromisoformat(until[:10])
    over = today > last
    left = -workdays_between(last, today) if over else workdays_between(today, last)
    return Clock(name, first.isoformat(), last.isoformat(), max(workdays_between(first, last), 1), left, over)


def _proposed_on(due: str, limits: Limits) -> str:
    """The last day before the overdue rule proposes an escalation (``store/domain/responsible_party.py``)."""
    day = date.fromisoformat(due)
    asked = day
    while add_workdays(asked, -limits.overdue) < day:
        asked += ONE_DAY
    return (asked - ONE_DAY).isoformat()
