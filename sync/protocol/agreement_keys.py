"""Which keys of X25519 something can be encrypted for: a device may tell its central any 32 bytes."""

from __future__ import annotations

_FIELD = (1 << 255) - 19
_SMALL_ORDER = (
    0, 1, _FIELD - 1, 325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)  # fmt: skip
"""With these points of Curve25519 and its twist everybody agrees on the same secret, so nobody may use them."""


def require_useful(key: str) -> str:
    """The key, in hexadecimal. Raises `ValueError` for one of small order."""
    if (int.from_bytes(bytes.fromhex(key), "little") & (1 << 255) - 1) % _FIELD in _SMALL_ORDER:
        raise ValueError("a key of small order")
    return key
