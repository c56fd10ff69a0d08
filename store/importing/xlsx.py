"""Reads .xlsx and .xlsm workbooks: every visible sheet, row by row.

> A formula counts as the value that the file keeps for it, which is what people see; one without a value is never
> read as text.
"""

from __future__ import annotations

import zipfile
from io import BytesIO

from store.importing.cell_source import CellSource
from store.importing.exceptions import DamagedFile, TableImportError
from store.importing.sheet_rows import workbook_rows
from store.importing.workbook_process import workbook_sheets
from store.importing.xlsx_marks import WorkbookMarks, workbook_part
from store.importing.xml_events import PackageParts
from store.importing.zip_safety import check_package

_WORKBOOK = "xl/workbook.xml"
_ROOT = "_rels/.rels"
_ROOT_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    f'Target="{_WORKBOOK}"/></Relationships>'
)


def read(data: bytes) -> CellSource:
    """The rows of all visible sheets, each sheet a block. Raises a `TableImportError`."""
    check_package(data)
    try:
        return workbook_rows(workbook_sheets(_regular(data)), WorkbookMarks(data).of_sheet)
    except (KeyboardInterrupt, SystemExit, TableImportError):
        raise
    except BaseException as error:  # calamine raises anything for damaged workbooks, and a panic is no Exception
        raise DamagedFile(detail=type(error).__name__) from None


def _regular(data: bytes) -> bytes:
    """The package with its workbook where calamine looks for it: some programs call it xl/workbook22.xml, or leave out
    the relation that leads to it."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        parts = PackageParts(package)
        workbook = workbook_part(parts)
        if workbook is None or not workbook.startswith("xl/") or (workbook == _WORKBOOK and parts.find(_ROOT)):
            return data
        relations = parts.find(f"xl/_rels/{workbook.rpartition('/')[2]}.rels")
        names = {workbook: _WORKBOOK, relations: f"xl/_rels/{_WORKBOOK.rpartition('/')[2]}.rels"}
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as regular:
            regular.writestr(_ROOT, _ROOT_RELATIONS)
            for name in package.namelist():
                if name != _ROOT:
                    regular.writestr(names.get(name, name), package.read(name))
    return out.getvalue()
