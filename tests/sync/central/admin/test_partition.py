"""Partitions by district: made by one command, all or nothing, with the same rows and the same guards as before."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from sync.central.admin import admin
from sync.central.admin.partition import partition
from sync.central.admin.setup import open_database
from sync.central.backup.create import create_backup
from sync.central.db.database import CentralDatabase
from sync.central.db.partitions import BIG_TABLES, end_with_client, lock_all, make_partitions, sums
from sync.central.db.serving_role import OWNER_VARIABLE
from sync.central.db.tables import AUDIT
from sync.central.exceptions import OwnerNeeded, PartitionsFailed, PartitionsNeedBackup, PartitionsNeedPostgres
from tests.sync.central.ledger import every_id, outcome_codes, project, visit
from tests.sync.central_fixture import DISTRICT, running_central
from tests.sync.postgres import Cluster

SERVING = "guanjia_partitioned"
CHANGES = (
    f"DELETE FROM line_{DISTRICT}",
    f"DELETE FROM version_{DISTRICT}",
    f"UPDATE audit_{DISTRICT} SET detail = ''",
    f"TRUNCATE line_{DISTRICT}",
)


@pytest.fixture
def urls(postgres: Cluster) -> Iterator[tuple[str, str]]:
    """A database of its own: the owner's address, and that of a role which owns nothing."""
    owner = postgres.empty_database()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {SERVING} LOGIN")
    yield owner, make_url(owner).set(username=SERVING).render_as_string()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {SERVING}; DROP ROLE {SERVING}")


def contents(data_dir: Path) -> list[object]:
    """The sums of the big tables, but for the audit, which tells of the partitioning itself."""
    database = open_database(data_dir)
    with database.read() as connection:
        found: list[object] = [sums(connection, table).rows for table in BIG_TABLES if table is not AUDIT]
    database.close()
    return found


