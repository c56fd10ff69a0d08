"""Provisional versions: what colleagues' devices gave in a meeting without a network, until the central has judged it.

They lie apart from the ledger, in a table of their own: merge, outbox and checksums know nothing of them, so that a
device that has met others and one that has not are the same to the central. A version goes when the ledger has it or a
later one; or, when the central has judged what its device wrote until then and the version is not among it, to the
versions that were not accepted, where it can be seen and restored. Next: ``store/queries/provisional.py``,
``sync/round/meeting.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, ms_from_hlc
from store.ledger.kinds import bucket_of, line_fault
from store.ledger.line import Line, canonical_json, stored_line
from store.ledger.merge import is_overtaken
from store.writer.sync_writes import SyncLedger
from store.writer.transaction import Transaction

PERSONAL_KINDS = frozenset({"person", "contact", "erasure"})
"""What is about people travels by the central alone: an erasure reaches every copy that the central knows of."""
MAX_PROVISIONAL = 20_000
"""The most provisional versions of one device's store."""
NOT_ACCEPTED = "rejected"
"""Why such a version is in history: as one of this device's own that the central rejected and that was given up."""


class TakenVersions(NamedTuple):
    """How many versions were ``new`` and are kept, and for how many more there was ``no_room``."""

    new: int
    no_room: int


class MeetingLedger(SyncLedger):
    """The ledger with what meetings need."""

    def take_provisional(self, lines: Sequence[Line], device: str, author: str) -> TakenVersions:
        """Take what ``author`` wrote on their ``device`` and the central has not judged. What is no valid line,
        another's, personal, from the future or known already is left out."""
        with self._transaction() as change:
            now = change.now_ms
            count = change.connection.execute("SELECT count(*) FROM provisional").fetchone()[0]
            room = max(MAX_PROVISIONAL - count, 0)
            wanted = {line.id: line for line in lines if _is_taken(change, line, device, author)}
            held = change.stored_lines((line.kind, line.id) for line in wanted.values())
            fresh = [
                line
                for line in wanted.values()
                if not is_overtaken(line, held[line.id].line if line.id in held else None)
                and not _is_known(change, line)
            ]
            change.connection.executemany(
                "INSERT OR REPLACE INTO provisional (id, device_id, stamp, author_id, project_id, bucket, wire, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (line.id, device, line.stamp, author, line.project, bucket_of(line), canonical_json(line), now)
                    for line in fresh[:room]
                ),
            )
            return TakenVersions(len(fresh[:room]), len(fresh[room:]))

    def settle_provisional(self, judged: Mapping[str, int]) -> int:
        """Put what was not accepted into history. ``judged`` is, by device, the last stamp up to which the central has
        judged all that the device wrote; the ledger has all that it accepted of it, and what the ledger has is not
        provisional any more. Gives how many were not accepted."""
        with self._transaction() as change:
            query = "SELECT id, device_id, wire FROM provisional WHERE device_id = ? AND stamp <= ?"
            rows = [row for place in judged.items() for row in change.connection.execute(query, place)]
            refused = _archive(change, rows)
            if refused:
                change.add_notice("provisional_refused", {"lines": refused})
            return refused

    def drop_provisional(self, versions: Collection[tuple[str, str]]) -> int:
        """Put provisional versions, by line and device, aside: they are with the versions that were not accepted, where
        they can be seen and restored, and no meeting brings them again. Lines of the ledger stay as they are; what the
        central accepts comes as ever. Gives how many there were."""
        with self._transaction() as change:
            query = "SELECT id, device_id, wire FROM provisional WHERE id = ? AND device_id = ?"
            return _archive(change, [row for version in versions for row in change.connection.execute(query, version)])


def _archive(change: Transaction, rows: Sequence[tuple[str, str, bytes]]) -> int:
    """Move provisional versions into history; gives how many could be read."""
    lines = [line for *_ids, wire in rows if (line := stored_line(wire.decode(errors="replace"))) is not None]
    for line in lines:
        change.archive(line, NOT_ACCEPTED)
    gone = ((line_id, device) for line_id, device, _wire in rows)
    change.connection.executemany("DELETE FROM provisional WHERE id = ? AND device_id = ?", gone)
    return len(lines)


def _is_taken(change: Transaction, line: Line, device: str, author: str) -> bool:
    is_theirs = line.device == device and line.author == author and line.kind not in PERSONAL_KINDS
    is_possible = ms_from_hlc(line.stamp) <= change.now_ms + MAX_CLOCK_AHEAD_MS
    return is_theirs and is_possible and line_fault(line) is None


def _is_known(change: Transaction, line: Line) -> bool:
    """Whether this very version, or a later one of the device, is here: in history or given before."""
    past = "SELECT 1 FROM history WHERE id = ? AND stamp = ? AND device_id = ?"
    given = "SELECT 1 FROM provisional WHERE id = ? AND stamp >= ? AND device_id = ?"
    version = (line.id, line.stamp, line.device)
    return change.connection.execute(f"{past} UNION ALL {given}", version * 2).fetchone() is not None
