"""Triggers that make tables append-only: audit and version rows are never deleted, nor are lines, and all that may
change in them is that the text of an erased person's version, or an event's detail, is emptied (R50, issue 13). Bytes
of attachments that are whole are neither changed nor deleted, unless they are erased.

They are attached to the tables, so that ``create_all`` creates them; migrations 0001, 0021, 0026 and 0027 create the
same ones. In PostgreSQL `ERASE` alone changes such rows, with its owner's rights: the serving role has none of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from orjson import dumps
from sqlalchemy import ARRAY, BigInteger, Connection, Table, Text, event, func, literal, select, text

from sync.central.db.tables import AUDIT, BLOB, BLOB_PART, LINE, VERSION

APPEND_ONLY_TABLES: tuple[tuple[Table, str | None], ...] = ((AUDIT, "detail"), (VERSION, "wire"), (LINE, None))
"""The tables of which no row is deleted. In all but the lines one column may be emptied, and nothing else changed."""
ERASED_DETAIL = '{"erased":true}'
"""What is left of an event's detail."""

_POSTGRESQL_ERASED = """
CREATE OR REPLACE FUNCTION guanjia_erased(wire text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN RETURN jsonb_set(wire::jsonb, '{body}', '{"erased": true}')::text;
EXCEPTION WHEN others THEN RETURN '{"body": {"erased": true}}'; END $$
"""
_POSTGRESQL_REFUSE = """
CREATE OR REPLACE FUNCTION guanjia_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME; END $$
"""
_POSTGRESQL_GUARD = """
CREATE OR REPLACE FUNCTION guanjia_erase_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF to_jsonb(NEW) - '{column}' = to_jsonb(OLD) - '{column}' AND NEW.{column} = {erased}
AND EXISTS (SELECT FROM erased_line e WHERE {about}) THEN RETURN NEW; END IF;
RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME; END $$
"""
ERASE = """
CREATE OR REPLACE FUNCTION guanjia_erase(place text, lines text[], events bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN UPDATE version SET wire = guanjia_erased(wire) WHERE district = place AND id = ANY(lines)
AND wire <> guanjia_erased(wire);
UPDATE audit SET detail = '{"erased":true}' WHERE district = place AND seq = ANY(events); END $$
"""
_ABOUT = {"version": "e.district = OLD.district AND e.id = OLD.id", "audit": "e.district = OLD.district"}
_SQLITE_ERASED = (
    "CASE WHEN json_valid({wire}) THEN json_set({wire}, '$.body', json('{{\"erased\":true}}')) "
    'ELSE \'{{"body":{{"erased":true}}}}\' END'
)


def sqlite_erased(wire: str) -> str:
    """The SQL expression of what is left of the text of a version: all but its body."""
    return _SQLITE_ERASED.format(wire=wire)


def empty_texts(connection: Connection, district: str, lines: Sequence[str], events: Sequence[int]) -> None:
    """Empty the versions of these lines, which are about erased people, and the details of these events."""
    if connection.dialect.name == "postgresql":
        values = (literal(list(lines), ARRAY(Text)), literal(list(events), ARRAY(BigInteger)))
        connection.execute(select(func.guanjia_erase(district, *values)))
        return
    left, chosen = sqlite_erased("wire"), "id IN (SELECT value FROM json_each(?))"
    versions = f"UPDATE version SET wire = {left} WHERE district = ? AND {chosen} AND wire <> {left}"
    connection.exec_driver_sql(versions, (district, dumps(list(lines)).decode()))
    details = "UPDATE audit SET detail = ? WHERE district = ? AND seq IN (SELECT value FROM json_each(?))"
    connection.exec_driver_sql(details, (ERASED_DETAIL, district, dumps(list(events)).decode()))


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _sqlite_refusal(table: str, act: str, condition: str = "") -> str:
    return (
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {condition}"
        f"BEGIN SELECT RAISE(ABORT, '{act} of {table} is refused: the ledger is append-only'); END"
    )


def sqlite_triggers(table: Table, column: str | None) -> list[str]:
    """The statements that make SQLite refuse deletions of a table's rows, and changes but for the emptied column."""
    statements = [_sqlite_refusal(table.name, "DELETE")]
    if column is not None:
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in _names(table) if name != column)
        erased = sqlite_erased(f"OLD.{column}") if table is VERSION else f"'{ERASED_DETAIL}'"
        about = f"EXISTS (SELECT 1 FROM erased_line e WHERE {_ABOUT[table.name]})"
        condition = f"WHEN NOT (NEW.{column} = {erased} AND {same} AND {about}) "
        statements.append(_sqlite_refusal(table.name, "UPDATE", condition))
    return statements


