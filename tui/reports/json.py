"""Write .json: every table with its columns, and its rows as objects by column key; one row a line."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import orjson

from tui.reports.report import CellValue, Report, ReportSection, ReportTable, RowStream


def write(report: Report, path: Path, rows: RowStream) -> None:
    """Write the report, row by row."""
    head: dict[str, object] = {"name": report.name, "title": report.title, "subtitle": report.subtitle}
    if report.frame:
        head["frame"] = report.frame.to_json()
    with path.open("wb") as file:
        file.write(orjson.dumps(head)[:-1] + b',"tables":[')
        for number, table in enumerate(report.tables):
            file.write(b",\n" if number else b"\n")
            _write_table(table, file, rows)
        file.write(b"\n]}\n")


def _write_table(table: ReportTable, file: BinaryIO, rows: RowStream) -> None:
    columns = [{"key": column.key, "heading": column.heading, "kind": column.kind} for column in table.columns]
    head = {"title": table.title, "note": table.note, "columns": columns}
    file.write(orjson.dumps(head)[:-1] + b',"rows":[')
    section: dict[str, CellValue] = {}
    first = True
    for row in rows.rows_of_table(table):
        if isinstance(row, ReportSection):
            section = {"section": row.title}
            continue
        named = {column.key: value for column, value in zip(table.columns, row, strict=True)}
        file.write((b"\n" if first else b",\n") + orjson.dumps({**section, **named}))
        first = False
    file.write(b"\n]}")
