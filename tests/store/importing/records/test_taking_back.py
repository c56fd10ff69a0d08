"""What taking an import back needs, and that it is refused as a whole where that is gone."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from store.exceptions import NothingToUndo, UndoConflict
from store.importing.records import import_records
from store.importing.records.taking_back import take_back
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device, dump
from tests.store.importing.records.samples import with_projects
from tests.store.importing.samples import to_csv

HEAD = ["项目名称", "问题", "责任部门"]


def take(ledger: SyncLedger, note: Path, *rows: list[str]) -> None:
    """Take a table of issues in, and note it."""
    path = note.with_name("台账.csv")
    path.write_bytes(to_csv([HEAD, *rows]))
    import_records(ledger, path, "issues", noted_in=note)


def test_nothing_is_taken_back_of_which_the_earlier_version_has_left(tmp_path: Path) -> None:
    """An issue that the import changed, and whose history went with a withdrawn scope, is not deleted as if it had been
    new."""
    ledger, note = with_projects(device(tmp_path, "a")), tmp_path / "note"
    take(ledger, note, ["续1", "缺电", "供电公司"])
    take(ledger, note, ["续1", "缺电", "水务局"], ["续1", "缺水", "水务局"])
    with ledger.database.write() as connection:
        connection.execute("DELETE FROM history WHERE kind = 'issue'")
    before = dump(ledger)
    with pytest.raises(UndoConflict):
        take_back(ledger, note)
    assert dump(ledger) == before


def test_an_import_that_could_not_be_noted_leaves_no_earlier_one_to_be_taken_back(tmp_path: Path) -> None:
    """Else the import before it would go in its place."""
    ledger, note = with_projects(device(tmp_path, "a")), tmp_path / "note"
    take(ledger, note, ["续1", "缺电", "供电公司"])
    note.with_name(f".{note.name}.{os.getpid()}-{threading.get_ident()}").mkdir()  # where the note is written aside
    with pytest.raises(OSError, match="note"):
        take(ledger, note, ["续1", "缺水", "水务局"])
    with pytest.raises(NothingToUndo):
        take_back(ledger, note)
