"""The summary as a report (R16, R27, R46): the figures of ``tui/reports/overview.py`` as tables with charts, what
stands out, and suggestions drawn from rules.
"""

from __future__ import annotations

from store.db.connection import Connection
from store.domain.status_lights import Marks
from store.queries.summary import BANDS
from tui.reports.overview import Overview, overview
from tui.reports.periods import period_of
from tui.reports.report import N_, Chart, Column, Report, Row, Table, Words
from tui.reports.rules import finding_said, rule_said, suggestion_said
from tui.reports.tables import PAGE_WORDS

DONE = {
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
STANDS = {
    "projects": N_("Projects on the list"),
    "open": N_("Open issues"),
    "red": N_("Red: overdue"),
    "yellow": N_("Yellow: no progress"),
    "blue": N_("Blue: due soon"),
    "level2": N_("Escalated to level 2"),
    "level3": N_("Escalated to level 3"),
    "unapproved": N_("Waiting for approval"),
    "promises": N_("Promises past their day"),
    "silent": N_("Silent projects"),
}


def summary(connection: Connection, words: Words, on: Marks, *, period: str | None = None) -> Report:
    """The summary of a period (this month, if none is named). Raises `BadPeriod`."""
    seen = overview(connection, on, period_of(period or on.today[:7]))
    tables = tuple(table(seen, words) for table in _TABLES)
    title = words.say(N_("Project butler summary, {period}")).format(period=seen.period.name)
    subtitle = words.say(N_("As of {day}")).format(day=on.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("summary", title, tables, total, words.say(PAGE_WORDS), subtitle)


def _figures(seen: Overview, words: Words) -> Table:
    say = words.say
    rows: list[Row] = [(say(DONE[name]), number, seen.before[name]) for name, number in seen.done.items()]
    rows += [(say(STANDS[name]), number, None) for name, number in seen.stands.items()]
    columns = (
        Column("figure", say(N_("Figure")), width=34),
        Column("number", seen.period.name, "number", 14),
        Column("before", say(N_("Period before")), "number", 14),
    )
    note = say(N_("Figures without a period before are those of today."))
    return Table(say(N_("Figures")), columns, rows, note)


def _trend(seen: Overview, words: Words) -> Table:
    say = words.say
    columns = (
        Column("month", say(N_("Month")), width=10),
        Column("recorded", say(N_("Issues recorded")), "number", 12),
        Column("closed", say(N_("Issues closed")), "number", 12),
        Column("visits", say(N_("Visits and contacts")), "number", 12),
        Column("days", say(N_("Median days to close")), "number", 12),
    )
    return Table(say(N_("Twelve months")), columns, list(seen.months), chart=Chart("line", 0, (1, 2, 3)))


def _times(seen: Overview, words: Words) -> Table:
    say = words.say
    bands = zip(BANDS, seen.closing, seen.ageing, strict=True)
    rows: list[Row] = [(band_said(words, band), closed, still) for band, closed, still in bands]
    columns = (
        Column("days", say(N_("Days")), width=16),
        Column("closed", say(N_("Closed in the period")), "number", 18),
        Column("open", say(N_("Open issues")), "number", 12),
    )
    median = "-" if seen.median is None else seen.median
    note = say(N_("Days from recording to closing, or to today. Median of what was closed: {days}.")).format(
        days=median
    )
    return Table(say(N_("Closing times and ageing")), columns, rows, note, chart=Chart("column", 0, (1, 2)))


def band_said(words: Words, band: tuple[int, int | None]) -> str:
    """A band of days, for people."""
    first, last = band
    if last is None:
        return words.say(N_("over {n} days")).format(n=first - 1)
    return words.say(N_("{first}-{last} days")).format(first=first, last=last)


def _departments(seen: Overview, words: Words) -> Table:
    say = words.say
    rows: list[Row] = [(name or say(N_("No department yet")), *numbers) for name, *numbers in seen.departments]
    columns = (
        Column("department", say(N_("Department")), width=26),
        Column("open", say(N_("Open issues")), "number", 12),
        Column("overdue", say(N_("Of these overdue")), "number", 12),
        Column("yellow", say(N_("Yellow: no progress")), "number", 12),
        Column("blue", say(N_("Blue: due soon")), "number", 12),
        Column("closed", say(N_("Closed in the period")), "number", 18),
    )
    return Table(say(N_("By department")), columns, rows, chart=Chart("bar", 0, (1, 2)))


def _categories(seen: Overview, words: Words) -> Table:
    say = words.say
    rows: list[Row] = [
        (words.word("issue.category", name) if name else say(N_("Not said")), *numbers)
        for name, *numbers in seen.categories
    ]
    columns = (
        Column("category", say(N_("Category")), width=26),
        Column("recorded", say(N_("Recorded in the period")), "number", 22),
        Column("open", say(N_("Open issues")), "number", 12),
    )
    return Table(say(N_("By category")), columns, rows, chart=Chart("column", 0, (1, 2)))


def _six_ones(seen: Overview, words: Words) -> Table:
    say, listed = words.say, len(seen.projects)
    rows: list[Row] = [(words.word("six_ones", name), listed - n, n) for name, n in seen.lacking.items()]
    columns = (
        Column("one", say(N_("Of the six ones")), width=26),
        Column("filled", say(N_("Projects that have it")), "number", 16),
        Column("lacking", say(N_("Projects that lack it")), "number", 16),
    )
    return Table(say(N_("Completeness of the six ones")), columns, rows)


def _projects(seen: Overview, words: Words) -> Table:
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
        for one in seen.projects
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


def _findings(seen: Overview, words: Words) -> Table:
    say = words.say
    rows: list[Row] = [
        (rule_said(words, seen.limits, rule), one.project, finding_said(words, rule, one)) for rule, one in seen.found
    ]
    columns = (
        Column("rule", say(N_("Rule")), width=22),
        Column("project", say(N_("Project")), width=26),
        Column("finding", say(N_("Finding")), width=40),
    )
    note = "" if rows else say(N_("Nothing stands out."))
    return Table(say(N_("What stands out")), columns, rows, note)


def _suggestions(seen: Overview, words: Words) -> Table:
    """One row for each rule and what it asks for, with all that it is about."""
    say = words.say
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in seen.found:
        asks = (suggestion_said(words, rule, one), rule_said(words, seen.limits, rule))
        about.setdefault(asks, {})[one.project or one.what] = None
    rows: list[Row] = [(suggestion, "、".join(named), rule) for (suggestion, rule), named in about.items()]
    columns = (
        Column("suggestion", say(N_("Suggestion")), width=36),
        Column("about", say(N_("About")), width=34),
        Column("rule", say(N_("Drawn from the rule")), width=20),
    )
    note = say(N_("Drawn from the ledger by fixed rules; a person decides."))
    return Table(say(N_("Suggestions")), columns, rows, note)


_TABLES = (
    _figures, _trend, _times, _departments, _categories, _six_ones, _projects, _findings, _suggestions,
)  # fmt: skip
"""In the order of the report."""
