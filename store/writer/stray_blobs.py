"""Removes bytes of attachments whose lines have left this device, with a withdrawn scope or for good, or were erased.

Files and ledger cannot commit together. So the transaction that deletes the lines notes whose bytes are to go
(`STRAY_FACT`), and `remove_strays` deletes those files, after the round and of the command, until it has succeeded. A
file that no line ever named, of a process that was killed between the two, is found by `orphans`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

import orjson

from store.db.connection import Connection
from store.db.database import Database
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import BlobKey, Transfers
from store.home.viewing import forget_copies
from store.ledger.kinds import bucket_of
from store.ledger.line import Body, Line

ATTACHMENT, STRAY_FACT = "attachment", "stray_blobs"
"""The kind of lines that name bytes; the device fact with the bytes (JSON: bucket, SHA-256) that are to go."""
_IS_NAMED = "SELECT EXISTS (SELECT 1 FROM attachment WHERE id = ? AND ? IN (sha256, copy_sha256))"
ORPHAN_AGE_S = 86_400
"""A file that no line names may be one whose line is just being written: it is left alone for so long."""


def note_strays(connection: Connection, lines: Iterable[Line]) -> None:
    """Note that the bytes of these lines are to go, in the transaction in which the lines do."""
    gone = [key for line in lines if line.kind == ATTACHMENT for key in _keys_of(bucket_of(line), line.body)]
    if gone:
        noted = {*_noted(connection), *gone}
        fact = orjson.dumps(sorted(noted)).decode()
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (STRAY_FACT, fact))


def _noted(connection: Connection) -> list[BlobKey]:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (STRAY_FACT,)).fetchone()
    return [(bucket, sha256) for bucket, sha256 in orjson.loads(row[0])] if row else []


def _keys_of(bucket: str, body: Body) -> Iterable[BlobKey]:
    return [(bucket, str(body[name])) for name in ("sha256", "copy_sha256") if body.get(name)]


def remove_strays(database: Database) -> int:
    """Delete the files of bytes that are to go and that no line here names any more, and their copies for the system's
    viewer; gives how many were. Raises errors of the disk; the rest is then tried again."""
    noted = _noted(database.connection())
    if not noted:
        return 0
    blobs = BlobStore(database)
    gone = set(noted) - named_keys(database.connection())
    for key in gone:
        blobs.remove(*key)
    with Transfers(database) as transfers:
        transfers.forget(sorted(gone))
    forget_copies(database.path.parent, [blobs.name_of(*key) for key in gone])
    with database.write() as connection:
        connection.execute("DELETE FROM meta WHERE key = ?", (STRAY_FACT,))
        left = sorted({*_noted(connection)} - {*noted})
        if left:
            connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (STRAY_FACT, orjson.dumps(left).decode()))
    return len(gone)


def names_to_go(database: Database) -> set[str]:
    """The names of the files that are to go and are perhaps still there."""
    gone = set(_noted(database.connection())) - named_keys(database.connection())
    blobs = BlobStore(database)
    return {blobs.name_of(*key) for key in gone}


def remove_if_unnamed(database: Database, line: str, key: BlobKey) -> bool:
    """Delete bytes that have just come for this line, where neither it nor another names them any more: whoever erased
    them, or gave up their scope, found nothing to delete. Gives whether that is so. Raises errors of the disk."""
    connection = database.connection()
    if connection.execute(_IS_NAMED, (line, key[1])).fetchone()[0] or key in named_keys(connection):
        return False
    BlobStore(database).remove(*key)
    return True


def named_keys(connection: Connection) -> set[BlobKey]:
    """Which bytes do lines here name, those that the bin could bring back included?"""
    rows = [
        (kind, project, orjson.loads(body))
        for kind, project, body in connection.execute(
            "SELECT kind, project_id, json_object('of_kind', of_kind, 'of_id', of_id, 'issue_id', issue_id, "
            "'sha256', sha256, 'copy_sha256', copy_sha256) FROM (SELECT 'attachment' AS kind, * FROM attachment) "
            "UNION ALL SELECT kind, project_id, body FROM history WHERE kind = 'attachment' "
            "UNION ALL SELECT kind, project_id, body FROM unknown_line WHERE kind = 'attachment'"
        )
    ]
    named: set[BlobKey] = set()
    for kind, project, body in rows:
        line = Line("", kind, project, 0, "", "", False, {name: value for name, value in body.items() if value})
        named.update(_keys_of(bucket_of(line), line.body))
    return named


def orphans(database: Database) -> list[Path]:
    """The files beside the ledger that no line names, and that are no longer being written."""
    blobs = BlobStore(database)
    named = {blobs.name_of(*key) for key in named_keys(database.connection())}
    oldest = time.time() - ORPHAN_AGE_S
    found = []
    for path in blobs.strays(named):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                found.append(path)
    return found
