"""The device's own file damaged, foreign, newer, read-only or gone: the ledger goes on, and nothing is lost unsaid."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from store.db.connection import connect
from store.exceptions import DamagedDeviceState, DeviceStateError
from store.home.device_state import DeviceState
from store.home.drafts import draft_ids, unsaved_drafts
from store.search.history import record_search
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.store.devices import KEY, device

PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}
FORM = "project:new"
Damage = Callable[[Path], None]


def reopened(folder: Path, damage: Damage) -> SyncLedger:
    """A store with a draft, opened again after ``damage`` to the device's own file."""
    ledger = device(folder, "a")
    ledger.save_draft(FORM, {"name": "示范"})
    path, device_file = ledger.database.path, ledger.device_state.path
    ledger.database.close()
    damage(device_file)
    return SyncLedger(open_store(path, KEY))


def overwrite(path: Path) -> None:
    """No database at all."""
    path.write_bytes(os.urandom(40_960))


def damage_pages(path: Path) -> None:
    """Every page after the first is damaged."""
    content = bytearray(path.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start + 100 : start + 200] = os.urandom(100)
    path.write_bytes(content)


def replace_with_foreign(path: Path) -> None:
    """Another home's file, with another key."""
    path.unlink()
    other = connect(path, b"z" * 32)
    other.execute("CREATE TABLE x (y)")
    other.close()


def make_newer(path: Path) -> None:
    """A later program's file."""
    newer = connect(path, KEY)
    newer.execute("PRAGMA user_version = 9")
    newer.close()


def make_folder(path: Path) -> None:
    """A folder where the file should be: nothing can be opened there."""
    path.unlink()
    path.mkdir()


def projects(ledger: SyncLedger) -> int:
    """How many projects there are."""
    count: int = ledger.database.connection().execute("SELECT count(*) FROM project").fetchone()[0]
    return count


def save_form(ledger: SyncLedger) -> None:
    """Save the form ``FORM``."""
    with ledger.saving_draft(FORM):
        ledger.put("project", PROJECT)


@pytest.mark.parametrize("damage", [overwrite, damage_pages, replace_with_foreign])
def test_a_damaged_file_is_set_aside_and_drafts_are_kept_again(tmp_path: Path, damage: Damage) -> None:
    """The error names the file that was set aside and not the ledger; the next draft is kept, the old file stays."""
    ledger = reopened(tmp_path, damage)
    with pytest.raises(DamagedDeviceState, match="damaged-") as raised:
        ledger.load_draft(FORM)
    ledger.save_draft(FORM, {"name": "又打一遍"})
    assert ledger.load_draft(FORM) == {"name": "又打一遍"}
    assert [path.name for path in ledger.device_state.files_set_aside()] == [raised.value.values["aside"]]
    save_form(ledger)
    assert (projects(ledger), ledger.load_draft(FORM)) == (1, None)


@pytest.mark.parametrize("damage", [overwrite, damage_pages, replace_with_foreign, make_newer, make_folder])
def test_a_form_is_saved_once_whatever_the_file_of_drafts_is(tmp_path: Path, damage: Damage) -> None:
    """Saving a form succeeds at once, without an error that would make somebody save it twice."""
    ledger = reopened(tmp_path, damage)
    save_form(ledger)
    assert projects(ledger) == 1


@pytest.mark.parametrize("damage", [make_newer, make_folder])
def test_a_file_that_cannot_be_used_is_left_alone_and_says_that_the_ledger_goes_on(
    tmp_path: Path, damage: Damage
) -> None:
    """It is not set aside, and its error speaks of drafts, not of a ledger to be restored."""
    ledger = reopened(tmp_path, damage)
    uses: list[Callable[[], object]] = [
        lambda: ledger.load_draft(FORM),
        lambda: ledger.save_draft(FORM, {}),
        lambda: ledger.drop_draft(FORM),
    ]
    for use in uses:
        with pytest.raises(DeviceStateError, match="Drafts and histories cannot be kept now"):
            use()
    assert ledger.device_state.path.exists() and ledger.device_state.files_set_aside() == []


