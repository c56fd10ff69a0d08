"""Index entries of people and units with regard to merges: a merged record has none, and the one that stays is found
by the names of both. Loads the models. Next: ``store/domain/merges.py`` (the rule), ``store/search/index.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.ledger.kinds import kinds
from store.ledger.line import Line
from store.search.contact_phones import OWNER_KINDS
from store.search.index import IndexEntry, index_entry


class IndexedLine(NamedTuple):
    """A line and its entry; None: it has none."""

    line: Line
    entry: IndexEntry | None


def index_entries(connection: Connection, lines_by_kind: Mapping[str, Sequence[Line]]) -> Iterator[IndexedLine]:
    """The entry of each of these lines, which ``store/search/contact_phones.py`` has given their phones."""
    for name, lines in lines_by_kind.items():
        kind, names = kinds()[name], _former_names(connection, name, lines) if name in OWNER_KINDS else {}
        for line in lines:
            entry = None if line.id in names.get("", ()) else index_entry(kind, line)
            if entry is not None and (former := [each for each in names.get(line.id, ()) if each != entry.title]):
                entry = entry._replace(people="、".join(former))
            yield IndexedLine(line, entry)


def _former_names(connection: Connection, kind: str, lines: Sequence[Line]) -> dict[str, list[str]]:
    """By the id of a record that stays the names of those merged into it; under "" the ids of merged ones."""
    chosen = orjson.dumps([line.id for line in lines]).decode()
    names: dict[str, list[str]] = defaultdict(list)
    merged = "SELECT id FROM merged_id WHERE id IN (SELECT value FROM json_each(?))"
    names[""] = [row[0] for row in connection.execute(merged, (chosen,))]
    query = (
        f"SELECT m.kept_id, k.name FROM merged_id m JOIN {kind} k ON k.id = m.id "
        "WHERE m.kept_id IN (SELECT value FROM json_each(?)) ORDER BY m.id"
    )
    for kept, name in connection.execute(query, (chosen,)):
        names[kept] = list(dict.fromkeys([*names[kept], name]))
    return names
