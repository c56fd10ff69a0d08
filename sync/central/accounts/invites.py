"""One-time codes: 60 random bits in an alphabet without look-alikes, valid once and for ten minutes. Only hashes are
stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from sync.central.accounts.authentication import hash_secret
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import DISTRICT, INVITE, InviteRow
from sync.protocol import fold_code

INVITE_LIFETIME_MS = 600_000
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12


class Invite(NamedTuple):
    """A valid one-time code: for whom (see `InviteRow`), and what it grants. ``device`` has used it already and may do
    so again."""

    district: str
    code_hash: str
    name: str
    account: str | None
    person: str | None
    device: str | None
    grants: tuple[Grant, ...]


class Invitee(NamedTuple):
    """Whom an invitation is for: the ``account`` gets one more device; else the ``person`` gets an account; else it is
    for somebody new of this name."""

    name: str
    account: str | None = None
    person: str | None = None


def create_invite(
    connection: Connection, counter: DistrictCounter, invitee: Invitee, grants: Sequence[Grant]
) -> tuple[str, int]:
    """A one-time code for one person, and when it expires."""
    code = "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in counter.random_bytes(_CODE_LENGTH))
    expires = counter.now_ms + INVITE_LIFETIME_MS
    roles = orjson.dumps([tuple(grant) for grant in grants]).decode()
    row = InviteRow(
        counter.district, hash_secret(code), invitee.name, roles, counter.now_ms, expires, None, *invitee[1:]
    )
    connection.execute(insert(INVITE).values(row._asdict()))
    return "-".join(code[i : i + 4] for i in range(0, _CODE_LENGTH, 4)), expires


def hash_code(code: str) -> str:
    """The hash under which a typed code is stored."""
    return hash_secret(fold_code(code))


def find_invite(connection: Connection, code: str, now_ms: int, device: str | None = None) -> Invite | None:
    """The invite of a code; None when it is unknown, expired, or used by another than this ``device``."""
    unused = INVITE.c.used_at.is_(None)
    columns = (
        INVITE.c.district, INVITE.c.code_hash, INVITE.c.name, INVITE.c.account, INVITE.c.person, INVITE.c.device,
        INVITE.c.roles,
    )  # fmt: skip
    row = connection.execute(
        select(*columns).where(
            INVITE.c.district.in_(select(DISTRICT.c.code)),
            INVITE.c.code_hash == hash_code(code),
            INVITE.c.expires_at > now_ms,
            unused if device is None else or_(unused, INVITE.c.device == device),
        )
    ).first()
    return Invite(*row[:6], tuple(Grant(*grant) for grant in orjson.loads(row[6]))) if row else None


def pending_names(connection: Connection, district: str, now_ms: int) -> list[str]:
    """The names of those whom a valid code waits for and who have no account yet."""
    chosen = select(INVITE.c.name).where(
        INVITE.c.district == district, INVITE.c.account.is_(None), *_still_valid(now_ms)
    )
    return list(connection.execute(chosen).scalars())


def void_invites(
    connection: Connection, counter: DistrictCounter, *, account: str | None = None, name: str | None = None
) -> None:
    """End the valid codes for an account, or those for a new account of exactly this name."""
    whose = INVITE.c.account == account if account else and_(INVITE.c.account.is_(None), INVITE.c.name == name)
    here = update(INVITE).where(INVITE.c.district == counter.district, whose, *_still_valid(counter.now_ms))
    connection.execute(here.values(used_at=counter.now_ms))


def _still_valid(now_ms: int) -> tuple[ColumnElement[bool], ...]:
    return INVITE.c.used_at.is_(None), INVITE.c.expires_at > now_ms


def redeem_invite(connection: Connection, invite: Invite, device: str, now_ms: int) -> bool:
    """Mark the code as used by this device; False when another has done so first."""
    if invite.device == device:
        return True
    done = connection.execute(
        update(INVITE)
        .where(INVITE.c.district == invite.district, INVITE.c.code_hash == invite.code_hash, INVITE.c.used_at.is_(None))
        .values(used_at=now_ms, device=device)
    )
    return done.rowcount == 1
