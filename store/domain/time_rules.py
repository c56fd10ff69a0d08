"""Time rules: within which time an act on an issue must be done, as the district's lines say (domain.md, issue).

Pure but for `read_time_rules`. A rule is for one act (`LIMITED_ACTS`; without one for settling), an urgency and a
category (without: any), so many working days, days, hours of offices or hours around the clock. Of the rules for an act
the one counts that fits the issue best and was valid on the day on which the act's time began; of equal ones the
latest. Waiting that the rule lets pause the clock moves the limit by as much as it lasted in what the rule counts;
while it lasts, by what was agreed. ``store/domain/clocks.py`` says when the time of each act begins and ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple, get_args

from store.db.connection import Connection
from store.domain.issue_lifecycle import TRANSITIONS
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Body, Line
from store.ledger.merge import VersionKey, version_key
from store.values.office_hours import DAY, OfficeHours, add_office_minutes, office_minutes_between, stored_minute
from store.values.times import district_time, stored_day
from store.values.workdays import add_days, add_workdays, workdays_between

LimitedAct = Literal["accept", "contact", "progress", "opinion", "settle", "approve"]
"""What is limited: a department accepts what it was given; the enterprise is told for the first time; something is done
again; a co-handling department speaks; the issue is settled; the bureau approves or returns a settlement."""
LIMITED_ACTS: tuple[LimitedAct, ...] = get_args(LimitedAct)
COUNTINGS = ("workdays", "days", "hours", "clock_hours")
HOUR_COUNTINGS = frozenset({"hours", "clock_hours"})
"""Countings by the minute: in the hours of offices, or around the clock."""
CALLED = "called"
"""The start of a rule for any act: what calls for that act. Rules for other acts than settling have no other one, so
that earlier versions, which know of settling alone, do not read them."""
STARTS = ("assigned", "recorded", CALLED)
PAUSING = {
    "none": frozenset[str](),
    "enterprise": frozenset({"enterprise"}),
    "outside": frozenset({"enterprise", "authority"}),
    "any": frozenset({"enterprise", "authority", "agreement"}),
}
"""Which waiting pauses the clock, by the rule's ``pauses``."""
GRANTING_ROLES = ("butler", "lead_leader", "bureau")
"""Who may extend a due date where a rule says that one must be asked."""
_ENDING_WAITING = frozenset(
    act for act, rule in TRANSITIONS.items() if rule.target and "waiting" in (*rule.sources, *rule.at_meeting)
)
_COLUMNS = (
    "days", "counting", "start", "urgency", "category", "pauses", "valid_from", "valid_until", "act", "extended_by",
)  # fmt: skip


class LimitRule(NamedTuple):
    """A rule of the district. ``days`` is how many of what it counts; ``version`` orders rules that fit equally
    well."""

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
    act: LimitedAct = "settle"
    extended_by: str | None = None

    def fits(self, issue: Body, begun: date) -> bool:
        """Whether it is for this issue, and was valid on that day."""
        known = self.urgency in (None, issue.get("urgency")) and self.category in (None, issue.get("category"))
        return known and self.valid_from <= begun and (self.valid_until is None or begun <= self.valid_until)

    def begins(self, issue: Body, recorded: str, acts: Sequence[tuple[str, str]]) -> str | None:
        """Since when it counts for settling an issue that was recorded then, with these acts in turn, each with when it
        happened; None where it is not for settling or for this issue, or the issue's time has not begun."""
        begun = _settling_begun(self.start, recorded, acts) if self.act == "settle" else None
        day = stored_day(begun)
        return begun if day is not None and self.fits(issue, day) else None

    @property
    def rank(self) -> tuple[bool, bool, date, VersionKey]:
        """The greatest of those that fit counts: one for a category before one for an urgency before one for all, then
        the one that is valid since the latest day."""
        return self.category is not None, self.urgency is not None, self.valid_from, self.version

    def limit(self, since: str, pauses: Iterable[Pause], hours: OfficeHours, done: str | None = None) -> Limit | None:
        """Until when the act must be done whose time began then, with these times of waiting (those that began before
        it was done); None where the stored start is no moment."""
        begun, ended = _minute(since, over=True), _minute(done, over=False)
        day = stored_day(since)
        if begun is None or day is None:
            return None
        pausing = [each for each in pauses if each.waiting_for in PAUSING[self.pauses]]
        pausing = [each for each in pausing if ended is None or (_minute(each.since, over=False) or 0) < ended]
        if self.counting in HOUR_COUNTINGS:
            paused = sum(_paused_minutes(self, each, begun, hours) for each in pausing)
            return Limit(self._after_minutes(begun, self.days * 60 + paused, hours), paused)
        paused = sum(_paused_days(self, each, day) for each in pausing)
        count = self.days + paused
        last = add_workdays(day, count) if self.counting == "workdays" else add_days(day, count)
        return Limit((last.toordinal() + 1) * DAY, paused)

    def _after_minutes(self, begun: int, count: int, hours: OfficeHours) -> int:
        return add_office_minutes(begun, count, hours) if self.counting == "hours" else begun + count


