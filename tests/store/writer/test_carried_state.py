"""Device state in backups and in ledgers of before 0008: what a ledger carries moves to the device's file."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from store.db.connection import connect
from store.db.database import Database
from store.home.device_state import DeviceState
from store.home.drafts import unsaved_drafts
from store.queries.sync_history import Round, rounds
from store.search.history import SearchHistory, record_search, search_history
from store.writer import carried_state
from store.writer.backup import backup_store
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import create_store, open_store
from tests.store.devices import KEY, device
from tests.store.home.test_sync_history import ended

DRAFTS: dict[str, dict[str, object]] = {"visit:new": {"text": "刚打的字"}, "issue:1": {"title": "供水", "until": None}}
ROUND = "1, 0, 1000, 3, 'daemon', 'done', NULL, 1, 0, 2, 0, 0, 10, 20, 500"
OLD_STATE = (
    "DROP TABLE saved_draft",
    "INSERT INTO draft (key, body, at) VALUES ('visit:new', '{\"text\": \"刚打的字\"}', 7)",
    f"INSERT INTO round (n, began, at, times, ran_by, outcome, detail, verified, pushed, pulled, superseded, rejected, "
    f"up, down, ms) VALUES ({ROUND})",
    'INSERT INTO meta (key, value) VALUES (\'lookups\', \'{"queries": ["临江"], "lines": ["0190"]}\')',
    "UPDATE alembic_version SET version_num = '0007'",
)


def old_store(folder: Path) -> Path:
    """A ledger of version 0007, which kept its device state in its own tables."""
    ledger = device(folder, "a")
    ledger.database.close()
    with closing(connect(folder / "a.db", KEY)) as connection:
        for statement in OLD_STATE:
            connection.execute(statement)
    return folder / "a.db"


def state_of(database: Database) -> tuple[list[tuple[str, dict[str, object], int]], list[Round], SearchHistory]:
    """All that the device's file holds."""
    state = DeviceState(database)
    drafts = [(draft.key, draft.body, draft.at) for draft in unsaved_drafts(database.connection(), state)]
    return drafts, rounds(state), search_history(state)


def check_is_carried_over(path: Path) -> None:
    """What `OLD_STATE` wrote is in the device's file, and only there."""
    with closing(open_store(path, KEY)) as database:
        drafts, history, searches = state_of(database)
        assert drafts == [("visit:new", {"text": "刚打的字"}, 7)]
        assert [(one.n, one.times, one.pulled, one.down) for one in history] == [(1, 3, 2, 20)]
        assert searches == (("临江",), ("0190",))
        assert not carried_state.is_packed(database.connection())


def test_an_upgrade_carries_device_state_over(tmp_path: Path) -> None:
    """Drafts, the history of rounds and the history of searches of an old home are in the device's file."""
    path = old_store(tmp_path)
    check_is_carried_over(path)
    check_is_carried_over(path)


def test_a_crash_on_the_way_repeats_the_move(tmp_path: Path) -> None:
    """Killed after the copy and before the deletion, the next opening moves everything, once."""
    path = old_store(tmp_path)
    with closing(open_store(path, KEY)):
        pass
    with closing(connect(path, KEY)) as connection:
        for statement in OLD_STATE[1:4]:
            connection.execute(statement)
    check_is_carried_over(path)


def test_a_backup_carries_device_state(tmp_path: Path) -> None:
    """A backup is one file; opened elsewhere it has drafts and histories, and none of a draft that is saved."""
    ledger = device(tmp_path, "a")
    for key, body in DRAFTS.items():
        ledger.save_draft(key, body)
    ledger.end_round(ended(1, pushed=2))
    record_search(ledger.device_state, "临江", "0190")
    ledger.save_draft("project:new", {"name": "甲"})
    with pytest.raises(KeyboardInterrupt), ledger.saving_draft("project:new"):
        ledger.put("project", {"name": "甲", "number": "续1", "category": "continuing"})
        raise KeyboardInterrupt
    before = state_of(ledger.database)
    assert len(before[0]) == 2
    (tmp_path / "other").mkdir()
    backup_store(ledger.database, tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    shutil.copy(tmp_path / "copy.db", tmp_path / "other" / "ledger.db")
    with closing(open_store(tmp_path / "other" / "ledger.db", KEY)) as restored:
        assert state_of(restored) == before
    assert state_of(ledger.database) == before


def test_a_new_store_takes_over_nothing_of_another(tmp_path: Path) -> None:
    """Device state that another ledger has left in the folder is set aside, since its key may be another."""
    ledger = device(tmp_path, "a")
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    ledger.database.close()
    (tmp_path / "a.db").unlink()
    with closing(create_store(tmp_path / "a.db", bytes(32), {})) as database:
        assert SyncLedger(database).load_draft("visit:new") is None
    assert len(list(tmp_path.glob("a.device.old-*"))) == 1
