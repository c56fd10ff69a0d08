"""Cursors: how far a device has read, encrypted so that they do not tell how many lines others have.

A token is bound to the account it was issued to. One that is not ours, or of another account, counts as none: the
device then reads from the beginning, which is always safe. One of an earlier epoch counts up to where that was left.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken


class Cursor(NamedTuple):
    """``seq``: everything up to this number of the ``epoch`` has been read. ``since``: the counter when the first page
    was read; what entered the scope before it arrived as lines, what enters later arrives as a granted bucket. Cursors
    of before epochs name none."""

    seq: int
    since: int
    epoch: str = ""


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
    return seal(secret, "cursor", account, f"{cursor.seq} {cursor.since} {cursor.epoch}".rstrip())


def open_cursor(secret: str, account: str, token: str | None) -> Cursor | None:
    """The cursor of a token; None when it is no cursor of this account. `ScopedReads.parse_cursor` says what it is
    worth."""
    value = unseal(secret, "cursor", account, token)
    if value is None:
        return None
    seq, since, *epoch = value.split(" ")
    return Cursor(int(seq), int(since), *epoch)


class FirstRead(NamedTuple):
    """How far a device has got that reads for the first time, what today's screens need first and else the newest
    first (`ScopedReads.first_lines`). Everything up to the number ``since`` of the ``epoch`` is read so, and from there
    on in commit order. ``total`` is how many lines that is; ``bucket`` and ``seq`` are the last line read of the
    ``stage``, nothing and 0 at its beginning."""

    since: int
    epoch: str
    total: int
    stage: int = 0
    bucket: str = ""
    seq: int = 0

    @property
    def following(self) -> Cursor:
        """The cursor of a device that has read all of it."""
        return Cursor(self.since, self.since, self.epoch)


FIRST_MARK = "first."
"""Before the token of a first read, so that a request for its next page waits for its turn before anything is done."""


def reads_from_the_beginning(token: str | None) -> bool:
    """Whether whoever has this token has not read everything once, as far as the token says of itself."""
    return token is None or token.startswith(FIRST_MARK)


def seal_first_read(secret: str, account: str, first: FirstRead) -> str:
    """The token of a first read. An older program takes it for none, and lets the device read from the beginning."""
    numbers = f"{first.since} {first.total} {first.stage} {first.seq} {first.bucket or '-'} {first.epoch}"
    return FIRST_MARK + seal(secret, "first", account, numbers.rstrip())


def open_first_read(secret: str, account: str, token: str | None) -> FirstRead | None:
    """The first read of a token; None for any other."""
    value = unseal(secret, "first", account, token and token.removeprefix(FIRST_MARK))
    if value is None:
        return None
    since, total, stage, seq, bucket, *epoch = value.split(" ")
    return FirstRead(int(since), "".join(epoch), int(total), int(stage), bucket.removeprefix("-"), int(seq))
