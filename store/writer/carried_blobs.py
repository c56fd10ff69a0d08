"""Bytes of attachments on their way: a backup is one file, so it carries them in a table of its own.

They go as they lie on the disk, encrypted under a key that follows from the ledger's, which is the copy's too. The
table is in no schema: it is made in a copy, and `unpack_blobs` moves it to files and drops it before the copy becomes a
home's ledger.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from store.db.connection import Connection
from store.db.database import Database
from store.home.blobs.blob_store import BlobStore
from store.home.paths import create_private_folder, fsync_directory

_PIECE_BYTES = 1 << 20
_CREATE = (
    "CREATE TABLE carried_blob (name TEXT NOT NULL, piece INTEGER NOT NULL, content BLOB NOT NULL, "
    "PRIMARY KEY (name, piece))"
)
_EXISTS = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'carried_blob'"
_NAME = re.compile(r"[0-9a-f]{64}")


def pack_blobs(ledger: Database, copy: Database, leaving: Iterable[str] = ()) -> int:
    """Let ``copy``, a copy of a ledger, carry the bytes that lie beside it, but for the files ``leaving``; gives how
    many files. Raises errors of the disk."""
    folder, names = BlobStore(ledger).folder, sorted(BlobStore(ledger).names() - {*leaving})
    if not names:
        return 0
    with copy.write() as connection:
        connection.execute(_CREATE)
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # let go meanwhile
                connection.executemany("INSERT INTO carried_blob VALUES (?, ?, ?)", _pieces(folder / name))
    return len(names)


def _pieces(path: Path) -> Iterator[tuple[str, int, bytes]]:
    with path.open("rb") as file:
        number = 0
        while content := file.read(_PIECE_BYTES):
            yield path.name, number, content
            number += 1


def unpack_blobs(ledger: Database) -> int:
    """Move the bytes that a restored copy carries to files beside it; gives how many. Raises errors of the disk; the
    copy then still carries them."""
    connection = ledger.connection()
    if connection.execute(_EXISTS).fetchone() is None:
        return 0
    folder = BlobStore(ledger).folder
    create_private_folder(folder)
    names = [row[0] for row in connection.execute("SELECT DISTINCT name FROM carried_blob ORDER BY name")]
    for name in names:
        if _NAME.fullmatch(name):
            _write_file(connection, name, folder / name)
    fsync_directory(folder)
    with ledger.write() as writing:
        writing.execute("DROP TABLE carried_blob")
    ledger.write_anew()
    return len(names)


def _write_file(connection: Connection, name: str, path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for (content,) in connection.execute("SELECT content FROM carried_blob WHERE name = ? ORDER BY piece", (name,)):
            file.write(content)
        file.flush()
        os.fsync(file.fileno())
