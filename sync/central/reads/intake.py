"""The log of what the central took in, as it is shown: its signed head, and proofs (``sync/protocol/intake.py``).

A proof needs the hashes of some forty subtrees at most, whose rows are read by their keys in one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, ScalarSelect, func, select

from sync.central.accounts import identity
from sync.central.accounts.authentication import Caller
from sync.central.db.database import is_one_of
from sync.central.db.intake_log import CommitmentKey, decode_hashes, decode_numbers, entry_of, parse_tail
from sync.central.db.tables import INTAKE, IntakeRow
from sync.central.epochs import SET_BACK, epochs
from sync.protocol.intake import (
    MAX_ERAS,
    Era,
    IntakeAnswer,
    IntakeHead,
    IntakeNews,
    Position,
    SignedHead,
    VersionProof,
    common_size,
    head_message,
    head_text,
    parse_position,
)
from sync.protocol.merkle import (
    Node,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    peak_nodes,
    root_of_peaks,
)


def position_of(caller: Caller) -> str:
    """How far the log is in the snapshot in which the caller was read."""
    tail = parse_tail(caller.intake)
    return Position(caller.epoch, tail.size, tail.root.hex()).to_text()


class AcceptedVersion(NamedTuple):
    """A version by the number under which the central accepted it, with its canonical text, and the ``entry`` of the
    log that has this number, if one has (`entry_of_number`)."""

    seq: int
    wire: bytes
    entry: int | None


class IntakeReads:
    """Reads of a district's log in the snapshot of one caller."""

    def __init__(self, connection: Connection, caller: Caller) -> None:
        self._connection = connection
        self._caller = caller
        self.tail = parse_tail(caller.intake)

    @property
    def position(self) -> str:
        """How far the log is, as devices say it."""
        return position_of(self._caller)

    def news(self, known: str) -> IntakeNews | None:
        """The head for a device that knows the log up to there, empty where it knows none; None where it knows this
        one. The proof is for a device of an earlier epoch too, as far as its entries are still in the log."""
        if known == self.position or not self.tail.size:
            return None
        head, place = self.head(), parse_position(known)
        if place is None or not 0 < place[1] <= head.size:
            return IntakeNews(signed=self._sign(head))
        epoch, size = place
        before = head.model_copy(update={"size": size, "eras": [Era(id=epoch, size=0, at=0, cause="known")]})
        if common_size(before, head) != size:
            return IntakeNews(signed=self._sign(head))
        return IntakeNews(signed=self._sign(head), since=size, proof=self.consistency(size))

    def since(self, size: int) -> IntakeAnswer:
        """The present head, with the proof that the log begins with its first ``size`` entries, if it has as many."""
        proof = self.consistency(size) if 0 < size <= self.tail.size else []
        return IntakeAnswer(
            signed=self.signed_head(), since=size if proof or size == self.tail.size else 0, proof=proof
        )

    def signed_head(self) -> SignedHead:
        """The present head, signed."""
        return self._sign(self.head())

    def head(self) -> IntakeHead:
        """The present head."""
        newest = select(INTAKE.c.at).where(INTAKE.c.district == self._caller.district, INTAKE.c.n == self.tail.size - 1)
        return IntakeHead(
            district=self._caller.district,
            size=self.tail.size,
            root=self.tail.root.hex(),
            at=self._connection.execute(newest).scalar() or 0,
            eras=self._eras(),
        )

    def consistency(self, before: int) -> list[str]:
        """The proof that the log begins with the ``before`` entries that a device knows."""
        nodes = self._nodes(consistency_nodes(before, self.tail.size))
        return [part.hex() for part in consistency_proof(before, self.tail.size, nodes.__getitem__)]

    def proofs(self, versions: Sequence[AcceptedVersion], size: int) -> list[VersionProof | None]:
        """For each of these versions that it was taken in, for the head of this ``size``; None for one that is in no
        entry: a text that was changed since, or one that the log has no entry of yet."""
        rows = self._rows({version.entry for version in versions if version.entry is not None and version.entry < size})
        nodes = self._nodes([node for n in rows for node in inclusion_nodes(n, size)])
        logs = {n: [part.hex() for part in inclusion_proof(n, size, nodes.__getitem__)] for n in rows}
        trees = {n: entry_of(row) for n, row in rows.items()}
        key = CommitmentKey(self._caller.secret)
        proofs: list[VersionProof | None] = []
        for version in versions:
            row = None if version.entry is None else rows.get(version.entry)
            place = None if row is None else _place_of(row, version, key.commitment(version.wire))
            if row is None or place is None:
                proofs.append(None)
                continue
            entry, tree = trees[row.n]
            path = [part.hex() for part in inclusion_proof(place, entry.versions, tree.node)]
            nonce = key.nonce(version.wire).hex()
            proofs.append(
                VersionProof(
                    nonce=nonce, place=place, count=entry.versions, path=path, number=row.n, at=row.at, log=logs[row.n]
                )
            )
        return proofs

    def root_at(self, size: int) -> bytes:
        """The root of the log when it had so many entries."""
        nodes = self._nodes(peak_nodes(size))
        return root_of_peaks([nodes[node] for node in peak_nodes(size)])

    def _sign(self, head: IntakeHead) -> SignedHead:
        text = head_text(head)
        return SignedHead(head=text, signature=identity.sign(self._caller.secret, head_message(text)))

    def _eras(self) -> list[Era]:
        """The epochs with the sizes of the log at which they began. Where only a device has shown that the database was
        set back, nobody knows which entries are those of before."""
        eras = []
        for row in epochs(self._connection, self._caller.district)[-MAX_ERAS:]:
            size = 0 if row.cause == SET_BACK else self._size_at(row.seq)
            eras.append(Era(id=row.id, size=size, at=row.begun_at, cause=row.cause))
        return eras

    def _size_at(self, seq: int) -> int:
        chosen = (INTAKE.c.district == self._caller.district, INTAKE.c.last_seq <= seq)
        newest = self._connection.execute(select(func.max(INTAKE.c.n)).where(*chosen)).scalar()
        return 0 if newest is None else newest + 1

    def _rows(self, numbers: Collection[int]) -> dict[int, IntakeRow]:
        """The rows of these entries, by number."""
        here = (INTAKE.c.district == self._caller.district, is_one_of(self._connection, INTAKE.c.n, sorted(numbers)))
        rows = self._connection.execute(select(INTAKE).where(*here)) if numbers else ()
        return {row[1]: IntakeRow(*row) for row in rows}

    def _nodes(self, nodes: Sequence[Node]) -> Mapping[Node, bytes]:
        """The hashes of these subtrees, by one statement."""
        numbers = sorted({node.completed_by for node in nodes})
        here = (INTAKE.c.district == self._caller.district, is_one_of(self._connection, INTAKE.c.n, numbers))
        rows = self._connection.execute(select(INTAKE.c.n, INTAKE.c.nodes).where(*here)) if numbers else ()
        completed = {n: decode_hashes(text) for n, text in rows}
        return {node: completed[node.completed_by][node.level] for node in nodes}


def entry_of_number(district: ColumnElement[str], seq: ColumnElement[int]) -> ScalarSelect[int]:
    """The entry of a district's log that has this number of a version, if one has, as a part of another query."""
    here = (INTAKE.c.district == district, INTAKE.c.last_seq >= seq)
    return select(INTAKE.c.n).where(*here).order_by(INTAKE.c.last_seq).limit(1).scalar_subquery()


def _place_of(row: IntakeRow, version: AcceptedVersion, committed: bytes) -> int | None:
    """The place of a version in its entry, where the entry has this very text of it."""
    numbers = decode_numbers(row.numbers)
    if version.seq not in numbers:
        return None
    place = numbers.index(version.seq)
    return place if decode_hashes(row.leaves)[place] == committed else None
