"""The rows of a register's table that were left out, each with why, as a table that can be corrected and come back."""

from __future__ import annotations

from store.importing.records.report import RecordReport
from tui.i18n.translate import _
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable


def refused_rows(report: RecordReport) -> Report:
    """The rows below the headings of their file, and why."""
    columns = [ReportColumn(f"c{place}", heading, width=18) for place, heading in enumerate(report.headings)]
    rows = [(*_cells(row.cells, len(columns)), row.warning.message(_)) for row in report.refused]
    title = _("Rows that were left out")
    table = ReportTable(title, (*columns, ReportColumn("why", _("Why left out"), width=40)), rows)
    return Report("refused-rows", title, (table,), len(rows), _(PAGE_FOOTER))


def _cells(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    return (*cells[:width], *("" for _place in range(width - len(cells))))
