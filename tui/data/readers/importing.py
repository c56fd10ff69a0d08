"""What the import screen asks of the desk: rehearse a table, then take it in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from store.importing import import_table

if TYPE_CHECKING:
    from store.importing.report import ImportReport
    from tui.data.reader import Desk


def rehearse(desk: Desk, path: str) -> ImportReport:
    """What would be taken in; nothing is written. Raises an `IntakeError`."""
    return import_table(desk.pen.ledger, Path(path), dry_run=True)


def take_in(desk: Desk, path: str) -> ImportReport:
    """Take the table in, all of it or nothing. Raises an `IntakeError`."""
    return import_table(desk.pen.ledger, Path(path))
