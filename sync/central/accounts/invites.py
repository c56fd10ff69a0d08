"""One-time codes: 60 random bits in an alphabet without look-alikes, valid once and for ten minutes, or as long as the
bureau says. A person has one at a time. Only hashes are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from store.values.text import fold_code
from sync.central.accounts.authentication import hash_secret
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import DISTRICT, INVITE, InviteRow

INVITE_LIFETIME_MS = 600_000
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12
_ID_LENGTH = 16
"""Of the hash so much is a code's id, by which it is withdrawn."""


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


class MadeCode(NamedTuple):
    """A one-time code, its id in lists, and when it expires (milliseconds since 1970)."""

    code: str
    id: str
    expires_at: int


class WaitingCode(NamedTuple):
    """A one-time code that waits: its id in lists, for whom, what it grants (JSON), since when and until when."""

    id: str
    name: str
    account: str | None
    roles: str
    created_at: int
    expires_at: int


def create_invite(
    connection: Connection,
    counter: DistrictCounter,
    invitee: Invitee,
    grants: Sequence[Grant],
    lifetime_ms: int = INVITE_LIFETIME_MS,
) -> MadeCode:
    """A one-time code for one person; one that waits for them already ends."""
    void_invites(connection, counter, account=invitee.account, person=invitee.person)
    code = "".join(CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in counter.random_bytes(_CODE_LENGTH))
    expires = counter.now_ms + lifetime_ms
    roles = orjson.dumps([tuple(grant) for grant in grants]).decode()
    hashed = hash_secret(code)
    row = InviteRow(counter.district, hashed, invitee.name, roles, counter.now_ms, expires, None, *invitee[1:])
    connection.execute(insert(INVITE), row._asdict())
    shown = "-".join(code[i : i + 4] for i in range(0, _CODE_LENGTH, 4))
    return MadeCode(shown, code_id(hashed), expires)


def code_id(code_hash: str) -> str:
    """The id of a code in lists and in the audit; it tells nothing of the code."""
    return code_hash[:_ID_LENGTH]


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


def waiting_codes(connection: Connection, district: str, now_ms: int, limit: int) -> list[WaitingCode]:
    """The codes that wait, the oldest first."""
    columns = (INVITE.c.code_hash, *(INVITE.c[name] for name in WaitingCode._fields[1:]))
    here = select(*columns).where(INVITE.c.district == district, *_still_valid(now_ms))
    rows = connection.execute(here.order_by(INVITE.c.created_at, INVITE.c.code_hash).limit(limit))
    return [WaitingCode(code_id(row[0]), *row[1:]) for row in rows]


def void_codes(connection: Connection, counter: DistrictCounter, codes: Sequence[WaitingCode]) -> None:
    """End these codes."""
    ids = [code.id for code in codes]
    mine = func.substr(INVITE.c.code_hash, 1, _ID_LENGTH).in_(ids)
    here = update(INVITE).where(INVITE.c.district == counter.district, mine, *_still_valid(counter.now_ms))
    connection.execute(here.values(used_at=counter.now_ms))


def void_invites(
    connection: Connection,
    counter: DistrictCounter,
    *,
    account: str | None = None,
    person: str | None = None,
    name: str | None = None,
) -> None:
    """End the valid codes for an account, for a person of the ledger, or for a new account of exactly this name."""
    if account:
        whose = INVITE.c.account == account
    elif person:
        whose = INVITE.c.person == person
    elif name:
        whose = and_(INVITE.c.account.is_(None), INVITE.c.name == name)
    else:
        return
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
