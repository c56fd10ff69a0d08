"""The deadlines of an issue: since when and until when each runs, and how many working days of it are left (domain.md,
Lights and Life of an issue; R36, R39).

Pure. Agrees with ``store/domain/status_lights.py``: a deadline that is over changes the light. A settled or finished
issue has no deadline. Days left are counted from today, exclusive; days over from the deadline's last day, exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple, Protocol

from store.domain.issue_lifecycle import TOP_LEVEL, TRANSITIONS
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


class TimelineState(Protocol):
    """What a timeline needs of an issue's state; a computed one and a row of the ledger have it."""

    @property
    def state(self) -> str: ...
    @property
    def level(self) -> int: ...
    @property
    def due(self) -> str | None: ...
    @property
    def waiting_until(self) -> str | None: ...


class IssueTimeline(NamedTuple):
    """What decides on the deadlines of an issue: its state, level, due dates, and since when each deadline runs."""

    state: str
    level: int
    due: str | None = None
    due_since: str | None = None
    waiting_until: str | None = None
    waiting_since: str | None = None
    progress_on: str | None = None


class Act(NamedTuple):
    """An act in turn, as far as deadlines follow from it: the day on which it happened, the due date that it names, and
    the day on which it was written, as lights count progress."""

    act: str
    on: str
    due: str | None
    written_on: str


def timeline(state: TimelineState, acts: Sequence[Act], recorded_on: date) -> IssueTimeline:
    """What decides on the deadlines of an issue in this state, from its acts in turn. The due date runs since the act
    that set it, or since the first act (``recorded_on`` where there is none); progress counts from the day on which it
    was written, as for lights."""
    due = [act.on for act in acts if act.act in ("assigned", "extended") and act.due]
    waiting = [act.on for act in acts if act.act == "waiting"]
    moved = [act.written_on for act in acts if act.act in TRANSITIONS and TRANSITIONS[act.act].counts_as_progress]
    first = moved[0] if moved else recorded_on.isoformat()
    return IssueTimeline(
        state.state,
        state.level,
        state.due,
        due[-1] if due else first,
        state.waiting_until,
        waiting[-1] if waiting else None,
        moved[-1] if moved else None,
    )


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
