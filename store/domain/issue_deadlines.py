"""The deadlines of an issue: since when and until when each runs, and how many working days of it are left (domain.md,
Lights and Life of an issue; R36, R39).

Pure. Agrees with ``store/domain/status_lights.py``: a deadline that is over changes the light. A settled or finished
issue has no deadline. Days left are counted from today, exclusive; days over from the deadline's last day, exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from store.domain.issue_lifecycle import TOP_LEVEL
from store.domain.limits import Limits
from store.domain.responsible_party import ESCALATABLE_STATES
from store.domain.status_lights import LIGHT_STATES
from store.values.workdays import ONE_DAY, add_workdays, workdays_between

DeadlineName = Literal["waiting", "due", "escalation", "progress"]
DEADLINE_NAMES: tuple[DeadlineName, ...] = ("waiting", "due", "escalation", "progress")


@dataclass(frozen=True, slots=True)
class Deadline:
    """One running deadline. ``days`` are its working days altogether, ``left`` those that are left, negative where it
    is ``over`` by so many (0 where only days off have passed since)."""

    name: DeadlineName
    since: str
    until: str
    days: int
    left: int
    over: bool


class IssueTimeline(NamedTuple):
    """What decides on the deadlines of an issue: its state, level, due dates, and since when each deadline runs."""

    state: str
    level: int
    due: str | None = None
    due_since: str | None = None
    waiting_until: str | None = None
    waiting_since: str | None = None
    progress_on: str | None = None


def running_deadlines(timeline: IssueTimeline, today: date, limits: Limits) -> tuple[Deadline, ...]:
    """The deadlines that run today, in the order of `DEADLINE_NAMES`."""
    if timeline.state not in LIGHT_STATES:
        return ()
    running: list[Deadline] = []
    if timeline.state == "waiting" and timeline.waiting_until:
        running.append(
            _deadline("waiting", timeline.waiting_since or timeline.waiting_until, timeline.waiting_until, today)
        )
    if timeline.due:
        running.append(_deadline("due", timeline.due_since or timeline.due, timeline.due, today))
        if running[-1].over and timeline.state in ESCALATABLE_STATES and timeline.level < TOP_LEVEL:
            running.append(_deadline("escalation", timeline.due, _escalation_day(timeline.due, limits), today))
    if timeline.progress_on:
        until = add_workdays(date.fromisoformat(timeline.progress_on), limits.stale)
        running.append(_deadline("progress", timeline.progress_on, until.isoformat(), today))
    return tuple(running)


def _deadline(name: DeadlineName, since: str, until: str, today: date) -> Deadline:
    first, last = date.fromisoformat(since[:10]), date.fromisoformat(until[:10])
    over = today > last
    left = -workdays_between(last, today) if over else workdays_between(today, last)
    return Deadline(name, first.isoformat(), last.isoformat(), max(workdays_between(first, last), 1), left, over)


def _escalation_day(due: str, limits: Limits) -> str:
    """The last day before the overdue rule proposes an escalation (``store/domain/responsible_party.py``)."""
    due_day = day = date.fromisoformat(due)
    while add_workdays(day, -limits.overdue) < due_day:
        day += ONE_DAY
    return (day - ONE_DAY).isoformat()
