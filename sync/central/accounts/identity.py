"""The central's key pair (Ed25519), by which devices know it again wherever it is moved.

It follows from the district's secret, which is in the database and so in every backup: a restored central is the same
one, also from a backup that is older than this module.
"""

from __future__ import annotations

import functools
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from sync.central.db.tables import DISTRICT

_PURPOSE = b"identity"


@functools.lru_cache(maxsize=64)
def _signing_key(secret: str) -> Ed25519PrivateKey:
    seed = hashlib.blake2b(secret.encode(), digest_size=32, person=_PURPOSE).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


@functools.lru_cache(maxsize=64)
def public_key(secret: str) -> str:
    """The public key of the district with this secret, in hexadecimal."""
    return _signing_key(secret).public_key().public_bytes_raw().hex()


def sign(secret: str, message: bytes) -> str:
    """The signature of a message, in hexadecimal."""
    return _signing_key(secret).sign(message).hex()


def district_secret(connection: Connection, district: str) -> str | None:
    """The secret of a district; None where there is none of this code."""
    return connection.execute(select(DISTRICT.c.secret).where(DISTRICT.c.code == district)).scalar()
