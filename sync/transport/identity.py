"""Whether what answers is the central that was joined, asked before the device's token is sent.

The central signs a fresh random number and the address that was dialled with the key that it named when it was joined.
Its side is ``sync/central/steps/identity.py``.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.protocol import IdentityAnswer, IdentityRequest, identity_message


class PinnedIdentity(NamedTuple):
    """The district that was joined, its central's public key in hexadecimal, and the certificate (PEM) of the
    central's own authority, where it has named one when it was joined."""

    district: str
    key: str
    authority: str | None = None


def identity_request(pinned: PinnedIdentity, address: str) -> IdentityRequest:
    """A question that only the joined central can answer, and never the same twice."""
    return IdentityRequest(district=pinned.district, nonce=secrets.token_hex(32), address=address)


def is_proof(pinned: PinnedIdentity, request: IdentityRequest, answer: IdentityAnswer) -> bool:
    """Whether the answer to the question was signed with the pinned key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(pinned.key))
        key.verify(bytes.fromhex(answer.signature), identity_message(request))
    except (InvalidSignature, ValueError):
        return False
    return True
