"""The store's schema: what the models say and what the migrations build are one thing."""

from __future__ import annotations

from pathlib import Path

import sqlcipher3.dbapi2 as sqlite
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import store.ledger.local_schema  # registers the local tables
from store.db.migrations import new_store
from store.db.migrations.run import HERE, engine_over, upgrade
from store.db.schema_version import HEAD
from store.ledger.kinds import kinds
from store.ledger.models.base import STORE_REGISTRY
from store.search.index import SCHEMA


def test_migrations_build_what_the_models_describe() -> None:
    """Migrating an empty file to the head leaves no difference to the models' tables."""
    kinds()
    connection = sqlite.connect(":memory:", isolation_level=None)
    upgrade(connection)
    known = set(STORE_REGISTRY.metadata.tables)
    with engine_over(connection).connect() as work:
        context = MigrationContext.configure(
            work, opts={"include_name": lambda name, kind, _: kind != "table" or name in known}
        )
        assert compare_metadata(context, STORE_REGISTRY.metadata) == []
    assert store.ledger.local_schema.Outbox.__tablename__ in known


def test_a_new_store_is_what_the_migrations_build() -> None:
    """A store is created from one file of statements, which is what all migrations build. After adding a migration:
    ``python -m store.db.migrations.new_store``."""
    assert new_store.FILE.read_text("utf-8") == new_store.migrated_schema()
    created, migrated = (sqlite.connect(":memory:", isolation_level=None) for _ in range(2))
    new_store.create_schema(created)
    upgrade(migrated)
    for query in ("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name", "SELECT * FROM alembic_version"):
        assert created.execute(query).fetchall() == migrated.execute(query).fetchall()


def test_the_lookup_finds_the_tables_it_expects() -> None:
    """What the migrations build for the lookup is what its write side says it needs."""
    migrated, expected = (sqlite.connect(":memory:", isolation_level=None) for _ in range(2))
    upgrade(migrated)
    for statement in SCHEMA:
        expected.execute(statement)
    query = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'search%' ORDER BY name"
    assert migrated.execute(query).fetchall() == expected.execute(query).fetchall()


def test_head_is_the_newest_migration() -> None:
    """The schema version that the program checks is the newest migration's number."""
    assert ScriptDirectory(str(HERE)).get_current_head() == HEAD


def test_migrations_are_numbered_without_gaps() -> None:
    """Every migration file carries the next number, so the order can be read off the folder."""
    numbers = sorted(path.name[:4] for path in Path(HERE, "versions").glob("[0-9]*.py"))
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
