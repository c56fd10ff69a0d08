"""One-time codes: 60 random bits in an alphabet without look-alikes, valid once and for ten minutes. Only hashes are
stored."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, insert, select, update

from sync.central.accounts.authentication import hash_secret
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import DISTRICT, INVITE, InviteRow

INVITE_LIFETIME_MS = 600_000
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 12
_LOOK_ALIKES = str.maketrans("OIL", "011", " -")


class Invite(NamedTuple):
    """A valid one-time code: for which account name, and what it grants."""

    district: str
    code_hash: str
    name: str
    grants: tuple[Grant, ...]


def normalize_code(code: str) -> str:
    """A typed code in the form that is hashed: upper case, no look-alikes, no spaces or hyphens."""
    return code.upper().translate(_LOOK_ALIKES)


def create_invite(
    connection: Connection, counter: DistrictCounter, name: str, grants: Sequence[Grant]
) -> tuple[str, int]:
    """A one-time code for an account of this name, old or new, and when it expires."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    expires = counter.now_ms + INVITE_LIFETIME_MS
    roles = orjson.dumps([tuple(grant) for grant in grants]).decode()
    row = InviteRow(counter.district, hash_secret(code), name, roles, counter.now_ms, expires, None)
    connection.execute(insert(INVITE).values(row._asdict()))
    return "-".join(code[i : i + 4] for i in range(0, _CODE_LENGTH, 4)), expires


def find_invite(connection: Connection, code: str, now_ms: int) -> Invite | None:
    """The invite of a code; None when it is unknown, used or expired."""
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
    """Mark the code as used; False when another request has done so first."""
    done = connection.execute(
        update(INVITE)
        .where(INVITE.c.district == invite.district, INVITE.c.code_hash == invite.code_hash, INVITE.c.used_at.is_(None))
        .values(used_at=now_ms)
    )
    return done.rowcount == 1
