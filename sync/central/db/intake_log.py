"""The log of what the central took in, as it is stored: one row for each write that accepts versions.

The row has the commitments of its versions and the hashes of the subtrees of the log that it completes, two on average,
so that any proof is read by a few keys; the district's row has what the next entry needs (`LogTail`). So an entry costs
one INSERT and a microsecond or two a version, however long the log is. What is proved: ``sync/protocol/intake.py``.

The secret number of a commitment follows from the district's secret and the text, so that it needs no room. The
commitments are kept: the text of an erased person's version goes, and the log still holds.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, union_all, update

from sync.central.db.database import insert_rows
from sync.central.db.tables import DISTRICT, INTAKE, LINE, VERSION, IntakeRow
from sync.protocol.intake import NONCE_BYTES, IntakeEntry, commitment
from sync.protocol.merkle import HASH_BYTES, SmallTree, completed_nodes, peaks_with, root_of_peaks

_ENTRY_VERSIONS = 2_000
"""The most versions of an entry for what was taken in before there was a log."""


class LogTail(NamedTuple):
    """What the next entry needs of the log: its size, and the complete subtrees that it consists of."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return root_of_peaks(self.peaks)

    def to_text(self) -> str:
        """As the district's row has it."""
        return f"{self.size}:{encode_hashes(self.peaks)}"


def parse_tail(text: str | None) -> LogTail:
    """The tail in a district's row, of an empty log where there is none."""
    size, _, peaks = (text or "0:").partition(":")
    return LogTail(int(size), tuple(decode_hashes(peaks)))


class CommitmentKey:
    """Makes the secret numbers of commitments, from the district's ``secret``."""

    def __init__(self, secret: str) -> None:
        key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"intake").digest()
        self._keyed = hashlib.blake2b(key=key, digest_size=NONCE_BYTES)

    def nonce(self, wire: bytes) -> bytes:
        """The secret number of a version in its canonical form."""
        tag = self._keyed.copy()
        tag.update(wire)
        return tag.digest()

    def commitment(self, wire: bytes) -> bytes:
        """The commitment of a version."""
        return commitment(self.nonce(wire), wire)


def append_entry(
    connection: Connection, district: str, secret: str, tail: LogTail, accepted: Mapping[int, str], now_ms: int
) -> LogTail:
    """Add an entry with the ``accepted`` versions, by their numbers; gives the tail after it."""
    key, numbers = CommitmentKey(secret), sorted(accepted)
    leaves = [key.commitment(accepted[number].encode()) for number in numbers]
    entry = IntakeEntry(tail.size, now_ms, len(leaves), SmallTree(leaves).root())
    nodes = completed_nodes(tail.size, tail.peaks, entry.leaf)
    texts = (encode_numbers(numbers), encode_hashes(leaves), encode_hashes(nodes))
    insert_rows(connection, INTAKE, [IntakeRow(district, tail.size, numbers[-1], now_ms, *texts)])
    return LogTail(tail.size + 1, tuple(peaks_with(tail.peaks, nodes)))


def begin_logs(connection: Connection) -> None:
    """Begin the log of each district that has none with all versions that it has, as they are, in the order of their
    numbers; with the times at which the last of each entry was received."""
    chosen = select(DISTRICT.c.code, DISTRICT.c.secret).where(DISTRICT.c.intake.is_(None)).order_by(DISTRICT.c.code)
    for district, secret in connection.execute(chosen).all():
        tail = LogTail()
        parts = (select(t.c.seq, t.c.wire, t.c.received_at).where(t.c.district == district) for t in (LINE, VERSION))
        rows = connection.execute(union_all(*parts).order_by("seq"), execution_options={"yield_per": _ENTRY_VERSIONS})
        for batch in rows.partitions():
            accepted = {seq: wire for seq, wire, _ in batch}
            tail = append_entry(connection, district, secret, tail, accepted, batch[-1][2])
        if tail.size:
            row = update(DISTRICT).where(DISTRICT.c.code == district)
            connection.execute(row.values(intake=tail.to_text()))


def entry_of(row: IntakeRow) -> tuple[IntakeEntry, SmallTree]:
    """The entry of a row, and the tree of its commitments."""
    tree = SmallTree(decode_hashes(row.leaves))
    return IntakeEntry(row.n, row.at, tree.size, tree.root()), tree


def encode_hashes(hashes: Iterable[bytes]) -> str:
    """Several hashes as text."""
    return base64.b64encode(b"".join(hashes)).decode()


def decode_hashes(text: str) -> list[bytes]:
    """The hashes of a text."""
    raw = base64.b64decode(text)
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]


def encode_numbers(numbers: Sequence[int]) -> str:
    """Ascending numbers as text: those that follow one another as one span, ``7-9,12``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def decode_numbers(text: str) -> list[int]:
    """The numbers of a text."""
    numbers: list[int] = []
    for span in text.split(","):
        first, _, last = span.partition("-")
        numbers += range(int(first), int(last or first) + 1)
    return numbers
