"""Index entries of people and units with regard to merges: a merged record has none, and the one that stays is found
by the names of both. Loads the models. Next: ``store/domain/merges.py`` (the rule), ``store/search/index.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.ledger.kinds import kinds
from store.ledger.line import Line
from store.search.contact_phones import OWNER_KINDS, ContactOwner, with_phones
from store.search.index import IndexEntry, NumberBlock, add_entries, index_entry, remove_entries


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


def index_lines(
    connection: Connection,
    lines_by_kind: Mapping[str, Sequence[Line]],
    removed: Sequence[Line],
    shown: Mapping[ContactOwner, set[str]] = MappingProxyType({}),
    block: NumberBlock | None = None,
) -> NumberBlock | None:
    """Index these lines, by kind, as they are now, and the people and units ``shown`` otherwise than before; entries of
    deleted, merged, removed or unindexed lines are deleted. The ``block`` is as in `add_entries`."""
    kept = {line.id for lines in lines_by_kind.values() for line in lines}
    entries, dropped = [], [line.id for line in removed if line.id not in kept]
    for line, entry in index_entries(connection, with_phones(connection, lines_by_kind, removed, shown)):
        if entry is None:
            dropped.append(line.id)
        else:
            entries.append(entry)
    remove_entries(connection, dropped)
    return add_entries(connection, entries, block)


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
