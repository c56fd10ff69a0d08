"""The central's database: one engine over SQLite or PostgreSQL, reads in one snapshot, writes in one transaction.

SQLite comes through ``sqlcipher3`` without a key, because it brings a current SQLite into the process (decision 7).
A write takes the district's row first (``sequence.py``), so all writes of a district stand in one line.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from orjson import dumps
from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Table,
    Text,
    any_,
    cast,
    create_engine,
    event,
    func,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError

from store.db.connection import require_sqlite

BUSY_TIMEOUT_S = 20
POOL_SIZE = 8
"""Connections of one process; as many requests as this are worked on at a time (``app.py``)."""
_ENGINE_OPTIONS: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": 2, "hide_parameters": True}
"""``hide_parameters``: what people wrote stays out of error messages, and so out of the log."""
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -8192",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA recursive_triggers = ON",
)
"""With recursive triggers also REPLACE, which deletes a row on its way, meets the triggers of ``triggers.py``."""


def sqlite_url(path: Path) -> str:
    """The address of an SQLite file, as ``--database`` would say it."""
    return f"sqlite:///{path}"


class CentralDatabase:
    """An open database; ``close`` gives its connections back. Safe to share between threads, not between processes."""

    def __init__(self, url: str) -> None:
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgresql_engine(url)
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        postgresql = self.engine.dialect.name == "postgresql"
        self._reader = self.engine.execution_options(**snapshot) if postgresql else self.engine
        self._writer = self.engine.execution_options(writes=True)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: every query inside sees the same commits."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: all of it is on disk when the block has ended, or nothing is."""
        with self._writer.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def _sqlite_engine(url: str) -> Engine:
    require_sqlite(sqlite.sqlite_version)
    address = "sqlite+pysqlite:" + url.partition(":")[2]
    arguments = {"check_same_thread": False, "cached_statements": 256}
    engine = create_engine(address, module=sqlite, connect_args=arguments, **_ENGINE_OPTIONS)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # transactions are begun below, not by the driver's guess
    for pragma in _SQLITE_PRAGMAS:
        raw.execute(pragma)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(f"neither sqlite: nor postgresql: {scheme}:")
    return create_engine(f"postgresql+psycopg://{rest}", **_ENGINE_OPTIONS)


def is_one_of(connection: Connection, column: Column[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """``column`` is one of ``values``, sent as one parameter however many there are."""
    if connection.dialect.name == "postgresql":
        return column == any_(cast(literal(list(values), ARRAY(Text)), ARRAY(Text)))
    listed = func.json_each(dumps(list(values)).decode()).table_valued("value")
    return column.in_(select(listed.c.value))


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given in the order of the table's columns: one statement, without a dict a row. PostgreSQL gets
    them by COPY, SQLite by executemany."""
    if not rows:
        return
    names = ", ".join(table.columns.keys())
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", rows)
        return
    places = ", ".join("?" * len(table.columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({places})", list(rows))


def _copy(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """COPY goes past SQLAlchemy, so what goes wrong is made to look as if it had not."""
    raw: Any = connection.connection.driver_connection
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statement, None, error, hide_parameters=True, connection_invalidated=raw.closed) from error
