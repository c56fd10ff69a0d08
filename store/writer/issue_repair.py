"""Compare every issue's stored state with its line and steps, and repair it: ``guanjia doctor --recompute``.

Stored states serve lists only; ``store/domain/issue_lifecycle.py`` says what they must be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import orjson

from store.db.connection import Connection
from store.db.database import Database
from store.writer.issue_states import (
    CO_HANDLER_COLUMNS,
    ISSUE_STATE_COLUMNS,
    co_handler_rows,
    compute_issue_states,
    issue_state_row,
    store_issue_states,
)

_PAGE_SIZE = 2000


def repair_issue_states(database: Database, now_ms: int) -> tuple[int, list[str]]:
    """Recompute every state and correct what differs, in one transaction. Returns the number of issues, and the ids
    of those whose stored state was different."""
    with database.write() as connection:
        count, differing = 0, []
        for ids in _id_pages(connection):
            count += len(ids)
            differing += _differing(connection, ids)
        store_issue_states(connection, differing, now_ms)
        return count, differing


def _id_pages(connection: Connection) -> Iterator[list[str]]:
    query = "SELECT id FROM issue WHERE id > ? UNION SELECT id FROM issue_state WHERE id > ? ORDER BY id LIMIT ?"
    after = ""
    while ids := [row[0] for row in connection.execute(query, (after, after, _PAGE_SIZE))]:
        yield ids
        after = ids[-1]


def _differing(connection: Connection, ids: Sequence[str]) -> list[str]:
    lines, states = compute_issue_states(connection, ids)
    present = [line for line in lines if not line.deleted]
    wanted = {line.id: issue_state_row(line, states[line.id], 0)[:-1] for line in present}
    query = f"SELECT {ISSUE_STATE_COLUMNS} FROM issue_state WHERE id IN (SELECT value FROM json_each(?))"
    which = orjson.dumps(ids).decode()
    stored = {row[0]: tuple(row) for row in connection.execute(query, (which,))}
    wanted_co = {line.id: co_handler_rows(line.id, states[line.id]) for line in present}
    stored_co: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    query = (
        f"SELECT {CO_HANDLER_COLUMNS} FROM co_handler WHERE issue_id IN (SELECT value FROM json_each(?)) ORDER BY 1, 3"
    )
    for row in connection.execute(query, (which,)):
        stored_co[row[0]].append(tuple(row))
    return [
        line_id
        for line_id in ids
        if wanted.get(line_id) != stored.get(line_id) or wanted_co.get(line_id, []) != stored_co.get(line_id, [])
    ]
