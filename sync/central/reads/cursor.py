"""Cursors: how far a device has read, encrypted so that they do not tell how many lines others have.

A token is bound to the account it was issued to. One that is not ours, of another account, or ahead of the counter (the
central was restored from a backup) counts as none: the device then reads from the beginning, which is always safe.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken


class Cursor(NamedTuple):
    """``seq``: everything up to this number has been read. ``since``: the counter when the first page was read; what
    entered the scope before it arrived as lines, what enters later arrives as a granted bucket."""

    seq: int
    since: int


def seal(secret: str, purpose: str, account: str, value: str) -> str:
    """``value`` encrypted as an opaque token for this account and purpose."""
    return Fernet(secret).encrypt(f"{purpose} {account} {value}".encode()).decode()


def unseal(secret: str, purpose: str, account: str, token: str | None) -> str | None:
    """The value of a token that `seal` made for the same account and purpose; None for anything else."""
    if not token:
        return None
    try:
        text = Fernet(secret).decrypt(token.encode()).decode()
    except (InvalidToken, UnicodeError):
        return None
    head = f"{purpose} {account} "
    return text.removeprefix(head) if text.startswith(head) else None


def seal_cursor(secret: str, account: str, cursor: Cursor) -> str:
    """The token of a cursor."""
    return seal(secret, "cursor", account, f"{cursor.seq} {cursor.since}")


def open_cursor(secret: str, account: str, token: str | None, newest: int) -> Cursor | None:
    """The cursor of a token; None when it is no cursor of this account, or ahead of ``newest``."""
    value = unseal(secret, "cursor", account, token)
    if value is None:
        return None
    seq, since = map(int, value.split(" "))
    return Cursor(seq, since) if seq <= newest else None
