"""The search history of this device: queries and the lines opened from their hits. Encrypted, never replicated."""

from __future__ import annotations

import json
from typing import NamedTuple

from store.db.connection import Connection
from store.db.database import Database
from store.db.meta import read_device_state, write_device_state

MAX_ENTRIES = 20
_KEY = "lookups"


class SearchHistory(NamedTuple):
    """The last queries and the ids of the lines last opened, newest first."""

    queries: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def search_history(connection: Connection) -> SearchHistory:
    """The search history."""
    known = json.loads(read_device_state(connection).get(_KEY, "{}"))
    return SearchHistory(tuple(known.get("queries", ())), tuple(known.get("lines", ())))


def record_search(database: Database, query: str, line_id: str) -> None:
    """Add a query, unless it is blank, and the line that was opened from its hits."""
    with database.write() as connection:
        before = search_history(connection)
        queries = _prepend(query.strip(), before.queries)
        known = {"queries": queries, "lines": _prepend(line_id, before.lines)}
        write_device_state(connection, {_KEY: json.dumps(known, ensure_ascii=False)})


def _prepend(item: str, others: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys([*([item] if item else []), *others]))[:MAX_ENTRIES]
