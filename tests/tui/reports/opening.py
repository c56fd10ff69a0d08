"""Read reports back with the libraries that other programs use: the values of their cells."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import docx
import orjson
from openpyxl import load_workbook

from tui import reports
from tui.reports.report import Report, ReportColumn, ReportSection, ReportTable, RowValues

write_report = partial(reports.write_report, note=lambda *_told: None)
"""Writes a report that no home has to keep a record of."""
FORMATS = ("xlsx", "docx", "csv", "json", "md")
Cells = list[list[str]]


def of(columns: tuple[ReportColumn, ...], rows: Iterable[RowValues | ReportSection], **more: Any) -> Report:
    """A report of one table."""
    table = ReportTable("Table", columns, rows, **more)
    return Report("toy", "Toy report", (table,), 0, "Page {page} of {pages}", "As of today")


def written(report: Report, folder: Path, kind: str) -> Cells:
    """The cells of all its tables, headings too, once written as this kind and opened again."""
    path = folder / f"out.{kind}"
    write_report(report, path, overwrite=True)
    return OPENING[kind](path)


def sheets(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The values of each sheet of a workbook, by its name."""
    book = load_workbook(path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}


def _xlsx(path: Path) -> Cells:
    return [[_said(value) for value in row] for rows in sheets(path).values() for row in rows]


def _said(value: Any) -> str:
    if value is None:
        return ""
    shown = str(value).replace("_x005F_", "_")  # how a workbook writes an underscore that might begin a code
    return shown.removesuffix(" 00:00:00") if "00:00:00" in shown else shown.removesuffix(":00")


def _docx(path: Path) -> Cells:
    document = docx.Document(str(path))
    return [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]


def _csv(path: Path) -> Cells:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.reader(file) if row]


def _json(path: Path) -> Cells:
    cells: Cells = []
    for table in orjson.loads(path.read_bytes())["tables"]:
        cells.append([column["heading"] for column in table["columns"]])
        cells += [[_plain(value) for value in row.values()] for row in table["rows"]]
    return cells


def _plain(value: Any) -> str:
    """As people would read it: moments in JSON keep their offset."""
    text = "" if value is None else str(value)
    return text[:16].replace("T", " ") if text[10:11] == "T" and text.endswith("+08:00") else text


def _md(path: Path) -> Cells:
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("|") and "---" not in line]
    rows = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in lines]
    return [[cell.strip().replace("<br>", "\n").replace("\\", "") for cell in row] for row in rows]


OPENING: Mapping[str, Callable[[Path], Cells]] = {
    "xlsx": _xlsx, "docx": _docx, "csv": _csv, "json": _json, "md": _md,
}  # fmt: skip
