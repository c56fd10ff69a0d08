"""The device's own file: what is in it changes nothing of the ledger, and it is as safe as the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.exceptions import SchemaTooNew
from store.home.device_state import DeviceState
from store.home.drafts import unsaved_drafts
from store.queries.status import change_token
from store.search.history import record_search, search_history
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device
from tests.store.home.test_sync_history import ended


@pytest.fixture
def ledger(tmp_path: Path) -> SyncLedger:
    """A fresh store."""
    return device(tmp_path, "a")


def keep_everything(ledger: SyncLedger) -> None:
    """A draft and a search; rounds also note facts in the ledger."""
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    ledger.save_draft("visit:new", {"text": "刚打的字,又打了几个"})
    record_search(ledger.device_state, "临江", "0190")
    ledger.drop_draft("visit:new")


def test_device_state_is_no_change_of_the_ledger(ledger: SyncLedger) -> None:
    """Keeping a draft and recording a search touch neither the ledger's marker file nor its change token."""
    connection = ledger.database.connection()
    ledger.put("project", {"name": "甲", "number": "续1", "category": "continuing"})
    token, touched = change_token(connection), ledger.database.change_marker.stat().st_mtime_ns
    keep_everything(SyncLedger(ledger.database.with_same_key(ledger.database.path)))
    assert (change_token(connection), ledger.database.change_marker.stat().st_mtime_ns) == (token, touched)


def test_nothing_is_created_before_something_is_kept(ledger: SyncLedger) -> None:
    """Reading device state that was never written gives nothing and makes no file."""
    state = ledger.device_state
    assert ledger.load_draft("visit:new") is None
    assert (search_history(state), unsaved_drafts(ledger.database.connection(), state)) == (((), ()), [])
    assert state.integrity_errors() == [] and not state.path.exists()


def test_device_state_is_encrypted_and_private(ledger: SyncLedger) -> None:
    """No word of a draft can be read in the file, and nobody else may open it."""
    ledger.save_draft("visit:new", {"text": "绝密"})
    ledger.end_round(ended(1))
    path = ledger.device_state.path
    ledger.database.close()
    assert "绝密".encode() not in path.read_bytes() and b"SQLite format 3" not in path.read_bytes()
    assert path.stat().st_mode & 0o77 == 0
    assert ledger.device_state.integrity_errors() == []


def test_a_newer_device_file_is_refused(ledger: SyncLedger) -> None:
    """A file written by a newer program is not read and not written."""
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    ledger.database.device_file.connection().execute("PRAGMA user_version = 99")
    state = DeviceState(ledger.database)
    with pytest.raises(SchemaTooNew, match="99"), state.read():
        pytest.fail("read")
    with pytest.raises(SchemaTooNew, match="99"):
        ledger.save_draft("visit:new", {"text": "乙"})
