"""The central's keys: one pair to sign (Ed25519), by which devices know it again wherever it is moved, and one to agree
on a secret (X25519), to which files for it are encrypted.

Both follow from the district's secret, which is in the database and so in every backup: a restored central is the same
one, also from a backup that is older than this module.
"""

from __future__ import annotations

import functools
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import Connection, select

from sync.central.db.tables import DISTRICT
from sync.protocol.bundle.keys import BundleKeys

_SIGNING, _AGREEMENT = b"identity", b"agreement"


@functools.lru_cache(maxsize=64)
def key_pair(secret: str) -> BundleKeys:
    """The private keys of the district with this secret."""
    signing, agreement = (
        hashlib.blake2b(secret.encode(), digest_size=32, person=purpose).digest() for purpose in (_SIGNING, _AGREEMENT)
    )
    return BundleKeys(Ed25519PrivateKey.from_private_bytes(signing), X25519PrivateKey.from_private_bytes(agreement))


@functools.lru_cache(maxsize=64)
def public_key(secret: str) -> str:
    """The public key of the district with this secret, in hexadecimal."""
    return key_pair(secret).public.sign


@functools.lru_cache(maxsize=64)
def agreement_key(secret: str) -> str:
    """The public key to which files for this district's central are encrypted, in hexadecimal."""
    return key_pair(secret).public.agree


def sign(secret: str, message: bytes) -> str:
    """The signature of a message, in hexadecimal."""
    return key_pair(secret).sign.sign(message).hex()


def district_secret(connection: Connection, district: str) -> str | None:
    """The secret of a district; None where there is none of this code."""
    return connection.execute(select(DISTRICT.c.secret).where(DISTRICT.c.code == district)).scalar()
