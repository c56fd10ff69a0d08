"""Whether the log of what the central took in holds, and whether lines and versions are what it says.

An entry that was changed, removed or added past the central breaks the tree; a version whose text is another than the
one that was taken in, or that is gone, or that is in no entry, is told by its number. What the central itself changes
by right is no break: a line that was filed anew has a later entry with the same text, the text of an erased person's
version goes, and damaged rows are told by ``integrity.py``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Select, select

from sync.central.db.intake_log import (
    CommitmentKey,
    LogTail,
    decode_hashes,
    decode_numbers,
    encode_hashes,
    entry_of,
    parse_tail,
)
from sync.central.db.tables import DISTRICT, ERASED_LINE, INTAKE, LINE, VERSION, IntakeRow
from sync.protocol.merkle import completed_nodes, peaks_with

MAX_PROBLEMS = 100
"""So many are told; a check of a log that is broken everywhere stays readable."""
_BATCH = 500


class IntakeReport(NamedTuple):
    """What a check found: how many ``entries`` and ``versions`` it read, the ``root`` of the log, the entries that are
    not what they were (``broken``), and the numbers of versions whose texts are not those that were taken in
    (``changed``), that are gone (``missing``), or that were never taken in (``strange``); the first `MAX_PROBLEMS` of
    each."""

    entries: int
    versions: int
    root: str
    broken: list[int]
    changed: list[int]
    missing: list[int]
    strange: list[int]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.broken or self.changed or self.missing or self.strange)

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central check --json`` prints it."""
        return self._asdict()


class _Stored(NamedTuple):
    """A row by its number: its text, and whether that may be another one than the log says."""

    seq: int
    id: str
    wire: str
    is_damaged: bool


def check_intake(connection: Connection, district: str) -> IntakeReport:
    """Follow the log of a district in one snapshot, by reading only."""
    secret, text = connection.execute(
        select(DISTRICT.c.secret, DISTRICT.c.intake).where(DISTRICT.c.code == district)
    ).one()
    log = _LogReader(connection, district)
    texts = _TextComparison(CommitmentKey(secret), _erased(connection, district))
    rows = _stored_rows(connection, district)
    entries = log.entries()
    logged = ((number, leaf) for row_numbers in entries for number, leaf in row_numbers)
    _merge(logged, rows, texts)
    stored_tail = parse_tail(text)
    if (log.tail.size, log.tail.peaks) != stored_tail:
        log.broken.append(min(log.tail.size, stored_tail.size))
    missing = [number for number, leaf in texts.without_row.items() if leaf not in texts.seen]
    found = (log.broken, texts.changed, sorted(missing), texts.strange)
    return IntakeReport(log.tail.size, texts.versions, log.tail.root.hex(), *(each[:MAX_PROBLEMS] for each in found))


class _LogReader:
    """Follows the entries and the tree that they make."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district
        self.tail = LogTail()
        self.broken: list[int] = []

    def entries(self) -> Iterator[list[tuple[int, bytes]]]:
        """The numbers and commitments of each entry."""
        chosen = select(INTAKE).where(INTAKE.c.district == self._district).order_by(INTAKE.c.n)
        for values in self._connection.execute(chosen, execution_options={"yield_per": _BATCH}):
            row = IntakeRow(*values)
            entry, _ = entry_of(row)
            nodes = completed_nodes(self.tail.size, self.tail.peaks, entry.leaf)
            if row.n != self.tail.size or encode_hashes(nodes) != row.nodes:
                self.broken.append(row.n)
            kept = decode_hashes(row.nodes) if row.n == self.tail.size else nodes  # tell each break once
            nodes = kept if len(kept) == len(nodes) else nodes
            self.tail = LogTail(row.n + 1, tuple(peaks_with(self.tail.peaks, nodes)))
            yield list(zip(decode_numbers(row.numbers), decode_hashes(row.leaves), strict=False))


class _TextComparison:
    """Compares texts with their commitments."""

    def __init__(self, key: CommitmentKey, erased: frozenset[str]) -> None:
        self._key = key
        self._erased = erased
        self.versions = 0
        self.changed: list[int] = []
        self.strange: list[int] = []
        self.without_row: dict[int, bytes] = {}
        self.seen: set[bytes] = set()

    def compare(self, stored: _Stored, leaf: bytes | None) -> None:
        """Compare a row with its commitment; None where no entry has its number."""
        self.versions += 1
        if stored.is_damaged:
            return
        if leaf is None:
            self.strange.append(stored.seq)
            return
        own = self._key.commitment(stored.wire.encode())
        if own != leaf and stored.id not in self._erased:
            self.changed.append(stored.seq)
        self.seen.add(own)


def _merge(logged: Iterator[tuple[int, bytes]], rows: Iterator[_Stored], texts: _TextComparison) -> None:
    """Walk both by number."""
    entry, row = next(logged, None), next(rows, None)
    while entry is not None or row is not None:
        if row is not None and (entry is None or row.seq < entry[0]):
            texts.compare(row, None)
            row = next(rows, None)
        elif entry is not None and (row is None or entry[0] < row.seq):
            texts.without_row[entry[0]] = entry[1]
            entry = next(logged, None)
        elif row is not None and entry is not None:
            texts.compare(row, entry[1])
            entry, row = next(logged, None), next(rows, None)


def _erased(connection: Connection, district: str) -> frozenset[str]:
    return frozenset(connection.execute(select(ERASED_LINE.c.id).where(ERASED_LINE.c.district == district)).scalars())


def _stored_rows(connection: Connection, district: str) -> Iterator[_Stored]:
    """Lines and versions by their numbers."""
    lines = select(LINE.c.seq, LINE.c.id, LINE.c.wire, LINE.c.damaged).where(LINE.c.district == district)
    is_damaged = (VERSION.c.reason == "damaged").label("damaged")
    versions = select(VERSION.c.seq, VERSION.c.id, VERSION.c.wire, is_damaged).where(VERSION.c.district == district)
    return heapq.merge(
        _read(connection, lines.order_by(LINE.c.seq)), _read(connection, versions.order_by(VERSION.c.seq))
    )


def _read(connection: Connection, chosen: Select[int, str, str, bool]) -> Iterator[_Stored]:
    for values in connection.execute(chosen, execution_options={"yield_per": _BATCH}):
        yield _Stored(*values)
