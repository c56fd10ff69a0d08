"""The central's schema: migrations build what the tables describe, newer databases are refused, nothing is deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.audit import record_event
from sync.central.audit_chain import ChainBreak, check_chain
from sync.central.db import triggers as _triggers
from sync.central.db.commit_order import lock_district
from sync.central.db.database import CentralDatabase, sqlite_url
from sync.central.db.granting import granting_index
from sync.central.db.migrations.run import HERE, upgrade
from sync.central.db.schema_version import HEAD
from sync.central.db.tables import LINE, METADATA, VERSION, LineRow, VersionRow
from sync.central.exceptions import (
    BadDistrict,
    CentralDown,
    CentralExists,
    DistrictNotSpecified,
    NewerCentral,
    NoCentral,
)
from tests.sync.central.ledger import project
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME, running_central
from tests.sync.postgres import Cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def two_empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[CentralDatabase, CentralDatabase]]:
    """Two empty databases of one sort."""
    if request.param == "sqlite":
        urls = [sqlite_url(tmp_path / name) for name in ("one.db", "two.db")]
    else:
        running: Cluster = request.getfixturevalue("postgres")
        urls = [running.empty_database(), running.empty_database()]
    pair = (CentralDatabase(urls[0]), CentralDatabase(urls[1]))
    yield pair
    for database in pair:
        database.close()


def triggers(connection: Connection) -> list[tuple[Any, ...]]:
    """The triggers of a database as it tells them."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    else:
        query = (
            "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT tgisinternal ORDER BY 1"
        )
    return [(*row[:-1], " ".join(row[-1].split())) for row in connection.execute(text(query))]


def index_definitions(connection: Connection) -> dict[str, str]:
    """The indexes with an expression or a condition, as the database tells them: SQLAlchemy cannot compare these."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
    else:
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema AND indexdef LIKE '%WHERE%'"
        )
    return {name: " ".join(sql.split()) for name, sql in connection.execute(text(query))}


def is_comparable(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    """Whether SQLAlchemy can compare a part of the schema: not an index with an expression."""
    return (kind, name) != ("index", granting_index().name)


def shape(connection: Connection) -> dict[str, Any]:
    """Tables with columns, keys, indexes and unique constraints."""
    look = inspect(connection)
    tables = sorted(set(look.get_table_names()) - {"alembic_version"})
    columns = {t: [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(t)] for t in tables}
    keys = {t: look.get_pk_constraint(t)["constrained_columns"] for t in tables}
    indexes = {
        t: sorted((i["name"] or "", tuple(i["column_names"]), i["unique"]) for i in look.get_indexes(t)) for t in tables
    }
    unique = {t: sorted(tuple(u["column_names"]) for u in look.get_unique_constraints(t)) for t in tables}
    return {"columns": columns, "keys": keys, "indexes": indexes, "unique": unique}


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_migrations_build_what_the_tables_describe(two_empty: tuple[CentralDatabase, CentralDatabase]) -> None:
    """Built by migrations and built from the tables, the two schemas are one: tables, indexes and triggers."""
    described, migrated = two_empty
    assert _triggers.APPEND_ONLY_TABLES
    with described.write() as one, migrated.write() as two:
        METADATA.create_all(one)
        upgrade(two)
        compared = MigrationContext.configure(two, opts={"include_object": is_comparable})
        assert compare_metadata(compared, METADATA) == []
        assert shape(one) == shape(two)
        assert index_definitions(one) == index_definitions(two) != {}
        assert triggers(one) == triggers(two) != []


def test_entries_of_older_versions_begin_the_chain(two_empty: tuple[CentralDatabase, CentralDatabase]) -> None:
    """What older versions wrote into the audit is covered by the chain from the upgrade on: unchanged it is whole, and
    a change is told as one before the first chained event."""
    old, _ = two_empty
    entry = "INSERT INTO audit (district, seq, at, action, detail) VALUES ('210903', {0}, {0}, 'grant', '{{}}')"
    with old.write() as connection:
        upgrade(connection, "0007")
        names = "code, name, central, secret, seq, lines, hi, lo, kinds, created_at, clock_mark"
        values = "'210903', '新邱区', 'c', 's', 2, 0, 0, 0, '[]', 1, 1"
        for statement in (f"INSERT INTO district ({names}) VALUES ({values})", entry.format(1), entry.format(2)):
            connection.execute(text(statement))
        upgrade(connection)
        assert check_chain(connection, "210903").breaks == []
        counter = lock_district(connection, "210903", 1)
        assert counter is not None
        record_event(connection, counter, "check")
        counter.save(connection)
        assert check_chain(connection, "210903").breaks == []
        connection.execute(text(entry.format(0)))
        assert check_chain(connection, "210903").breaks == [ChainBreak(0, 3)]


def test_every_table_leads_with_the_district() -> None:
    """Every key and every index begins with the district, so a province may partition by it."""
    for table in METADATA.tables.values():
        first = "code" if table.name == "district" else "district"
        assert table.primary_key.columns.keys()[0] == first
        for index in table.indexes:
            assert index.columns.keys()[0] == first


def test_rows_are_in_the_order_of_their_columns() -> None:
    """Bulk inserts give rows as tuples: their fields are the table's columns, in order."""
    assert list(LineRow._fields) == LINE.columns.keys()
    assert list(VersionRow._fields) == VERSION.columns.keys()


