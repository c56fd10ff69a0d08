"""Drafts of forms and the lines that they become: one or the other, whatever crashes between the two files."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.exceptions import BadLine
from store.home.drafts import draft_ids, saved_draft_ids, unsaved_drafts
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device

PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}
KEY = "project:new"


@pytest.fixture
def ledger(tmp_path: Path) -> SyncLedger:
    """A fresh store."""
    return device(tmp_path, "a")


class Crash(BaseException):
    """The end of a process between two commits."""


def crash_after_saving(ledger: SyncLedger) -> None:
    """Save the form ``KEY`` and die before its draft is deleted."""
    with pytest.raises(Crash), ledger.saving_draft(KEY):
        ledger.put("project", PROJECT)
        raise Crash


def keys(ledger: SyncLedger) -> list[str]:
    """The forms that are unfinished."""
    return [draft.key for draft in unsaved_drafts(ledger.database.connection(), ledger.device_state)]


def projects(ledger: SyncLedger) -> int:
    """How many projects there are."""
    count: int = ledger.database.connection().execute("SELECT count(*) FROM project").fetchone()[0]
    return count


def test_a_saved_form_has_no_draft(ledger: SyncLedger) -> None:
    """Saving writes the line and deletes the draft; no other form's draft is touched."""
    ledger.save_draft(KEY, PROJECT)
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    with ledger.saving_draft(KEY):
        ledger.put("project", PROJECT)
    assert (projects(ledger), keys(ledger), set(draft_ids(ledger.device_state))) == (1, ["visit:new"], {"visit:new"})


def test_a_draft_whose_line_is_written_is_never_shown_again(ledger: SyncLedger) -> None:
    """After a crash between the line's commit and the draft's deletion the draft counts as gone, and is deleted with
    the next form that is saved."""
    ledger.save_draft(KEY, PROJECT)
    crash_after_saving(ledger)
    assert (projects(ledger), keys(ledger), ledger.load_draft(KEY)) == (1, [], None)
    assert set(draft_ids(ledger.device_state)) == {KEY}
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    assert set(draft_ids(ledger.device_state)) == {"visit:new"}


def test_a_form_begun_anew_after_a_crash_starts_empty(ledger: SyncLedger) -> None:
    """The same form's next draft holds nothing of the one that became a line, and is shown."""
    ledger.save_draft(KEY, PROJECT)
    crash_after_saving(ledger)
    ledger.save_draft(KEY, {"name": "另一个"})
    assert ledger.load_draft(KEY) == {"name": "另一个"}


def test_a_form_that_cannot_be_saved_keeps_its_draft(ledger: SyncLedger) -> None:
    """A refused line leaves the draft as it was."""
    ledger.save_draft(KEY, PROJECT)
    with pytest.raises(BadLine), ledger.saving_draft(KEY):
        ledger.put("project", {**PROJECT, "category": "x"})
    assert (projects(ledger), ledger.load_draft(KEY)) == (0, PROJECT)


def test_notes_of_saved_drafts_do_not_pile_up(ledger: SyncLedger) -> None:
    """However many forms are saved, the ledger remembers only drafts that may still be there."""
    for number in range(5):
        ledger.save_draft(KEY, PROJECT)
        with ledger.saving_draft(KEY):
            ledger.put("project", {**PROJECT, "number": f"续{number}"})
    assert len(saved_draft_ids(ledger.database.connection())) == 1
