"""Writes .md: Markdown tables that read well unrendered too. What people typed is escaped: it never becomes markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from tui.reports.report import Column, Report, Row, Rows, Section, Table, shown, with_bars

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&!#])")


def write(report: Report, path: Path, rows: Rows) -> None:
    """Write the report."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"# {_plain(report.title)}\n")
        if report.subtitle:
            file.write(f"\n{_plain(report.subtitle)}\n")
        for table in report.tables:
            _write_table(table, file, rows)


def _write_table(table: Table, file: TextIO, rows: Rows) -> None:
    if table.title:
        file.write(f"\n## {_plain(table.title)}\n")
    if table.note:
        file.write(f"\n{_plain(table.note)}\n")
    columns: tuple[Column, ...] = table.columns
    found: Iterable[Row | Section] = rows.of(table)
    if table.chart:
        columns, found = with_bars(table, list(found))
    file.write("\n" + _line([_plain(column.heading) for column in columns]))
    file.write(_line(["---:" if column.kind in ("number", "money") else "---" for column in columns]))
    for row in found:
        file.write(_line(_cells(columns, row)))


def _cells(columns: tuple[Column, ...], row: Row | Section) -> list[str]:
    if isinstance(row, Section):
        return [f"**{_plain(row.title)}**", *[""] * (len(columns) - 1)]
    return [_plain(shown(value, column.kind)) for column, value in zip(columns, row, strict=True)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _plain(text: str) -> str:
    return "<br>".join(_MARKUP.sub(r"\\\1", line.strip()) for line in text.split("\n"))
