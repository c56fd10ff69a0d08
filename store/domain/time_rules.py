"""Time rules: the due date that the district's rules give an issue for which nobody has set one (domain.md, issue).

Pure but for `read_time_rules`. A due date that a person has set stays. Otherwise the rule counts that fits the issue's
urgency and category best and was valid on the day on which its time began; of equal ones the latest. Time begins with
the recording or the first assignment, as the rule says, and anew when the issue is reopened. A waiting that the rule
lets pause the clock moves the due date by as many days; while it lasts, by the days that were agreed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.issue_lifecycle import TRANSITIONS, IssueState
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line
from store.ledger.merge import VersionKey, version_key
from store.values.times import district_time, stored_day
from store.values.workdays import add_days, add_workdays, workdays_between

_PAUSING = {
    "none": frozenset[str](),
    "enterprise": frozenset({"enterprise"}),
    "outside": frozenset({"enterprise", "authority"}),
    "any": frozenset({"enterprise", "authority", "agreement"}),
}
"""Which waiting pauses the clock, by the rule's ``pauses``."""
_ENDING_WAITING = frozenset(
    act for act, rule in TRANSITIONS.items() if rule.target and "waiting" in (*rule.sources, *rule.at_meeting)
)


class DueRule(NamedTuple):
    """A rule of the district. ``version`` orders rules that fit equally well."""

    id: str
    version: VersionKey
    days: int
    counting: str
    start: str
    urgency: str | None
    category: str | None
    pauses: str
    valid_from: date
    valid_until: date | None

    def begins(self, issue: Body, recorded: str, acts: Sequence[tuple[str, str]]) -> date | None:
        """Since which day it counts for an issue that was recorded then, with these acts in turn, each with when it
        happened; None where it is not for this issue, or the issue's time has not begun."""
        begun = _begun(self.start, recorded, acts)
        known = self.urgency in (None, issue.get("urgency")) and self.category in (None, issue.get("category"))
        if not known or begun is None or begun < self.valid_from:
            return None
        return begun if self.valid_until is None or begun <= self.valid_until else None

    @property
    def rank(self) -> tuple[bool, bool, date, VersionKey]:
        """The greatest of those that fit counts: one for a category before one for an urgency before one for all, then
        the one that is valid since the latest day."""
        return self.category is not None, self.urgency is not None, self.valid_from, self.version


class Pause(NamedTuple):
    """A time in which the issue waited by agreement: since when, until which agreed day, when it ended in fact (None:
    it waits still), and for whom (``enterprise``, ``authority`` or ``agreement``)."""

    step: str
    since: str
    until: str | None
    ended: str | None
    author: str
    reason: str | None
    waiting_for: str


class ComputedDue(NamedTuple):
    """The due date that a rule gives: since which day it counts, and by how many days pauses have moved it."""

    rule: DueRule
    since: date
    paused: int
    due: date


def read_time_rules(connection: Connection) -> tuple[DueRule, ...]:
    """Which time rules has the district? One with a day that is none is left out."""
    rows = connection.execute(
        "SELECT id, stamp, device_id, days, counting, start, urgency, category, pauses, valid_from, valid_until "
        "FROM time_rule WHERE deleted = 0"
    )
    rules = (_rule(row[0], (row[1], row[2]), *row[3:]) for row in rows)
    return tuple(rule for rule in rules if rule is not None)


def time_rules_of(lines: Iterable[Line]) -> tuple[DueRule, ...]:
    """The rules that these lines say."""
    names = ("days", "counting", "start", "urgency", "category", "pauses", "valid_from", "valid_until")
    present = (line for line in lines if not line.deleted)
    rules = (_rule(line.id, version_key(line), *map(line.body.get, names)) for line in present)
    return tuple(rule for rule in rules if rule is not None)


def _rule(line_id: str, version: VersionKey, *values: object) -> DueRule | None:
    days, counting, start, urgency, category, pauses, first, last = values
    valid_from = stored_day(str(first))
    if valid_from is None or not isinstance(days, int) or str(pauses) not in _PAUSING:
        return None
    until = stored_day(str(last)) if last else None
    texts = (str(counting), str(start), _text(urgency), _text(category), str(pauses))
    return DueRule(line_id, version, days, *texts, valid_from, until)


def with_rule_due(state: IssueState, issue: Line, lines: Iterable[Line], rules: Sequence[DueRule]) -> IssueState:
    """The state with the due date of the rules where nobody has set one."""
    if state.due is not None or not rules:
        return state
    given = rule_due(issue, steps_in_turn(lines, state), rules)
    return state._replace(due=given.due.isoformat(), due_rule=given.rule.id) if given else state


def rule_due(issue: Line, steps: Sequence[Line], rules: Sequence[DueRule]) -> ComputedDue | None:
    """The due date that the rules give an issue with these steps in turn; None where no rule fits, or its time has not
    begun."""
    recorded, acts = happened_at(issue), [(str(step.body.get("act")), happened_at(step)) for step in steps]
    fitting = [(rule, begun) for rule in rules if (begun := rule.begins(issue.body, recorded, acts)) is not None]
    if not fitting:
        return None
    rule, begun = max(fitting, key=lambda pair: pair[0].rank)
    paused = sum(
        _length(rule, pause, begun) for pause in pauses_of(steps) if pause.waiting_for in _PAUSING[rule.pauses]
    )
    count = rule.days + paused
    due = add_workdays(begun, count) if rule.counting == "workdays" else add_days(begun, count)
    return ComputedDue(rule, begun, paused, due)


def steps_in_turn(lines: Iterable[Line], state: IssueState) -> list[Line]:
    """The steps among the lines of an issue that changed its state or could have, in their order."""
    steps = [line for line in lines if line.kind == "issue_step" and not line.deleted]
    return sorted((s for s in steps if s.id not in state.out_of_turn), key=lambda s: (*version_key(s), s.id))


def pauses_of(steps: Sequence[Line]) -> tuple[Pause, ...]:
    """The times of waiting. What leads out of waiting in the table of the acts ends one."""
    pauses: list[Pause] = []
    for step in steps:
        body = step.body
        if body.get("act") in _ENDING_WAITING and pauses and pauses[-1].ended is None:
            pauses[-1] = pauses[-1]._replace(ended=happened_at(step))
        if body.get("act") == "waiting":
            whom = str(body.get("waiting_for") or "agreement")
            times = (happened_at(step), body.get("until"), None)
            pauses.append(Pause(step.id, *times, step.author, body.get("reason"), whom))
    return tuple(pauses)


def happened_at(line: Line) -> str:
    """When an act happened, as stored; when it was written where nothing else is said."""
    written = district_time(ms_from_hlc(line.stamp)).isoformat(timespec="seconds")
    return str(line.body.get("at") or line.body.get("raised_at") or written)


def _begun(start: str, recorded: str, acts: Sequence[tuple[str, str]]) -> date | None:
    """The day on which the time of an issue began."""
    reopened = [at for act, at in acts if act == "reopened"]
    if reopened:
        return stored_day(reopened[-1])
    if start == "recorded":
        return stored_day(recorded)
    return stored_day(next((at for act, at in acts if act == "assigned"), None))


def _length(rule: DueRule, pause: Pause, begun: date) -> int:
    """The days of a pause since the time of the issue began, counted as the rule counts."""
    since, ended = stored_day(pause.since), stored_day(pause.ended or pause.until)
    if since is None or ended is None or ended <= max(since, begun):
        return 0
    first = max(since, begun)
    return workdays_between(first, ended) if rule.counting == "workdays" else (ended - first).days


def _text(value: object) -> str | None:
    return None if value is None else str(value)
