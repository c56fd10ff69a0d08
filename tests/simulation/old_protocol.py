"""A laptop that still runs an earlier version: its messages lack what was added to the protocol since, its store what
later migrations add. The program is today's; what it may know is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import orjson
import zstandard

from store.db.connection import Connection, connect
from store.db.migrations.run import upgrade
from store.ledger.kinds import kinds
from tests.store.devices import KEY

SCHEMA = "0009"
"""The store before receipts."""
LATER_IN_REQUESTS = ("epoch", "chain", "offset_ms", "owners", "max_bytes")
LATER_IN_ANSWERS = (
    "receipts",
    "epoch",
    "clock_doubtful",
    "clock_off_ms",
    "repairs",
    "devices",
    "key",
    "roster",
    "introduce",
    "speaks",
)
LATER_FACTS = (
    "epoch",
    "chain",
    "chain_next",
    "central_key",
    "devices",
    "page_limits",
    "renewing",
    "clock_repairs",
    "exchange_refused",
    "account_state",
)
Headers = tuple[tuple[bytes, bytes], ...]


def decoded(body: bytes, encoding: str) -> dict[str, object]:
    """The JSON object of a body that may be compressed."""
    plain = zstandard.ZstdDecompressor().stream_reader(body).read() if encoding == "zstd" else body
    value: dict[str, object] = orjson.loads(plain)
    return value


def old_request(body: bytes, headers: Headers) -> tuple[bytes, Headers]:
    """A request as an earlier version sends it: not compressed, without the later fields."""
    encoding = dict(headers).get(b"content-encoding", b"").decode()
    kept = tuple(header for header in headers if header[0].lower() not in (b"content-encoding", b"content-length"))
    return (_without(body, encoding, LATER_IN_REQUESTS) if body else body), kept


def old_answer(answer: httpx.Response, body: bytes) -> httpx.Response:
    """An answer as an earlier version understands it."""
    if answer.status_code != httpx.codes.OK or answer.headers.get("content-type") != "application/json":
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(body))
    plain = _without(body, answer.headers.get("content-encoding", ""), LATER_IN_ANSWERS)
    headers = {"content-type": "application/json", "content-length": str(len(plain))}
    return httpx.Response(answer.status_code, headers=headers, stream=httpx.ByteStream(plain))


def _without(body: bytes, encoding: str, names: tuple[str, ...]) -> bytes:
    value = decoded(body, encoding)
    return orjson.dumps({name: part for name, part in value.items() if name not in names})


def take_back_schema(store: Path) -> None:
    """Take from a closed store what migrations after `SCHEMA` have added. Fields of lines that have a column since then
    lie among the unknown ones again, where an earlier version keeps them; device state goes."""
    connection = connect(store, KEY)
    try:
        (then, then_indexes), now = _earlier_schema(), _columns(connection)
        connection.execute("BEGIN IMMEDIATE")
        for index in _indexes(connection) - then_indexes:
            connection.execute(f'DROP INDEX "{index}"')
        for table in now.keys() - then.keys():
            connection.execute(f'DROP TABLE "{table}"')
        for table in now.keys() & then.keys():
            for column in sorted(now[table] - then[table]):
                if table in kinds():
                    _forget_field(connection, table, column)
                connection.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
        connection.executemany("DELETE FROM meta WHERE key = ?", [(fact,) for fact in LATER_FACTS])
        connection.execute("UPDATE alembic_version SET version_num = ?", (SCHEMA,))
        connection.execute("COMMIT")
    finally:
        connection.close()


def _forget_field(connection: Connection, table: str, column: str) -> None:
    """Move the values of a column to the unknown fields of their lines."""
    declared = {row[1]: row[2] for row in connection.execute(f'PRAGMA table_info("{table}")')}
    value = f'json("{column}")' if declared[column] == "JSON" else f'"{column}"'
    connection.execute(
        f"UPDATE \"{table}\" SET extra = json_set(coalesce(extra, '{{}}'), '$.{column}', {value}) "
        f'WHERE "{column}" IS NOT NULL'
    )


@cache
def _earlier_schema() -> tuple[dict[str, set[str]], set[str]]:
    with TemporaryDirectory() as folder:
        connection = connect(Path(folder) / "earlier.db", KEY)
        try:
            upgrade(connection, SCHEMA)
            return _columns(connection), _indexes(connection)
        finally:
            connection.close()


def _columns(connection: Connection) -> dict[str, set[str]]:
    """The columns of each table, those of the search index and of SQLite left out."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"
    )
    tables = [row[0] for row in connection.execute(query)]
    return {table: {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')} for table in tables}


def _indexes(connection: Connection) -> set[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    return {row[0] for row in connection.execute(query)}
