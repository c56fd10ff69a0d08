"""The weekly sheet (周报; R11, R14, R27): figures, visits, what moved, what is stuck and why, what comes."""

from __future__ import annotations

from store.db.connection import Connection
from store.domain.limits import read_limits
from store.domain.status_lights import LightThresholds
from store.queries import visits
from store.queries.papers import MovedIssue, coming_dates, moved_issues
from store.queries.period_figures import current_figures, period_figures
from store.queries.report_rows import ServiceLogEntry, service_log_entries, stuck_issues
from store.values.periods import Period
from tui.i18n.translate import _, value_label
from tui.reports.frame import Frame
from tui.reports.papers.wording import (
    coming_table,
    days_after,
    moves_text,
    period_of,
    stuck_table,
    written_period,
)
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues
from tui.reports.summary import CURRENT_LABELS, PERIOD_LABELS

_DONE = ("visits", "visited", "meetings", "recorded", "settled", "closed", "returned", "escalated", "told")
_NOW = ("projects", "open", "red", "yellow", "blue", "unapproved", "promises")


def weekly(connection: Connection, thresholds: LightThresholds, *, period: str | None = None) -> Report:
    """The sheet of a week; of the present one where ``period`` is None. Raises `BadPeriod`."""
    week = period_of(period, thresholds.today, "本周")
    moved = moved_issues(connection, week.since, week.until)
    stuck = stuck_issues(connection, thresholds)
    days = days_after(week, thresholds.today)
    coming = coming_dates(connection, days.since, days.until, read_limits(connection).silence)
    seen = list(service_log_entries(connection, visits.listing(since=week.since, until=week.until)))
    tables = (
        _figures(connection, thresholds, week),
        _visits_table(seen),
        _moved_table(moved),
        stuck_table(stuck, thresholds.today, _("What is stuck")),
        coming_table(coming, days),
    )
    total = len(seen) + len(moved) + len(stuck) + len(coming) + len(_DONE) + len(_NOW)
    title = _("Weekly sheet of the project butlers, {period}").format(period=written_period(week.name))
    frame = Frame(period=_("{since} to {until}").format(since=week.since, until=week.until), counted=False)
    return Report("weekly", title, tables, total, _(PAGE_FOOTER), frame=frame)


def _figures(connection: Connection, thresholds: LightThresholds, week: Period) -> ReportTable:
    done = period_figures(connection, week.since, week.until)
    before = period_figures(connection, week.previous.since, week.previous.until)
    current = current_figures(connection, thresholds)
    rows: list[RowValues] = [(_(PERIOD_LABELS[name]), done[name], before[name]) for name in _DONE]
    rows += [(_(CURRENT_LABELS[name]), current[name], None) for name in _NOW]
    columns = (
        ReportColumn("figure", _("Figure"), width=22),
        ReportColumn("number", written_period(week.name), "number", 12),
        ReportColumn("before", _("Period before"), "number", 12),
    )
    note = _("Figures without a period before are those of today.")
    return ReportTable(_("Figures"), columns, rows, note, abreast=2)


def _visits_table(seen: list[ServiceLogEntry]) -> ReportTable:
    columns = (
        ReportColumn("serial", _("No."), "number", 5),
        ReportColumn("at", _("When"), "moment", 16),
        ReportColumn("project", _("Project"), width=24),
        ReportColumn("how", _("How"), width=6),
        ReportColumn("who", _("Participants"), width=14),
        ReportColumn("text", _("What was seen"), width=25),
    )
    rows: list[RowValues] = [
        (number, one.at, one.project, value_label("visit.how", one.how), "、".join(one.participants), one.text)
        for number, one in enumerate(seen, 1)
    ]
    return ReportTable(_("Visits and contacts"), columns, rows, "" if rows else _("No visit was recorded."))


def _moved_table(moved: list[MovedIssue]) -> ReportTable:
    columns = (
        ReportColumn("serial", _("No."), "number", 5),
        ReportColumn("issue", _("Issue"), width=20),
        ReportColumn("project", _("Project"), width=20),
        ReportColumn("department", _("Department"), width=12),
        ReportColumn("moves", _("What moved"), width=25),
        ReportColumn("state", _("State"), width=8),
    )
    rows: list[RowValues] = [
        (
            number,
            f"{one.number} {one.title}",
            one.project,
            one.department,
            moves_text(one),
            value_label("state", one.state),
        )
        for number, one in enumerate(moved, 1)
    ]
    return ReportTable(_("What moved"), columns, rows, "" if rows else _("Nothing moved."))
