"""A store on a disk that takes nothing in is read all the same, and written again once the disk takes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from store.db.database import Database
from store.db.read_only import ReadOnlyAccess
from store.exceptions import DiskFull, FileFailure, ReadOnlyStore
from store.writer.upgrade import open_store
from tests.store.devices import KEY, device

PROJECT = {"name": "绝密项目", "number": "续1", "category": "continuing"}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """An open store with one project in it."""
    exchange = device(tmp_path, "a")
    exchange.put("project", PROJECT)
    return exchange.database


def names(database: Database) -> list[str]:
    """The projects' names."""
    with database.read() as connection:
        return [row[0] for row in connection.execute("SELECT name FROM project")]


def test_a_store_is_read_where_sqlite_can_make_no_file_beside_it(database: Database) -> None:
    """On a full or read-only disk, where the shared memory cannot be made, people read on and can copy the
    ledger to another disk; a write is refused with a sentence, and is taken as soon as the disk takes it."""
    database.close()
    shared_memory = database.path.with_name(f"{database.path.name}-shm")
    shared_memory.mkdir()  # stands for a disk on which it cannot be made
    reading = open_store(database.path, KEY)
    assert names(reading) == ["绝密项目"]
    with pytest.raises(ReadOnlyStore), reading.write() as connection:
        connection.execute("UPDATE project SET name = 'x'")
    assert names(reading) == ["绝密项目"]
    reading.backup(database.path.with_name("copy.db"))
    assert names(reading.with_same_key(database.path.with_name("copy.db"))) == ["绝密项目"]
    with pytest.raises(ReadOnlyStore), reading.write() as connection:
        connection.execute("UPDATE project SET name = 'y'")
    shared_memory.rmdir()
    reading._local.retry_at = 0.0
    with reading.write() as connection:
        connection.execute("UPDATE project SET name = '新名'")
    assert names(reading) == ["新名"]
    reading.close()


def test_what_is_only_in_the_log_is_read_too(database: Database, tmp_path: Path) -> None:
    """After a crash the latest commits stand in the log: they are read from a copy, which does not stay."""
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{database.path}{suffix}", crashed / f"a.db{suffix}")
    database.close()
    access = ReadOnlyAccess(crashed / "a.db", KEY)
    connection = access.connect(DiskFull())
    assert connection.execute("SELECT name FROM project").fetchall() == [("绝密项目",)]
    copy = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    connection.close()
    access.close()
    assert copy.parent != crashed
    assert not copy.parent.exists()
    assert sorted(path.name for path in crashed.iterdir()) == ["a.db", "a.db-wal"]


def test_what_was_written_after_a_copy_is_read_from_a_new_one(database: Database, tmp_path: Path) -> None:
    """A disk that was full, took writes, and is full again shows all that it took, not the copy of before."""
    full = tmp_path / "full"
    full.mkdir()
    access = ReadOnlyAccess(full / "a.db", KEY)
    for name in ("甲", "乙"):
        with database.write() as change:
            change.execute("UPDATE project SET name = ?", (name,))
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{database.path}{suffix}", full / f"a.db{suffix}")
        connection = access.connect(DiskFull())
        assert connection.execute("SELECT name FROM project").fetchall() == [(name,)]
        connection.close()
    access.close()


def test_a_store_that_cannot_be_read_either_says_why_it_could_not_be_opened(tmp_path: Path) -> None:
    """Where nothing can be read the first error is told, not that of the second try."""
    (tmp_path / "a.db").write_bytes(b"damaged" * 1000)
    with pytest.raises(FileFailure, match="first"):
        ReadOnlyAccess(tmp_path / "a.db", KEY).connect(FileFailure(path="first", detail=""))