class Limit(NamedTuple):
    """The minute at which a time is over (of days the end of the last one), and by how much pauses have moved it: in
    minutes where the rule counts by the hour, else in the days that it counts."""

    minute: int
    paused: int


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


def read_time_rules(connection: Connection) -> tuple[LimitRule, ...]:
    """Which time rules has the district? One with a day that is none, or for an act that this version does not know, is
    left out."""
    rows = connection.execute(f"SELECT id, stamp, device_id, {', '.join(_COLUMNS)} FROM time_rule WHERE deleted = 0")
    rules = (_rule(row[0], (row[1], row[2]), *row[3:]) for row in rows)
    return tuple(rule for rule in rules if rule is not None)


def time_rules_of(lines: Iterable[Line]) -> tuple[LimitRule, ...]:
    """The rules that these lines say."""
    present = (line for line in lines if not line.deleted)
    rules = (_rule(line.id, version_key(line), *map(line.body.get, _COLUMNS)) for line in present)
    return tuple(rule for rule in rules if rule is not None)


def _rule(line_id: str, version: VersionKey, *values: object) -> LimitRule | None:
    days, counting, start, urgency, category, pauses, first, last, act, extended_by = values
    valid_from, known = stored_day(str(first)), {act: act for act in LIMITED_ACTS}.get(str(act or "settle"))  # type: ignore[call-overload]
    if valid_from is None or not isinstance(days, int) or known is None:
        return None
    if str(pauses) not in PAUSING or str(counting) not in COUNTINGS or str(start) not in STARTS:
        return None
    until = stored_day(str(last)) if last else None
    texts = (str(counting), str(start), _text(urgency), _text(category), str(pauses))
    return LimitRule(line_id, version, days, *texts, valid_from, until, known, _text(extended_by))


def best_rule(rules: Iterable[LimitRule], act: LimitedAct, issue: Body, since: str) -> LimitRule | None:
    """The rule that counts for an act on this issue whose time began then; None where none fits."""
    day = stored_day(since)
    fitting = [rule for rule in rules if rule.act == act and day is not None and rule.fits(issue, day)]
    return max(fitting, key=lambda rule: rule.rank, default=None)


def settling_rule(
    rules: Iterable[LimitRule], issue: Body, recorded: str, acts: Sequence[tuple[str, str]]
) -> tuple[LimitRule, str] | None:
    """The rule by which an issue must be settled, and since when it counts; None where none fits."""
    fitting = [(rule, begun) for rule in rules if (begun := rule.begins(issue, recorded, acts)) is not None]
    return max(fitting, key=lambda pair: pair[0].rank, default=None)


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


def _settling_begun(start: str, recorded: str, acts: Sequence[tuple[str, str]]) -> str | None:
    """When the time to settle an issue began: anew where it was reopened."""
    reopened = [at for act, at in acts if act == "reopened"]
    if reopened:
        return reopened[-1]
    if start == "recorded":
        return recorded
    wanted = ("assigned",) if start == "assigned" else ("accepted", "resolved")
    return next((at for act, at in acts if act in wanted), None)


def _paused_days(rule: LimitRule, pause: Pause, begun: date) -> int:
    """The days of a pause since the time began, counted as the rule counts."""
    since, ended = stored_day(pause.since), stored_day(pause.ended or pause.until)
    if since is None or ended is None or ended <= max(since, begun):
        return 0
    first = max(since, begun)
    return workdays_between(first, ended) if rule.counting == "workdays" else (ended - first).days


def _paused_minutes(rule: LimitRule, pause: Pause, begun: int, hours: OfficeHours) -> int:
    """The minutes of a pause since the time began, counted as the rule counts: until the end of the agreed day, while
    it lasts."""
    since, ended = _minute(pause.since, over=False), _minute(pause.ended or pause.until, over=True)
    if since is None or ended is None or ended <= max(since, begun):
        return 0
    first = max(since, begun)
    return office_minutes_between(first, ended, hours) if rule.counting == "hours" else ended - first


def _minute(text: str | None, *, over: bool) -> int | None:
    return stored_minute(text, day_is_over=over)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
