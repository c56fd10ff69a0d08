"""Tables for tests: the published one in four formats, and made-up ones written in any of them."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path

import docx
from openpyxl import Workbook

from store.importing.table import ResponsibilityTable

DATA = Path(__file__).with_name("data")
PUBLISHED = {name: DATA / f"table.{name}" for name in ("txt", "docx", "xlsx", "csv")}
HEAD = ["序号", "项目名称", "包保领导", "项目管家", "企业联系人"]
Rows = Sequence[Sequence[str]]
LEADER, BUTLER, CONTACT = "甲建国\n19900000001", "乙卫东19900000002", "丙志远\n19900000003"


def project(number: int, name: str, leader: str = LEADER, butler: str = BUTLER, contact: str = CONTACT) -> list[str]:
    """A project's row."""
    return [str(number), name, leader, butler, contact]


def to_text(rows: Rows) -> bytes:
    """As published: a tab before each cell, a blank line after each row."""
    return "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows).encode()


def to_csv(rows: Rows, encoding: str = "gb18030", delimiter: str = ",") -> bytes:
    """As a spreadsheet program saves it."""
    out = StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def to_xlsx(rows: Rows) -> bytes:
    """A workbook of one sheet; every cell is text."""
    workbook = Workbook()
    sheet = workbook.active
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            if text:
                cell = sheet.cell(number, column)
                cell.value, cell.data_type = text, "s"
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    """The bytes of a workbook."""
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def to_docx(rows: Rows) -> bytes:
    """A document with one table; a row of one cell is merged over the width."""
    document = docx.Document()
    width = max(len(row) for row in rows)
    table = document.add_table(0, width)
    for row in rows:
        cells = table.add_row().cells
        if len(row) == 1 < width:
            cells = (cells[0].merge(cells[-1]),)
        for cell, text in zip(cells, row, strict=False):
            cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


WRITERS: Mapping[str, Callable[[Rows], bytes]] = {"txt": to_text, "csv": to_csv, "xlsx": to_xlsx, "docx": to_docx}


def repacked(data: bytes, replace: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package with some parts replaced or added."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            if name not in replace:
                new.writestr(name, old.read(name))
        for name, part in replace.items():
            new.writestr(name, part)
    return out.getvalue()


def part_of(data: bytes, name: str) -> str:
    """The text of a package's part."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.read(name).decode()


def said(table: ResponsibilityTable) -> list[object]:
    """What a table says, without where in the file it says it."""
    return [
        (
            part.title,
            part.category,
            part.declared,
            part.project_count,
            [(row.number, row.name, [_person(person) for person in row.people], row.units) for row in part.rows],
        )
        for part in table.sections
    ]


def _person(person: object) -> tuple[object, ...]:
    return tuple(getattr(person, name) for name in ("role", "name", "phone", "title"))


def codes(table: ResponsibilityTable) -> list[str]:
    """The codes of a table's warnings."""
    return [warning.code for warning in table.warnings]
