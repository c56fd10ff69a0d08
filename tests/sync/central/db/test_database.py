"""The central's engines: what one has compiled serves the next."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, select

from sync.central.db.database import CentralDatabase, CompiledStatements, sqlite_url
from sync.central.db.tables import DISTRICT


def test_a_statement_is_compiled_once_for_all_databases_of_a_sort(tmp_path: Path) -> None:
    """Two SQLite files share a compiled statement; one for PostgreSQL is another."""
    kept = CompiledStatements(10)
    statement = select(DISTRICT)
    first, second = (CentralDatabase(sqlite_url(tmp_path / name)) for name in ("a.db", "b.db"))
    other = create_engine("postgresql+psycopg://").dialect
    for database in (first, second):
        database.engine.connect().close()  # now the version of the server is known
    compiled = statement.compile(first.engine)
    kept[first.engine.dialect, ("select",), (), False, False] = compiled
    assert kept.get((second.engine.dialect, ("select",), (), False, False)) is compiled
    assert kept.get((second.engine.dialect, ("another",), (), False, False)) is None
    assert kept.get((other, ("select",), (), False, False)) is None
    for database in (first, second):
        database.close()
