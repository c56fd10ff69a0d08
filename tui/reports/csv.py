"""Writes .csv: UTF-8 with a byte order mark, so that spreadsheet programs read it as such; tables parted by a line.

> A cell that a spreadsheet program might compute gets a leading quote; ``store/importing/csv.py`` takes it off again.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tui.reports.report import Column, Report, Rows, Section, Value, shown

_COMPUTED = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r]")
"""What such programs start a formula with; full-width signs count where the system is East Asian."""


def write(report: Report, path: Path, rows: Rows) -> None:
    """Write the report. One table stands by itself; several have their titles above them."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        for number, table in enumerate(report.tables):
            if len(report.tables) > 1:
                out.writerows([[]] if number else [[_kept(report.title)]])
                out.writerows([_kept(text)] for text in (table.title, table.note) if text)
            out.writerow([_kept(column.heading) for column in table.columns])
            for row in rows.of(table):
                if isinstance(row, Section):
                    out.writerow([_kept(row.title)])
                else:
                    out.writerow([_cell(column, value) for column, value in zip(table.columns, row, strict=True)])


def _cell(column: Column, value: Value) -> Value:
    return _kept(shown(value, column.kind)) if value is None or isinstance(value, str) else value


def _kept(text: str) -> str:
    return f"'{text}" if _COMPUTED.match(text) else text
