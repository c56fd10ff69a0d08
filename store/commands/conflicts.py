"""What a person does about versions that lost (``store/queries/conflicts.py``): bring back what they said, or put
away."""

from __future__ import annotations

from collections.abc import Sequence

from store.ledger.line import Line
from store.queries.conflicts import Conflict
from store.writer.local_writes import FieldPatch, Ledger


def restore_conflicts(ledger: Ledger, conflicts: Sequence[Conflict]) -> list[Line]:
    """Let the lines say what these versions said, by new versions, in one transaction. Only what a version's author had
    changed: what others wrote into other fields meanwhile stays. Of several versions of one line the one written last
    is laid over the others. Raises `LineNotFound` when a line has gone."""
    wanted: dict[str, FieldPatch] = {}
    for one in sorted(conflicts, key=lambda one: (one.stamp, one.device)):
        before = wanted.get(one.line, FieldPatch(one.kind, one.line, {}))
        deleted = before.deleted if one.deleted is None else one.deleted
        wanted[one.line] = before._replace(changes={**before.changes, **one.changes}, deleted=deleted)
    return ledger.patch(list(wanted.values()))


def dismiss_conflicts(ledger: Ledger, conflicts: Sequence[Conflict]) -> int:
    """Put these versions away on this device; they stay in their lines' history. Gives how many were not yet."""
    with ledger.database.write() as connection:
        done = connection.executemany(
            "INSERT OR IGNORE INTO dismissed (id, stamp, device_id, at) VALUES (?, ?, ?, ?)",
            ((one.line, one.stamp, one.device, ledger.wall_clock()) for one in conflicts),
        )
        return int(done.rowcount)
