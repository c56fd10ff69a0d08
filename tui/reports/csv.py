"""Write .csv: UTF-8 with a byte order mark, which spreadsheet programs need; an empty row between two tables.

> A cell that a spreadsheet program might compute gets a leading quote; ``store/importing/csv.py`` removes it.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tui.reports.report import CellValue, Report, ReportColumn, ReportSection, RowStream, format_value

_COMPUTED = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
"""How a formula begins; full-width signs count on East Asian systems."""


def write(report: Report, path: Path, rows: RowStream) -> None:
    """Write the report. Titles are written only where there are several tables."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for number, table in enumerate(report.tables):
            if len(report.tables) > 1:
                out.writerows([[]] if number else [[guarded(report.title)]])
                out.writerows([guarded(text)] for text in (table.title, table.note) if text)
            out.writerow([guarded(column.heading) for column in table.columns])
            for row in rows.rows_of_table(table):
                if isinstance(row, ReportSection):
                    out.writerow([guarded(row.title)])
                else:
                    out.writerow([_cell(column, value) for column, value in zip(table.columns, row, strict=True)])


def _cell(column: ReportColumn, value: CellValue) -> CellValue:
    return guarded(format_value(value, column.kind)) if value is None or isinstance(value, str) else value


def guarded(text: str) -> str:
    """The text so that no spreadsheet program computes it."""
    return f"'{text}" if _COMPUTED.match(text) else text
