"""The central's database: one engine over SQLite or PostgreSQL, reads in one snapshot, writes in one transaction.

SQLite is opened through ``sqlcipher3`` without a key, because that brings a current SQLite into the process (decision
7). A write locks the district's row first (``commit_order.py``), so the writes of a district follow one another.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar
from typing import cast as typed

import sqlcipher3.dbapi2 as sqlite
from orjson import dumps
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Table,
    Text,
    any_,
    cast,
    create_engine,
    event,
    literal,
    text,
)
from sqlalchemy.engine import Compiled
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.util import LRUCache

from store.db.connection import enable_wal, require_sqlite

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_S = 20
POOL_SIZE = 8
"""Connections of one process, which handles as many requests at a time (``api/app.py``)."""


CHANNEL = "guanjia_district"
"""On which processes are told which district was written to (``sync/central/api/listening.py``)."""
WRITTEN_MARK = "written"
"""Set in a connection's ``info`` by a transaction that writes to a district: its code."""
ERASED_MARK = "erased"
"""Set in a connection's ``info`` by a transaction that erases texts: afterwards the log must not keep them."""

ValueT = TypeVar("ValueT", str, int)
_StatementKey = tuple[Dialect, tuple[object, ...], tuple[str, ...], bool, bool]


class CompiledStatements:
    """The compiled statements of a process, for SQLAlchemy's ``compiled_cache``. SQLAlchemy keeps them for an engine;
    here they serve every engine on a database of the same sort and version, as a process opens several.
    """

    def __init__(self, capacity: int) -> None:
        self._statements: LRUCache[tuple[object, ...], Compiled] = LRUCache(capacity)

    def get(self, key: _StatementKey) -> Compiled | None:
        """The statement, if one of the engines has compiled it."""
        return self._statements.get(_without_engine(key))

    def __setitem__(self, key: _StatementKey, statement: Compiled) -> None:
        self._statements[_without_engine(key)] = statement


def _without_engine(key: _StatementKey) -> tuple[object, ...]:
    dialect, *rest = key
    return (dialect.name, dialect.driver, dialect.server_version_info, *rest)


class _EngineOptions(TypedDict):
    pool_size: int
    max_overflow: int
    hide_parameters: bool
    execution_options: dict[str, object]


_ENGINE_OPTIONS: _EngineOptions = {
    "pool_size": POOL_SIZE,
    "max_overflow": 2,
    "hide_parameters": True,
    "execution_options": {"compiled_cache": CompiledStatements(1_000)},
}
"""``hide_parameters``: values stay out of error messages, and so out of the log."""
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}",
    "PRAGMA synchronous = FULL",
    "PRAGMA cache_size = -8192",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA secure_delete = ON",
)
"""With recursive triggers REPLACE, which deletes a row, fires the triggers of ``triggers.py`` too. With secure deletion
what a row said is overwritten when it is changed, so that what was erased is in no free page."""


def sqlite_url(path: Path) -> str:
    """The database URL of an SQLite file."""
    return f"sqlite:///{path}"


_NOTIFY = text("SELECT pg_notify(:channel, :district)")
_MAY_READ = "SELECT coalesce(has_table_privilege(to_regclass('line')::oid, 'SELECT'), false)"
_KEEP_TABLES = "LOCK TABLE ONLY line IN ACCESS SHARE MODE"
"""Before the first query of a read, since it takes no snapshot: whoever makes the tables anew (``partitions.py``) waits
for the read, or the read for them. To a snapshot of before they would seem empty afterwards."""


