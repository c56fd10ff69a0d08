"""Removes what SQLite keeps of texts that were erased, or left with a withdrawn scope: in merged pages of the search
index, in free pages, in the log.

Erasing changes rows; the bytes that were there stay in the file until it is written anew. That takes as long as the
file is big, so it is no part of the transaction: a fact says that it is due (`SCRUB_FACT`), and it is tried at the end
of each round and of the command, until it has succeeded. After an erasure safety copies of earlier schemas are deleted,
since nothing can be erased in them; a withdrawn scope leaves them, who gave them away has what they say elsewhere.
"""

from __future__ import annotations

import contextlib
import logging

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection
from store.db.database import Database
from store.exceptions import StoreError

SCRUB_FACT = "scrub"
"""The device fact that says that texts were erased or withdrawn since the file was last written anew."""
_ERASED, _WITHDRAWN = "1", "withdrawn"
_LOG = logging.getLogger("guanjia.sync")
_OPTIMIZE = "INSERT INTO search_word (search_word) VALUES ('optimize')"


def note_erased(connection: Connection) -> None:
    """Note that texts were erased, in the transaction that erases them."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (SCRUB_FACT, _ERASED))


def note_withdrawn(connection: Connection) -> None:
    """Note that lines have left with a withdrawn scope, in the transaction in which they do."""
    connection.execute("INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)", (SCRUB_FACT, _WITHDRAWN))


def is_scrub_due(database: Database) -> bool:
    """Whether erased texts may still be in the files."""
    return _due(database) is not None


def _due(database: Database) -> str | None:
    row = database.connection().execute("SELECT value FROM meta WHERE key = ?", (SCRUB_FACT,)).fetchone()
    return row and str(row[0])


def scrub_if_due(database: Database) -> bool:
    """Write the files anew if that is due; gives whether nothing is left to do. A file that somebody reads just now, or
    a disk without room, leaves it due: the log names the reason."""
    due = _due(database)
    if due is None:
        return True
    try:
        is_done = _scrub(database, copies=due != _WITHDRAWN)
    except (StoreError, sqlite.Error, OSError) as error:
        _LOG.warning("erased texts are not yet out of the files (%s)", getattr(error, "code", type(error).__name__))
        return False
    if is_done:
        with database.write() as connection:
            connection.execute("DELETE FROM meta WHERE key = ? AND value = ?", (SCRUB_FACT, due))
    return is_done


def _scrub(database: Database, *, copies: bool) -> bool:
    from store.writer.stray_blobs import remove_strays  # noqa: PLC0415 - loads the kinds; a backup only asks what is due

    remove_strays(database)
    with database.write() as connection:
        connection.execute(_OPTIMIZE)
    files = [database, *([database.device_file] if database.device_file.path.exists() else [])]
    written_anew = [file.write_anew() for file in files]
    for copy in database.path.parent.glob(f"{database.path.name}.before-*") if copies else ():
        with contextlib.suppress(FileNotFoundError):
            copy.unlink()
    return all(written_anew)
