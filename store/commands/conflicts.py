"""Resolves conflicts (``store/queries/conflicts.py``): restores what a superseded version changed, or dismisses it."""

from __future__ import annotations

from collections.abc import Sequence

from store.ledger.line import Line
from store.queries.conflicts import Conflict
from store.writer.local_writes import FieldPatch, Ledger


def restore_conflicts(ledger: Ledger, conflicts: Sequence[Conflict]) -> list[Line]:
    """Write new versions of the lines with what these superseded versions changed, in one transaction. Only fields that
    a version's author changed are restored; what others wrote into other fields stays. Of several versions of one line
    the latest wins. Raises `LineNotFound` when a line has gone."""
    wanted: dict[str, FieldPatch] = {}
    for conflict in sorted(conflicts, key=lambda conflict: (conflict.stamp, conflict.device)):
        before = wanted.get(conflict.line, FieldPatch(conflict.kind, conflict.line, {}))
        deleted = before.deleted if conflict.deleted is None else conflict.deleted
        wanted[conflict.line] = before._replace(changes={**before.changes, **conflict.changes}, deleted=deleted)
    return ledger.patch(list(wanted.values()))


def dismiss_conflicts(ledger: Ledger, conflicts: Sequence[Conflict]) -> int:
    """Dismiss these versions on this device; they stay in their lines' history. Returns how many were not dismissed
    before."""
    return ledger.dismiss_versions([(item.line, item.stamp, item.device) for item in conflicts])
