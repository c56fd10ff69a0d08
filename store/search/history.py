"""The history of searches on this device: the last queries and the lines that were opened. Never replicated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.erasures import mentions
from store.home.device_state import DeviceState

MAX_ENTRIES = 20
_SELECT = "SELECT entries FROM recent WHERE list = ?"
_REPLACE = "INSERT OR REPLACE INTO recent (list, entries) VALUES (?, ?)"


class SearchHistory(NamedTuple):
    """The last queries and the ids of the lines last opened, newest first."""

    queries: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def search_history(state: DeviceState) -> SearchHistory:
    """What was searched for and opened last."""
    with state.read() as connection:
        return SearchHistory() if connection is None else _history(connection)


def record_search(state: DeviceState, query: str, line_id: str) -> None:
    """Add a query, if there was one, and the line that was opened from its results."""
    with state.write() as connection:
        before = _history(connection)
        after = SearchHistory(_prepend(query.strip(), before.queries), _prepend(line_id, before.lines))
        rows = ((name, json.dumps(entries, ensure_ascii=False)) for name, entries in after._asdict().items())
        connection.executemany(_REPLACE, rows)


def forget_searches(state: DeviceState, words: Sequence[str]) -> None:
    """Forget the queries that have one of these words in them."""
    with state.read() as connection:
        before = () if connection is None else _history(connection).queries
    kept = [query for query in before if not mentions(query, words)]
    if len(kept) < len(before):
        with state.write() as connection:
            connection.execute(_REPLACE, ("queries", json.dumps(kept, ensure_ascii=False)))


def _history(connection: Connection) -> SearchHistory:
    return SearchHistory(*(_entries(connection, name) for name in SearchHistory._fields))


def _entries(connection: Connection, name: str) -> tuple[str, ...]:
    row = connection.execute(_SELECT, (name,)).fetchone()
    return tuple(json.loads(row[0])) if row else ()


def _prepend(item: str, others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*([item] if item else []), *others]))[:MAX_ENTRIES]
