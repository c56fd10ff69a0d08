"""What taking an import back needs, and that it is refused as a whole where that is gone."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from store.exceptions import NothingToUndo, UndoConflict
from store.importing.records import import_records
from store.importing.records.taking_back import noting, take_back
from store.writer.local_writes import Draft
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


def test_an_import_that_only_answers_what_a_column_is_leaves_the_one_before(tmp_path: Path) -> None:
    """It changes no line of a register, so that there is nothing of it to take back."""
    ledger, note, path = with_projects(device(tmp_path, "a")), tmp_path / "note", tmp_path / "台账.csv"
    path.write_bytes(to_csv([["项目名称", "问题", "盯办人"], ["续1", "缺电", "甲建国"]]))
    import_records(ledger, path, "issues", ("3=owner",), noted_in=note)
    import_records(ledger, path, "issues", ("盯办人=owner",), noted_in=note)
    assert take_back(ledger, note) > 0


def test_an_import_that_cannot_be_noted_is_not_written(tmp_path: Path) -> None:
    """Else the import before it would be taken back in its place."""
    ledger, note = with_projects(device(tmp_path, "a")), tmp_path / "note"
    take(ledger, note, ["续1", "缺电", "供电公司"])
    before = dump(ledger)
    aside = note.with_name(f".{note.name}.next.{os.getpid()}-{threading.get_ident()}")
    aside.mkdir()  # where the note is written aside
    with pytest.raises(OSError, match="note"):
        take(ledger, note, ["续1", "缺水", "水务局"])
    assert dump(ledger) == before
    assert take_back(ledger, note) > 0


def test_an_import_whose_process_ended_before_it_was_noted_is_taken_back(tmp_path: Path) -> None:
    """Between the commit and the note's last move; one that ended before its commit leaves the import before it."""
    ledger, note = with_projects(device(tmp_path, "a")), tmp_path / "note"
    before = dump(ledger)
    take(ledger, note, ["续1", "缺电", "供电公司"])
    note.replace(note.with_name("note.next"))  # as it is after the commit
    with pytest.raises(InterruptedError), noting(ledger, note, [Draft("issue", {}, id="0" * 32)], {}):
        assert note.exists()  # put in its place by the next import
        shutil.copy(note.with_name("note.next"), tmp_path / "kept")
        raise InterruptedError
    shutil.copy(tmp_path / "kept", note.with_name("note.next"))  # as a process leaves it that ended before its commit
    assert take_back(ledger, note) > 0
    assert not note.with_name("note.next").exists()
    assert len(dump(ledger)) >= len(before)
    with pytest.raises(NothingToUndo):
        take_back(ledger, note)
