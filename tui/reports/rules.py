"""The fixed rules behind findings and suggestions, with the district's limits (R27, R46).

> Every suggestion names the rule that it comes from, with its limit: it is not a judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.limits import Limits
from store.domain.status_lights import LightThresholds
from store.queries import period_figures as reading
from store.queries.period_figures import RuleFinding
from store.queries.projects import ProjectRow
from store.values.periods import Period
from tui.i18n.translate import N_, _, value_label


class FindingRule(NamedTuple):
    """One rule: its name, the texts of its finding and suggestion with the placeholders ``{what}``, ``{project}``,
    ``{amount}`` and ``{day}``, the name of the limit that it uses, if any, and the function that finds."""

    name: str
    finding: str
    suggestion: str
    limit: str | None
    find: Callable[[RuleContext], list[RuleFinding]]


class RuleContext(NamedTuple):
    """The input of every rule."""

    connection: Connection
    thresholds: LightThresholds
    period: Period
    limits: Limits
    projects: list[ProjectRow]


def _silent(context: RuleContext) -> list[RuleFinding]:
    silent = [one for one in context.projects if one.silent]
    return [
        RuleFinding(one.name, one.name, None, (one.last_contact or "")[:10] or "-", "project", one.id) for one in silent
    ]


def _incomplete(context: RuleContext) -> list[RuleFinding]:
    return [
        RuleFinding(",".join(one.missing), one.name, kind="project", id=one.id)
        for one in context.projects
        if one.missing
    ]


RULES = (
    FindingRule(
        N_("Long overdue"), N_("{what} was due on {day}"), N_("Escalate it to level {amount}"), "overdue",
        lambda context: reading.find_long_overdue(context.connection, context.thresholds),
    ),
    FindingRule(
        N_("Silence"), N_("No contact since {day}"),
        N_("The butler visits the project; the lead leader asks why nobody did"), "silence", _silent,
    ),
    FindingRule(
        N_("Swarm"), N_("{amount} units on site since {day}"),
        N_("The lead unit joins the visits of several units into one"), "swarm_units",
        lambda context: reading.find_swarms(context.connection, context.thresholds),
    ),
    FindingRule(
        N_("Waited out"), N_("{what} waited until {day}"), N_("Go on with it, or agree on a new date"), None,
        lambda context: reading.find_expired_waits(context.connection, context.thresholds),
    ),
    FindingRule(
        N_("Opinion owed"), N_("{what}: the opinion is owed since {day}"),
        N_("The leading department asks for it, or settles without and says why"), "stale",
        lambda context: reading.find_owed_opinions(context.connection, context.thresholds),
    ),
    FindingRule(
        N_("Sent back"), N_("{what} was sent back {amount} times"),
        N_("The department goes through it with the enterprise before it settles again"), None,
        lambda context: reading.find_repeated_returns(context.connection, context.period.since, context.period.until),
    ),
    FindingRule(
        N_("Promise past its day"), N_("{what} was accepted on a promise for {day}"),
        N_("The enterprise hands the paper in, or the department sets a new day"), None,
        lambda context: reading.find_broken_promises(context.connection, context.thresholds),
    ),
    FindingRule(
        N_("Behind schedule"), N_("{amount} points behind in {day}"),
        N_("A special meeting on what holds the project up"), "behind",
        lambda context: reading.find_behind_schedule(context.connection, context.period.until, context.limits.behind),
    ),
    FindingRule(
        N_("Six ones incomplete"), N_("Missing: {what}"), N_("The lead unit names who is missing"), None, _incomplete,
    ),
    FindingRule(
        N_("Policy not transmitted"), N_("{what} has not reached {amount} projects"),
        N_("The butlers transmit it and note the day"), None,
        lambda context: reading.find_untransmitted_policies(context.connection),
    ),
)  # fmt: skip
"""All rules, in the order of the report."""


def findings(context: RuleContext) -> list[tuple[FindingRule, RuleFinding]]:
    """All findings, rule by rule."""
    return [(rule, one) for rule in RULES for one in rule.find(context)]


def rule_text(limits: Limits, rule: FindingRule) -> str:
    """A rule's name, with the limit that it uses."""
    name = _(rule.name)
    if rule.limit is None:
        return name
    return _("{rule} (limit {limit})").format(rule=name, limit=getattr(limits, rule.limit))


def finding_text(rule: FindingRule, finding: RuleFinding) -> str:
    """A finding as a sentence."""
    return _fill_text(rule.finding, rule, finding)


def suggestion_text(rule: FindingRule, finding: RuleFinding) -> str:
    """A finding's suggestion as a sentence."""
    return _fill_text(rule.suggestion, rule, finding)


def _fill_text(text: str, rule: FindingRule, finding: RuleFinding) -> str:
    what = finding.what
    if rule.find is _incomplete:
        what = _(", ").join(value_label("six_ones", name) for name in what.split(","))
    return _(text).format(what=what, project=finding.project, amount=finding.amount, day=finding.day)
