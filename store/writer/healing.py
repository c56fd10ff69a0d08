"""What this device can bring back to a central that was set back, and what it keeps of the central for that.

The central hands out a receipt with every version (table ``receipt``); only versions with one, or of lines that the
central is known to have had, are ever sent so. A version that the central has had and lacks is *held* in the outbox: it
counts in no checksum, is never pushed and never shown as refused (`HELD`). Next: ``sync/steps/heal.py``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.ledger.kinds import kinds
from store.ledger.line import Line, canonical_json, digest_of, parse_line
from store.ledger.row_mapping import UNKNOWN_COLUMNS, to_unsigned, unknown_line_from
from store.writer import refusals
from store.writer.checksums import lines_in_bucket
from store.writer.first_read import FirstReadLedger
from store.writer.provisional import MeetingLedger
from store.writer.sync_writes import OutgoingLine
from store.writer.transaction import HELD, PENDING, Transaction, stored_lines_of, stored_unknown_lines
from store.writer.unsent import GAVE

TAKEN = "taken"
"""The outcome of a version that the central has, since now or before."""
_NUMBERS = "close_out"
"""Sent first: a central that knows which numbers were given never gives them again."""
_HISTORY = f"SELECT {UNKNOWN_COLUMNS.removesuffix(', digest')}, 0 FROM history"


class HeldVersionRef(NamedTuple):
    """A version of a line that the central may lack: current or ``past``; ``receipt`` is empty when there is none."""

    kind: str
    id: str
    stamp: int
    device: str
    digest: int
    receipt: bytes
    past: bool


class HealedVersion(NamedTuple):
    """A version to be sent: its canonical bytes and its receipt, empty when there is none."""

    canonical: bytes
    receipt: bytes


class HeldLine(NamedTuple):
    """A held line to be sent, and its receipt, empty when there is none."""

    line: OutgoingLine
    receipt: bytes


class HealingLedger(FirstReadLedger, MeetingLedger):
    """The ledger with what healing a central needs."""

    # All that came since

    def receipted_since(self, since_ms: int, *, with_current: bool) -> list[HeldVersionRef]:
        """The versions whose receipts came from ``since_ms`` on, close-out numbers first; those that are current only
        with ``with_current``."""
        connection = self.database.connection()
        receipts = _read_receipts(connection, since_ms)
        past = _past_versions(connection, receipts, "at >= ?", since_ms)
        current = _current_versions(connection, receipts) if with_current else ()
        return sorted((*current, *past), key=lambda ref: (ref.kind != _NUMBERS, ref.past))

    def latest_receipted(self, transactions: int) -> list[HeldVersionRef]:
        """The versions whose receipts came last, in about so many transactions."""
        query = "SELECT min(at) FROM (SELECT at FROM receipt ORDER BY n DESC LIMIT ?)"
        since_ms = self.database.connection().execute(query, (transactions,)).fetchone()[0]
        return [] if since_ms is None else self.receipted_since(since_ms, with_current=True)

    def versions_in_buckets(self, buckets: Sequence[str]) -> list[HeldVersionRef]:
        """Every version of the lines in these buckets that has a receipt."""
        connection = self.database.connection()
        ids = [line_id for bucket in buckets for line_id in lines_in_bucket(connection, bucket)]
        if not ids:
            return []
        receipts, chosen = _read_receipts(connection, 0), orjson.dumps(ids).decode()
        past = _past_versions(connection, receipts, "id IN (SELECT value FROM json_each(?))", chosen)
        current = (ref for ref in _current_versions(connection, receipts) if ref.id in set(ids))
        return sorted((*current, *past), key=lambda ref: (ref.kind != _NUMBERS, ref.past))

    def load_versions(self, refs: Sequence[HeldVersionRef], max_bytes: int) -> tuple[list[HealedVersion], int]:
        """The first of these versions, about ``max_bytes`` of them, and how many of the list that covers. What has
        changed since it was listed is left out."""
        connection = self.database.connection()
        versions: list[HealedVersion] = []
        size = 0
        for n, ref in enumerate(refs):
            line = _load(connection, ref)
            wire = canonical_json(line) if line else b""
            if versions and size + len(wire) > max_bytes:
                return versions, n
            if line and digest_of(wire) == ref.digest:
                versions.append(HealedVersion(wire, ref.receipt))
                size += len(wire)
        return versions, len(refs)

    def finish_healing(self, epoch: str) -> None:
        """This device has sent what it had for ``epoch``. What the central did not take is offered once more, and so is
        what waited there for the bureau."""
        with self._transaction() as change:
            change.facts["epoch"] = epoch
            change.facts["gave_judged"] = ""  # what was told of it may be lost there too
            change.connection.execute("UPDATE outbox SET code = NULL WHERE state = ?", (HELD,))
            refusals.retry_all_proposed(change.connection)

    # What is kept for the central

    def kept_roster(self) -> tuple[str, str]:
        """Mark and sealed form of the roster that this device keeps; empty when it keeps none."""
        row = self.database.connection().execute("SELECT mark, sealed FROM kept_roster").fetchone()
        return (row[0], row[1]) if row else ("", "")

    def keep_roster(self, mark: str, sealed: str) -> None:
        """Keep this roster instead of the former one; an empty mark keeps none."""
        with self.database.write() as connection:
            connection.execute("DELETE FROM kept_roster")
            if mark:
                connection.execute("INSERT INTO kept_roster (mark, sealed) VALUES (?, ?)", (mark, sealed))

    # Single lines that the central lacks

    def held_lines(self, *, can_heal: bool) -> list[HeldLine]:
        """The held lines that were not offered yet. The person's own lines without a receipt, or all of them where the
        central ``can_heal`` nothing, are left to the next push."""
        connection = self.database.connection()
        query = "SELECT id, wire, digest, stamp, n FROM outbox WHERE state = ? AND code IS NULL ORDER BY n"
        rows = connection.execute(query, (HELD,)).fetchall()
        if not rows:
            return []
        receipts = _read_receipts(connection, 0) if can_heal else {}
        lines = [
            HeldLine(OutgoingLine(line_id, wire, to_unsigned(digest), stamp, n), receipts.get(to_unsigned(digest), b""))
            for line_id, wire, digest, stamp, n in rows
        ]
        with self._transaction() as change:
            own = [held for held in lines if not held.receipt and _author(held.line) == change.facts["person"]]
            self._release(change, own)
        return [held for held in lines if held not in own] if can_heal else []

    def settle_held(self, sent: Sequence[HeldLine], outcomes: Sequence[str]) -> int:
        """Store what the central said of held lines; returns how many it has now. A line of this person that it did not
        take is pushed as any other."""
        with self._transaction() as change:
            waiting = change.outbox_rows([held.line.id for held in sent])
            taken = 0
            for (line, _receipt), outcome in zip(sent, outcomes, strict=True):
                row = waiting.get(line.id)
                if row is None or row.state != HELD or row.digest != line.digest:
                    continue
                if outcome == TAKEN:
                    taken += 1
                    self._record_applied(change, row, line)
                elif _author(line) == change.facts["person"]:
                    self._release(change, [HeldLine(line, b"")])
                else:
                    change.connection.execute("UPDATE outbox SET code = ? WHERE id = ?", (outcome, line.id))
            return taken

    @staticmethod
    def _release(change: Transaction, lines: Sequence[HeldLine]) -> None:
        """Leave held lines to the next push. The central had them, so colleagues may have them."""
        release = "UPDATE outbox SET state = ?, base_stamp = NULL WHERE id = ? AND state = ? AND base_digest IS NULL"
        change.connection.executemany(release, ((PENDING, held.line.id, HELD) for held in lines))
        change.connection.executemany(
            "UPDATE outbox SET state = ? WHERE id = ? AND state = ?", ((PENDING, held.line.id, HELD) for held in lines)
        )
        if lines:
            change.facts[GAVE] = str(max(int(change.facts.get(GAVE) or 0), *(held.line.stamp for held in lines)))


def _author(line: OutgoingLine) -> str:
    return parse_line(orjson.loads(line.canonical)).author


def _read_receipts(connection: Connection, since_ms: int) -> dict[int, bytes]:
    """The receipts that came from ``since_ms`` on, by the digest of the version."""
    receipts: dict[int, bytes] = {}
    for packed, tags in connection.execute("SELECT digests, tags FROM receipt WHERE at >= ?", (since_ms,)):
        digests = struct.unpack(f"<{len(packed) // 8}Q", packed)
        size = len(tags) // max(len(digests), 1)
        receipts.update((digest, tags[n * size : (n + 1) * size]) for n, digest in enumerate(digests))
    return receipts


def _current_versions(connection: Connection, receipts: Mapping[int, bytes]) -> Iterator[HeldVersionRef]:
    for kind in (*kinds(), "unknown_line"):
        for line_id, stamp, device, signed in connection.execute(f"SELECT id, stamp, device_id, digest FROM {kind}"):
            digest = to_unsigned(signed)
            if digest in receipts:
                yield HeldVersionRef(kind, line_id, stamp, device, digest, receipts[digest], past=False)


def _past_versions(
    connection: Connection, receipts: Mapping[int, bytes], where: str, value: object
) -> Iterator[HeldVersionRef]:
    # A version that was repaired is not brought back: it would win against its repaired form.
    for row in connection.execute(f"{_HISTORY} WHERE {where} AND reason <> 'restamped'", (value,)):
        line = unknown_line_from(row)
        digest = digest_of(canonical_json(line))
        if digest in receipts:
            yield HeldVersionRef(line.kind, line.id, line.stamp, line.device, digest, receipts[digest], past=True)


def _load(connection: Connection, ref: HeldVersionRef) -> Line | None:
    if ref.past:
        where = "id = ? AND stamp = ? AND device_id = ?"
        row = connection.execute(f"{_HISTORY} WHERE {where}", (ref.id, ref.stamp, ref.device)).fetchone()
        return unknown_line_from(row) if row else None
    if ref.kind in kinds():
        stored = stored_lines_of(connection, kinds()[ref.kind], [ref.id])
    else:
        stored = stored_unknown_lines(connection, [ref.id])
    return stored[ref.id].line if ref.id in stored else None
