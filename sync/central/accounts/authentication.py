"""Devices and their tokens: authenticate a caller, enrol a device.

A token is ``district.device.secret`` with 256 random bits of secret; only hashes are stored, and they are compared in
constant time. A request is judged by the rows as they are at that moment, so a revocation takes effect with the next
request.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from store.ledger.buckets import SetChecksum
from store.values.text import sanitize
from sync.central import epochs
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.tables import ACCOUNT, DEVICE, DISTRICT, ROLE, DeviceRow
from sync.central.exceptions import Refusal


class Caller(NamedTuple):
    """An authenticated account with its device and current roles, and what its district's row says: the counter
    ``seq``, the checksum ``total`` of all its lines, the ``secret`` key of its cursors, the present ``epoch``, the time
    ``clock_mark`` of the latest write."""

    district: str
    account: str
    person: str
    name: str
    device: str
    token_hash: str
    seen_at: int
    grants: tuple[Grant, ...]
    secret: str
    central: str
    district_name: str
    seq: int
    total: SetChecksum
    epoch: str
    clock_mark: int = 0


def hash_secret(secret: str) -> str:
    """The hash under which a code or token is stored. Both are long and random, so a plain SHA-256 cannot be
    searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def authenticate(connection: Connection, token: str | None) -> Caller:
    """The caller whose token this is. Raises `Refusal` (401) when it is unknown or its device was revoked."""
    district, device, secret = _parts(token)
    rows = connection.execute(
        select(
            DEVICE.c.token_hash, DEVICE.c.revoked_at, DEVICE.c.seen_at, ACCOUNT.c.id, ACCOUNT.c.person, ACCOUNT.c.name,
            DISTRICT.c.secret, DISTRICT.c.central, DISTRICT.c.name, DISTRICT.c.seq, DISTRICT.c.lines, DISTRICT.c.hi,
            DISTRICT.c.lo, epochs.current_epoch_of(DISTRICT.c.code), DISTRICT.c.clock_mark, ROLE.c.role,
            ROLE.c.project, ROLE.c.department,
        )
        .join(DISTRICT, DISTRICT.c.code == DEVICE.c.district)
        .join(ACCOUNT, and_(ACCOUNT.c.district == DEVICE.c.district, ACCOUNT.c.id == DEVICE.c.account))
        .outerjoin(ROLE, _current_roles())
        .where(DEVICE.c.district == district, DEVICE.c.id == device)
    ).all()  # fmt: skip
    stored = rows[0][0] if rows else hash_secret("")
    if not hmac.compare_digest(stored, hash_secret(secret)) or not rows:
        raise Refusal(401, "unknown_token", "the central does not know this device")
    if rows[0][1] is not None:
        raise Refusal(401, "revoked", "this device was revoked")
    _, _, seen_at, account, person, name, secret_key, central, district_name, seq, *total, epoch, mark = rows[0][:15]
    grants = tuple(Grant(*row[15:]) for row in rows if row[15] is not None)
    return Caller(
        district, account, person, name, device, stored, seen_at, grants, secret_key, central, district_name, seq,
        SetChecksum(*total), epoch, mark,
    )  # fmt: skip


def _parts(token: str | None) -> tuple[str, str, str]:
    parts = (token or "").split(".")
    if len(parts) != 3 or not parts[2] or "\0" in parts[0] + parts[1]:
        raise Refusal(401, "unknown_token", "no token, or not one of ours")
    return parts[0], parts[1], parts[2]


def _current_roles() -> ColumnElement[bool]:
    same = (ROLE.c.district == DEVICE.c.district) & (ROLE.c.account == DEVICE.c.account)
    return same & ROLE.c.withdrawn_at.is_(None)


def active_devices(connection: Connection, callers: Sequence[Caller]) -> set[tuple[str, str]]:
    """The (district, device) of those callers that are not revoked and still have the same token."""
    tokens = {(caller.district, caller.device): caller.token_hash for caller in callers}
    rows = connection.execute(
        select(DEVICE.c.district, DEVICE.c.id, DEVICE.c.token_hash).where(
            DEVICE.c.district.in_({district for district, _ in tokens}),
            is_one_of(connection, DEVICE.c.id, sorted({device for _, device in tokens})),
            DEVICE.c.revoked_at.is_(None),
        )
    )
    return {(district, device) for district, device, token in rows if tokens.get((district, device)) == token}


def enrol_device(connection: Connection, counter: DistrictCounter, account: str, device: str, name: str) -> str:
    """A new token for a device of this account; a former one ends. Raises `Refusal` (409) when the device belongs to
    another account."""
    owner = connection.execute(
        select(DEVICE.c.account).where(DEVICE.c.district == counter.district, DEVICE.c.id == device)
    ).scalar()
    if owner not in (None, account):
        raise Refusal(409, "device_taken", "this device belongs to another account")
    secret = secrets.token_urlsafe(32)
    now = counter.now_ms
    row = DeviceRow(counter.district, device, account, sanitize(name), hash_secret(secret), now, now, None)
    if owner is None:
        connection.execute(insert(DEVICE).values(row._asdict()))
    else:
        changed = {name: getattr(row, name) for name in ("name", "token_hash", "seen_at", "revoked_at")}
        known = (DEVICE.c.district == counter.district) & (DEVICE.c.id == device)
        connection.execute(update(DEVICE).where(known).values(changed))
    return f"{counter.district}.{device}.{secret}"


def mark_device_seen(connection: Connection, caller: Caller, now_ms: int) -> None:
    """Record when the caller's device was last seen."""
    own = (DEVICE.c.district == caller.district) & (DEVICE.c.id == caller.device)
    connection.execute(update(DEVICE).where(own).values(seen_at=now_ms))
