"""Status lights and flags: computed, never stored (domain.md, Lights; R06, R07, R46). Every limit is configuration.

An issue's light is red when it is overdue, or another act on it is (``store/domain/clocks.py``), which it is not while
it waits by agreement; yellow when it waits past its until-date or its latest progress is older than a time rule or 7
working days; blue when it, or another act, is due within 3 working days (``store/domain/limits.py``). A settled or
finished issue has no light; a returned one has again. What decides is computed once for a moment (`LightThresholds`),
so that ``store/queries/light_sql.py`` can compute the lights of a list in SQL and agree with `compute_light`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from store.domain.issue_lifecycle import IssueState
from store.domain.limits import DEFAULT_LIMITS, Limits
from store.values.office_hours import DAY, day_begins, minute_number, minute_text
from store.values.times import SHANGHAI
from store.values.workdays import add_days, add_workdays

Light = Literal["red", "yellow", "blue"]
LIGHTS: tuple[Light, ...] = ("red", "yellow", "blue")
"""Worst first."""
LightRule = Literal[
    "overdue", "act_overdue", "waited_out", "no_progress", "due_soon", "act_due_soon", "waits", "in_time", "no_limit"
]  # fmt: skip
"""The rules in the order in which they are asked; ``act_…``: of another act than settling, or of
settling by the hour; ``waits``: it would be overdue, but waits by agreement; ``no_limit``: settled or finished, so
nothing runs."""
LIGHT_OF_RULE: Mapping[LightRule, Light | None] = {
    "overdue": "red", "act_overdue": "red", "waited_out": "yellow", "no_progress": "yellow", "due_soon": "blue",
    "act_due_soon": "blue", "waits": None, "in_time": None, "no_limit": None,
}  # fmt: skip
RULES_VERSION = 2
"""Raised with every change of what `light_rule` or the deadlines compute from the same lines."""
LIGHT_STATES = ("open", "assigned", "in_progress", "waiting", "escalated")

SIX_ONES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("lead_leader", ("lead_leader",)),
    ("lead_unit", ("lead_unit",)),
    ("service_team", ("service_team", "butler")),
    ("enterprise_contact", ("enterprise_contact",)),
)
"""What a project must have besides itself, and the roles that count for it: a butler is a service team of one (R07).
The sixth, the project secretary, is optional: the butler may be the secretary (R06)."""
_COUNTED = (*SIX_ONES[:-1], ("project_secretary", ("project_secretary", "butler")), SIX_ONES[-1])
"""What a summary counts: the optional one too."""


class SixOnesCount(NamedTuple):
    """In how many projects one of the six ones is filled, in how many the butler alone stands in for it, and how many
    lack it."""

    filled: int
    by_butler: int
    lacking: int


@dataclass(frozen=True, slots=True)
class LightThresholds:
    """The dates and limits that decide on lights and flags at one moment of a day. ``now``: the minute, by which limits
    that end within a day are judged; ``due_soon``: the last day that counts as due
    soon; ``stale_before_ms``: progress before it is stale (ms since 1970); ``silent_before``: a latest contact before
    this day is silence; ``escalate_due``: the last due day for which an escalation is proposed; ``swarm_since``: the
    day since which more than ``swarm_units`` units on site are a swarm; ``threshold_yuan``: the investment from which a
    project is in scope."""

    today: str
    now: str
    due_soon: str
    stale_before_ms: int
    silent_before: str
    escalate_due: str
    swarm_since: str
    swarm_units: int
    confirmation_required: bool
    threshold_yuan: int

    @property
    def moment(self) -> date:
        """The moment (a `datetime`), or the day at whose end lights are judged: what `light_thresholds` was given."""
        if self.now.endswith("T24:00"):
            return date.fromisoformat(self.today)
        return datetime.fromisoformat(self.now).replace(tzinfo=SHANGHAI)

    @property
    def soon_until(self) -> str:
        """The last minute that counts as due soon."""
        return f"{self.due_soon}T24:00"


def light_thresholds(on: date, limits: Limits = DEFAULT_LIMITS) -> LightThresholds:
    """The thresholds of a moment (a `datetime`), or of the end of a day, under these limits."""
    moment = minute_number(on) if isinstance(on, datetime) else day_begins(on) + DAY
    today = on.astimezone(SHANGHAI).date() if isinstance(on, datetime) else on
    stale = datetime.combine(add_workdays(today, -limits.stale), datetime.min.time(), SHANGHAI)
    return LightThresholds(
        today.isoformat(),
        minute_text(moment, day_is_over=not isinstance(on, datetime)),
        add_workdays(today, limits.due_soon).isoformat(),
        int(stale.timestamp() * 1000),
        add_days(today, -limits.silence).isoformat(),
        add_workdays(today, -limits.overdue).isoformat(),
        add_days(today, 1 - limits.swarm_days).isoformat(),
        limits.swarm_units,
        bool(limits.confirmation),
        limits.threshold * 10_000,
    )


def issue_light(state: IssueState, today: date, limits: Limits = DEFAULT_LIMITS) -> Light | None:
    """The light of an issue on a day."""
    return compute_light(light_thresholds(today, limits), state)


def effective_due(state: str, due: str | None, waiting_until: str | None) -> str | None:
    """The day until which an issue must be settled: while it waits by agreement (``waiting``, with a day until which),
    its due date does not run out before the agreed day."""
    if state == "waiting" and due is not None and waiting_until is not None:
        return max(due, waiting_until)
    return due


def compute_light(thresholds: LightThresholds, state: IssueState) -> Light | None:
    """The light of an issue by the thresholds of a day."""
    return LIGHT_OF_RULE[light_rule(thresholds, state)]


def light_rule(thresholds: LightThresholds, state: IssueState) -> LightRule:
    """The rule that decides on the light of an issue, by the thresholds of a moment."""
    if state.state not in LIGHT_STATES:
        return "no_limit"
    return _late(thresholds, state) or _coming(thresholds, state)


def _late(thresholds: LightThresholds, state: IssueState) -> LightRule | None:
    due = effective_due(state.state, state.due, state.waiting_until)
    if due is not None and due < thresholds.today:
        return "overdue"
    if state.limit_at is not None and state.limit_at < thresholds.now:
        return "act_overdue"
    if state.state == "waiting" and state.waiting_until is not None and state.waiting_until < thresholds.today:
        return "waited_out"
    if _lacks_progress(thresholds, state):
        return "no_progress"
    return None


def _coming(thresholds: LightThresholds, state: IssueState) -> LightRule:
    due = effective_due(state.state, state.due, state.waiting_until)
    if due is not None and due <= thresholds.due_soon:
        return "due_soon"
    if state.limit_at is not None and state.limit_at <= thresholds.soon_until:
        return "act_due_soon"
    return "waits" if state.due is not None and state.due < thresholds.today else "in_time"


def _lacks_progress(thresholds: LightThresholds, state: IssueState) -> bool:
    """Whether nothing was done for longer than a time rule allows, or where none is for it, the limit ``stale``."""
    if state.progress_until is not None:
        return state.progress_until < thresholds.now
    return state.progress_at is not None and state.progress_at < thresholds.stale_before_ms


def missing_six_ones(roles: Iterable[str]) -> tuple[str, ...]:
    """Which of the six ones a project lacks, given the roles that are filled today."""
    filled = frozenset(roles)
    return tuple(name for name, fillers in SIX_ONES if filled.isdisjoint(fillers))


def count_six_ones(projects: Sequence[frozenset[str]]) -> dict[str, SixOnesCount]:
    """How many projects have each of the six ones, given the roles that are filled in each of them today."""
    counts = {}
    for name, fillers in _COUNTED:
        filled = sum(name in roles for roles in projects)
        lacking = sum(roles.isdisjoint(fillers) for roles in projects)
        counts[name] = SixOnesCount(filled, len(projects) - filled - lacking, lacking)
    return counts


def is_silent(last_contact: str | None, since: str | None, thresholds: LightThresholds) -> bool:
    """Whether the last contact is before ``thresholds.silent_before``. A project without any contact is silent once it
    has been on the list (``since``, a day) that long. Moments and days compare as text."""
    latest = last_contact or since
    return latest is not None and latest[:10] < thresholds.silent_before