def postgresql_triggers(table: Table, column: str | None) -> list[str]:
    """The same for PostgreSQL, with the functions that they call; emptying a whole table is refused too."""
    statements = [
        _POSTGRESQL_REFUSE,
        f"CREATE TRIGGER {table.name}_append_only BEFORE DELETE OR TRUNCATE ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION guanjia_append_only()",
    ]
    if column is None:
        return statements
    erased = "guanjia_erased(OLD.wire)" if table is VERSION else f"'{ERASED_DETAIL}'"
    guard = {"table": table.name, "column": column, "erased": erased, "about": _ABOUT[table.name]}
    return [
        *statements,
        _POSTGRESQL_ERASED,
        _POSTGRESQL_GUARD.format(**guard),
        f"CREATE TRIGGER {table.name}_erase_only BEFORE UPDATE ON {table.name} "
        f"FOR EACH ROW EXECUTE FUNCTION guanjia_erase_{table.name}()",
        *((ERASE, "REVOKE ALL ON FUNCTION guanjia_erase FROM PUBLIC") if table is VERSION else ()),
    ]


def _create_triggers(table: Table, connection: Connection, **_: object) -> None:
    make = postgresql_triggers if connection.dialect.name == "postgresql" else sqlite_triggers
    for statement in make(table, dict(APPEND_ONLY_TABLES)[table]):
        connection.execute(text(statement.replace(":true", "\\:true")))


for _table, _ in APPEND_ONLY_TABLES:
    event.listen(_table, "after_create", _create_triggers)


_OF_WHOLE = (
    "EXISTS (SELECT 1 FROM blob b WHERE b.district = OLD.district AND b.bucket = OLD.bucket "
    "AND b.sha256 = OLD.sha256 AND b.whole_at IS NOT NULL)"
)
_WHOLE_REFUSAL = "of whole bytes is refused: they are kept as they are"
_ERASING = "EXISTS (SELECT 1 FROM erased_line e WHERE e.district = OLD.district)"
_SAME_BLOB = "NEW.district = OLD.district AND NEW.bucket = OLD.bucket AND NEW.sha256 = OLD.sha256"
_ERASED = f"(NEW.erased_at IS NOT NULL AND NEW.whole_at IS NULL AND {_SAME_BLOB} AND {_ERASING})"
_MOVED = (
    f"(NEW.erased_at IS NULL AND NEW.whole_at IS NOT DISTINCT FROM OLD.whole_at AND NEW.size = OLD.size "
    f"AND NEW.received = OLD.received AND {_SAME_BLOB})"
)
_IS_STORED = f"{_OF_WHOLE[:-1]} AND b.stored_at IS NOT NULL)"
_UNLESS = {
    ("UPDATE", BLOB.name): f"AND NOT {_ERASED} AND NOT {_MOVED} ",
    ("DELETE", BLOB_PART.name): f"AND NOT {_IS_STORED} ",
}
KEEP_WHOLE_SQLITE = {
    table: [
        f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} WHEN {_OF_WHOLE} "
        f"{_UNLESS.get((act, table), '')}"
        f"BEGIN SELECT RAISE(ABORT, '{act} {_WHOLE_REFUSAL}'); END"
        for act in ("DELETE", "UPDATE")
    ]
    for table in (BLOB.name, BLOB_PART.name)
}
"""The statements that make SQLite refuse to change or delete bytes that are whole and checked, by table. That they are
erased may be said of them; then they are whole no more. So may be where they lie; what an outside store has may go."""
KEEP_WHOLE_POSTGRESQL = {
    table: [
        f"""
CREATE OR REPLACE FUNCTION guanjia_keep_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF {_OF_WHOLE} THEN
IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = '{BLOB.name}' THEN
IF {_ERASED} OR {_MOVED} THEN RETURN NEW; END IF; END IF;
IF TG_OP = 'DELETE' AND TG_TABLE_NAME = '{BLOB_PART.name}' THEN IF {_IS_STORED} THEN RETURN OLD; END IF; END IF;
RAISE EXCEPTION '% {_WHOLE_REFUSAL}', TG_OP; END IF;
RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END $$
""",
        f"CREATE TRIGGER {table}_keep_whole BEFORE DELETE OR UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION guanjia_keep_whole()",
    ]
    for table in (BLOB.name, BLOB_PART.name)
}
"""The same for PostgreSQL."""


def _keep_whole(table: Table, connection: Connection, **_: object) -> None:
    is_postgresql = connection.dialect.name == "postgresql"
    for statement in (KEEP_WHOLE_POSTGRESQL if is_postgresql else KEEP_WHOLE_SQLITE)[table.name]:
        connection.execute(text(statement))


for _table in (BLOB, BLOB_PART):
    event.listen(_table, "after_create", _keep_whole)
