"""Rebuild the search index after an upgrade that changed its tokens, from the lines themselves.

A migration cannot do it, since the models may be newer than its tables; it writes `REINDEX_KEY`. Tokens are written
page by page from the oldest line on, each page in a transaction of its own that also stores the progress, so that a
crash leaves the rest to the next opening. Lines that are written meanwhile are indexed already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from store.db.connection import Connection

if TYPE_CHECKING:
    from store.db.database import Database
    from store.ledger.line import Line
    from store.search.index import IndexEntry

PAGE_SIZE = 2_000
REINDEX_KEY = "rewording"
"""Key of the device fact that holds the index row of the newest line still to be indexed."""
_REINDEX_DONE_KEY = "rewording_done"
_FETCH = "SELECT n, id, kind FROM search_line WHERE n > ? AND n <= ? ORDER BY n LIMIT ?"


def needs_reindex(connection: Connection) -> bool:
    """Whether an upgrade left lines to be indexed."""
    return connection.execute("SELECT 1 FROM meta WHERE key = ?", (REINDEX_KEY,)).fetchone() is not None


def reindex(database: Database, page_size: int = PAGE_SIZE) -> None:
    """Index the lines that are still to be indexed. Raises `StoreBusy` or `DiskFull`; finished pages stay."""
    while needs_reindex(database.connection()):
        with database.write() as connection:
            reindex_page(connection, page_size)


def reindex_page(connection: Connection, page_size: int = PAGE_SIZE) -> None:
    """Index the next ``page_size`` lines, or delete the progress when all are indexed, in the caller's transaction."""
    from store.search.index import write_tokens  # noqa: PLC0415 - only an upgrade pays for what loads the models

    query = "SELECT key, value FROM meta WHERE key IN (?, ?)"
    known = {key: int(value) for key, value in connection.execute(query, (REINDEX_KEY, _REINDEX_DONE_KEY))}
    if REINDEX_KEY not in known:
        return
    rows = connection.execute(_FETCH, (known.get(_REINDEX_DONE_KEY, 0), known[REINDEX_KEY], page_size)).fetchall()
    if not rows:
        connection.execute("DELETE FROM meta WHERE key IN (?, ?)", (REINDEX_KEY, _REINDEX_DONE_KEY))
        return
    entries = {entry.id: entry for entry in _entries(connection, rows)}
    write_tokens(connection, [(n, entries[line]) for n, line, _ in rows if line in entries])
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_REINDEX_DONE_KEY, str(rows[-1][0])))


def _entries(connection: Connection, rows: Sequence[tuple[int, str, str]]) -> Iterator[IndexEntry]:
    """The index entries of these lines."""
    from store.search.contact_phones import with_phones  # noqa: PLC0415
    from store.search.merged_records import index_entries  # noqa: PLC0415

    for _line, entry in index_entries(connection, with_phones(connection, _lines(connection, rows), ())):
        if entry is not None:
            yield entry


def _lines(connection: Connection, rows: Sequence[tuple[int, str, str]]) -> Mapping[str, Sequence[Line]]:
    from store.ledger.kinds import kinds  # noqa: PLC0415
    from store.writer.transaction import stored_lines_of  # noqa: PLC0415

    ids: dict[str, list[str]] = defaultdict(list)
    for _, line, kind in rows:
        ids[kind].append(line)
    return {
        name: [held.line for held in stored_lines_of(connection, kinds()[name], wanted).values()]
        for name, wanted in ids.items()
    }
