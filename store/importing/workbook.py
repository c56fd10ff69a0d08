"""Reads .xls, .et, .xlsb and .ods workbooks with calamine in a process of its own (``workbook_process.py``)."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from store.importing.cell_source import MAX_CHARACTERS, CellSource
from store.importing.exceptions import DamagedFile, PasswordProtected, TooLarge
from store.importing.sheet_rows import SheetMarks, workbook_rows
from store.importing.workbook_process import EXIT_PASSWORD, EXIT_TOO_LARGE, WorkbookSheet
from store.importing.zip_safety import check_package

_PROGRAM = Path(__file__).with_name("workbook_process.py")
_MAX_SECONDS = 120
_MOST_PRINTED = 4 * MAX_CHARACTERS
"""Characters and cells together, to bound what is taken from the process; what a table may have is counted later."""


def read(data: bytes) -> CellSource:
    """The rows of all visible sheets, each sheet a block. Raises a `TableImportError`."""
    if zipfile.is_zipfile(BytesIO(data)):
        check_package(data)
    return workbook_rows(_parsed(_output(data)), lambda _place: SheetMarks())


def _output(data: bytes) -> bytes:
    """What the program prints for a workbook."""
    command = [sys.executable, "-I", str(_PROGRAM), str(_MOST_PRINTED)]
    try:
        ended = subprocess.run(command, input=data, capture_output=True, timeout=_MAX_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise TooLarge(detail=f"> {_MAX_SECONDS} s") from None
    if ended.returncode == EXIT_PASSWORD:
        raise PasswordProtected()
    if ended.returncode == EXIT_TOO_LARGE or ended.returncode < 0:  # ended by a limit
        raise TooLarge(detail=f"> {_MOST_PRINTED} characters")
    if ended.returncode:
        raise DamagedFile(detail="Excel")
    return ended.stdout


def _parsed(output: bytes) -> Iterator[WorkbookSheet]:
    """The sheets that were printed, one a line."""
    for line in output.splitlines():
        place, name, visible, merged, rows = json.loads(line)
        yield WorkbookSheet(place, name, visible, merged, iter(rows))
