"""The store file: encrypted, refused with a clear sentence when it should not be opened, backed up while in use."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite

from store.db.connection import connect, enable_wal, require_sqlite, use_key
from store.db.database import Database
from store.exceptions import (
    DamagedStore,
    FileFailure,
    HomeExists,
    HomeNotFound,
    ReadOnlyStore,
    SchemaTooNew,
    SQLiteTooOld,
    StoreError,
    WrongKey,
)
from store.writer.local_writes import Ledger
from store.writer.upgrade import create_store, open_store
from tests.store.devices import KEY, device

PROJECT = {"name": "绝密项目", "number": "续1", "category": "continuing"}


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A store with one project in it, closed."""
    exchange = device(tmp_path, "a")
    exchange.put("project", PROJECT)
    exchange.database.close()
    yield tmp_path / "a.db"


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of a folder by its content."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_nothing_readable_lies_on_the_disk(path: Path) -> None:
    """Neither SQLite's own header nor a word of the ledger can be found in the files."""
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"SQLite format 3" not in raw and "绝密".encode() not in raw


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda path: None, WrongKey),
        (lambda path: path.write_bytes(b"not a database at all" * 500), WrongKey),
    ],
    ids=["other key", "not a store"],
)
def test_a_key_that_does_not_fit_is_refused_untouched(path: Path, spoil: object, error: type[Exception]) -> None:
    """A wrong key, or a file that is no store: one clear error, and no byte of any file changes."""
    spoil(path)  # type: ignore[operator]
    before = fingerprint(path.parent)
    with pytest.raises(error):
        open_store(path, bytes(32))
    assert fingerprint(path.parent) == before


def test_a_newer_store_is_refused_untouched(path: Path) -> None:
    """A store written by a newer program is left alone, and the message names both schemas."""
    connection = connect(path, KEY)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = fingerprint(path.parent)
    with pytest.raises(SchemaTooNew, match="9999"):
        open_store(path, KEY)
    assert fingerprint(path.parent) == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A database that is not a ledger, even with the right key, is not touched."""
    connection = connect(tmp_path / "x.db", KEY)
    connection.execute("CREATE TABLE other (a)")
    connection.close()
    with pytest.raises(DamagedStore, match="not a guanjia ledger"):
        open_store(tmp_path / "x.db", KEY)


def test_a_missing_store_says_how_to_start(tmp_path: Path) -> None:
    """Opening where nothing is says what to do and creates nothing."""
    with pytest.raises(HomeNotFound, match="guanjia init"):
        open_store(tmp_path / "none.db", KEY)
    assert list(tmp_path.iterdir()) == []


def test_creating_over_a_store_is_refused(path: Path) -> None:
    """A second creation never overwrites a ledger."""
    with pytest.raises(HomeExists):
        create_store(path, KEY, {})


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.7"])
def test_an_sqlite_with_the_wal_reset_bug_is_refused(version: str) -> None:
    """The library's version decides before the file is opened; the current one passes."""
    with pytest.raises(SQLiteTooOld, match=r"3\.51\.3"):
        require_sqlite(version)
    require_sqlite(sqlite.sqlite_version)


def test_commits_are_flushed_to_the_disk(path: Path) -> None:
    """Every connection runs with WAL and synchronous=FULL (2): NORMAL loses acknowledged commits at a power cut."""
    connection = connect(path, KEY)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_backup_opens_with_the_key_and_holds_the_same(path: Path, tmp_path: Path) -> None:
    """A copy made while a writer is in mid-transaction is sound, encrypted, private, and has the committed lines."""
    database = open_store(path, KEY)
    writer = connect(path, KEY)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE project SET name = '未提交'")
    database.backup(tmp_path / "copy.db")
    writer.execute("ROLLBACK")
    copy = open_store(tmp_path / "copy.db", KEY)
    assert copy.connection().execute("SELECT name FROM project").fetchall() == [("绝密项目",)]
    assert copy.integrity_errors() == [] and (tmp_path / "copy.db").stat().st_mode & 0o77 == 0
    with pytest.raises(HomeExists):
        database.backup(tmp_path / "copy.db")


def test_a_failed_block_leaves_nothing_and_touches_no_marker(path: Path) -> None:
    """An error inside a write transaction undoes all of it, and nobody is told of a commit."""
    database = open_store(path, KEY)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute("DELETE FROM project")
        _ = 1 / 0
    assert database.connection().execute("SELECT count(*) FROM project").fetchone() == (1,)
    assert not (path.parent / "b.mark").exists()


