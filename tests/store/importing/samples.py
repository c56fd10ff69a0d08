"""Tables for tests: the published one in four formats, and made-up ones written in any of them."""

from __future__ import annotations

import csv
import struct
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


def to_xlsb(rows: Rows) -> bytes:
    """A binary workbook (MS-XLSB) of one sheet; every cell is text. No library writes these, so the few records that
    a sheet needs are written here."""
    name = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("表"))
    workbook = _record(131) + _record(143) + name + _record(144) + _record(132)
    sheet = (
        _record(129) + _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)) + _record(145)
    )
    for number, row in enumerate(rows):
        sheet += _record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        cells = [(column, text) for column, text in enumerate(row) if text]
        sheet += b"".join(_record(6, struct.pack("<II", column, 0) + _wide(text)) for column, text in cells)
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')
        package.writestr("xl/_rels/workbook.bin.rels", _SHEET_RELATION)
        package.writestr("xl/workbook.bin", workbook)
        package.writestr("xl/worksheets/sheet1.bin", sheet + _record(146) + _record(130))
    return out.getvalue()


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_RELATION = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.bin" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>'
)


def _record(kind: int, data: bytes = b"") -> bytes:
    """A record of a binary workbook: its kind and its length, seven bits a byte, and what it holds."""
    assert len(data) < 1 << 14
    kinds = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    length = bytes([len(data)]) if len(data) < 128 else bytes([len(data) & 127 | 128, len(data) >> 7])
    return kinds + length + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


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
