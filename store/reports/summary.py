"""The summary (R16, R27, R46): figures of a period, charts, what stands out, and suggestions drawn from rules.

> Every suggestion names the rule that it was drawn from, with its limit: nobody need take it for a judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from store.connection import Connection
from store.lights import Marks
from store.limits import Limits, limits
from store.queries import summary as reading
from store.queries.projects import ProjectRow, projects
from store.queries.summary import Found
from store.reports.periods import Period, month_of, period_of
from store.reports.report import N_, Chart, Column, Report, Row, Table, Words
from store.reports.tables import PAGE_WORDS

_MONTHS_SHOWN = 12
_DONE = {
    "visits": N_("Visits and contacts"),
    "visited": N_("Projects visited"),
    "meetings": N_("Special meetings"),
    "recorded": N_("Issues recorded"),
    "settled": N_("Issues settled"),
    "closed": N_("Issues closed"),
    "returned": N_("Settlements returned"),
    "disputed": N_("Assignments disputed"),
    "escalated": N_("Escalations"),
    "reopened": N_("Issues reopened"),
    "told": N_("Feedback to enterprises"),
    "granted": N_("Procedures granted"),
    "deliveries": N_("Policy acts"),
    "trainings": N_("Trainings"),
}
_STANDS = {
    "projects": N_("Projects on the list"),
    "open": N_("Open issues"),
    "red": N_("Red: overdue"),
    "yellow": N_("Yellow: no progress"),
    "blue": N_("Blue: due soon"),
    "level2": N_("Escalated to level 2"),
    "level3": N_("Escalated to level 3"),
    "unapproved": N_("Waiting for approval"),
    "promises": N_("Promises past their day"),
}


class Rule(NamedTuple):
    """One rule: its name, what it finds said with the places ``{what}``, ``{project}``, ``{amount}``, ``{day}`` and
    ``{limit}``, the suggestion drawn from it, and the limit that it goes by, if any."""

    name: str
    finding: str
    suggestion: str
    limit: str | None
    find: Callable[[Asked], list[Found]]


class Asked(NamedTuple):
    """What the rules look at."""

    connection: Connection
    on: Marks
    period: Period
    limits: Limits
    projects: list[ProjectRow]


def _silent(asked: Asked) -> list[Found]:
    silent = [one for one in asked.projects if one.silent]
    return [Found(one.name, one.name, None, (one.last_contact or "")[:10] or "-") for one in silent]


def _incomplete(asked: Asked) -> list[Found]:
    return [Found(",".join(one.missing), one.name) for one in asked.projects if one.missing]


RULES = (
    Rule(
        N_("Long overdue"), N_("{what} was due on {day}"), N_("Escalate it to level {amount}"), "overdue",
        lambda asked: reading.long_overdue(asked.connection, asked.on),
    ),
    Rule(
        N_("Silence"), N_("No contact since {day}"),
        N_("The butler visits the project; the lead leader asks why nobody did"), "silence", _silent,
    ),
    Rule(
        N_("Swarm"), N_("{amount} units on site since {day}"),
        N_("The lead unit joins the visits of several units into one"), "swarm_units",
        lambda asked: reading.swarms(asked.connection, asked.on),
    ),
    Rule(
        N_("Waited out"), N_("{what} waited until {day}"), N_("Go on with it, or agree on a new date"), None,
        lambda asked: reading.waited_out(asked.connection, asked.on),
    ),
    Rule(
        N_("Sent back"), N_("{what} was sent back {amount} times"),
        N_("The department goes through it with the enterprise before it settles again"), None,
        lambda asked: reading.sent_back(asked.connection, asked.period.since, asked.period.until),
    ),
    Rule(
        N_("Promise past its day"), N_("{what} was accepted on a promise for {day}"),
        N_("The enterprise hands the paper in, or the department sets a new day"), None,
        lambda asked: reading.broken_promises(asked.connection, asked.on),
    ),
    Rule(
        N_("Behind schedule"), N_("{amount} points behind in {day}"),
        N_("A special meeting on what holds the project up"), "behind",
        lambda asked: reading.behind_schedule(asked.connection, asked.period.until, asked.limits.behind),
    ),
    Rule(
        N_("Six ones incomplete"), N_("Missing: {what}"), N_("The lead unit names who is missing"), None, _incomplete,
    ),
    Rule(
        N_("Policy not transmitted"), N_("{what} has not reached {amount} projects"),
        N_("The butlers transmit it and note the day"), None,
        lambda asked: reading.untold_policies(asked.connection),
    ),
)  # fmt: skip
"""What stands out, in the order of the report."""


def summary(connection: Connection, words: Words, on: Marks, *, period: str | None = None) -> Report:
    """The summary of a period (this month, if none is named). Raises `BadPeriod`."""
    chosen = period_of(period or on.today[:7])
    listed = projects(connection, on)
    asked = Asked(connection, on, chosen, limits(connection), listed)
    found = [(rule, one) for rule in RULES for one in rule.find(asked)]
    tables = (
        _figures(asked, words),
        _trend(asked, words),
        _departments(asked, words),
        _categories(asked, words),
        _projects(asked, words),
        _findings(asked, words, found),
        _suggestions(asked, words, found),
    )
    title = words.say(N_("Project butler summary, {period}")).format(period=chosen.name)
    subtitle = words.say(N_("As of {day}")).format(day=on.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("summary", title, tables, total, words.say(PAGE_WORDS), subtitle)


def _figures(asked: Asked, words: Words) -> Table:
    say, period = words.say, asked.period
    done = reading.period_figures(asked.connection, period.since, period.until)
    before = reading.period_figures(asked.connection, period.before.since, period.before.until)
    stands = reading.present_figures(asked.connection, asked.on)
    silent = sum(one.silent for one in asked.projects)
    rows: list[Row] = [(say(_DONE[name]), number, before[name]) for name, number in done.items()]
    rows += [(say(_STANDS[name]), number, None) for name, number in stands.items()]
    rows.append((say(N_("Silent projects")), silent, None))
    columns = (
        Column("figure", say(N_("Figure")), width=34),
        Column("number", period.name, "number", 14),
        Column("before", say(N_("Period before")), "number", 14),
    )
    note = say(N_("Figures without a period before are those of today."))
    return Table(say(N_("Figures")), columns, rows, note)


def _trend(asked: Asked, words: Words) -> Table:
    say, last = words.say, asked.period.first + asked.period.months
    months = [month_of(number) for number in range(last - _MONTHS_SHOWN, last)]
    rows: list[Row] = list(reading.by_month(asked.connection, months))
    columns = (
        Column("month", say(N_("Month")), width=10),
        Column("recorded", say(N_("Issues recorded")), "number", 12),
        Column("closed", say(N_("Issues closed")), "number", 12),
        Column("visits", say(N_("Visits and contacts")), "number", 12),
    )
    return Table(say(N_("Twelve months")), columns, rows, chart=Chart("line", 0, (1, 2, 3)))


def _departments(asked: Asked, words: Words) -> Table:
    say, period = words.say, asked.period
    found = reading.by_department(asked.connection, asked.on, period.since, period.until)
    rows: list[Row] = [(name or say(N_("No department yet")), *numbers) for name, *numbers in found]
    columns = (
        Column("department", say(N_("Department")), width=26),
        Column("open", say(N_("Open issues")), "number", 12),
        Column("overdue", say(N_("Of these overdue")), "number", 12),
        Column("closed", say(N_("Closed in the period")), "number", 18),
    )
    return Table(say(N_("By department")), columns, rows, chart=Chart("bar", 0, (1, 2)))


def _categories(asked: Asked, words: Words) -> Table:
    say, period = words.say, asked.period
    found = reading.by_category(asked.connection, period.since, period.until)
    rows: list[Row] = [
        (words.word("issue.category", name) if name else say(N_("Not said")), *numbers) for name, *numbers in found
    ]
    columns = (
        Column("category", say(N_("Category")), width=26),
        Column("recorded", say(N_("Recorded in the period")), "number", 22),
        Column("open", say(N_("Open issues")), "number", 12),
    )
    return Table(say(N_("By category")), columns, rows, chart=Chart("column", 0, (1, 2)))


def _projects(asked: Asked, words: Words) -> Table:
    say = words.say
    rows: list[Row] = [
        (
            one.number,
            one.name,
            one.stage and words.word("project.stage", one.stage),
            one.butler,
            one.open_issues,
            one.light and words.word("light_name", one.light),
            (one.last_contact or "")[:10] or None,
        )
        for one in asked.projects
    ]
    columns = (
        Column("number", say(N_("No.")), width=10),
        Column("project", say(N_("Project")), width=28),
        Column("stage", say(N_("Stage")), width=10),
        Column("butler", say(N_("Butler")), width=12),
        Column("open", say(N_("Open issues")), "number", 10),
        Column("light", say(N_("Light")), width=6),
        Column("last_contact", say(N_("Last contact")), "day", 12),
    )
    return Table(say(N_("Projects")), columns, rows)


def _findings(asked: Asked, words: Words, found: list[tuple[Rule, Found]]) -> Table:
    say = words.say
    rows: list[Row] = [
        (_rule(asked, words, rule), one.project, _filled(words, rule.finding, rule, one)) for rule, one in found
    ]
    columns = (
        Column("rule", say(N_("Rule")), width=22),
        Column("project", say(N_("Project")), width=26),
        Column("finding", say(N_("Finding")), width=40),
    )
    note = "" if rows else say(N_("Nothing stands out."))
    return Table(say(N_("What stands out")), columns, rows, note)


def _suggestions(asked: Asked, words: Words, found: list[tuple[Rule, Found]]) -> Table:
    """One row for each rule and what it asks for, with all that it is about."""
    say = words.say
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in found:
        asks = (_filled(words, rule.suggestion, rule, one), _rule(asked, words, rule))
        about.setdefault(asks, {})[one.project or one.what] = None
    rows: list[Row] = [(suggestion, "、".join(named), rule) for (suggestion, rule), named in about.items()]
    columns = (
        Column("suggestion", say(N_("Suggestion")), width=36),
        Column("about", say(N_("About")), width=34),
        Column("rule", say(N_("Drawn from the rule")), width=20),
    )
    note = say(N_("Drawn from the ledger by fixed rules; a person decides."))
    return Table(say(N_("Suggestions")), columns, rows, note)


def _rule(asked: Asked, words: Words, rule: Rule) -> str:
    name = words.say(rule.name)
    if rule.limit is None:
        return name
    return words.say(N_("{rule} (limit {limit})")).format(rule=name, limit=getattr(asked.limits, rule.limit))


def _filled(words: Words, text: str, rule: Rule, one: Found) -> str:
    what = one.what
    if rule.find is _incomplete:
        what = "、".join(words.word("six_ones", name) for name in what.split(","))
    return words.say(text).format(what=what, project=one.project, amount=one.amount, day=one.day)
