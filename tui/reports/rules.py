"""What stands out in a district, by fixed rules with the district's limits, and what each suggests (R27, R46).

> Every suggestion names the rule that it was drawn from, with its limit: nobody need take it for a judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.limits import Limits
from store.domain.status_lights import LightThresholds
from store.queries import summary as reading
from store.queries.projects import ProjectRow
from store.queries.summary import RuleFinding
from tui.reports.periods import Period
from tui.reports.report import N_, Translator


class FindingRule(NamedTuple):
    """One rule: its name, what it finds said with the places ``{what}``, ``{project}``, ``{amount}``, ``{day}`` and
    ``{limit}``, the suggestion drawn from it, and the limit that it goes by, if any."""

    name: str
    finding: str
    suggestion: str
    limit: str | None
    find: Callable[[RuleContext], list[RuleFinding]]


class RuleContext(NamedTuple):
    """What the rules look at."""

    connection: Connection
    on: LightThresholds
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
        lambda looked: reading.find_long_overdue(looked.connection, looked.on),
    ),
    FindingRule(
        N_("Silence"), N_("No contact since {day}"),
        N_("The butler visits the project; the lead leader asks why nobody did"), "silence", _silent,
    ),
    FindingRule(
        N_("Swarm"), N_("{amount} units on site since {day}"),
        N_("The lead unit joins the visits of several units into one"), "swarm_units",
        lambda looked: reading.find_swarms(looked.connection, looked.on),
    ),
    FindingRule(
        N_("Waited out"), N_("{what} waited until {day}"), N_("Go on with it, or agree on a new date"), None,
        lambda looked: reading.find_expired_waits(looked.connection, looked.on),
    ),
    FindingRule(
        N_("Sent back"), N_("{what} was sent back {amount} times"),
        N_("The department goes through it with the enterprise before it settles again"), None,
        lambda looked: reading.find_repeated_returns(looked.connection, looked.period.since, looked.period.until),
    ),
    FindingRule(
        N_("Promise past its day"), N_("{what} was accepted on a promise for {day}"),
        N_("The enterprise hands the paper in, or the department sets a new day"), None,
        lambda looked: reading.find_broken_promises(looked.connection, looked.on),
    ),
    FindingRule(
        N_("Behind schedule"), N_("{amount} points behind in {day}"),
        N_("A special meeting on what holds the project up"), "behind",
        lambda looked: reading.find_behind_schedule(looked.connection, looked.period.until, looked.limits.behind),
    ),
    FindingRule(
        N_("Six ones incomplete"), N_("Missing: {what}"), N_("The lead unit names who is missing"), None, _incomplete,
    ),
    FindingRule(
        N_("Policy not transmitted"), N_("{what} has not reached {amount} projects"),
        N_("The butlers transmit it and note the day"), None,
        lambda looked: reading.find_untransmitted_policies(looked.connection),
    ),
)  # fmt: skip
"""What stands out, in the order of the report."""


def findings(context: RuleContext) -> list[tuple[FindingRule, RuleFinding]]:
    """All that stands out, rule by rule."""
    return [(rule, one) for rule in RULES for one in rule.find(context)]


def rule_text(translator: Translator, limits: Limits, rule: FindingRule) -> str:
    """A rule's name, with the limit that it goes by."""
    name = translator.translate(rule.name)
    if rule.limit is None:
        return name
    return translator.translate(N_("{rule} (limit {limit})")).format(rule=name, limit=getattr(limits, rule.limit))


def finding_text(translator: Translator, rule: FindingRule, finding: RuleFinding) -> str:
    """What a rule found, as a sentence."""
    return _fill_text(translator, rule.finding, rule, finding)


def suggestion_text(translator: Translator, rule: FindingRule, finding: RuleFinding) -> str:
    """What a rule suggests."""
    return _fill_text(translator, rule.suggestion, rule, finding)


def _fill_text(translator: Translator, text: str, rule: FindingRule, finding: RuleFinding) -> str:
    what = finding.what
    if rule.find is _incomplete:
        what = "、".join(translator.label("six_ones", name) for name in what.split(","))
    return translator.translate(text).format(what=what, project=finding.project, amount=finding.amount, day=finding.day)
