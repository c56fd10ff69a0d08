"""The schema of a new store in one file, ``new_store.sql``: what all migrations build on an empty file.

Running every migration takes 0.1 s and loads Alembic; a new store (``guanjia init``, ``guanjia join``) needs neither.
The file is written by ``python -m store.db.migrations.new_store`` after a migration was added; a test compares it with
what the migrations build. May touch an open, empty connection. Next: ``run.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection

FILE = Path(__file__).with_name("new_store.sql")
_TABLES = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
_OBJECTS = """
SELECT sql FROM sqlite_master
WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
  AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
ORDER BY rowid
"""


def create_schema(connection: Connection) -> None:
    """Give an empty store the schema of ``new_store.sql``, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(FILE.read_text("utf-8")):
            connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def statements(script: str) -> Iterator[str]:
    """The statements of a script, each whole: a trigger has semicolons within."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if pending.strip() and sqlite.complete_statement(pending):
            yield pending
            pending = ""


def dump_schema(connection: Connection) -> str:
    """The statements that build this store's schema, and the rows that its migrations have put there."""
    parts = [str(sql) for (sql,) in connection.execute(_OBJECTS)]
    for (table,) in connection.execute(_TABLES).fetchall():
        for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1'):
            values = ", ".join(connection.execute("SELECT quote(?)", (value,)).fetchone()[0] for value in row)
            parts.append(f'INSERT INTO "{table}" VALUES ({values})')
    return "".join(f"{part};\n" for part in parts)


def migrated_schema() -> str:
    """What the file has to hold: the schema that all migrations build."""
    from store.db.migrations.run import upgrade  # noqa: PLC0415 - Alembic is loaded to write the file, not to read it

    connection = sqlite.connect(":memory:", isolation_level=None)
    upgrade(connection)
    return dump_schema(connection)


if __name__ == "__main__":
    FILE.write_text(migrated_schema(), "utf-8")
