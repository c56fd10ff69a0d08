"""The copy before an upgrade: one per schema, never half a file, and no condition for opening the ledger."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlite

from store.db.connection import connect
from store.db.database import Database
from store.db.migrations.run import upgrade
from store.db.schema_version import HEAD
from store.exceptions import DiskFull, FileFailure, ReadOnlyStore, StoreError
from store.writer.safety_copy import lacks_safety_copy
from store.writer.upgrade import open_store, upgrade_if_needed
from tests.store.devices import KEY


class FullDisk(Database):
    """A file on a disk that has no room for a copy, or takes none."""

    error: StoreError = DiskFull()

    def backup(self, target: Path, *, compact: bool = False) -> None:
        """Leave half a file, and fail."""
        target.write_bytes(b"half")
        raise self.error


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of schema 0007 with one fact in it."""
    file = tmp_path / "a.db"
    with closing(connect(file, KEY)) as connection:
        upgrade(connection, "0007")
        connection.execute("INSERT INTO meta (key, value) VALUES ('person_name', '甲')")
    return file


def copies(path: Path) -> list[str]:
    """The names of the copies beside the ledger."""
    return sorted(file.name for file in path.parent.iterdir() if ".before-" in file.name)


def test_an_upgrade_leaves_one_whole_copy_of_what_was_there(path: Path) -> None:
    """The copy has the old schema and the old content, and opening again makes no second one."""
    for _ in range(2):
        open_store(path, KEY).close()
    assert copies(path) == [f"a.db.before-{HEAD}"]
    with closing(connect(path.with_name(copies(path)[0]), KEY)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0007",)
        assert copy.execute("SELECT value FROM meta WHERE key = 'person_name'").fetchone() == ("甲",)


def test_copies_do_not_pile_up(path: Path) -> None:
    """Copies of two schemas are kept, one of each; what earlier versions named by the time counts as well."""
    for name in ("0005-1", "0006-1", "0006-2", "0007-9"):
        path.with_name(f"a.db.before-{name}").write_bytes(b"old")
    open_store(path, KEY).close()
    assert copies(path) == ["a.db.before-0007-9", f"a.db.before-{HEAD}"]


@pytest.mark.parametrize("error", [DiskFull(), FileFailure(path=Path("a.db"), detail="x"), ReadOnlyStore(path=Path())])
def test_a_disk_without_room_for_the_copy_keeps_nobody_from_the_ledger(path: Path, error: StoreError) -> None:
    """The ledger is upgraded and read without its copy, half a copy is not left, and the ledger says so."""
    database = FullDisk(path, KEY)
    database.error = error
    upgrade_if_needed(database)
    assert copies(path) == []
    assert lacks_safety_copy(database.connection())
    assert database.connection().execute("SELECT value FROM meta WHERE key = 'person_name'").fetchone() == ("甲",)
    database.close()
    with closing(open_store(path, KEY)) as again:
        assert lacks_safety_copy(again.connection())


def test_an_upgrade_that_fails_anywhere_changes_nothing(path: Path) -> None:
    """All migrations are one transaction: when the last statement fails, the schema is as it was before the first."""
    with closing(connect(path, KEY)) as connection:
        connection.execute(
            "CREATE TRIGGER fail BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
        before = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        with pytest.raises(sqlite.DatabaseError, match="no room"):
            upgrade(connection)
        assert connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before


def test_a_page_that_the_log_replaces_is_not_damage(tmp_path: Path) -> None:
    """After a power failure a page may be torn in the main file and whole in the log: the ledger is sound, and is
    called so; without its log the same file is damaged, and is called that."""
    live, after_power_cut, without_log = (tmp_path / name for name in ("live.db", "cut.db", "bare.db"))
    with closing(connect(live, KEY)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.execute("INSERT INTO t VALUES (hex(randomblob(20000)))")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE t SET x = hex(randomblob(20000))")
        torn = bytearray(live.read_bytes())
        torn[4096 * 3 + 100 : 4096 * 3 + 600] = bytes(500)
        for target in (after_power_cut, without_log):
            target.write_bytes(torn)
        after_power_cut.with_name("cut.db-wal").write_bytes(live.with_name("live.db-wal").read_bytes())
    with closing(Database(after_power_cut, KEY)) as database:
        assert database.integrity_errors() == []
    with closing(Database(without_log, KEY)) as database:
        assert database.integrity_errors() != []
