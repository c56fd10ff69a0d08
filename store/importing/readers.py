"""Reads a file of any format into rows of cells: the content decides which reader takes it.

> A name says nothing about a format: offices save web pages and old workbooks as .xls, text as .xlsx. What the file
> holds is read under whatever name.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from store.importing.cell_source import CellSource
from store.importing.exceptions import DamagedFile, NotText, TableImportError
from store.importing.files import OFFICE_SUFFIXES, read_file


def read_cells(path: Path) -> CellSource:
    """The rows of a file. Raises a `TableImportError` with the file's name."""
    try:
        kind, data = read_file(path)
        reader = import_module(f"store.importing.{kind}")  # each format's library is loaded only for its files
        source: CellSource = reader.read(data)
    except NotText as error:
        wrong = DamagedFile(detail="?") if path.suffix.lower() in OFFICE_SUFFIXES else error
        raise wrong.with_file_name(path.name) from None
    except TableImportError as error:
        raise error.with_file_name(path.name) from None
    return source
