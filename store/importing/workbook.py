"""Reads .xls, .et, .xlsb and .ods workbooks: values with calamine in a process of its own (``workbook_process.py``),
what it does not tell with ``xls_marks.py`` and ``ods_marks.py``."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from store.importing.cell_source import MAX_CHARACTERS, CellSource
from store.importing.exceptions import DamagedFile, PasswordProtected, TableImportError, TooLarge
from store.importing.import_report import TableImportWarning
from store.importing.ods_marks import ods_marks
from store.importing.sheet_rows import SheetMarks, workbook_rows
from store.importing.workbook_process import EXIT_PASSWORD, EXIT_TOO_LARGE, Range, WorkbookSheet
from store.importing.xls_marks import sheet_marks
from store.importing.zip_safety import check_package

_PROGRAM = Path(__file__).with_name("workbook_process.py")
_MAX_SECONDS = 120
_MOST_PRINTED = 2 * MAX_CHARACTERS
"""Characters and cells together, to bound what is taken from the process; what a table may have is counted later."""
_UNKNOWN = TableImportWarning(None, None, "unknown_marks")


class _Marks(NamedTuple):
    """What the sheets say beside their values. ``known`` is False for a format whose marks are not read."""

    sheets: list[SheetMarks]
    merged: list[list[Range]]
    known: bool = True


def read(data: bytes) -> CellSource:
    """The rows of all visible sheets, each sheet a block. Raises a `TableImportError`."""
    if zipfile.is_zipfile(BytesIO(data)):
        check_package(data)
    marks = _marks(data)
    source = workbook_rows(_parsed(_output(data), marks.merged), lambda place: _at(marks.sheets, place))
    return source if marks.known else source._replace(warnings=(*source.warnings, _UNKNOWN))


def _marks(data: bytes) -> _Marks:
    try:
        if not zipfile.is_zipfile(BytesIO(data)):
            return _Marks(sheet_marks(data), [])
        with zipfile.ZipFile(BytesIO(data)) as package:
            is_ods = "content.xml" in package.namelist()
        return _Marks(*ods_marks(data)) if is_ods else _Marks([], [], known=False)
    except TableImportError:
        raise
    except Exception:  # what is damaged there may still have values
        return _Marks([], [], known=False)


def _at(sheets: list[SheetMarks], place: int) -> SheetMarks:
    return sheets[place] if place < len(sheets) else SheetMarks()


def _output(data: bytes) -> bytes:
    """What the program prints for a workbook."""
    command = [sys.executable, "-I", str(_PROGRAM), str(_MOST_PRINTED)]
    try:
        ended = subprocess.run(command, input=data, capture_output=True, timeout=_MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise TooLarge(most=_MAX_SECONDS, unit="seconds") from None
    if ended.returncode == EXIT_PASSWORD:
        raise PasswordProtected()
    if ended.returncode == EXIT_TOO_LARGE or ended.returncode < 0:  # ended by a limit
        raise TooLarge(most=_MOST_PRINTED, unit="characters")
    if ended.returncode:
        raise DamagedFile(detail="Excel")
    return ended.stdout


def _parsed(output: bytes, merged: list[list[Range]]) -> Iterator[WorkbookSheet]:
    """The sheets that were printed, one a line; their merged cells, where calamine does not know them, are ours."""
    for line in output.splitlines():
        place, name, visible, ranges, rows = json.loads(line)
        own = merged[place] if place < len(merged) else []
        yield WorkbookSheet(place, name, visible, own if ranges is None else ranges, iter(rows))
