"""The clocks of an issue: which act must be done by when, as the time rules of the district say (domain.md, issue).

Pure. A clock is the time for one act (`store.domain.time_rules.LIMITED_ACTS`): since when, until when, moved by how
much waiting, and when the act was done. Times begin and end with what the life of an issue says:

- ``accept``: since an assignment to a department, until that accepts, disputes or anybody else moves the issue on.
- ``contact``: since the issue was recorded or reopened, until the enterprise is told for the first time.
- ``progress``: while an issue is in progress, since the latest act that moved it on; it ends with the next one.
- ``opinion``: since a department was named to co-handle, until it speaks; each department has a clock of its own.
- ``settle``: since what the rule says; by hand where somebody has set a due date, which stays.
- ``approve``: since a settlement, or its confirmation where the enterprise must confirm, until the bureau decides.

Whoever needs the limits of an issue asks `issue_clocks`; `store.queries.clocks` reads them from a store. What lists
need is in the issue's state (`under_rules`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from store.domain.issue_lifecycle import (
    FINISHED_STATES,
    NO_MERGES,
    TRANSITIONS,
    IssueState,
    is_word_of_department,
    state_history,
)
from store.domain.limits import DEFAULT_LIMITS, Limits
from store.domain.status_lights import LIGHT_STATES
from store.domain.time_rules import (
    GRANTING_ROLES,
    HOUR_COUNTINGS,
    LIMITED_ACTS,
    LimitedAct,
    LimitRule,
    best_rule,
    happened_at,
    pauses_of,
    settling_rule,
)
from store.ledger.line import Line
from store.ledger.merge import version_key
from store.values.office_hours import minute_text, stored_minute

ClockState = Literal["running", "paused", "over", "met", "late"]
"""Whether the act is still to be done: in time, while the issue waits, or late; or was done, in time or late."""
_APPROVABLE = ("settled", "pending_approval")


@dataclass(frozen=True, slots=True)
class Clock:
    """The time for an act. ``since`` is a stored moment, ``limit`` the minute at which the time is over
    (``YYYY-MM-DDTHH:MM``, 24:00 where days are counted), ``paused`` by how much pauses moved it: in minutes where
    ``counting`` is by the hour, else in days. ``rule`` is the time rule (an id), None where a person has set the due
    date; ``department`` whose act it is, for accepting and opinions; ``done`` when it was done, and ``by`` what act;
    ``waits_until`` the agreed day until which the issue waits, so that no time is over before its end."""

    act: LimitedAct
    since: str
    limit: str
    counting: str
    paused: int = 0
    rule: str | None = None
    department: str | None = None
    done: str | None = None
    by: str | None = None
    waits_until: str | None = None

    @property
    def by_the_hour(self) -> bool:
        """Whether it ends within a day."""
        return self.counting in HOUR_COUNTINGS

    @property
    def day(self) -> str:
        """The day on which the time is over."""
        return self.limit[:10]

    def state(self, now: str) -> ClockState:
        """How it stands at a minute (`store.values.office_hours.minute_text`)."""
        if self.done is not None:
            done = stored_minute(self.done, day_is_over=False)
            return "late" if done is not None and minute_text(done) > self.limit else "met"
        if self.waits_until is not None and now <= f"{self.waits_until}T24:00":
            return "paused"
        return "over" if self.limit < now else "running"


class _Span(NamedTuple):
    """A time in which an act was called for: who must do it, since when, and by what and when it was done."""

    act: LimitedAct
    since: str
    department: str | None = None
    done: str | None = None
    by: str | None = None


class _History(NamedTuple):
    """What an issue went through: its steps in turn, each with the states before and after it."""

    issue: Line
    state: IssueState
    steps: Sequence[tuple[Line, IssueState, IssueState]]
    confirmation: bool

    @property
    def acts(self) -> list[tuple[str, str]]:
        """What was done when."""
        return [(str(step.body.get("act")), happened_at(step)) for step, _before, _after in self.steps]

    @property
    def waits_until(self) -> str | None:
        """The agreed day until which it waits now."""
        return self.state.waiting_until if self.state.state == "waiting" else None


def issue_clocks(
    issue: Line,
    lines: Iterable[Line],
    rules: Sequence[LimitRule],
    limits: Limits = DEFAULT_LIMITS,
    *,
    kept_ids: Mapping[str, str] = NO_MERGES,
) -> tuple[Clock, ...]:
    """All clocks of an issue with these ``lines`` under these ``rules``, those that were stopped too, in the order of
    `LIMITED_ACTS` and of time. ``kept_ids`` are those of `compute_state`."""
    history = _history(issue, lines, limits, kept_ids)
    return _clocks(history, rules, limits, LIMITED_ACTS)


def under_rules(
    state: IssueState,
    issue: Line,
    lines: Iterable[Line],
    rules: Sequence[LimitRule],
    limits: Limits = DEFAULT_LIMITS,
    *,
    kept_ids: Mapping[str, str] = NO_MERGES,
) -> IssueState:
    """The state with what the rules say: the due date where nobody has set one, and until when other acts must be
    done."""
    if not rules:
        return state
    timed = {rule.act for rule in rules}
    history = _history(issue, lines, limits, kept_ids)
    clocks = _clocks(history, rules, limits, [act for act in LIMITED_ACTS if act in timed])
    settle = next((clock for clock in clocks if clock.act == "settle" and clock.rule), None)
    if settle is not None:
        state = state._replace(due=settle.day, due_rule=settle.rule)
    if state.state not in LIGHT_STATES:
        return state
    running = [clock for clock in clocks if clock.done is None]
    progress = next((clock.limit for clock in running if clock.act == "progress"), None)
    ends = [clock.limit for clock in running if clock.act in ("accept", "contact", "opinion")]
    ends += [settle.limit] if settle is not None and settle.by_the_hour else []
    if not ends:
        return state._replace(progress_until=progress)
    waits_until = f"{state.waiting_until}T24:00" if state.state == "waiting" and state.waiting_until else ""
    return state._replace(limit_at=max(min(ends), waits_until), progress_until=progress)


def extending_role(issue: Line, lines: Iterable[Line], rules: Sequence[LimitRule]) -> str | None:
    """Which role alone may extend the due date of an issue, as the rule for settling it says; None where the table of
    the acts alone decides. The rule is the one that gives the due date, or would give it had nobody set one."""
    if not any(rule.extended_by for rule in rules):
        return None
    history = _history(issue, lines, DEFAULT_LIMITS, NO_MERGES)
    recorded = happened_at(issue)
    found = settling_rule(rules, issue.body, recorded, history.acts)
    rule = found[0] if found else best_rule(rules, "settle", issue.body, recorded)
    return rule.extended_by if rule and rule.extended_by in GRANTING_ROLES else None


def steps_in_turn(lines: Iterable[Line], state: IssueState) -> list[Line]:
    """The steps among the lines of an issue that changed its state or could have, in their order."""
    steps = [line for line in lines if line.kind == "issue_step" and not line.deleted]
    return sorted((s for s in steps if s.id not in state.out_of_turn), key=lambda s: (*version_key(s), s.id))


def _history(issue: Line, lines: Iterable[Line], limits: Limits, kept_ids: Mapping[str, str]) -> _History:
    present = [line for line in lines if not line.deleted]
    confirmation = bool(limits.confirmation)
    states = [*state_history(issue, present, confirmation_required=confirmation, kept_ids=kept_ids)]
    final = states[-1][1]
    steps = [
        (step, before, after) for (_line, before), (step, after) in pairwise(states) if step.id not in final.out_of_turn
    ]
    return _History(issue, final, steps, confirmation)


def _clocks(
    history: _History, rules: Sequence[LimitRule], limits: Limits, acts: Sequence[LimitedAct]
) -> tuple[Clock, ...]:
    pauses = pauses_of([step for step, _before, _after in history.steps])
    clocks: list[Clock] = []
    for act in acts:
        if act == "settle":
            clocks += _settling(history, rules, limits)
            continue
        for span in _SPANS[act](history):
            rule = best_rule(rules, act, history.issue.body, span.since)
            limit = rule.limit(span.since, pauses, limits.office_hours, span.done) if rule else None
            if rule and limit:
                ends = minute_text(limit.minute, day_is_over=True)
                who = (rule.id, span.department, span.done, span.by)
                waits = None if span.done else history.waits_until
                clocks.append(Clock(act, span.since, ends, rule.counting, limit.paused, *who, waits))
    return tuple(clocks)


def _settling(history: _History, rules: Sequence[LimitRule], limits: Limits) -> list[Clock]:
    """The clock of settling; none where nobody has set a due date and no rule gives one."""
    state, steps = history.state, history.steps
    is_settled = state.state in (*_APPROVABLE, *FINISHED_STATES)
    settled = [happened_at(step) for step, _before, _after in steps if step.body.get("act") == "settled"]
    done = settled[-1] if is_settled and settled else None
    stopped = (done, "settled" if done else None, history.waits_until)
    recorded = happened_at(history.issue)
    if state.due is not None:
        setting = [step for step, _before, after in steps if step.body.get("due") == after.due]
        since = happened_at(setting[-1]) if setting else recorded
        return [Clock("settle", since, f"{state.due[:10]}T24:00", "days", 0, None, None, *stopped)]
    found = settling_rule(rules, history.issue.body, recorded, history.acts)
    pauses = pauses_of([step for step, _before, _after in steps])
    limit = found[0].limit(found[1], pauses, limits.office_hours) if found else None
    if found is None or limit is None:
        return []
    rule, since = found
    ends = minute_text(limit.minute, day_is_over=True)
    return [Clock("settle", since, ends, rule.counting, limit.paused, rule.id, None, *stopped)]


def _accepting(history: _History) -> list[_Span]:
    spans: list[_Span] = []
    for step, before, after in history.steps:
        if before.state == "assigned" != after.state:
            spans[-1] = spans[-1]._replace(done=happened_at(step), by=str(step.body.get("act")))
        if after.state == "assigned" != before.state:
            spans.append(_Span("accept", happened_at(step), after.department_id))
    return spans


def _contacting(history: _History) -> list[_Span]:
    spans = [_Span("contact", happened_at(history.issue))]
    for step, _before, after in history.steps:
        act = str(step.body.get("act"))
        if act == "reopened":
            spans.append(_Span("contact", happened_at(step)))
        elif spans[-1].done is None and (act == "told" or after.state == "cancelled"):
            spans[-1] = spans[-1]._replace(done=happened_at(step), by=act)
    return spans


def _moving_on(history: _History) -> list[_Span]:
    spans: list[_Span] = []
    for step, before, after in history.steps:
        act = str(step.body.get("act"))
        moves = act in TRANSITIONS and TRANSITIONS[act].counts_as_progress
        if not moves or is_word_of_department(step.body, before.department_id):
            continue
        if spans and spans[-1].done is None:
            spans[-1] = spans[-1]._replace(done=happened_at(step), by=act)
        if after.state == "in_progress":
            spans.append(_Span("progress", happened_at(step)))
    return spans


def _speaking(history: _History) -> list[_Span]:
    spans: dict[str, list[_Span]] = {}
    for step, before, after in history.steps:
        asked = {each.department_id for each in after.co_handlers if each.step is None}
        owed_before = {each.department_id for each in before.co_handlers if each.step is None}
        if after.state in (*_APPROVABLE, *FINISHED_STATES):
            asked = set()
        if before.state in (*_APPROVABLE, *FINISHED_STATES):
            owed_before = set()
        for department in sorted(owed_before - asked):
            of_it = spans[department]
            of_it[-1] = of_it[-1]._replace(done=happened_at(step), by=str(step.body.get("act")))
        for department in sorted(asked - owed_before):
            spans.setdefault(department, []).append(_Span("opinion", happened_at(step), department))
    return [span for of_it in spans.values() for span in of_it]


def _approving(history: _History) -> list[_Span]:
    spans: list[_Span] = []
    to_decide = ("pending_approval",) if history.confirmation else _APPROVABLE
    for step, before, after in history.steps:
        if before.state in to_decide and after.state not in to_decide:
            spans[-1] = spans[-1]._replace(done=happened_at(step), by=str(step.body.get("act")))
        if after.state in to_decide and before.state not in to_decide:
            spans.append(_Span("approve", happened_at(step)))
    return spans


_SPANS = {
    "accept": _accepting, "contact": _contacting, "progress": _moving_on, "opinion": _speaking, "approve": _approving,
}  # fmt: skip