class CentralDatabase:
    """An open database; `close` closes its connections. May be shared between threads, not between processes."""

    def __init__(self, url: str) -> None:
        self.engine = _sqlite_engine(url) if url.startswith("sqlite") else _postgresql_engine(url)
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        postgresql = self.engine.dialect.name == "postgresql"
        self._reader = self.engine.execution_options(**snapshot) if postgresql else self.engine
        self._writer = self.engine.execution_options(writes=True)
        self._erase_due = False
        self._may_read = False

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: every query inside sees the same commits."""
        keeps_tables = self._keeps_tables()
        with self._reader.connect() as connection, connection.begin():
            if keeps_tables:
                connection.exec_driver_sql(_KEEP_TABLES)
            yield connection

    def _keeps_tables(self) -> bool:
        """Whether there are tables that may be made anew while they are read, and that this role may read yet."""
        if not self._may_read and self.engine.dialect.name == "postgresql":
            with self.engine.connect() as connection:
                self._may_read = bool(connection.exec_driver_sql(_MAY_READ).scalar())
        return self._may_read

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction: when the block has ended, all of it is on disk, or nothing."""
        with self._writer.connect() as connection:
            with connection.begin():
                yield connection
            self._erase_due |= bool(connection.info.pop(ERASED_MARK, False))
            written = connection.info.pop(WRITTEN_MARK, None)
            if written is not None:
                self._tell(connection, written)
        if self._erase_due:
            self._erase_due = not self._empty_log()
            self._delete_safety_copies()

    def notify(self, district: str) -> None:
        """Tell every process that listens that a district was written to, or with "" only that it can be heard. Does
        nothing where nobody can listen. Raises no error: nothing depends on it."""
        with contextlib.suppress(SQLAlchemyError), self.engine.connect() as connection:
            self._tell(connection, district)

    def _tell(self, connection: Connection, district: str) -> None:
        """In a transaction of its own, after the one that wrote: those that notify commit one after another, and this
        one has nothing to flush to the disk."""
        if self.engine.dialect.name != "postgresql":
            return
        with contextlib.suppress(SQLAlchemyError), connection.begin():
            connection.execute(_NOTIFY, {"channel": CHANNEL, "district": district})

    def _empty_log(self) -> bool:
        """Empty SQLite's log, in which the pages are as they were before; gives whether it is empty, which it is not
        while others read. PostgreSQL keeps its log for as long as its operator says."""
        if self.file is None:
            return True
        with self.driver_connection() as raw:
            raw.execute("PRAGMA busy_timeout = 0")
            try:
                return not raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                raw.execute(_SQLITE_PRAGMAS[0])

    @property
    def file(self) -> Path | None:
        """The SQLite file; None where the database is PostgreSQL."""
        name = self.engine.url.database
        return Path(name) if self.engine.dialect.name == "sqlite" and name else None

    def copy_into(self, target: Path) -> None:
        """Copy an SQLite database to a new file that only we can read, consistent although others are writing, and
        flush it to the disk. Raises `OSError` or `DBAPIError`; what was written then is left to the caller."""
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with self.driver_connection() as raw:
            raw.execute("VACUUM INTO ?", (str(target),))
        fsync_file(target)

    def write_anew(self) -> None:
        """Write an SQLite file anew, without what is left of changed rows in it. Raises `DBAPIError`."""
        with self.driver_connection() as raw:
            raw.execute("VACUUM")

    @contextlib.contextmanager
    def driver_connection(self) -> Iterator[sqlite.Connection]:
        """SQLite's own connection, for what cannot be done in a transaction. Raises `DBAPIError` for its errors."""
        with self.engine.connect() as connection:
            raw = typed("sqlite.Connection", connection.connection.driver_connection)
            try:
                yield raw
            except sqlite.Error as error:
                raise DBAPIError(None, None, error, hide_parameters=True) from error

    def _delete_safety_copies(self) -> None:
        """Delete the copies of before upgrades (``sync/central/admin/setup.py``): nothing can be erased in them."""
        for copy in self.file.parent.glob(f"{self.file.name}.before-*") if self.file else ():
            with contextlib.suppress(OSError):
                copy.unlink()

    def close(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()


def fsync_file(path: Path) -> None:
    """Flush a file to the disk: SQLite does not when it writes a copy."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sqlite_engine(url: str) -> Engine:
    require_sqlite(sqlite.sqlite_version)
    address = "sqlite+pysqlite:" + url.partition(":")[2]
    arguments = {"check_same_thread": False, "cached_statements": 256}
    engine = create_engine(address, module=sqlite, connect_args=arguments, **_ENGINE_OPTIONS)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(raw: sqlite.Connection, _record: object) -> None:
    raw.isolation_level = None  # `_begin` begins transactions, not the driver
    for pragma in _SQLITE_PRAGMAS:
        raw.execute(pragma)
    enable_wal(raw, BUSY_TIMEOUT_S)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql_engine(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(f"neither sqlite: nor postgresql: {scheme}:")
    return create_engine(f"postgresql+psycopg://{rest}", **_ENGINE_OPTIONS)


def is_one_of(connection: Connection, column: ColumnElement[ValueT], values: Sequence[ValueT]) -> ColumnElement[bool]:
    """``column``, of text or numbers, is one of ``values``, sent as one parameter however many there are."""
    if connection.dialect.name == "postgresql":
        of_type = ARRAY(BigInteger if isinstance(column.type, BigInteger) else Text)
        return column == any_(cast(literal(list(values), of_type), of_type))
    return _InJson(column, dumps(list(values)).decode())


class _InJson(FunctionElement[bool]):
    """``column IN (SELECT value FROM json_each(?))`` for SQLite: SQLAlchemy's own parts for it take three times as long
    to build as the rest of a statement. It has no type: with one, ``= 1`` would be added, which no index serves."""

    inherit_cache = True


@compiles(_InJson, "sqlite")
def _compile_in_json(element: _InJson, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows whose values are in the order of the table's columns, without a dict a row: by COPY into PostgreSQL,
    by executemany into SQLite."""
    if not rows:
        return
    names = ", ".join(table.columns.keys())
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.name} ({names}) FROM STDIN", rows)
        return
    parameters = ", ".join("?" * len(table.columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({parameters})", list(rows))


def _copy(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """COPY bypasses SQLAlchemy, so its errors are raised as SQLAlchemy would."""
    raw = typed("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError(statement, None, error, hide_parameters=True, connection_invalidated=raw.closed) from error