@pytest.mark.needs("postgresql")
def test_a_central_serves_on_from_partitions_and_its_past_is_guarded(
    tmp_path: Path, urls: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rehearsal changes nothing, and without a backup of the last day nothing is done. Then all rows are where they
    belong and a device notices nothing; neither role can delete from a partition; a district that comes later is told,
    and the command run again gives it its own."""
    owner, serving = urls
    monkeypatch.setenv(OWNER_VARIABLE, owner)
    with running_central(tmp_path, serving) as central:
        boss = central.enrol("局长")
        own = project(boss)
        edited = own._replace(stamp=own.stamp + 1, base=own.stamp)
        assert outcome_codes(boss.push([own, visit(boss, own.id)])) == ["applied"] * 2
        assert outcome_codes(boss.push([edited])) == ["applied"]
        data_dir, before = central.data_dir, contents(central.data_dir)
        assert partition(data_dir).missing == [DISTRICT]
        with pytest.raises(PartitionsNeedBackup):
            partition(data_dir, apply=True)
        create_backup(data_dir, tmp_path / "b.gjc")
        monkeypatch.delenv(OWNER_VARIABLE)
        with pytest.raises(OwnerNeeded):
            partition(data_dir, apply=True)
        monkeypatch.setenv(OWNER_VARIABLE, owner)
        assert partition(data_dir, apply=True).done
        assert contents(data_dir) == before
        assert outcome_codes(boss.push([visit(boss, own.id), edited])) == ["applied"] * 2
        other = central.enrol("副局长")
        assert len(every_id(other.pull_all())) >= 3
        assert admin.check_integrity(data_dir)["damaged"] == []
        assert admin.check_audit(data_dir).breaks == []
        assert admin.stats(data_dir)["database_guarded"] is True
        assert not partition(data_dir, apply=True).done
        refuse(owner, "append-only", *CHANGES)
        refuse(serving, "denied|owner", *CHANGES, f"DROP TABLE line_{DISTRICT}", "DELETE FROM line")
        admin.create(data_dir, "other", "新区", None)
        assert partition(data_dir).missing == ["other"]
        create_backup(data_dir, tmp_path / "c.gjc")
        assert partition(data_dir, apply=True).done
        assert partition(data_dir).missing == []
        assert outcome_codes(boss.push([visit(boss, own.id)])) == ["applied"]


def refuse(url: str, match: str, *statements: str) -> None:
    """The database refuses each of these."""
    for statement in statements:
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error, match=match):
            connection.execute(statement)


@pytest.mark.needs("postgresql")
def test_what_fails_on_the_way_leaves_everything_as_it_was(tmp_path: Path, postgres: Cluster) -> None:
    """Where the last table cannot be made anew, none is: the rows, and that there are no partitions, are as before."""
    with running_central(tmp_path, postgres.empty_database()) as central:
        boss = central.enrol("局长")
        boss.push([project(boss)])
        create_backup(central.data_dir, tmp_path / "b.gjc")
        before = contents(central.data_dir)
        database = open_database(central.data_dir)
        with database.write() as connection:
            connection.execute(text("CREATE TABLE audit$aside (x int)"))
        with pytest.raises(PartitionsFailed, match=r"audit\$aside"):
            partition(central.data_dir, apply=True)
        assert contents(central.data_dir) == before
        assert partition(central.data_dir).missing == [DISTRICT]
        with database.write() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("DELETE FROM line"))
        database.close()


@pytest.mark.needs("postgresql")
def test_who_reads_while_partitions_are_made_waits_and_sees_every_line(tmp_path: Path, postgres: Cluster) -> None:
    """To a snapshot of before the copy the new tables would be empty: a device would skip lines, and a backup lack
    them. So a read that begins meanwhile gets its snapshot afterwards."""
    url = postgres.empty_database()
    with running_central(tmp_path, url) as central:
        boss = central.enrol("局长")
        boss.push([project(boss)])
        database = open_database(central.data_dir)

        def read() -> tuple[int, int]:
            with database.read() as connection:
                counter = connection.execute(text("SELECT seq FROM district")).scalar_one()
                return counter, connection.execute(text("SELECT count(*) FROM line")).scalar_one()

        before = read()
        with ThreadPoolExecutor(1) as reader, database.write() as connection:
            lock_all(connection)
            late = reader.submit(read)
            with psycopg.connect(url, autocommit=True) as looking:
                while not looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                    assert not late.done()
            for table in BIG_TABLES:
                make_partitions(connection, table, [DISTRICT])
            connection.commit()
            assert late.result(60) == before
        database.close()


@pytest.mark.needs("postgresql")
def test_locks_end_with_whoever_is_killed(postgres: Cluster) -> None:
    """Where the command is gone in the middle of a statement, the server ends it and the tables are free again."""
    url = postgres.database()
    database = CentralDatabase(url)

    def hold() -> None:
        with database.write() as connection:
            lock_all(connection)
            end_with_client(connection, 50)
            raw = connection.connection.driver_connection
            assert isinstance(raw, psycopg.Connection)
            held.put(raw.fileno())
            connection.execute(text("SELECT pg_sleep(3600)"))

    held = Queue[int]()
    with ThreadPoolExecutor(1) as holder:
        ended = holder.submit(hold)
        with socket.socket(fileno=os.dup(held.get(timeout=60))) as gone:
            gone.shutdown(socket.SHUT_RDWR)
        with pytest.raises(DBAPIError):
            ended.result(60)
    with psycopg.connect(url, options="-c lock_timeout=60s") as connection:
        assert connection.execute("SELECT count(*) FROM line").fetchone() == (0,)
    database.close()


def test_sqlite_has_no_partitions(tmp_path: Path) -> None:
    """For a central with a file of its own the command says what to do."""
    with running_central(tmp_path) as central, pytest.raises(PartitionsNeedPostgres):
        partition(central.data_dir, apply=True)
