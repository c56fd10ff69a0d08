"""The summary report (R16, R27, R46): the figures of ``tui/reports/overview.py`` as tables with charts, then the
findings and suggestions of ``tui/reports/rules.py``.
"""

from __future__ import annotations

from datetime import date

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.queries.period_figures import DAY_BANDS
from store.values.periods import parse_period
from tui.i18n.dates import format_period
from tui.i18n.translate import N_, _, value_label
from tui.reports.frame import Frame
from tui.reports.overview import PeriodOverview, period_overview
from tui.reports.report import PAGE_FOOTER, Chart, Report, ReportColumn, ReportTable, RowValues
from tui.reports.rules import finding_text, rule_text, suggestion_text

PERIOD_LABELS = {
    "visits": N_("Visits and contacts"),
    "visited": N_("Projects visited"),
    "meetings": N_("Special meetings"),
    "recorded": N_("Issues recorded"),
    "settled": N_("Issues settled"),
    "without_files": N_("Settled without the required files"),
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
_LABEL, _NUMBER = 22, 11
"""The widths of the tables of figures: they stand on one sheet, and beside them their charts."""
CURRENT_LABELS = {
    "projects": N_("Projects on the list"),
    "open": N_("Open issues"),
    "red": N_("Red: overdue"),
    "yellow": N_("Yellow: no progress"),
    "blue": N_("Blue: due soon"),
    "level2": N_("Escalated to level 2"),
    "level3": N_("Escalated to level 3"),
    "owed": N_("Opinions still owed"),
    "unapproved": N_("Waiting for approval"),
    "promises": N_("Promises past their day"),
    "silent": N_("Silent projects"),
}


def summary(connection: Connection, thresholds: LightThresholds, *, period: str | None = None) -> Report:
    """The summary of a period; of the present month where ``period`` is None. Raises `BadPeriod`."""
    overview = period_overview(
        connection, thresholds, parse_period(period or thresholds.today[:7], date.fromisoformat(thresholds.today))
    )
    tables = tuple(table(overview) for table in _TABLES)
    period_words = format_period(overview.period.name)
    title = _("Project butler summary, {period}").format(period=period_words)
    subtitle = _("As of {day}").format(day=thresholds.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("summary", title, tables, total, _(PAGE_FOOTER), subtitle, Frame(period=period_words, counted=False))


def _figures(overview: PeriodOverview) -> ReportTable:
    rows: list[RowValues] = [
        (_(PERIOD_LABELS[name]), number, overview.before[name]) for name, number in overview.done.items()
    ]
    rows += [(_(CURRENT_LABELS[name]), number, None) for name, number in overview.current.items()]
    columns = (
        ReportColumn("figure", _("Figure"), width=_LABEL),
        ReportColumn("number", overview.period.name, "number", _NUMBER),
        ReportColumn("before", _("Period before"), "number", _NUMBER),
    )
    note = _("Figures without a period before are those of today.")
    return ReportTable(_("Figures"), columns, rows, note, abreast=2)


def _trend(overview: PeriodOverview) -> ReportTable:
    columns = (
        ReportColumn("month", _("Month"), width=_LABEL),
        ReportColumn("recorded", _("Issues recorded"), "number", _NUMBER),
        ReportColumn("closed", _("Issues closed"), "number", _NUMBER),
        ReportColumn("visits", _("Visits and contacts"), "number", _NUMBER),
        ReportColumn("days", _("Median days to close"), "number", _NUMBER),
    )
    return ReportTable(
        _("Twelve months"), columns, list(overview.months), starts="below", chart=Chart("line", 0, (1, 2, 3))
    )


def _times(overview: PeriodOverview) -> ReportTable:
    bands = zip(DAY_BANDS, overview.closing, overview.ageing, strict=True)
    rows: list[RowValues] = [(band_text(band), closed, still) for band, closed, still in bands]
    columns = (
        ReportColumn("days", _("Days"), width=_LABEL),
        ReportColumn("closed", _("Closed in the period"), "number", _NUMBER),
        ReportColumn("open", _("Open issues"), "number", _NUMBER),
    )
    median = "-" if overview.median is None else overview.median
    note = _("Days from recording to closing, or to today. Median of what was closed: {days}.").format(days=median)
    return ReportTable(_("Closing times and ageing"), columns, rows, note, "below", Chart("column", 0, (1, 2)))


def band_text(band: tuple[int, int | None]) -> str:
    """The label of a band of days."""
    first, last = band
    if last is None:
        return _("over {n} days").format(n=first - 1)
    return _("{first}-{last} days").format(first=first, last=last)


def _departments(overview: PeriodOverview) -> ReportTable:
    rows: list[RowValues] = [(name or _("No department yet"), *numbers) for name, *numbers in overview.departments]
    columns = (
        ReportColumn("department", _("Department"), width=_LABEL),
        ReportColumn("open", _("Open issues"), "number", _NUMBER),
        ReportColumn("overdue", _("Of these overdue"), "number", _NUMBER),
        ReportColumn("yellow", _("Yellow: no progress"), "number", _NUMBER),
        ReportColumn("blue", _("Blue: due soon"), "number", _NUMBER),
        ReportColumn("closed", _("Closed in the period"), "number", _NUMBER),
        ReportColumn("owed", _("Opinions owed"), "number", _NUMBER),
    )
    return ReportTable(_("By department"), columns, rows, starts="below", chart=Chart("bar", 0, (1, 2)))


def _categories(overview: PeriodOverview) -> ReportTable:
    rows: list[RowValues] = [
        (value_label("issue.category", name) if name else _("Not said"), *numbers)
        for name, *numbers in overview.categories
    ]
    columns = (
        ReportColumn("category", _("Category"), width=_LABEL),
        ReportColumn("recorded", _("Recorded in the period"), "number", _NUMBER),
        ReportColumn("open", _("Open issues"), "number", _NUMBER),
    )
    return ReportTable(_("By category"), columns, rows, starts="below", chart=Chart("column", 0, (1, 2)))


def _six_ones(overview: PeriodOverview) -> ReportTable:
    rows: list[RowValues] = [
        (value_label("six_ones", name), count.filled, count.lacking, count.by_butler)
        for name, count in overview.six_ones.items()
    ]
    columns = (
        ReportColumn("one", _("Of the six ones"), width=_LABEL),
        ReportColumn("filled", _("Projects that have it"), "number", _NUMBER),
        ReportColumn("lacking", _("Projects that lack it"), "number", _NUMBER),
        ReportColumn("by_butler", _("The butler alone stands in"), "number", _NUMBER),
    )
    return ReportTable(_("Completeness of the six ones"), columns, rows, starts="below")


def _projects(overview: PeriodOverview) -> ReportTable:
    rows: list[RowValues] = [
        (
            one.number,
            one.name,
            one.stage and value_label("project.stage", one.stage),
            one.butler,
            one.open_issues,
            one.light and value_label("light_name", one.light),
            (one.last_contact or "")[:10] or None,
        )
        for one in overview.projects
    ]
    columns = (
        ReportColumn("number", _("No."), width=12),
        ReportColumn("project", _("Project"), width=34),
        ReportColumn("stage", _("Stage"), width=8),
        ReportColumn("butler", _("Butler"), width=10),
        ReportColumn("open", _("Open issues"), "number", 8),
        ReportColumn("light", _("Light"), width=6),
        ReportColumn("last_contact", _("Last contact"), "day", 12),
    )
    return ReportTable(_("Projects"), columns, rows)


def _findings(overview: PeriodOverview) -> ReportTable:
    rows: list[RowValues] = [
        (rule_text(overview.limits, rule), one.project, finding_text(rule, one)) for rule, one in overview.findings
    ]
    columns = (
        ReportColumn("rule", _("Rule"), width=20),
        ReportColumn("project", _("Project"), width=37),
        ReportColumn("finding", _("Finding"), width=33),
    )
    note = "" if rows else _("Nothing stands out.")
    return ReportTable(_("What stands out"), columns, rows, note)


def _suggestions(overview: PeriodOverview) -> ReportTable:
    """One row for each suggestion of a rule, with the projects that it concerns."""
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in overview.findings:
        asks = (suggestion_text(rule, one), rule_text(overview.limits, rule))
        about.setdefault(asks, {})[one.project or one.what] = None
    rows: list[RowValues] = [(suggestion, "、".join(named), rule) for (suggestion, rule), named in about.items()]
    columns = (
        ReportColumn("suggestion", _("Suggestion"), width=22),
        ReportColumn("about", _("About"), width=48),
        ReportColumn("rule", _("Drawn from the rule"), width=20),
    )
    note = _("Drawn from the ledger by fixed rules; a person decides.")
    return ReportTable(_("Suggestions"), columns, rows, note, "below")


_TABLES = (
    _figures, _trend, _times, _departments, _categories, _six_ones, _projects, _findings, _suggestions,
)  # fmt: skip
"""The functions that build the tables, in the order of the report."""