def test_a_saved_form_counts_as_saved_although_its_draft_cannot_be_deleted(tmp_path: Path) -> None:
    """The file becomes unusable between the line's commit and the deletion: no error, and the draft is never shown
    again once the file can be read."""
    ledger = device(tmp_path, "a")
    ledger.save_draft(FORM, PROJECT)
    with ledger.saving_draft(FORM):
        ledger.put("project", PROJECT)
        ledger.database.device_file.connection().execute("PRAGMA user_version = 9")
    assert projects(ledger) == 1
    ledger.database.device_file.connection().execute("PRAGMA user_version = 1")
    assert set(draft_ids(ledger.device_state)) == {FORM}
    assert ledger.load_draft(FORM) is None


def test_a_draft_that_cannot_be_read_while_it_is_saved_is_not_shown_afterwards(tmp_path: Path) -> None:
    """The form knows its draft from before, so that the note of it is written all the same."""
    ledger = device(tmp_path, "a")
    ledger.save_draft(FORM, PROJECT)
    ledger.database.device_file.connection().execute("PRAGMA user_version = 9")
    save_form(ledger)
    ledger.database.device_file.connection().execute("PRAGMA user_version = 1")
    assert (projects(ledger), ledger.load_draft(FORM)) == (1, None)


@pytest.mark.parametrize("body", ["{bad", "[1]"])
def test_a_draft_that_is_no_json_object_hides_no_other(tmp_path: Path, body: str) -> None:
    """Other forms' drafts are read, and the bad one's form is saved and kept as any."""
    ledger = device(tmp_path, "a")
    ledger.save_draft("visit:new", {"text": "刚打的字"})
    with ledger.device_state.write() as connection:
        connection.execute("INSERT INTO draft (key, id, body, at) VALUES (?, 'i', ?, 1)", (FORM, body))
    found = unsaved_drafts(ledger.database.connection(), ledger.device_state)
    assert [draft.key for draft in found] == ["visit:new"]
    ledger.save_draft(FORM, {"name": "示范"})
    assert ledger.load_draft(FORM) == {"name": "示范"}
    save_form(ledger)
    assert (projects(ledger), ledger.load_draft(FORM)) == (1, None)


def test_drafts_survive_damage_to_the_history(tmp_path: Path) -> None:
    """Drafts that can still be read are carried over into the new file."""
    ledger = device(tmp_path, "a")
    ledger.save_draft(FORM, {"name": "示范"})
    record_search(ledger.device_state, "临江", "0190")
    with ledger.device_state.read() as connection:
        assert connection is not None
        pages = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'recent'").fetchone()
    path, device_file = ledger.database.path, ledger.device_state.path
    ledger.database.close()
    content = bytearray(device_file.read_bytes())
    start = (pages[0] - 1) * 4096
    content[start + 100 : start + 200] = os.urandom(100)
    device_file.write_bytes(content)
    ledger = SyncLedger(open_store(path, KEY))
    with pytest.raises(DamagedDeviceState):
        record_search(ledger.device_state, "临江", "0190")
    assert ledger.load_draft(FORM) == {"name": "示范"}


@pytest.mark.parametrize("suffixes", [("", "-wal", "-shm"), ("",)])
def test_a_draft_is_on_the_disk_although_the_file_was_deleted_while_open(
    tmp_path: Path, suffixes: tuple[str, ...]
) -> None:
    """A deleted file is begun anew: another process finds the draft."""
    ledger = device(tmp_path, "a")
    ledger.save_draft(FORM, {"name": "示范"})
    for suffix in suffixes:
        Path(f"{ledger.device_state.path}{suffix}").unlink()
    ledger.save_draft(FORM, {"name": "示范项目"})
    other = SyncLedger(open_store(ledger.database.path, KEY))
    assert other.load_draft(FORM) == ledger.load_draft(FORM) == {"name": "示范项目"}


def test_a_draft_goes_into_the_file_that_replaced_the_open_one(tmp_path: Path) -> None:
    """Another file put in its place is the one that is written."""
    ledger, other = device(tmp_path, "a"), device(tmp_path / "b", "a")
    ledger.save_draft(FORM, {"name": "示范"})
    other.save_draft("visit:new", {"text": "刚打的字"})
    replacement = other.device_state.path
    other.database.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{ledger.device_state.path}{suffix}").unlink()
    os.replace(replacement, ledger.device_state.path)
    ledger.save_draft(FORM, {"name": "示范项目"})
    assert set(draft_ids(DeviceState(open_store(ledger.database.path, KEY)))) == {FORM, "visit:new"}
