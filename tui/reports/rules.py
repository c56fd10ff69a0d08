"""What stands out in a district, by fixed rules with the district's limits, and what each suggests (R27, R46).

> Every suggestion names the rule that it was drawn from, with its limit: nobody need take it for a judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.limits import Limits
from store.domain.status_lights import Marks
from store.queries import summary as reading
from store.queries.projects import ProjectRow
from store.queries.summary import Found
from tui.reports.periods import Period
from tui.reports.report import N_, Words


class Rule(NamedTuple):
    """One rule: its name, what it finds said with the places ``{what}``, ``{project}``, ``{amount}``, ``{day}`` and
    ``{limit}``, the suggestion drawn from it, and the limit that it goes by, if any."""

    name: str
    finding: str
    suggestion: str
    limit: str | None
    find: Callable[[Looked], list[Found]]


class Looked(NamedTuple):
    """What the rules look at."""

    connection: Connection
    on: Marks
    period: Period
    limits: Limits
    projects: list[ProjectRow]


def _silent(looked: Looked) -> list[Found]:
    silent = [one for one in looked.projects if one.silent]
    return [Found(one.name, one.name, None, (one.last_contact or "")[:10] or "-", "project", one.id) for one in silent]


def _incomplete(looked: Looked) -> list[Found]:
    return [Found(",".join(one.missing), one.name, kind="project", id=one.id) for one in looked.projects if one.missing]


RULES = (
    Rule(
        N_("Long overdue"), N_("{what} was due on {day}"), N_("Escalate it to level {amount}"), "overdue",
        lambda looked: reading.long_overdue(looked.connection, looked.on),
    ),
    Rule(
        N_("Silence"), N_("No contact since {day}"),
        N_("The butler visits the project; the lead leader asks why nobody did"), "silence", _silent,
    ),
    Rule(
        N_("Swarm"), N_("{amount} units on site since {day}"),
        N_("The lead unit joins the visits of several units into one"), "swarm_units",
        lambda looked: reading.swarms(looked.connection, looked.on),
    ),
    Rule(
        N_("Waited out"), N_("{what} waited until {day}"), N_("Go on with it, or agree on a new date"), None,
        lambda looked: reading.waited_out(looked.connection, looked.on),
    ),
    Rule(
        N_("Sent back"), N_("{what} was sent back {amount} times"),
        N_("The department goes through it with the enterprise before it settles again"), None,
        lambda looked: reading.sent_back(looked.connection, looked.period.since, looked.period.until),
    ),
    Rule(
        N_("Promise past its day"), N_("{what} was accepted on a promise for {day}"),
        N_("The enterprise hands the paper in, or the department sets a new day"), None,
        lambda looked: reading.broken_promises(looked.connection, looked.on),
    ),
    Rule(
        N_("Behind schedule"), N_("{amount} points behind in {day}"),
        N_("A special meeting on what holds the project up"), "behind",
        lambda looked: reading.behind_schedule(looked.connection, looked.period.until, looked.limits.behind),
    ),
    Rule(
        N_("Six ones incomplete"), N_("Missing: {what}"), N_("The lead unit names who is missing"), None, _incomplete,
    ),
    Rule(
        N_("Policy not transmitted"), N_("{what} has not reached {amount} projects"),
        N_("The butlers transmit it and note the day"), None,
        lambda looked: reading.untold_policies(looked.connection),
    ),
)  # fmt: skip
"""What stands out, in the order of the report."""


def findings(looked: Looked) -> list[tuple[Rule, Found]]:
    """All that stands out, rule by rule."""
    return [(rule, one) for rule in RULES for one in rule.find(looked)]


def rule_said(words: Words, limits: Limits, rule: Rule) -> str:
    """A rule's name, with the limit that it goes by."""
    name = words.say(rule.name)
    if rule.limit is None:
        return name
    return words.say(N_("{rule} (limit {limit})")).format(rule=name, limit=getattr(limits, rule.limit))


def finding_said(words: Words, rule: Rule, one: Found) -> str:
    """What a rule found, as a sentence."""
    return _filled(words, rule.finding, rule, one)


def suggestion_said(words: Words, rule: Rule, one: Found) -> str:
    """What a rule suggests."""
    return _filled(words, rule.suggestion, rule, one)


def _filled(words: Words, text: str, rule: Rule, one: Found) -> str:
    what = one.what
    if rule.find is _incomplete:
        what = "、".join(words.word("six_ones", name) for name in what.split(","))
    return words.say(text).format(what=what, project=one.project, amount=one.amount, day=one.day)
