"""The deadlines of an issue: since when and until when each runs, and how many working days of it are left (domain.md,
Lights and Life of an issue; R36, R39).

Pure. Agrees with ``store/domain/status_lights.py``: a deadline that is over changes the light. A settled or finished
issue has no deadline. Days left are counted from today, exclusive; days over from the deadline's last day, exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple, Protocol, get_args

from store.domain.clocks import Clock
from store.domain.issue_lifecycle import TOP_LEVEL, TRANSITIONS
from store.domain.limits import Limits
from store.domain.responsible_party import ESCALATABLE_STATES
from store.domain.status_lights import LIGHT_STATES, LightThresholds, effective_due, light_thresholds
from store.values.times import stored_day
from store.values.workdays import add_days, add_workdays, workdays_between

DeadlineName = Literal["waiting", "due", "escalation", "progress", "accept", "contact", "opinion", "approve"]
DEADLINE_NAMES: tuple[DeadlineName, ...] = get_args(DeadlineName)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One running deadline. ``days`` are its working days altogether, ``left`` those that are left, negative where it
    is ``over`` by so many (0 where only days off have passed since). ``at`` is the time of day (``HH:MM``) at which it
    ends on its last day, where it is counted by the hour; ``department`` whose opinion or acceptance is waited for (an
    id)."""

    name: DeadlineName
    since: str
    until: str
    days: int
    left: int
    over: bool
    at: str | None = None
    department: str | None = None


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


def running_deadlines(
    timeline: IssueTimeline, now: date, limits: Limits, clocks: Sequence[Clock] = ()
) -> tuple[Deadline, ...]:
    """The deadlines that run at a moment (a `datetime`) or at the end of a day, in the order of `DEADLINE_NAMES`.
    ``clocks`` are those of the issue. A stored day that is none starts no deadline."""
    thresholds = light_thresholds(now, limits)
    today = date.fromisoformat(thresholds.today)
    running = {clock.act: clock for clock in clocks if clock.done is None}
    acts = [_of_clock(clock, thresholds, today) for clock in clocks if clock.done is None and clock.act in _ACTS]
    if timeline.state not in LIGHT_STATES:
        return tuple(each for each in acts if each.name == "approve")
    own = [*_waiting(timeline, today), *_due(timeline, limits, thresholds, running.get("settle"))]
    progress_on = stored_day(timeline.progress_on)
    if "progress" in running:
        own.append(_of_clock(running["progress"], thresholds, today))
    elif progress_on:
        own.append(_deadline("progress", progress_on, add_workdays(progress_on, limits.stale), today))
    return (*own, *acts)


_ACTS: Mapping[str, DeadlineName] = {each: each for each in ("accept", "contact", "opinion", "approve")}
"""The acts whose clocks are deadlines of their own."""


def _waiting(timeline: IssueTimeline, today: date) -> list[Deadline]:
    until = stored_day(timeline.waiting_until)
    if timeline.state != "waiting" or until is None:
        return []
    return [_deadline("waiting", stored_day(timeline.waiting_since) or until, until, today)]


def _due(timeline: IssueTimeline, limits: Limits, thresholds: LightThresholds, settle: Clock | None) -> list[Deadline]:
    """The deadline of settling, and where it is over the one of the escalation that is then proposed."""
    due = stored_day(effective_due(timeline.state, timeline.due, timeline.waiting_until))
    if due is None:
        return []
    today = date.fromisoformat(thresholds.today)
    since = stored_day(settle.since if settle and settle.rule else timeline.due_since) or due
    deadline = _deadline("due", since, due, today)
    if settle is not None and settle.by_the_hour and settle.day == due.isoformat():
        deadline = replace(deadline, at=settle.limit[11:], over=settle.state(thresholds.now) == "over")
    if not (today > due and timeline.state in ESCALATABLE_STATES and timeline.level < TOP_LEVEL):
        return [deadline]
    return [deadline, _deadline("escalation", due, _escalation_day(due, limits), today)]


def _of_clock(clock: Clock, thresholds: LightThresholds, today: date) -> Deadline:
    last = stored_day(clock.day) or today
    deadline = _deadline(_ACTS.get(clock.act, "progress"), stored_day(clock.since) or last, last, today)
    at = clock.limit[11:] if clock.by_the_hour else None
    over = clock.state(thresholds.now) == "over"
    return replace(deadline, at=at, over=over, department=clock.department)


def _deadline(name: DeadlineName, first: date, last: date, today: date) -> Deadline:
    over = today > last
    left = -workdays_between(last, today) if over else workdays_between(today, last)
    return Deadline(name, first.isoformat(), last.isoformat(), max(workdays_between(first, last), 1), left, over)


def _escalation_day(due: date, limits: Limits) -> date:
    """The last day before the overdue rule proposes an escalation (``store/domain/responsible_party.py``)."""
    return add_workdays(add_days(due, -1), limits.overdue)
