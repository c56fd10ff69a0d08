"""The two pairs of keys of a central or a device: to sign (Ed25519), and to agree on a secret (X25519)."""

from __future__ import annotations

import functools
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.protocol import DeviceKeys

SEED_BYTES = 32


class BundleKeys(NamedTuple):
    """The private keys of one writer and reader."""

    sign: Ed25519PrivateKey
    agree: X25519PrivateKey

    @property
    def public(self) -> DeviceKeys:
        """The public halves, in hexadecimal."""
        signing, agreement = self.sign.public_key(), self.agree.public_key()
        return DeviceKeys(sign=signing.public_bytes_raw().hex(), agree=agreement.public_bytes_raw().hex())


@functools.lru_cache(maxsize=16)
def keys_from_seed(seed: bytes) -> BundleKeys:
    """The keys that follow from a secret seed of `SEED_BYTES` random bytes."""
    signing, agreement = (
        HKDF(SHA256(), 32, salt=None, info=purpose).derive(seed) for purpose in (b"guanjia sign", b"guanjia agree")
    )
    return BundleKeys(Ed25519PrivateKey.from_private_bytes(signing), X25519PrivateKey.from_private_bytes(agreement))


def fingerprint(sign_key: str) -> str:
    """A short form of a public key for people to compare: 16 digits of its hash, in fours."""
    digest = Hash(SHA256())
    digest.update(bytes.fromhex(sign_key))
    text = digest.finalize().hex()[:16]
    return " ".join(text[i : i + 4] for i in range(0, 16, 4))
