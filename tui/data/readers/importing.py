"""What the import screen asks of the desk: rehearse a table, then take it in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from store.importing import import_table

if TYPE_CHECKING:
    from store.importing.import_report import ImportReport
    from tui.data.reader import Reader


def preview_import(reader: Reader, path: str) -> ImportReport:
    """What would be taken in; nothing is written. Raises an `TableImportError`."""
    return import_table(reader.writer.ledger, Path(path), dry_run=True)


def run_import(reader: Reader, path: str) -> ImportReport:
    """Take the table in, all of it or nothing. Raises an `TableImportError`."""
    return import_table(reader.writer.ledger, Path(path))
