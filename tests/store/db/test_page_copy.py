"""A copy of a store's pages is of one moment, whole, and takes no lock from anybody."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection, connect
from store.db.database import Database
from store.db.page_copy import copy_file_apart, copy_pages
from store.exceptions import DamagedStore
from tests.store.devices import KEY

_ROWS = 300
_LOCK = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+b'), fcntl.LOCK_EX | fcntl.LOCK_NB, 510, (1 << 30) + 2)"
"""Takes the lock by which SQLite knows that nobody else has a file open; fails where somebody has."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store of many pages, with a sum that no commit changes."""
    with closing(connect(tmp_path / "a.db", KEY)) as connection:
        connection.execute("CREATE TABLE account (n INTEGER PRIMARY KEY, held INTEGER, note BLOB)")
        connection.executemany("INSERT INTO account VALUES (?, 10, zeroblob(900))", ((n,) for n in range(_ROWS)))
    return tmp_path / "a.db"


def _move(connection: Connection, giver: int, taker: int) -> None:
    connection.execute("UPDATE account SET held = held + iif(n = ?, 1, -1) WHERE n IN (?, ?)", (taker, giver, taker))


@pytest.mark.parametrize("is_in_log", [True, False])
def test_a_copy_is_of_one_commit_whatever_others_write_meanwhile(path: Path, is_in_log: bool) -> None:
    """Others commit and write the log back between the copies of file and log, whether what the copy begins with
    stands in the log or not: what both say together is one commit."""
    with closing(Database(path, KEY)) as database, closing(connect(path, KEY)) as other:
        other.execute("PRAGMA busy_timeout = 0")
        _move(other, 250, 299)
        if not is_in_log:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        def copy_file(source: Path, target: Path) -> bool:
            copied = copy_file_apart(source, target)
            for mode, giver in (("TRUNCATE", 0), ("RESTART", 100), ("PASSIVE", 200)):
                _move(other, giver, giver + 50)
                other.execute(f"PRAGMA wal_checkpoint({mode})")
            _move(other, 0, 250)
            return copied

        copy = path.with_name("copy.db")
        assert copy_pages(database.connection(), path, copy, KEY, copy_file)
    with closing(Database(copy, KEY)) as copied:
        assert copied.integrity_errors() == []
        rows = copied.connection().execute("SELECT sum(held), max(held) > 10 FROM account").fetchone()
        assert rows == (_ROWS * 10, 1)


def test_a_copy_has_no_old_page_where_the_log_is_begun_anew_while_it_is_copied(path: Path) -> None:
    """What stands in the log has been written back, so nobody waits for the copy: another process begins the log anew,
    or empties it, when half of it is copied. The half would put old pages over newer ones."""
    with closing(Database(path, KEY)) as database, closing(connect(path, KEY)) as other:
        for is_emptied in (False, True):
            for giver in range(0, 200, 2):
                _move(other, giver, giver + 1)
            other.execute("PRAGMA wal_checkpoint(PASSIVE)")
            half = path.with_name("half")

            def copy_file(source: Path, target: Path, *, is_emptied: bool = is_emptied, half: Path = half) -> bool:
                if source == path:
                    return copy_file_apart(source, target)
                content = source.read_bytes()
                half.write_bytes(content[: len(content) // 2])
                if is_emptied:
                    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                else:
                    _move(other, 250, 299)
                return copy_file_apart(half, target)

            copy = path.with_name(f"copy{is_emptied}.db")
            assert not copy_pages(database.connection(), path, copy, KEY, copy_file)
            assert not copy.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="locks belong to the file that was opened there")
def test_copying_gives_up_no_lock(path: Path) -> None:
    """A process that has copied a store is still known to have it open: nobody takes its log away."""
    with closing(Database(path, KEY)) as database:
        database.backup(path.with_name("copy.db"))
        assert _can_lock(path.with_name("copy.db")) and not _can_lock(path)


def _can_lock(path: Path) -> bool:
    return subprocess.run([sys.executable, "-c", _LOCK, str(path)], capture_output=True, check=False).returncode == 0


def test_a_damaged_page_is_never_copied_in_silence(path: Path) -> None:
    """A page that the store uses fails the copy; one that it has given back does not, and is not in the copy."""
    with closing(Database(path, KEY)) as database:
        for _ in range(2):
            database.connection().execute("CREATE TABLE IF NOT EXISTS gone AS SELECT zeroblob(9000) AS x")
        database.connection().execute("DROP TABLE gone")
        pages = database.connection().execute("PRAGMA page_count").fetchone()[0]
    sound = path.read_bytes()
    for page, is_used in ((2, True), (pages - 1, False)):
        damaged = bytearray(sound)
        damaged[page * 4096 + 1_000] ^= 1
        path.write_bytes(damaged)
        copy = path.with_name(f"{page}.db")
        with closing(Database(path, KEY)) as database:
            assert not copy_pages(database.connection(), path, copy, KEY) and not copy.exists()
            if is_used:
                with pytest.raises((DamagedStore, sqlite.DatabaseError)):
                    database.backup(copy)
            else:
                database.backup(copy)
                with closing(Database(copy, KEY)) as copied:
                    assert copied.integrity_errors() == []
    assert sorted(path.parent.glob("*-wal")) == []


def test_a_file_of_mostly_free_pages_is_not_copied_as_it_is(path: Path) -> None:
    """A copy is not as large as the store once was; asked to be compact, it has no free page at all."""
    with closing(Database(path, KEY)) as database:
        connection = database.connection()
        connection.execute("DELETE FROM account WHERE n >= ?", (_ROWS - 20,))
        assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 0
        for name, compact in (("some", False), ("none", True)):
            database.backup(path.with_name(name), compact=compact)
        connection.execute("DELETE FROM account WHERE n > 9")
        database.backup(path.with_name("few"))
    assert [_free_pages(path.with_name(name)) > 0 for name in ("some", "none", "few")] == [True, False, False]
    assert path.with_name("few").stat().st_size < path.with_name("some").stat().st_size / 5
    assert {file.stat().st_mode & 0o77 for file in path.parent.iterdir() if file.name in ("some", "none", "few")} == {0}


def _free_pages(path: Path) -> int:
    with closing(connect(path, KEY)) as connection:
        return int(connection.execute("PRAGMA freelist_count").fetchone()[0])