def test_migrations_are_numbered_without_gaps() -> None:
    """The folder shows the order, and the program knows the newest number."""
    numbers = sorted(path.name[:4] for path in Path(HERE, "versions").glob("[0-9]*.py"))
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert ScriptDirectory(str(HERE)).get_current_head() == HEAD == numbers[-1]


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    """A database written by a newer version is not opened and not changed."""
    admin.create(tmp_path / "c", DISTRICT, DISTRICT_NAME)
    database = open_database(tmp_path / "c")
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    before = (tmp_path / "c" / "central.db").read_bytes()
    with pytest.raises(NewerCentral):
        admin.stats(tmp_path / "c")
    assert (tmp_path / "c" / "central.db").read_bytes() == before


def test_an_older_database_is_upgraded_after_a_safety_copy(tmp_path: Path) -> None:
    """Opening a database of an older schema copies the file before any migration runs (here there is none to run from
    that version, which must not harm the file either)."""
    admin.create(tmp_path / "c", DISTRICT, DISTRICT_NAME)
    database = open_database(tmp_path / "c")
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    database.close()
    with pytest.raises(Exception, match="0000"):
        open_database(tmp_path / "c")
    copies = list((tmp_path / "c").glob("central.db.before-*"))
    assert len(copies) == 1
    copy = CentralDatabase(sqlite_url(copies[0]))
    with copy.read() as connection:
        assert connection.execute(text("SELECT code FROM district")).scalars().all() == [DISTRICT]
    copy.close()


def test_what_is_written_is_never_deleted(tmp_path: Path, database_url: str | None) -> None:
    """The database itself refuses to change or delete audit and version rows, and to delete lines, by every statement
    that it has for it (R50)."""
    with running_central(tmp_path, database_url) as central:
        laptop = central.enrol("局长")
        own = project(laptop)
        laptop.push([own])
        laptop.push([own._replace(stamp=own.stamp + 1)])
        database = open_database(central.data_dir)
        guarded = ("audit", "version", "line")
        refused = [f"DELETE FROM {name}" for name in guarded]
        refused += ["UPDATE version SET wire = ''", "UPDATE audit SET detail = ''"]
        by_all = "TRUNCATE {}" if database.engine.dialect.name == "postgresql" else "REPLACE INTO {0} SELECT * FROM {0}"
        for statement in (*refused, *map(by_all.format, guarded)):
            with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
                connection.execute(text(statement))
        database.close()
        assert admin.stats(central.data_dir)["versions"] == 1
        assert len(admin.audit_page(central.data_dir)) == 7


def test_making_a_central_twice(tmp_path: Path) -> None:
    """The same district is refused and nothing changes; another district is added to the same database."""
    folder = tmp_path / "c"
    with pytest.raises(NoCentral):
        admin.stats(folder)
    admin.create(folder, DISTRICT, DISTRICT_NAME)
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(CentralExists):
        admin.create(folder, DISTRICT, "别名")
    with pytest.raises(CentralExists):
        admin.create(folder, "110101", "东城", sqlite_url(tmp_path / "other.db"))
    with pytest.raises(BadDistrict):
        admin.create(folder, "新邱", DISTRICT_NAME)
    assert admin.stats(folder)["name"] == DISTRICT_NAME
    admin.create(folder, "110101", "东城")
    with pytest.raises(DistrictNotSpecified):
        admin.stats(folder)
    assert admin.stats(folder, district="110101")["name"] == "东城"


@pytest.mark.parametrize("url", ["mysql://x/y", "postgresql://nobody@/x?host=/nowhere", "sqlite:////nowhere/x.db"])
def test_a_database_that_is_not_there(tmp_path: Path, url: str) -> None:
    """An address that leads nowhere is an error for people, with the reason."""
    with pytest.raises(CentralDown) as caught:
        admin.create(tmp_path / "c", DISTRICT, DISTRICT_NAME, url)
    assert str(caught.value.values["detail"])
