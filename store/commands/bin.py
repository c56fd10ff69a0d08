"""Restores what is in the bin (``store/queries/bin.py``), as new versions that every device receives."""

from __future__ import annotations

from collections.abc import Sequence

from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line
from store.queries.bin import DELETED, PARTS_OF_OTHERS, BinEntry
from store.queries.lines import deleted_lines
from store.writer.local_writes import FieldPatch, Ledger


def restore_binned(ledger: Ledger, entries: Sequence[BinEntry]) -> list[Line]:
    """Let lines say again what these entries hold. A deleted line comes back with what was deleted along with it; of an
    edit that was taken back only its own fields are restored; an act or a line that was given up is written anew.
    Raises `LineNotFound` when a line has gone since."""
    patches: dict[str, FieldPatch] = {}
    for entry in sorted(entries, key=lambda entry: (entry.stamp, entry.device)):
        if entry.what == DELETED:
            patches |= {line_id: FieldPatch(kind, line_id, {}, False) for kind, line_id in _together(ledger, entry)}
        elif entry.is_here:
            before = patches.get(entry.line, FieldPatch(entry.kind, entry.line, {}))
            patches[entry.line] = before._replace(changes={**before.changes, **entry.changes})
    written = ledger.patch(list(patches.values())) if patches else []
    gone = [entry for entry in entries if entry.what != DELETED and not entry.is_here]
    return [*written, *(ledger.restore(entry.line, entry.stamp, entry.device) for entry in gone)]


def _together(ledger: Ledger, entry: BinEntry) -> list[tuple[str, str]]:
    """Kind and id of a deleted line, and of what the same transaction deleted with it."""
    at = ms_from_hlc(entry.stamp)
    parts = [
        (line.kind, line.id)
        for line in deleted_lines(ledger.database.connection(), PARTS_OF_OTHERS)
        if line.device == entry.device and ms_from_hlc(line.stamp) == at
    ]
    return [(entry.kind, entry.line), *parts]
