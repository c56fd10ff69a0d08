"""Accounts and their devices: one-time codes, tokens, and who is calling.

A code is 60 random bits in an alphabet without look-alikes, good once and for ten minutes. A token is
``district.device.secret`` with 256 random bits of secret; only hashes are stored, and they are compared in constant
time. A request is judged by the rows as they are at that moment, so revoking works from the next request on.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from store.ledger.buckets import SetChecksum
from store.ledger.line import new_id
from store.values.text import sanitize
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.tables import ACCOUNT, DEVICE, DISTRICT, INVITE, ROLE
from sync.central.exceptions import Refusal

INVITE_LIFETIME_MS = 600_000
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12
_LOOK_ALIKES = str.maketrans("OIL", "011", " -")


class Caller(NamedTuple):
    """Who is calling, from which device, with which roles; and what their district's row says: its counter and the
    set-digest of all its lines among it."""

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


class Invite(NamedTuple):
    """A valid one-time code: for which account name, and what it grants."""

    district: str
    code_hash: str
    name: str
    grants: tuple[Grant, ...]


class Account(NamedTuple):
    """An account and the person that it is."""

    id: str
    person: str
    name: str


def hash_secret(secret: str) -> str:
    """What is stored of a code or token. Both are random and long, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def normalize_code(code: str) -> str:
    """A code as it is hashed, however a person typed it."""
    return code.upper().translate(_LOOK_ALIKES)


# Tokens


def authenticate(connection: Connection, token: str | None) -> Caller:
    """Who holds this token. Raises `Refusal` (401) when it is unknown or its device was revoked."""
    district, device, secret = _parts(token)
    rows = connection.execute(
        select(
            DEVICE.c.token_hash, DEVICE.c.revoked_at, DEVICE.c.seen_at, ACCOUNT.c.id, ACCOUNT.c.person, ACCOUNT.c.name,
            DISTRICT.c.secret, DISTRICT.c.central, DISTRICT.c.name, DISTRICT.c.seq, DISTRICT.c.lines, DISTRICT.c.hi,
            DISTRICT.c.lo, ROLE.c.role, ROLE.c.project, ROLE.c.department,
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
    _, _, seen_at, account, person, name, sealing, central, district_name, seq, *total = rows[0][:13]
    grants = tuple(Grant(*row[13:]) for row in rows if row[13] is not None)
    who = (district, account, person, name, device, stored, seen_at, grants)
    return Caller(*who, sealing, central, district_name, seq, SetChecksum(*total))


def _parts(token: str | None) -> tuple[str, str, str]:
    parts = (token or "").split(".")
    if len(parts) != 3 or not parts[2] or "\0" in parts[0] + parts[1]:
        raise Refusal(401, "unknown_token", "no token, or not one of ours")
    return parts[0], parts[1], parts[2]


def _current_roles() -> ColumnElement[bool]:
    same = (ROLE.c.district == DEVICE.c.district) & (ROLE.c.account == DEVICE.c.account)
    return same & ROLE.c.withdrawn_at.is_(None)


def active_devices(connection: Connection, callers: Sequence[Caller]) -> set[tuple[str, str]]:
    """Which of these callers' (district, device) may still speak: not revoked, and enrolled with the same token."""
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
    """Give a device of this account a token, in place of one it had. Raises `Refusal` (409) when the device is
    another account's."""
    owner = connection.execute(
        select(DEVICE.c.account).where(DEVICE.c.district == counter.district, DEVICE.c.id == device)
    ).scalar()
    if owner not in (None, account):
        raise Refusal(409, "device_taken", "this device belongs to another account")
    secret = secrets.token_urlsafe(32)
    now = counter.now_ms
    row = {"name": sanitize(name), "token_hash": hash_secret(secret), "seen_at": now, "revoked_at": None}
    if owner is None:
        row |= {"district": counter.district, "id": device, "account": account, "created_at": now}
        connection.execute(insert(DEVICE).values(row))
    else:
        connection.execute(
            update(DEVICE).where(DEVICE.c.district == counter.district, DEVICE.c.id == device).values(row)
        )
    return f"{counter.district}.{device}.{secret}"


def mark_device_seen(connection: Connection, caller: Caller, now_ms: int) -> None:
    """Note that the caller's device is in use."""
    mine = (DEVICE.c.district == caller.district) & (DEVICE.c.id == caller.device)
    connection.execute(update(DEVICE).where(mine).values(seen_at=now_ms))


# Codes


def create_invite(
    connection: Connection, counter: DistrictCounter, name: str, grants: Sequence[Grant]
) -> tuple[str, int]:
    """A one-time code for an account of this name, old or new, and when it expires."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    expires = counter.now_ms + INVITE_LIFETIME_MS
    row = {"district": counter.district, "code_hash": hash_secret(code), "name": name, "created_at": counter.now_ms}
    row |= {"roles": orjson.dumps([tuple(grant) for grant in grants]).decode(), "expires_at": expires, "used_at": None}
    connection.execute(insert(INVITE).values(row))
    return "-".join(code[i : i + 4] for i in range(0, _CODE_LENGTH, 4)), expires


def find_invite(connection: Connection, code: str, now_ms: int) -> Invite | None:
    """The invite that a code opens; None when it is unknown, used or expired."""
    row = connection.execute(
        select(INVITE.c.district, INVITE.c.code_hash, INVITE.c.name, INVITE.c.roles).where(
            INVITE.c.district.in_(select(DISTRICT.c.code)),
            INVITE.c.code_hash == hash_secret(normalize_code(code)),
            INVITE.c.used_at.is_(None),
            INVITE.c.expires_at > now_ms,
        )
    ).first()
    return Invite(*row[:3], tuple(Grant(*grant) for grant in orjson.loads(row[3]))) if row else None


def redeem_invite(connection: Connection, invite: Invite, now_ms: int) -> bool:
    """Use the code; False when somebody else was quicker."""
    done = connection.execute(
        update(INVITE)
        .where(INVITE.c.district == invite.district, INVITE.c.code_hash == invite.code_hash, INVITE.c.used_at.is_(None))
        .values(used_at=now_ms)
    )
    return done.rowcount == 1


# Accounts


def find_account(connection: Connection, district: str, name: str) -> Account | None:
    """The account of this name."""
    row = connection.execute(
        select(ACCOUNT.c.id, ACCOUNT.c.person, ACCOUNT.c.name).where(
            ACCOUNT.c.district == district, ACCOUNT.c.name == name
        )
    ).first()
    return Account(*row) if row else None


def create_account(connection: Connection, counter: DistrictCounter, name: str, person: str | None) -> Account:
    """A new account. It becomes ``person``, who worked alone until now, unless that person is another account's."""
    taken = (
        person
        and connection.execute(
            select(func.count()).where(ACCOUNT.c.district == counter.district, ACCOUNT.c.person == person)
        ).scalar_one()
    )
    account = Account(new_id(counter.now_ms), new_id(counter.now_ms) if taken or not person else person, name)
    row = {"district": counter.district, **account._asdict(), "created_at": counter.now_ms}
    connection.execute(insert(ACCOUNT).values(row))
    return account
