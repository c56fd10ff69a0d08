"""Epochs: a central that was set back to an earlier state begins a new one, and its devices heal it.

A restored backup, or an old copy of the database put in place of the present one, lacks what came after it; devices
still have it. Everything up to the number at which an epoch began is the same in the epoch before, so a cursor of an
earlier epoch is worth that much (`common_seq`). Devices compare the epoch with the one they know, and send what the
central lacks (``sync/central/steps/heal.py``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, ScalarSelect, exists, func, insert, or_, select

from store.ledger.line import RandomBytes
from sync.central import audit
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import AUDIT, CLAIM, DEVICE, DISTRICT, EPOCH, HEALING_DEVICE, LINE, EpochRow

MIN_INTERVAL_MS = 3_600_000
"""How long after an epoch the device that has shown it begins no other."""
CREATED, RESTORED, SET_BACK = "created", "restored", "set_back"
"""Why an epoch began: the district was created; a backup was restored; a device proved that the database is older than
what this central has answered before."""


def begin_first_epoch(
    connection: Connection, district: str, now_ms: int, random_bytes: RandomBytes = os.urandom
) -> None:
    """The epoch of a new district."""
    row = EpochRow(district, 1, _new_id(1, random_bytes), 0, now_ms, now_ms, CREATED, None)
    connection.execute(insert(EPOCH), row._asdict())


def begin_epoch(
    connection: Connection,
    counter: DistrictCounter,
    cause: str,
    proof: str | None = None,
    *,
    device: str | None = None,
) -> str:
    """Begin a new epoch of the locked district, and record it in the audit; gives its id. The caller saves the counter.
    A ``device`` that has not healed the present one begins no second one within an hour: what it showed before may have
    been a part of what is lost, and each epoch makes all devices send what they hold.
    Restoring a backup calls this once for each district. Where only a device shows it (`SET_BACK`), lines may
    have come since, so nobody knows when the copy was made: devices send all that they hold."""
    if device is not None and _began_one_lately(connection, counter, device):
        return epochs(connection, counter.district)[-1].id
    n = 1 + connection.execute(select(func.max(EPOCH.c.n)).where(EPOCH.c.district == counter.district)).scalar_one()
    newest = select(LINE.c.received_at).where(LINE.c.district == counter.district).order_by(LINE.c.seq.desc()).limit(1)
    copied_at = 0 if cause == SET_BACK else connection.execute(newest).scalar() or 0
    row = EpochRow(
        counter.district, n, _new_id(n, counter.random_bytes), counter.seq, counter.now_ms, copied_at, cause, proof
    )
    connection.execute(insert(EPOCH), row._asdict())
    audit.record_event(connection, counter, "epoch", device=device, n=n, cause=cause, after=row.seq)
    return row.id


def _began_one_lately(connection: Connection, counter: DistrictCounter, device: str) -> bool:
    lately = exists().where(
        AUDIT.c.district == counter.district,
        AUDIT.c.action == "epoch",
        AUDIT.c.device == device,
        AUDIT.c.at > counter.now_ms - MIN_INTERVAL_MS,
    )
    return bool(connection.execute(select(lately)).scalar())


def _new_id(n: int, random_bytes: RandomBytes) -> str:
    return f"{n}-{random_bytes(8).hex()}"


def epochs(connection: Connection, district: str) -> list[EpochRow]:
    """The district's epochs, the first one first."""
    rows = connection.execute(select(EPOCH).where(EPOCH.c.district == district).order_by(EPOCH.c.n))
    return [EpochRow(*row) for row in rows]


def is_whole(connection: Connection, district: str) -> bool:
    """Whether every device that is not revoked has come back in the present epoch and was found equal, and the bureau
    has decided about every claim. A device whose token was never used has nothing: the one before it still counts."""
    present = select(func.max(EPOCH.c.n)).where(EPOCH.c.district == district).scalar_subquery()
    equal = exists().where(
        HEALING_DEVICE.c.district == DEVICE.c.district,
        HEALING_DEVICE.c.device == DEVICE.c.id,
        HEALING_DEVICE.c.epoch == present,
        HEALING_DEVICE.c.equal_at.is_not(None),
    )
    absent = exists().where(
        DEVICE.c.district == district, DEVICE.c.revoked_at.is_(None), DEVICE.c.used_at.is_not(None), ~equal
    )
    undecided = exists().where(CLAIM.c.district == district, CLAIM.c.decision.is_(None))
    return not connection.execute(select(or_(absent, undecided))).scalar()


def was_found_equal(connection: Connection, district: str, device: str, n: int) -> bool:
    """Whether the device has healed epoch ``n`` and its checksums were equal then."""
    chosen = select(HEALING_DEVICE.c.equal_at).where(
        HEALING_DEVICE.c.district == district, HEALING_DEVICE.c.device == device, HEALING_DEVICE.c.epoch == n
    )
    return connection.execute(chosen).scalar() is not None


def lost_since(known: Sequence[EpochRow], epoch: str | None) -> int:
    """From when on (ms) a device that has healed ``epoch`` may have what the central lost."""
    healed = next((row.n for row in known if row.id == epoch), 1)
    return min((row.copied_at for row in known if row.n > healed), default=known[-1].copied_at)


def current_epoch_of(district: ColumnElement[str]) -> ScalarSelect[str]:
    """The id of a district's present epoch, as a part of another query."""
    newest = select(EPOCH.c.id).where(EPOCH.c.district == district).order_by(EPOCH.c.n.desc()).limit(1)
    return newest.correlate(DISTRICT).scalar_subquery()


def restored_at(district: ColumnElement[str]) -> ScalarSelect[int]:
    """When a district's present epoch began, as a part of another query; NULL where the central was never set back."""
    begun = select(func.max(EPOCH.c.begun_at)).where(EPOCH.c.district == district, EPOCH.c.n > 1)
    return begun.correlate(DISTRICT).scalar_subquery()


def common_seq(known: Sequence[EpochRow], epoch: str, newest: int) -> int | None:
    """Up to which number the epoch ``epoch`` (without a name: the first) and the present one, whose counter is at
    ``newest``, are the same. None when it is not among the known ones: the database was set back to before it began."""
    numbers = [row.n for row in known if row.id == epoch or (not epoch and row.n == 1)]
    if not numbers:
        return None
    return min((row.seq for row in known if row.n > numbers[0]), default=newest)
