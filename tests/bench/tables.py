"""Real tables as the floor takes them: their SQL as it stands in a database that our program made, and their rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import sqlcipher3.dbapi2 as sqlite

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "cache_size = -32768", "wal_autocheckpoint = 4000")
"""As ``store/db/database.py`` sets them."""

Row = tuple[Any, ...]


class Table(NamedTuple):
    """One table: the statements that make it with its indexes, and the one that inserts a row."""

    name: str
    makes: tuple[str, ...]
    insert: str

    def create(self, connection: Any) -> None:
        """Make it in an empty database."""
        for statement in self.makes:
            connection.execute(statement)


def connect(path: Path, key: bytes | None = None) -> Any:
    """A bare connection in autocommit mode with our program's pragmas; encrypted where there is a key."""
    connection = sqlite.connect(str(path), isolation_level=None, check_same_thread=False)
    if key is not None:
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def read_table(connection: Any, name: str) -> Table:
    """The table ``name`` as the database has it."""
    rows = connection.execute("SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", (name,))
    makes = tuple(row[0] for row in rows)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
    names, places = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
    return Table(name, makes, f"INSERT INTO {name} ({names}) VALUES ({places})")


def pages(tables: list[tuple[Table, list[Row]]], size: int) -> Iterator[list[tuple[Table, list[Row]]]]:
    """All rows in transactions of ``size``, each as a few slices of tables."""
    page: list[tuple[Table, list[Row]]] = []
    room = size
    for table, rows in tables:
        start = 0
        while start < len(rows):
            taken = rows[start : start + room]
            page.append((table, taken))
            start += len(taken)
            room -= len(taken)
            if room == 0:
                yield page
                page, room = [], size
    if page:
        yield page
