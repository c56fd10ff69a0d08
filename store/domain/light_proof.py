"""Why an issue has its light on a day: the rule, and everything that it was computed from (domain.md, Lights).

Pure. The light is decided by ``store/domain/status_lights.py`` and the state by ``store/domain/issue_lifecycle.py``;
here is only collected what they used, so that the same lines, limits and holidays give the same proof on any device,
years later. ``digest`` names these inputs: two proofs with one digest are equal.
Read from a store by ``store/queries/light_proof.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import orjson

from store.domain.clocks import Clock, ClockState, issue_clocks, steps_in_turn, under_rules
from store.domain.issue_deadlines import Act, Deadline, IssueTimeline, running_deadlines, timeline
from store.domain.issue_lifecycle import IssueState, compute_state
from store.domain.limits import CLOCK_TIMES, DEFAULT_LIMITS, LIMIT_NAMES, Limits
from store.domain.status_lights import (
    LIGHT_OF_RULE,
    RULES_VERSION,
    Light,
    LightRule,
    effective_due,
    light_rule,
    light_thresholds,
)
from store.domain.time_rules import LimitRule, Pause, happened_at, pauses_of, time_rules_of
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line
from store.ledger.merge import version_key
from store.values.records import field_values
from store.values.times import district_time, stored_day
from store.values.workdays import calendar_of, is_known_year

PROOF_LIMITS = ("due_soon", "stale", "overdue", "confirmation")
"""The limits that decide on a light, on a proposed escalation and on the state; where something is counted by the hour,
also the hours of offices."""
CalendarSource = Literal["announced", "entered", "assumed"]
_LONGEST_YEARS = 10


class DueDate(NamedTuple):
    """A due date that was set: by which act (``recorded`` for the issue itself), when it happened (empty where a table
    that it was taken over from does not say), by whom (an id, or that table), and why. ``step`` is the id of the line
    that set it."""

    step: str
    act: str
    at: str
    author: str
    due: str
    reason: str | None


class ExtensionAsked(NamedTuple):
    """A request for a later due date: when by whom, to which day and why; and how it was answered (``granted``,
    ``refused``, or None while it is open) when by whom and why."""

    step: str
    at: str
    author: str
    due: str | None
    reason: str | None
    answer: str | None = None
    answered_at: str | None = None
    answered_by: str | None = None
    answer_reason: str | None = None


class UsedRule(NamedTuple):
    """The time rule that gave a limit: since which day it counts, by how much pauses moved the limit (minutes where it
    counts by the hour, else days), on which day that is, and who wrote the rule when. ``days`` is how many of what it
    counts."""

    rule: str
    days: int
    counting: str
    start: str
    urgency: str | None
    category: str | None
    pauses: str
    since: str
    paused: int
    due: str
    author: str
    at: str


class UsedClock(NamedTuple):
    """A clock of the issue (`store.domain.clocks.Clock`) with how it stands, and what the rule says that it follows
    from; ``rule`` is None where a person has set the due date."""

    act: str
    department: str | None
    since: str
    limit: str
    counting: str
    paused: int
    state: ClockState
    done: str | None
    by: str | None
    rule: UsedRule | None


class UsedLimit(NamedTuple):
    """A limit as it counted: its value, and who set it when (None where the default counted)."""

    name: str
    value: int
    author: str | None
    at: str | None


class CalendarYear(NamedTuple):
    """A year whose working days were counted: where its holidays come from (``announced`` with the program,
    ``entered`` by the bureau, ``assumed``: Monday to Friday), and which weekdays were off and weekends worked between
    the first and the last day that mattered."""

    year: int
    source: CalendarSource
    off: tuple[str, ...]
    worked: tuple[str, ...]


class CorrectedStamp(NamedTuple):
    """An act whose time was corrected after a clock was wrong: on which device, and by how many milliseconds it was
    moved (negative: back)."""

    step: str
    act: str
    author: str
    device: str
    moved_ms: int


class InputVersion(NamedTuple):
    """A version of a line that the proof was computed from."""

    id: str
    stamp: int
    device: str


@dataclass(frozen=True, slots=True)
class LightProof:
    """A light on a day (``on``) at a minute (``at``) and why. ``compared`` is what the rule compared with these: the
    due day, the agreed day, the day on which news are due, or the minute at which an act was due; None where nothing
    was compared."""

    issue: str
    number: str
    title: str
    on: str
    light: Light | None
    rule: LightRule
    version: int
    compared: str | None
    state: str
    level: int
    due: str | None
    due_dates: tuple[DueDate, ...]
    due_rule: UsedRule | None
    pauses: tuple[Pause, ...]
    deadlines: tuple[Deadline, ...]
    limits: tuple[UsedLimit, ...]
    calendar: tuple[CalendarYear, ...]
    clock: tuple[CorrectedStamp, ...]
    inputs: tuple[InputVersion, ...]
    digest: str
    at: str
    clocks: tuple[UsedClock, ...]
    extensions: tuple[ExtensionAsked, ...]

    @property
    def people(self) -> set[str]:
        """The ids of the people whom the proof names."""
        named = {each.author for each in self.due_dates} | {each.author for each in self.pauses}
        named |= {each.rule.author for each in self.clocks if each.rule} | {each.author for each in self.extensions}
        named |= {each.answered_by for each in self.extensions if each.answered_by}
        return named | {each.author for each in self.clock} | {each.author for each in self.limits if each.author}

    @property
    def departments(self) -> set[str]:
        """The ids of the departments whose clocks it names."""
        return {each.department for each in self.clocks if each.department}

    def to_json(self) -> dict[str, object]:
        """The proof as ``guanjia issue explain --json`` prints it."""
        return {name: _plain(value) for name, value in field_values(self).items()}


class Evidence(NamedTuple):
    """What a proof is computed from. ``lines`` are the issue's own line and those of its steps and close-outs,
    ``limits`` the lines that set limits, ``rules`` the time rules, each in the version that counted on the day;
    ``holidays`` the lines that enter years, as they are known now; ``corrected`` the stamps that versions of these
    lines had before a clock was put right, by line id."""

    issue: Line
    lines: Sequence[Line]
    limits: Sequence[Line] = ()
    rules: Sequence[Line] = ()
    holidays: Sequence[Line] = ()
    corrected: Mapping[str, int] = {}


def prove_light(evidence: Evidence, on: date) -> LightProof:
    """The light of the issue at a moment (a `datetime`) or at the end of a day, and why."""
    rules = time_rules_of(evidence.rules)
    limits, used_limits = _limits(evidence.limits, rules)
    state = compute_state(evidence.issue, evidence.lines, confirmation_required=bool(limits.confirmation))
    state = under_rules(state, evidence.issue, evidence.lines, rules, limits)
    clocks = issue_clocks(evidence.issue, evidence.lines, rules, limits)
    thresholds = light_thresholds(on, limits)
    rule = light_rule(thresholds, state)
    steps = steps_in_turn(evidence.lines, state)
    run = timeline(state, _acts(steps), district_time(ms_from_hlc(evidence.issue.stamp)).date())
    deadlines = running_deadlines(run, on, limits, clocks)
    inputs = _inputs(evidence)
    calendar = _calendar(_span(deadlines, clocks, date.fromisoformat(thresholds.today)), evidence.holidays)
    timed = tuple(_used_clock(clock, thresholds.now, rules, evidence.rules) for clock in clocks)
    return LightProof(
        evidence.issue.id,
        str(evidence.issue.body.get("number", "")),
        str(evidence.issue.body.get("title", "")),
        thresholds.today,
        LIGHT_OF_RULE[rule],
        rule,
        RULES_VERSION,
        _compared(rule, state, deadlines, run),
        state.state,
        state.level,
        state.due,
        _due_dates(evidence.issue, steps),
        next((each.rule for each in timed if each.act == "settle"), None),
        pauses_of(steps),
        deadlines,
        used_limits,
        calendar,
        _corrections(evidence, steps),
        inputs,
        _digest(thresholds.now, inputs, calendar),
        thresholds.now,
        timed,
        _extensions(steps),
    )


def _inputs(evidence: Evidence) -> tuple[InputVersion, ...]:
    used = [evidence.issue, *evidence.lines, *evidence.limits, *evidence.rules, *evidence.holidays]
    return tuple(sorted(InputVersion(line.id, line.stamp, line.device) for line in used))


def _plain(value: object) -> object:
    """Named tuples as objects with their names, instead of lists."""
    if isinstance(value, Deadline):
        return field_values(value)
    if isinstance(value, tuple):
        named = value._asdict() if hasattr(value, "_asdict") else None
        return {name: _plain(each) for name, each in named.items()} if named else [_plain(each) for each in value]
    return value


def _limits(lines: Iterable[Line], rules: Iterable[LimitRule]) -> tuple[Limits, tuple[UsedLimit, ...]]:
    """The limits that these lines set, and each of `PROOF_LIMITS` with its source."""
    current = [line for line in sorted(lines, key=version_key) if not line.deleted]
    known = [line for line in current if line.body.get("name") in LIMIT_NAMES]
    by_name = {line.body["name"]: line for line in known if isinstance(line.body.get("value"), int)}
    values = {str(name): line.body["value"] for name, line in by_name.items()}
    limits = Limits(**values) if values else DEFAULT_LIMITS
    used = []
    by_the_hour = any(rule.counting == "hours" for rule in rules)
    for name in (*PROOF_LIMITS, *(CLOCK_TIMES if by_the_hour else ())):
        line = by_name.get(name)
        used.append(UsedLimit(name, getattr(limits, name), line and line.author, line and _moment(line)))
    return limits, tuple(used)


def _acts(steps: Iterable[Line]) -> list[Act]:
    return [
        Act(str(step.body.get("act")), happened_at(step)[:10], step.body.get("due"), _moment(step)[:10])
        for step in steps
    ]


def _due_dates(issue: Line, steps: Sequence[Line]) -> tuple[DueDate, ...]:
    recorded = next((step for step in steps if step.body.get("act") == "recorded"), issue)
    setting = [step for step in steps if step.body.get("act") in ("assigned", "extended")]
    named = [(issue, "recorded"), *((step, str(step.body["act"])) for step in setting)]
    return tuple(
        DueDate(
            line.id,
            act,
            "" if _is_undated(line) else happened_at(line),
            _done_by(recorded if line is issue else line),
            line.body["due"],
            line.body.get("reason"),
        )
        for line, act in named
        if line.body.get("due")
    )


def _extensions(steps: Iterable[Line]) -> tuple[ExtensionAsked, ...]:
    """The requests for an extension with their answers; of several open ones the latest is answered."""
    asked: dict[str, ExtensionAsked] = {}
    answers = {"extended": "granted", "extension_refused": "refused"}
    for step in steps:
        body, when = step.body, (happened_at(step), step.author)
        act = str(body.get("act"))
        if act == "extension_asked":
            asked[step.id] = ExtensionAsked(step.id, *when, body.get("due"), body.get("reason"))
        request = str(body.get("request_id") or next(reversed(asked), ""))
        if act in answers and request in asked and asked[request].answer is None:
            said = (answers[act], *when, body.get("reason"))
            asked[request] = ExtensionAsked(*asked[request][:5], *said)
    return tuple(asked.values())


def _used_clock(clock: Clock, now: str, rules: Sequence[LimitRule], lines: Sequence[Line]) -> UsedClock:
    facts = (clock.act, clock.department, clock.since, clock.limit, clock.counting, clock.paused)
    rule = next((rule for rule in rules if rule.id == clock.rule), None)
    used = _used_rule(clock, rule, next(line for line in lines if line.id == rule.id)) if rule else None
    return UsedClock(*facts, clock.state(now), clock.done, clock.by, used)


def _used_rule(clock: Clock, rule: LimitRule, line: Line) -> UsedRule:
    says = (rule.id, rule.days, rule.counting, rule.start, rule.urgency, rule.category, rule.pauses)
    return UsedRule(*says, clock.since[:10], clock.paused, clock.day, line.author, _moment(line))


def _compared(rule: LightRule, state: IssueState, deadlines: Sequence[Deadline], run: IssueTimeline) -> str | None:
    if rule == "waited_out":
        return state.waiting_until
    if rule in ("act_overdue", "act_due_soon"):
        return state.limit_at
    if rule == "no_progress":
        return next((each.until for each in deadlines if each.name == "progress"), run.progress_on)
    return None if rule == "no_limit" else effective_due(state.state, state.due, state.waiting_until)


def _span(deadlines: Iterable[Deadline], clocks: Iterable[Clock], on: date) -> tuple[date, date]:
    """The first and the last day that were counted with, bounded by `_LONGEST_YEARS` around the day."""
    texts = [text for each in deadlines for text in (each.since, each.until)]
    texts += [text for each in clocks for text in (each.since, each.day) if each.rule]
    days = [day for text in texts if (day := stored_day(text))]
    near = timedelta(days=365 * _LONGEST_YEARS)
    return max(min([*days, on]), on - near), min(max([*days, on]), on + near)


def _calendar(span: tuple[date, date], holidays: Iterable[Line]) -> tuple[CalendarYear, ...]:
    first, last = span
    entered = {line.body.get("year") for line in holidays if not line.deleted}
    years = []
    for year in range(first.year, last.year + 1):
        source: CalendarSource = "announced" if is_known_year(year) else "entered" if year in entered else "assumed"
        calendar = calendar_of(year)
        off = tuple(day.isoformat() for day in sorted(calendar.off) if first <= day <= last)
        worked = tuple(day.isoformat() for day in sorted(calendar.worked) if first <= day <= last)
        years.append(CalendarYear(year, source, off, worked))
    return tuple(years)


def _corrections(evidence: Evidence, steps: Iterable[Line]) -> tuple[CorrectedStamp, ...]:
    lines = [line for line in (evidence.issue, *steps) if line.id in evidence.corrected]
    return tuple(
        CorrectedStamp(
            line.id,
            str(line.body.get("act", "recorded")),
            line.author,
            line.device,
            ms_from_hlc(line.stamp) - ms_from_hlc(evidence.corrected[line.id]),
        )
        for line in lines
    )


def _digest(now: str, inputs: tuple[InputVersion, ...], calendar: tuple[CalendarYear, ...]) -> str:
    """SHA-256 over the rules version, the minute, the versions and the calendar that were used."""
    facts = [RULES_VERSION, now, [list(each) for each in inputs], [list(each) for each in calendar]]
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()


def _is_undated(line: Line) -> bool:
    return "taken_over" in line.body and "at" not in line.body


def _done_by(line: Line) -> str:
    """Who did it; of what was taken over from a table the table, since whoever took it over did not do it."""
    source = line.body.get("taken_over")
    return f"《{source}》" if source else line.author


def _moment(line: Line) -> str:
    return district_time(ms_from_hlc(line.stamp)).isoformat(timespec="seconds")
