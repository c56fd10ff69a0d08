"""Keeps the table ``merged_id``: which person or unit stands for each merged one, resolved from the `merge` lines.

Derived, local, and written in the transaction that changes a merge or a person, so that reads resolve an id by one
look into an index. A merge counts once both records are here and not deleted. The rule is ``store/domain/merges.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import orjson

from store.db.connection import Connection
from store.domain.merges import kept_ids
from store.ledger.line import Line
from store.search.contact_phones import OWNER_KINDS, ContactOwner

_MERGES = "SELECT m.from_id, m.into_id FROM merge m WHERE m.what = ? AND m.deleted = 0 ORDER BY m.from_id, m.into_id"


def refresh_merged_ids(connection: Connection, changed: Iterable[Line]) -> Mapping[ContactOwner, set[str]]:
    """Resolve the merges anew if one of the ``changed`` lines can have a bearing on them. Gives the people and units
    that are shown otherwise than before: the merged ones, and those that stood or stand for them."""
    kinds_changed = {line.kind for line in changed}
    if not kinds_changed & {"merge", *OWNER_KINDS}:
        return {}
    if "merge" not in kinds_changed and not connection.execute("SELECT 1 FROM merge LIMIT 1").fetchone():
        return {}
    before = dict(connection.execute("SELECT id, kept_id FROM merged_id").fetchall())
    by_kind = {kind: _resolved(connection, kind) for kind in OWNER_KINDS}
    now = {old: kept for resolved in by_kind.values() for old, kept in resolved.items()}
    differing = [old for old in before.keys() | now.keys() if before.get(old) != now.get(old)]
    connection.executemany("DELETE FROM merged_id WHERE id = ?", ((old,) for old in differing))
    connection.executemany(
        "INSERT INTO merged_id (id, kept_id) VALUES (?, ?)", ((old, now[old]) for old in differing if old in now)
    )
    touched = {each for old in differing for each in (old, before.get(old), now.get(old)) if each}
    return {kind: _those_here(connection, kind, touched) for kind in OWNER_KINDS} if touched else {}


def _resolved(connection: Connection, kind: ContactOwner) -> dict[str, str]:
    merges = [(str(old), str(new)) for old, new in connection.execute(_MERGES, (kind,))]
    here = _those_here(connection, kind, {each for merge in merges for each in merge}, "AND deleted = 0")
    return kept_ids((old, new) for old, new in merges if old in here and new in here)


def _those_here(connection: Connection, kind: ContactOwner, ids: Iterable[str], condition: str = "") -> set[str]:
    chosen = orjson.dumps(sorted(ids)).decode()
    query = f"SELECT id FROM {kind} WHERE id IN (SELECT value FROM json_each(?)) {condition}"
    return {str(row[0]) for row in connection.execute(query, (chosen,))}


def issues_named_by(connection: Connection, shown: Mapping[ContactOwner, set[str]]) -> list[str]:
    """The issues whose stored state names one of these people or units."""
    if not any(shown.values()):
        return []
    chosen = {kind: orjson.dumps(sorted(shown.get(kind, ()))).decode() for kind in ("unit", "person")}
    rows = connection.execute(
        "SELECT id FROM issue_state WHERE department_id IN (SELECT value FROM json_each(:unit)) "
        "UNION SELECT id FROM issue_state WHERE owner_id IN (SELECT value FROM json_each(:person)) "
        "UNION SELECT issue_id FROM co_handler WHERE department_id IN (SELECT value FROM json_each(:unit))",
        chosen,
    )
    return [str(row[0]) for row in rows]
