"""Why an issue has its light on a day: the rule, and everything that it was computed from (domain.md, Lights).

Pure. The light is decided by ``store/domain/status_lights.py`` and the state by ``store/domain/issue_lifecycle.py``;
here is only collected what they used, so that the same lines, limits and holidays give the same proof on any device,
years later. ``digest`` names these inputs: two proofs with one digest, rules version and day are equal.
Read from a store by ``store/queries/light_proof.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import orjson

from store.domain.issue_deadlines import Act, Deadline, IssueTimeline, running_deadlines, timeline
from store.domain.issue_lifecycle import TRANSITIONS, IssueState, compute_state
from store.domain.limits import DEFAULT_LIMITS, LIMIT_NAMES, Limits
from store.domain.status_lights import (
    LIGHT_OF_RULE,
    RULES_VERSION,
    Light,
    LightRule,
    effective_due,
    light_rule,
    light_thresholds,
)
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line
from store.ledger.merge import version_key
from store.values.records import field_values
from store.values.times import district_time, stored_day
from store.values.workdays import calendar_of, is_known_year

PROOF_LIMITS = ("due_soon", "stale", "overdue", "confirmation")
"""The limits that decide on a light, on a proposed escalation and on the state."""
CalendarSource = Literal["announced", "entered", "assumed"]
_LONGEST_YEARS = 10


class DueDate(NamedTuple):
    """A due date that was set: by which act (``recorded`` for the issue itself), when it happened, by whom (an id), and
    why. ``step`` is the id of the line that set it."""

    step: str
    act: str
    at: str
    author: str
    due: str
    reason: str | None


class Pause(NamedTuple):
    """A time in which the issue waited by agreement: since when, until which agreed day, and when it ended in fact
    (None: it waits still)."""

    step: str
    since: str
    until: str | None
    ended: str | None
    author: str
    reason: str | None


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
    """A light on a day (``on``) and why. ``compared`` is the day that the rule compared with ``on``: the due day, the
    agreed day, or the day on which news are due; None where nothing was compared."""

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
    pauses: tuple[Pause, ...]
    deadlines: tuple[Deadline, ...]
    limits: tuple[UsedLimit, ...]
    calendar: tuple[CalendarYear, ...]
    clock: tuple[CorrectedStamp, ...]
    inputs: tuple[InputVersion, ...]
    digest: str

    @property
    def people(self) -> set[str]:
        """The ids of the people whom the proof names."""
        named = {each.author for each in self.due_dates} | {each.author for each in self.pauses}
        return named | {each.author for each in self.clock} | {each.author for each in self.limits if each.author}

    def to_json(self) -> dict[str, object]:
        """The proof as ``guanjia issue explain --json`` prints it."""
        return {name: _plain(value) for name, value in field_values(self).items()}


class Evidence(NamedTuple):
    """What a proof is computed from. ``lines`` are the issue's own line and those of its steps and close-outs,
    ``limits`` the lines that set limits, ``holidays`` those that enter years, each in the version that counted on the
    day; ``corrected`` the stamps that versions of these lines had before a clock was put right, by line id."""

    issue: Line
    lines: Sequence[Line]
    limits: Sequence[Line] = ()
    holidays: Sequence[Line] = ()
    corrected: Mapping[str, int] = {}


def prove_light(evidence: Evidence, on: date) -> LightProof:
    """The light of the issue on a day, and why."""
    limits, used_limits = _limits(evidence.limits)
    state = compute_state(evidence.issue, evidence.lines, confirmation_required=bool(limits.confirmation))
    thresholds = light_thresholds(on, limits)
    rule = light_rule(thresholds, state)
    steps = _steps_in_turn(evidence.lines, state)
    run = timeline(state, _acts(steps), district_time(ms_from_hlc(evidence.issue.stamp)).date())
    deadlines = running_deadlines(run, on, limits)
    used = [evidence.issue, *evidence.lines, *evidence.limits, *evidence.holidays]
    inputs = tuple(sorted(InputVersion(line.id, line.stamp, line.device) for line in used))
    calendar = _calendar(_span(deadlines, on), evidence.holidays)
    return LightProof(
        evidence.issue.id,
        str(evidence.issue.body.get("number", "")),
        str(evidence.issue.body.get("title", "")),
        on.isoformat(),
        LIGHT_OF_RULE[rule],
        rule,
        RULES_VERSION,
        _compared(rule, state, deadlines, run),
        state.state,
        state.level,
        state.due,
        _due_dates(evidence.issue, steps),
        _pauses(steps),
        deadlines,
        used_limits,
        calendar,
        _corrections(evidence, steps),
        inputs,
        _digest(on, inputs, calendar),
    )


def _plain(value: object) -> object:
    """Named tuples as objects with their names, instead of lists."""
    if isinstance(value, Deadline):
        return field_values(value)
    if isinstance(value, tuple):
        return value._asdict() if hasattr(value, "_asdict") else [_plain(each) for each in value]
    return value


def _limits(lines: Iterable[Line]) -> tuple[Limits, tuple[UsedLimit, ...]]:
    """The limits that these lines set, and each of `PROOF_LIMITS` with its source."""
    current = [line for line in sorted(lines, key=version_key) if not line.deleted]
    by_name = {line.body.get("name"): line for line in current if line.body.get("name") in LIMIT_NAMES}
    values = {str(name): int(line.body["value"]) for name, line in by_name.items()}
    limits = Limits(**values) if values else DEFAULT_LIMITS
    used = []
    for name in PROOF_LIMITS:
        line = by_name.get(name)
        used.append(UsedLimit(name, getattr(limits, name), line and line.author, line and _moment(line)))
    return limits, tuple(used)


def _steps_in_turn(lines: Iterable[Line], state: IssueState) -> list[Line]:
    steps = [line for line in lines if line.kind == "issue_step" and not line.deleted]
    return sorted((s for s in steps if s.id not in state.out_of_turn), key=lambda s: (*version_key(s), s.id))


def _acts(steps: Iterable[Line]) -> list[Act]:
    return [
        Act(str(step.body.get("act")), _happened(step)[:10], step.body.get("due"), _moment(step)[:10]) for step in steps
    ]


def _due_dates(issue: Line, steps: Iterable[Line]) -> tuple[DueDate, ...]:
    setting = [step for step in steps if step.body.get("act") in ("assigned", "extended")]
    named = [(issue, "recorded"), *((step, str(step.body["act"])) for step in setting)]
    return tuple(
        DueDate(line.id, act, _happened(line), line.author, line.body["due"], line.body.get("reason"))
        for line, act in named
        if line.body.get("due")
    )


def _pauses(steps: Sequence[Line]) -> tuple[Pause, ...]:
    """The times of waiting. The next act that counts as progress ends one, as in the life of an issue."""
    pauses: list[Pause] = []
    for step in steps:
        act = str(step.body.get("act"))
        if act not in TRANSITIONS or TRANSITIONS[act].target is None:
            continue
        if pauses and pauses[-1].ended is None:
            pauses[-1] = pauses[-1]._replace(ended=_happened(step))
        if act == "waiting":
            until, reason = step.body.get("until"), step.body.get("reason")
            pauses.append(Pause(step.id, _happened(step), until, None, step.author, reason))
    return tuple(pauses)


def _compared(rule: LightRule, state: IssueState, deadlines: Sequence[Deadline], run: IssueTimeline) -> str | None:
    if rule == "waited_out":
        return state.waiting_until
    if rule == "no_progress":
        return next((each.until for each in deadlines if each.name == "progress"), run.progress_on)
    return None if rule == "no_limit" else effective_due(state.state, state.due, state.waiting_until)


def _span(deadlines: Iterable[Deadline], on: date) -> tuple[date, date]:
    """The first and the last day that were counted with, bounded by `_LONGEST_YEARS` around the day."""
    days = [day for each in deadlines for text in (each.since, each.until) if (day := stored_day(text))]
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


def _digest(on: date, inputs: tuple[InputVersion, ...], calendar: tuple[CalendarYear, ...]) -> str:
    """SHA-256 over the rules version, the day, the versions and the calendar that were used."""
    facts = [RULES_VERSION, on.isoformat(), [list(each) for each in inputs], [list(each) for each in calendar]]
    return hashlib.sha256(orjson.dumps(facts)).hexdigest()


def _happened(line: Line) -> str:
    """When an act happened, as stored; when it was written where nothing else is said."""
    return str(line.body.get("at") or line.body.get("raised_at") or _moment(line))


def _moment(line: Line) -> str:
    return district_time(ms_from_hlc(line.stamp)).isoformat(timespec="seconds")
