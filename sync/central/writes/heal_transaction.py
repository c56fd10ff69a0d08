"""Take in what a central that was set back has lost, from a device that still has it.

A version with the central's own receipt was accepted before: it is taken in as what it is, of the same author, stamp
and device, by the merge rule, with a mark of who brought it (``regained``). It is no write of the sender, so their
roles do not matter, and the answer is the same whether the sender may read its bucket or not. A version without a
receipt is kept apart (``claim``) until the bureau decides. The number of statements does not grow with the versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from store.ledger.hlc import is_too_far_ahead
from store.ledger.row_mapping import to_signed
from sync.central import audit, epochs
from sync.central.accounts.authentication import Caller
from sync.central.accounts.token_life import TokenLife
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import HEALING_DEVICE, REGAINED, VERSION, HealingDeviceRow, RegainedRow
from sync.central.writes import close_out_numbers
from sync.central.writes.claims import claim
from sync.central.writes.revived import end_revived
from sync.central.writes.stored_rows import line_of
from sync.central.writes.transaction import WriteTransaction
from sync.central.writes.validation import ValidLine

BY_RECEIPT, BY_DECISION = "receipt", "accepted"


class HealCounts(NamedTuple):
    """What came of the versions of one call."""

    regained: int
    claimed: int
    refused: int


class HealTransaction:
    """One device's write transaction of a healing, with the locked counter of the district."""

    def __init__(
        self, connection: Connection, caller: Caller, counter: DistrictCounter, life: TokenLife | None = None
    ) -> None:
        self._connection = connection
        self._counter = counter
        self._writes = WriteTransaction(connection, caller, counter, life)
        self.caller = caller

    def regain(self, versions: Sequence[ValidLine], proof: str, healed: str | None) -> tuple[list[bool], int]:
        """Take in these versions; gives for each whether it is there now, and how many were not there before. Finding
        any, although the device had ``healed`` the present epoch, proves that the central was set back since."""
        batch = self._writes.load_batch(versions)
        known = self._known_versions([version.line.id for version in versions])
        taken = [_key(version) in known or batch.regain(version) for version in versions]
        if not batch.regained and not batch.repaired_buckets:
            return taken, 0
        if healed == self.caller.epoch and self._prove_set_back([row.stamp for row in batch.regained]):
            device = self.caller.device if self._healed_at() is None else None
            epochs.begin_epoch(self._connection, self._counter, epochs.SET_BACK, device=device)
        self._writes.write_batch(batch, assign_numbers=False)
        self._mark([RegainedRow(row.district, row.seq, row.id, proof) for row in batch.regained])
        numbers = [line_of(row) for row in batch.regained if row.kind == "close_out"]
        close_out_numbers.raise_serials(self._connection, self._counter.district, numbers)
        self._record(len(batch.regained), len(numbers), proof)
        if proof == BY_RECEIPT:  # what the bureau decides is its word of now
            end_revived(self._connection, self._counter, [line_of(row) for row in batch.regained])
        return taken, len(batch.regained)

    def claim(self, versions: Sequence[ValidLine]) -> list[bool]:
        """Keep these versions apart for the bureau; gives for each whether it is kept."""
        return claim(self._connection, self._counter, self.caller, versions)

    def lost_since(self, healed: str | None) -> int:
        """From when on (ms) a device that has ``healed`` that epoch may have what was lost."""
        return epochs.lost_since(epochs.epochs(self._connection, self.caller.district), healed)

    def note_device(self, counts: HealCounts, *, done: bool) -> None:
        """Note that the caller's device has come back in the present epoch, and what it brought."""
        present = epochs.epochs(self._connection, self.caller.district)[-1]
        if present.n == 1:
            return
        mine = (HEALING_DEVICE.c.district == self.caller.district) & (HEALING_DEVICE.c.device == self.caller.device)
        row = self._connection.execute(select(HEALING_DEVICE).where(mine)).first()
        now, before = self._counter.now_ms, HealingDeviceRow(*row) if row else None
        if before is None or before.epoch != present.n:
            fresh = HealingDeviceRow(self.caller.district, self.caller.device, present.n, now, *counts, None, None)
        else:
            sums = {name: getattr(before, name) + more for name, more in counts._asdict().items()}
            fresh = before._replace(**sums)
        if done:
            fresh = fresh._replace(healed_at=now)
        if before is None:
            insert_rows(self._connection, HEALING_DEVICE, [fresh])
        else:
            self._connection.execute(update(HEALING_DEVICE).where(mine).values(fresh._asdict()))

    def note_equal(self) -> None:
        """Note that the device's checksums were equal; when that was the last, number the issues that have waited. A
        store that healed this epoch and has become another device since (`renew`) counts as back under its new id."""
        self.note_device(HealCounts(0, 0, 0), done=True)
        mine = (HEALING_DEVICE.c.district == self.caller.district) & (HEALING_DEVICE.c.device == self.caller.device)
        here = mine & (HEALING_DEVICE.c.epoch == self.caller.epoch_number)
        self._connection.execute(update(HEALING_DEVICE).where(here).values(equal_at=self._counter.now_ms))
        self._writes.number_waiting_issues()
        self.save()

    def save(self) -> None:
        """Save the counter."""
        self._counter.save(self._connection)

    # Parts of the above

    def _known_versions(self, ids: Sequence[str]) -> set[tuple[str, int]]:
        """The versions of these lines, by id and digest, that are not current."""
        chosen = select(VERSION.c.id, VERSION.c.digest).where(
            VERSION.c.district == self.caller.district, is_one_of(self._connection, VERSION.c.id, ids)
        )
        return {(row[0], row[1]) for row in self._connection.execute(chosen)}

    def _prove_set_back(self, stamps: Sequence[int]) -> bool:
        """Whether regained versions with these stamps prove that the central was set back since the caller's device
        healed the present epoch: any does where the central has forgotten that healing, else one that was written after
        it. (Another one may have been overlooked by the healing itself.)"""
        healed_at = self._healed_at() if stamps else None
        return bool(stamps) and (healed_at is None or is_too_far_ahead(max(stamps), healed_at))

    def _healed_at(self) -> int | None:
        """When the caller's device had sent everything in the present epoch."""
        chosen = select(HEALING_DEVICE.c.healed_at).where(
            HEALING_DEVICE.c.district == self.caller.district,
            HEALING_DEVICE.c.device == self.caller.device,
            HEALING_DEVICE.c.epoch == self.caller.epoch_number,
        )
        return self._connection.execute(chosen).scalar()

    def _mark(self, rows: Sequence[RegainedRow]) -> None:
        insert_rows(self._connection, REGAINED, list({row.seq: row for row in rows}.values()))

    def _record(self, regained: int, numbers: int, proof: str) -> None:
        who = {"account": self.caller.account, "device": self.caller.device}
        doubled = close_out_numbers.check_numbers(self._connection, self.caller.district).doubled if numbers else {}
        audit.record_event(
            self._connection, self._counter, "regained", **who, versions=regained, proof=proof, numbers=numbers,
            doubled=doubled,
        )  # fmt: skip


def _key(version: ValidLine) -> tuple[str, int]:
    return version.line.id, to_signed(version.digest)
