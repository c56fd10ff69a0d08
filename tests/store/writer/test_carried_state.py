"""Device state in backups and in ledgers of before 0008: what a ledger carries moves to the device's file."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite

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

PROJECT: dict[str, object] = {"name": "甲", "number": "续1", "category": "continuing"}
DRAFTS: dict[str, dict[str, object]] = {"visit:new": {"text": "刚打的字"}, "issue:1": {"title": "供水", "until": None}}
ROUND = "1, 0, 1000, 3, 'daemon', 'done', NULL, 1, 0, 2, 0, 0, 10, 20, 500"
WRITTEN_FOR_OTHERS = (
    "visit", "issue", "issue_step", "meeting", "procedure", "follow_up", "policy_delivery", "progress_report",
)  # fmt: skip
LATER_TABLES = (
    "reminder_device",
    "column_meaning",
    "saved_view",
    "phrase",
    "file_rule",
    "time_rule",
    "project_figures",
    "attachment",
    "provisional",
)
BEFORE_0008 = (
    *(f"DROP TABLE {table}" for table in LATER_TABLES),
    "ALTER TABLE issue_step DROP COLUMN taken_over",
    "DROP INDEX issue_state_due",
    "ALTER TABLE issue DROP COLUMN urgency",
    "ALTER TABLE issue_step DROP COLUMN waiting_for",
    *(
        f"ALTER TABLE issue_state DROP COLUMN {name}"
        for name in ("due_rule", "extension", "limit_at", "progress_until")
    ),
    "ALTER TABLE issue_step DROP COLUMN request_id",
    *(f"ALTER TABLE {table} DROP COLUMN acting_for_id" for table in WRITTEN_FOR_OTHERS),
    "DROP INDEX assignment_stand_in",
    "ALTER TABLE assignment DROP COLUMN for_id",
    "DROP TABLE co_handler",
    "ALTER TABLE issue_step DROP COLUMN with_ids",
    *(f"DROP TABLE {table}" for table in ("merge", "distinction", "merged_id", "erasure", "export_record")),
    "DROP INDEX contact_further",
    "DROP INDEX person_name",
    *(f"ALTER TABLE contact DROP COLUMN {column}" for column in ("further_of", "label")),
    *(f"ALTER TABLE {table} DROP COLUMN retired_on" for table in ("person", "unit")),
    "ALTER TABLE unit DROP COLUMN contact_id",
    "DROP TABLE holiday_year",
    "DROP TABLE quarantine",
    "DROP TABLE saved_draft",
    "DROP INDEX history_binned",
    "ALTER TABLE visit DROP COLUMN participants_note",
    "DROP TABLE receipt",
    "DROP TABLE kept_roster",
    "DROP TABLE carried_draft",
    "CREATE TABLE draft (key TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL, at INTEGER NOT NULL)",
    "ALTER TABLE carried_round RENAME TO round",
)
OLD_STATE = (
    *BEFORE_0008,
    "INSERT INTO draft (key, body, at) VALUES ('visit:new', '{\"text\": \"刚打的字\"}', 7)",
    f"INSERT INTO round (n, began, at, times, ran_by, outcome, detail, verified, pushed, pulled, superseded, rejected, "
    f"up, down, ms) VALUES ({ROUND})",
    'INSERT INTO meta (key, value) VALUES (\'lookups\', \'{"queries": ["临江"], "lines": ["0190"]}\')',
    "UPDATE alembic_version SET version_num = '0007'",
)


CARRIED_DRAFT = "INSERT INTO carried_draft (id, key, body, at) VALUES (?, ?, ?, ?)"


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
    with closing(open_store(path, KEY)) as database:
        moved_id = unsaved_drafts(database.connection(), DeviceState(database))[0].id
    with closing(connect(path, KEY)) as connection:
        for statement in OLD_STATE[-3:-1]:
            connection.execute(statement.replace("INTO round", "INTO carried_round"))
        connection.execute(CARRIED_DRAFT, (moved_id, "visit:new", '{"text": "刚打的字"}', 7))
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


def test_device_state_stays_in_the_ledger_until_its_file_can_be_written(tmp_path: Path) -> None:
    """A device's file that cannot be opened keeps no ledger from opening; once it can, all is there."""
    path = old_store(tmp_path)
    in_the_way = path.with_suffix(".device")
    in_the_way.mkdir()
    with closing(open_store(path, KEY)) as database:
        assert carried_state.is_packed(database.connection())
        SyncLedger(database).put("project", PROJECT)
    in_the_way.rmdir()
    check_is_carried_over(path)


