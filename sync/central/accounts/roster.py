"""The roster: accounts, roles and devices of a district, sealed, so that devices keep it for the central.

A central that was set back has forgotten who joined since, and which roles were withdrawn and devices revoked. Devices
keep what they were given, encrypted and authenticated with a key of the central, and send it back with a healing. What
is taken from it only adds what is missing and ends what was ended: withdrawals and revocations win. A device of the
bureau keeps the whole roster, another one the part of its own account. Next: ``roster_merge.py`` (taking it back).
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from typing import NamedTuple

import orjson
from cryptography.fernet import Fernet, InvalidToken
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, select

from sync.central.accounts.authentication import Caller
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.db.tables import ACCOUNT, AUDIT, DEVICE, ROLE, AccountRow, DeviceRow, RoleRow
from sync.protocol import MAX_ROSTER_BYTES

CHANGES = ("join", "renew", "replaced", "grant", "withdraw", "revoke", "roster", "grants", "erased")
"""The events of the audit that change accounts, roles or devices. That a token was replaced concerns its own device,
whose mark changes with it: the others fetch nothing for it."""
_MARK_BYTES = 12
_COLUMNS = {"accounts": AccountRow._fields, "roles": RoleRow._fields, "devices": DeviceRow._fields}


class Roster(BaseModel):
    """Accounts, roles and devices, each a row by field, as they were at the number ``seq`` of the ``epoch``."""

    epoch: str
    seq: int
    accounts: list[AccountRow]
    roles: list[RoleRow]
    devices: list[DeviceRow]


class SealedRoster(NamedTuple):
    """A roster as a device keeps it, and the mark by which hello tells whether there is a later one."""

    mark: str
    sealed: str


def roster_mark(connection: Connection, caller: Caller) -> str:
    """The mark of the caller's roster: it differs after each change of accounts, roles or devices, and of the caller's
    token, which must be in it, and tells nothing else."""
    key = hashlib.blake2b(caller.secret.encode(), digest_size=32, person=b"roster mark").digest()
    whose = f"{caller.account} {caller.token_hash} {_keeps_all(caller)}"
    text = f"{whose} {caller.epoch} {_last_change(connection, caller.district, _ROSTER_CHANGES)}"
    return base64.b64encode(hashlib.blake2b(text.encode(), key=key, digest_size=_MARK_BYTES).digest()).decode()


def seal_roster(connection: Connection, caller: Caller) -> SealedRoster:
    """What the caller's device keeps. A roster beyond the bound is not handed out: a device of the bureau then keeps
    the part of its own account."""
    sealed = _seal(connection, caller, None if _keeps_all(caller) else caller.account)
    if len(sealed) > MAX_ROSTER_BYTES:
        sealed = _seal(connection, caller, caller.account)
    return SealedRoster(roster_mark(connection, caller), sealed)


def open_roster(secret: str, sealed: str) -> Roster | None:
    """The roster that this central sealed for a device of the district whose ``secret`` this is; None for anything
    else. Another version may have sealed it: columns that this one does not know are left out, and those that it lacks
    have their defaults."""
    try:
        packed = _cipher(secret).decrypt(sealed.encode())
    except (InvalidToken, UnicodeError):
        return None
    kept = orjson.loads(zlib.decompress(packed))
    rows = {
        name: [{column: row[column] for column in columns if column in row} for row in kept[name]]
        for name, columns in _COLUMNS.items()
    }
    return Roster.model_validate({**kept, **rows})


def _keeps_all(caller: Caller) -> bool:
    return any(grant.role in WHOLE_DISTRICT_ROLES for grant in caller.grants)


def _last_change(connection: Connection, district: str, newest: Select[*tuple[int | None, ...]]) -> int:
    """The number of the last of these events."""
    numbers = connection.execute(newest, {"its_district": district}).one()
    return max((seq for seq in numbers if seq is not None), default=0)


def _newest_of(*actions: str) -> Select[*tuple[int | None, ...]]:
    """The number of the newest event of each name."""
    newest = (
        select(AUDIT.c.seq)
        .where(AUDIT.c.district == bindparam("its_district"), AUDIT.c.action == action)
        .order_by(AUDIT.c.seq.desc())
        .limit(1)
        .scalar_subquery()
        for action in actions
    )
    return select(*newest)


_ROSTER_CHANGES, _ROTATIONS_TOO = _newest_of(*CHANGES), _newest_of(*CHANGES, "rotated")
"""Every hello asks: they are built once."""


def _seal(connection: Connection, caller: Caller, account: str | None) -> str:
    def chosen(table: Table, key: str) -> ColumnElement[bool]:
        here = table.c.district == caller.district
        return here if account is None else here & (table.c[key] == account)

    accounts = connection.execute(select(ACCOUNT).where(chosen(ACCOUNT, "id")))
    roles = connection.execute(select(ROLE).where(chosen(ROLE, "account")))
    devices = connection.execute(select(DEVICE).where(chosen(DEVICE, "account")))
    roster: dict[str, object] = {
        "epoch": caller.epoch,
        "seq": _last_change(connection, caller.district, _ROTATIONS_TOO),
        "accounts": [AccountRow(*row)._asdict() for row in accounts],
        "roles": [RoleRow(*row)._asdict() for row in roles],
        "devices": [DeviceRow(*row)._asdict() for row in devices],
    }
    return seal(caller.secret, roster)


def seal(secret: str, roster: Mapping[str, object]) -> str:
    """A roster, by the fields of `Roster`, encrypted and authenticated with a key of the district's ``secret``."""
    return _cipher(secret).encrypt(zlib.compress(orjson.dumps(roster))).decode()


def _cipher(secret: str) -> Fernet:
    key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"roster").digest()
    return Fernet(base64.urlsafe_b64encode(key))
