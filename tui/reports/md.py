"""Write .md: Markdown tables. Typed text is escaped: it never becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from tui.reports.report import (
    Report,
    ReportColumn,
    ReportSection,
    ReportTable,
    RowStream,
    RowValues,
    format_value,
    with_bar_columns,
)

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&!#])")


def write(report: Report, path: Path, rows: RowStream) -> None:
    """Write the report."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {_plain(report.title)}\n")
        if report.subtitle:
            file.write(f"\n{_plain(report.subtitle)}\n")
        if report.frame:
            file.writelines(f"\n{_plain(line)}\n" for line in report.frame.opening_lines())
        for table in report.tables:
            if table.prose:
                _write_text(table, file, rows)
            else:
                _write_table(table, file, rows)
        if report.frame:
            file.writelines(f"\n{_plain(line)}\n" for line in report.frame.closing_lines(rows.count))


def _write_text(table: ReportTable, file: TextIO, rows: RowStream) -> None:
    for row in rows.rows_of_table(table):
        file.write(
            f"\n## {_plain(row.title)}\n" if isinstance(row, ReportSection) else f"\n{_plain(format_value(row[0]))}\n"
        )


def _write_table(table: ReportTable, file: TextIO, rows: RowStream) -> None:
    if table.title:
        file.write(f"\n## {_plain(table.title)}\n")
    if table.note:
        file.write(f"\n{_plain(table.note)}\n")
    columns: tuple[ReportColumn, ...] = table.columns
    table_rows: Iterable[RowValues | ReportSection] = rows.rows_of_table(table)
    if table.chart:
        columns, table_rows = with_bar_columns(table, list(table_rows))
    file.write("\n" + _line([_plain(column.heading) for column in columns]))
    file.write(_line(["---:" if column.kind in ("number", "money") else "---" for column in columns]))
    for row in table_rows:
        file.write(_line(_cells(columns, row)))


def _cells(columns: tuple[ReportColumn, ...], row: RowValues | ReportSection) -> list[str]:
    if isinstance(row, ReportSection):
        return [f"**{_plain(row.title)}**", *[""] * (len(columns) - 1)]
    return [_plain(format_value(value, column.kind)) for column, value in zip(columns, row, strict=True)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _plain(text: str) -> str:
    return "<br>".join(_MARKUP.sub(r"\\\1", line.strip()) for line in text.split("\n"))