def test_a_carried_draft_waits_for_the_newer_one_of_its_form(tmp_path: Path) -> None:
    """Neither of two drafts of one form is lost: the device's own is shown, and the carried one once that is saved."""
    path = old_store(tmp_path)
    DeviceState(Database(path, KEY)).path.mkdir()
    open_store(path, KEY).close()
    path.with_suffix(".device").rmdir()
    other = SyncLedger(Database(path, KEY))
    other.save_draft("visit:new", {"text": "更新的字"})
    for _ in range(2):
        with closing(open_store(path, KEY)) as database:
            assert [draft[:2] for draft in state_of(database)[0]] == [("visit:new", {"text": "更新的字"})]
            backup_store(database, tmp_path / "copy.db")
        (tmp_path / "copy.db").unlink()
    with other.saving_draft("visit:new"):
        other.put("project", PROJECT)
    other.database.close()
    check_is_carried_over(path)


def test_waiting_drafts_take_no_write_lock(tmp_path: Path) -> None:
    """While a carried draft waits, opening the ledger does not wait for another writer, and wakes nobody."""
    ledger = device(tmp_path, "a")
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    with ledger.database.write() as writer:
        writer.execute(CARRIED_DRAFT, ("first", "visit:new", '{"text": "早先的字"}', 7))
    marker = ledger.database.change_marker.stat().st_mtime_ns
    with ledger.database.write(), closing(open_store(ledger.database.path, KEY)) as database:
        assert carried_state.is_packed(database.connection())
        assert ledger.database.change_marker.stat().st_mtime_ns == marker


def test_a_carried_draft_that_is_saved_is_not_shown_again(tmp_path: Path) -> None:
    """A draft that was moved, saved as a line, and is still in the ledger after a crash does not come back."""
    ledger = device(tmp_path, "a")
    with ledger.database.write() as writer:
        writer.execute(CARRIED_DRAFT, ("first", "visit:new", "{}", 7))
    with ledger.device_state.write() as state:
        state.execute("INSERT INTO draft (id, key, body, at) VALUES ('first', 'visit:new', '{}', 7)")
    for key in ("visit:new", "issue:1"):
        ledger.save_draft("issue:1", {"title": "供水"})
        with ledger.saving_draft(key):
            ledger.put("project", {**PROJECT, "number": key})
    ledger.database.close()
    with closing(open_store(ledger.database.path, KEY)) as database:
        assert state_of(database)[0] == []
        assert not carried_state.is_packed(database.connection())


def test_an_older_version_that_is_still_open_fails_loudly(tmp_path: Path) -> None:
    """After the upgrade a process of the version before cannot write a draft, or a round, where nobody would look."""
    with closing(open_store(old_store(tmp_path), KEY)) as database, database.write() as connection:
        for table in ("draft", "round"):
            with pytest.raises(sqlite.OperationalError, match="no such table"):
                connection.execute(f"DELETE FROM {table}")


def test_a_form_saved_during_a_backup_is_in_it_once(tmp_path: Path) -> None:
    """Saved after the copy, a form is in it as a draft; saved before the copy but after the drafts were read, as a
    line."""
    for name, is_copied_first in (("a", True), ("b", False)):
        ledger, target = device(tmp_path, name), tmp_path / f"{name}.copy"
        ledger.save_draft("project:new", {"name": "甲"})
        state = carried_state.read_packed_state(ledger.database)
        if is_copied_first:
            ledger.database.backup(target)
        with ledger.saving_draft("project:new"):
            ledger.put("project", PROJECT)
        if not is_copied_first:
            ledger.database.backup(target)
        with closing(ledger.database.with_same_key(target)) as copy:
            carried_state.pack(state, copy)
        with closing(open_store(target, KEY)) as restored:
            projects = restored.connection().execute("SELECT count(*) FROM project").fetchone()[0]
            assert (projects, len(state_of(restored)[0])) == ((0, 1) if is_copied_first else (1, 0))


@pytest.mark.parametrize("damage", ["folder", "entry"])
def test_a_backup_is_made_without_a_sound_device_file(tmp_path: Path, damage: str) -> None:
    """Where the device's file cannot be read the copy still has every line, and says that drafts are not in it."""
    ledger = device(tmp_path, "a")
    ledger.put("project", PROJECT)
    if damage == "folder":
        ledger.device_state.path.mkdir()
    else:
        with ledger.device_state.write() as state:
            state.execute("INSERT INTO recent (list, entries) VALUES ('queries', '{')")
    assert not backup_store(ledger.database, tmp_path / "copy.db")
    with closing(open_store(tmp_path / "copy.db", KEY)) as restored:
        assert restored.connection().execute("SELECT count(*) FROM project").fetchone() == (1,)


def test_device_state_is_set_aside_with_its_log(tmp_path: Path) -> None:
    """What was typed last is still in the file that a new store sets aside, though its process was killed."""
    ledger = device(tmp_path, "a")
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    (tmp_path / "a.db").unlink()
    create_store(tmp_path / "a.db", bytes(32), {}).close()
    (aside,) = (path for path in tmp_path.glob("a.device.old-*") if not path.name.endswith(("-wal", "-shm")))
    assert not list(tmp_path.glob("a.device-*"))
    shutil.copytree(tmp_path, tmp_path / "read")
    with closing(connect(tmp_path / "read" / aside.name, KEY)) as connection:
        assert connection.execute("SELECT key FROM draft").fetchall() == [("visit:new",)]
