"""Triggers that make tables append-only: audit and version rows are never changed, nor they or lines deleted (R50).

They are attached to the tables, so that ``create_all`` creates them; migration 0001 creates the same ones.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, event, text

from sync.central.db.tables import AUDIT, LINE, VERSION

APPEND_ONLY_TABLES: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (AUDIT, ("UPDATE", "DELETE")),
    (VERSION, ("UPDATE", "DELETE")),
    (LINE, ("DELETE",)),
)

POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION guanjia_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME; END $$
"""


def sqlite_trigger(table: str, act: str) -> str:
    """The statement that makes SQLite refuse ``act`` on ``table``."""
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{act} of {table} is refused: the ledger is append-only'); END"
    )


def postgresql_trigger(table: str, acts: tuple[str, ...]) -> str:
    """The statement that makes PostgreSQL refuse ``acts``, and emptying, on ``table``."""
    events = " OR ".join((*acts, "TRUNCATE"))
    return (
        f"CREATE TRIGGER {table}_append_only BEFORE {events} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION guanjia_append_only()"
    )


def _create_triggers(table: Table, connection: Connection, **_: object) -> None:
    acts = dict(APPEND_ONLY_TABLES)[table]
    if connection.dialect.name == "postgresql":
        connection.execute(text(POSTGRESQL_FUNCTION))
        connection.execute(text(postgresql_trigger(table.name, acts)))
        return
    for act in acts:
        connection.execute(text(sqlite_trigger(table.name, act)))


for _table, _ in APPEND_ONLY_TABLES:
    event.listen(_table, "after_create", _create_triggers)
