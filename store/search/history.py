"""What was looked up lately on this device, and what was opened then: kept in the store, encrypted, and never sent."""

from __future__ import annotations

import json
from typing import NamedTuple

from store.db.connection import Connection
from store.db.database import Database
from store.db.meta import read_meta, write_meta

KEPT = 20
_KEY = "lookups"


class Recent(NamedTuple):
    """The last queries and the ids of the lines last opened, newest first."""

    queries: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def recent(connection: Connection) -> Recent:
    """What was looked up lately."""
    known = json.loads(read_meta(connection).get(_KEY, "{}"))
    return Recent(tuple(known.get("queries", ())), tuple(known.get("lines", ())))


def remember(database: Database, query: str, line_id: str) -> None:
    """Keep a query, if there was one, and the line that was opened from its answer."""
    with database.write() as connection:
        before = recent(connection)
        queries = _first(query.strip(), before.queries)
        known = {"queries": queries, "lines": _first(line_id, before.lines)}
        write_meta(connection, {_KEY: json.dumps(known, ensure_ascii=False)})


def _first(one: str, others: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys([*([one] if one else []), *others]))[:KEPT]