def test_an_upgrade_keeps_a_safety_copy(path: Path) -> None:
    """A store of an older schema is copied before it is upgraded; the copy still has the old schema."""
    connection = connect(path, KEY)
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    with pytest.raises(Exception, match="0000"):
        open_store(path, KEY)
    copies = [file for file in path.parent.iterdir() if ".before-" in file.name]
    assert len(copies) == 1
    assert connect(copies[0], KEY).execute("SELECT version_num FROM alembic_version").fetchone() == ("0000",)


_WRITER = """
import sys
from contextlib import closing
from pathlib import Path
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.store.devices import KEY
ledger = Ledger(open_store(Path(sys.argv[1]), KEY))
for n in range(int(sys.argv[3])):
    ledger.put("project", {"name": f"{sys.argv[2]}{n}", "number": f"{sys.argv[2]}{n}", "category": "new"})
"""


def test_several_processes_write_at_once_and_nobody_is_told_to_wait(path: Path) -> None:
    """Three processes write one store at once: every write arrives, in one outbox order, and none sees a lock."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), name, "40"],
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        for name in "abc"
    ]
    assert [(writer.communicate(timeout=120)[1], writer.returncode) for writer in writers] == [(b"", 0)] * 3
    database = open_store(path, KEY)
    assert database.connection().execute("SELECT count(*) FROM project").fetchone() == (121,)
    assert database.connection().execute("SELECT count(DISTINCT n), max(n) FROM outbox").fetchone() == (121, 121)
    assert database.integrity_errors() == []


def test_a_changed_bit_in_any_page_in_use_is_found(path: Path) -> None:
    """Whatever part of the program the page belongs to: one bit in it is told as damage, or nothing opens."""
    with closing(Database(path, KEY)) as database:
        database.connection().execute("VACUUM")  # no page is free
        database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sound, damaged = path.read_bytes(), path.with_name("damaged.db")
    for page in range(0, len(sound) // 4096, 11):
        changed = bytearray(sound)
        changed[page * 4096 + 1_000] ^= 1
        damaged.write_bytes(changed)
        with closing(Database(damaged, KEY)) as database:
            assert _damage_of(database), page


def _damage_of(database: Database) -> list[str]:
    try:
        return database.integrity_errors()
    except (sqlite.Error, StoreError) as error:
        return [str(error)]


def test_a_new_file_that_another_process_is_setting_up_is_waited_for(path: Path) -> None:
    """SQLite does not wait when two switch a new file to a write-ahead log; opening it does."""
    new = path.with_name("new.db")
    other = sqlite.connect(str(new), isolation_level=None)
    use_key(other, KEY)
    other.execute("CREATE TABLE drafts (id TEXT)")
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []

    def let_go(seconds: float) -> None:
        waits.append(seconds)
        other.execute("COMMIT")

    opened = sqlite.connect(str(new), isolation_level=None)
    use_key(opened, KEY)
    enable_wal(opened, 60, let_go)
    assert len(waits) == 1
    assert opened.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    opened.close()
    other.close()


def test_a_full_disk_loses_only_the_unsaved_change(path: Path) -> None:
    """When there is no room, the change is refused with a sentence and everything saved before is still there."""
    database = open_store(path, KEY)
    pages = database.connection().execute("PRAGMA page_count").fetchone()[0]
    database.connection().execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(Exception, match="disk is full"):
        Ledger(database).put("project", {**PROJECT, "note": "长" * 60_000})
    assert database.connection().execute("SELECT count(*) FROM project").fetchone() == (1,)


def test_keys_are_raw_and_whole(path: Path) -> None:
    """A short key is refused before the file is read, so no passphrase ever slips in."""
    with pytest.raises(WrongKey):
        connect(path, os.urandom(31))


def test_a_ledger_that_may_not_be_written_says_so(path: Path) -> None:
    """Where SQLite may only read, the error speaks of permissions and not of damage; the line is as it was."""
    database = open_store(path, KEY)
    ledger = Ledger(database)
    line_id = database.connection().execute("SELECT id FROM project").fetchone()[0]
    database.connection().execute("PRAGMA query_only = ON")
    with pytest.raises(ReadOnlyStore, match="permission"):
        ledger.edit("project", line_id, note="改不了")
    assert database.connection().execute("SELECT note FROM project").fetchall() == [(None,)]
    database.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A folder in the file's place, or a missing one above it, is an error with a sentence that names the file."""
    (tmp_path / "folder.db").mkdir()
    for path in (tmp_path / "folder.db", tmp_path / "missing" / "a.db"):
        with pytest.raises(FileFailure, match=path.name):
            connect(path, KEY)
