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
from store.domain.status_lights import LIGHT_STATES, effective_due
from store.values.times import stored_day
from store.values.workdays import add_days, add_workdays, workdays_between

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
    """The deadlines that run today, in the order of `DEADLINE_NAMES`. A stored day that is none starts no deadline."""
    if timeline.state not in LIGHT_STATES:
        return ()
    running: list[Deadline] = []
    waiting_until = stored_day(timeline.waiting_until)
    due = stored_day(effective_due(timeline.state, timeline.due, timeline.waiting_until))
    if timeline.state == "waiting" and waiting_until:
        running.append(_deadline("waiting", stored_day(timeline.waiting_since) or waiting_until, waiting_until, today))
    if due:
        running.append(_deadline("due", stored_day(timeline.due_since) or due, due, today))
        if running[-1].over and timeline.state in ESCALATABLE_STATES and timeline.level < TOP_LEVEL:
            running.append(_deadline("escalation", due, _escalation_day(due, limits), today))
    if progress_on := stored_day(timeline.progress_on):
        running.append(_deadline("progress", progress_on, add_workdays(progress_on, limits.stale), today))
    return tuple(running)


def _deadline(name: DeadlineName, first: date, last: date, today: date) -> Deadline:
    over = today > last
    left = -workdays_between(last, today) if over else workdays_between(today, last)
    return Deadline(name, first.isoformat(), last.isoformat(), max(workdays_between(first, last), 1), left, over)


def _escalation_day(due: date, limits: Limits) -> date:
    """The last day before the overdue rule proposes an escalation (``store/domain/responsible_party.py``)."""
    return add_workdays(add_days(due, -1), limits.overdue)
