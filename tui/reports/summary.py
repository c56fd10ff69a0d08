"""The summary as a report (R16, R27, R46): the figures of ``tui/reports/overview.py`` as tables with charts, what
stands out, and suggestions drawn from rules.
"""

from __future__ import annotations

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.summary import DAY_BANDS
from tui.reports.overview import PeriodOverview, period_overview
from tui.reports.periods import parse_period
from tui.reports.report import N_, Chart, Report, ReportColumn, ReportTable, RowValues, Translator
from tui.reports.rules import finding_text, rule_text, suggestion_text
from tui.reports.tables import PAGE_FOOTER

PERIOD_LABELS = {
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
CURRENT_LABELS = {
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


def summary(
    connection: Connection, translator: Translator, thresholds: LightThresholds, *, period: str | None = None
) -> Report:
    """The summary of a period (this month, if none is named). Raises `BadPeriod`."""
    seen = period_overview(connection, thresholds, parse_period(period or thresholds.today[:7]))
    tables = tuple(table(seen, translator) for table in _TABLES)
    title = translator.translate(N_("Project butler summary, {period}")).format(period=seen.period.name)
    subtitle = translator.translate(N_("As of {day}")).format(day=thresholds.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("summary", title, tables, total, translator.translate(PAGE_FOOTER), subtitle)


def _figures(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    rows: list[RowValues] = [
        (say(PERIOD_LABELS[name]), number, totals.before[name]) for name, number in totals.done.items()
    ]
    rows += [(say(CURRENT_LABELS[name]), number, None) for name, number in totals.current.items()]
    columns = (
        ReportColumn("figure", say(N_("Figure")), width=34),
        ReportColumn("number", totals.period.name, "number", 14),
        ReportColumn("before", say(N_("Period before")), "number", 14),
    )
    note = say(N_("Figures without a period before are those of today."))
    return ReportTable(say(N_("Figures")), columns, rows, note)


def _trend(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    columns = (
        ReportColumn("month", say(N_("Month")), width=10),
        ReportColumn("recorded", say(N_("Issues recorded")), "number", 12),
        ReportColumn("closed", say(N_("Issues closed")), "number", 12),
        ReportColumn("visits", say(N_("Visits and contacts")), "number", 12),
        ReportColumn("days", say(N_("Median days to close")), "number", 12),
    )
    return ReportTable(say(N_("Twelve months")), columns, list(totals.months), chart=Chart("line", 0, (1, 2, 3)))


def _times(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    bands = zip(DAY_BANDS, totals.closing, totals.ageing, strict=True)
    rows: list[RowValues] = [(band_text(translator, band), closed, still) for band, closed, still in bands]
    columns = (
        ReportColumn("days", say(N_("Days")), width=16),
        ReportColumn("closed", say(N_("Closed in the period")), "number", 18),
        ReportColumn("open", say(N_("Open issues")), "number", 12),
    )
    median = "-" if totals.median is None else totals.median
    note = say(N_("Days from recording to closing, or to today. Median of what was closed: {days}.")).format(
        days=median
    )
    return ReportTable(say(N_("Closing times and ageing")), columns, rows, note, chart=Chart("column", 0, (1, 2)))


def band_text(translator: Translator, band: tuple[int, int | None]) -> str:
    """A band of days, for people."""
    first, last = band
    if last is None:
        return translator.translate(N_("over {n} days")).format(n=first - 1)
    return translator.translate(N_("{first}-{last} days")).format(first=first, last=last)


def _departments(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    rows: list[RowValues] = [(name or say(N_("No department yet")), *numbers) for name, *numbers in totals.departments]
    columns = (
        ReportColumn("department", say(N_("Department")), width=26),
        ReportColumn("open", say(N_("Open issues")), "number", 12),
        ReportColumn("overdue", say(N_("Of these overdue")), "number", 12),
        ReportColumn("yellow", say(N_("Yellow: no progress")), "number", 12),
        ReportColumn("blue", say(N_("Blue: due soon")), "number", 12),
        ReportColumn("closed", say(N_("Closed in the period")), "number", 18),
    )
    return ReportTable(say(N_("By department")), columns, rows, chart=Chart("bar", 0, (1, 2)))


def _categories(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    rows: list[RowValues] = [
        (translator.label("issue.category", name) if name else say(N_("Not said")), *numbers)
        for name, *numbers in totals.categories
    ]
    columns = (
        ReportColumn("category", say(N_("Category")), width=26),
        ReportColumn("recorded", say(N_("Recorded in the period")), "number", 22),
        ReportColumn("open", say(N_("Open issues")), "number", 12),
    )
    return ReportTable(say(N_("By category")), columns, rows, chart=Chart("column", 0, (1, 2)))


def _six_ones(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say, listed = translator.translate, len(totals.projects)
    rows: list[RowValues] = [(translator.label("six_ones", name), listed - n, n) for name, n in totals.lacking.items()]
    columns = (
        ReportColumn("one", say(N_("Of the six ones")), width=26),
        ReportColumn("filled", say(N_("Projects that have it")), "number", 16),
        ReportColumn("lacking", say(N_("Projects that lack it")), "number", 16),
    )
    return ReportTable(say(N_("Completeness of the six ones")), columns, rows)


def _projects(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    rows: list[RowValues] = [
        (
            one.number,
            one.name,
            one.stage and translator.label("project.stage", one.stage),
            one.butler,
            one.open_issues,
            one.light and translator.label("light_name", one.light),
            (one.last_contact or "")[:10] or None,
        )
        for one in totals.projects
    ]
    columns = (
        ReportColumn("number", say(N_("No.")), width=10),
        ReportColumn("project", say(N_("Project")), width=28),
        ReportColumn("stage", say(N_("Stage")), width=10),
        ReportColumn("butler", say(N_("Butler")), width=12),
        ReportColumn("open", say(N_("Open issues")), "number", 10),
        ReportColumn("light", say(N_("Light")), width=6),
        ReportColumn("last_contact", say(N_("Last contact")), "day", 12),
    )
    return ReportTable(say(N_("Projects")), columns, rows)


def _findings(totals: PeriodOverview, translator: Translator) -> ReportTable:
    say = translator.translate
    rows: list[RowValues] = [
        (rule_text(translator, totals.limits, rule), one.project, finding_text(translator, rule, one))
        for rule, one in totals.findings
    ]
    columns = (
        ReportColumn("rule", say(N_("Rule")), width=22),
        ReportColumn("project", say(N_("Project")), width=26),
        ReportColumn("finding", say(N_("Finding")), width=40),
    )
    note = "" if rows else say(N_("Nothing stands out."))
    return ReportTable(say(N_("What stands out")), columns, rows, note)


def _suggestions(totals: PeriodOverview, translator: Translator) -> ReportTable:
    """One row for each rule and what it asks for, with all that it is about."""
    say = translator.translate
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in totals.findings:
        asks = (suggestion_text(translator, rule, one), rule_text(translator, totals.limits, rule))
        about.setdefault(asks, {})[one.project or one.what] = None
    rows: list[RowValues] = [(suggestion, "、".join(named), rule) for (suggestion, rule), named in about.items()]
    columns = (
        ReportColumn("suggestion", say(N_("Suggestion")), width=36),
        ReportColumn("about", say(N_("About")), width=34),
        ReportColumn("rule", say(N_("Drawn from the rule")), width=20),
    )
    note = say(N_("Drawn from the ledger by fixed rules; a person decides."))
    return ReportTable(say(N_("Suggestions")), columns, rows, note)


_TABLES = (
    _figures, _trend, _times, _departments, _categories, _six_ones, _projects, _findings, _suggestions,
)  # fmt: skip
"""In the order of the report."""
