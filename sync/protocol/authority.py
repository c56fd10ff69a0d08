"""How a device gets to trust the certificate of a central that is its own authority, without a file.

An address may carry the beginning of the hash of the central's public key, its pin: ``https://10.0.0.5:8443#1f2e …``.
The device asks for the authority's certificate over a connection that proves nothing, sends nothing else on it, and
believes the answer if that key has signed it. The pin is the longer form of the fingerprint that people compare.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

from pydantic import StringConstraints

from sync.protocol import Key, Signature, WireMessage

AUTHORITY = "/v1/authority"
PIN_DIGITS = 32
"""Hexadecimal digits of a pin: 128 bits, so that nobody finds another key with the same."""
MAX_CERTIFICATE_LENGTH = 4_096

Pin = Annotated[str, StringConstraints(pattern=f"^[0-9a-f]{{{PIN_DIGITS}}}$")]


class AuthorityRequest(WireMessage):
    """Which central is meant."""

    pin: Pin


class AuthorityAnswer(WireMessage):
    """The certificate of the central's own authority (PEM), the key that the pin is of, and its signature of
    `authority_message`."""

    certificate: Annotated[str, StringConstraints(max_length=MAX_CERTIFICATE_LENGTH)]
    key: Key
    signature: Signature


def pin_of(sign_key: str) -> str:
    """The pin of a public key in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(sign_key)).hexdigest()[:PIN_DIGITS]


def authority_message(certificate: str) -> bytes:
    """What the central signs to name its authority."""
    return f"guanjia authority\n{certificate}".encode()
