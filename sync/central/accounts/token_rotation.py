"""Rotation: another token takes the place of a device's present one, so that a stolen one ends with the next change.

The device asks for the successor, keeps it, and only then uses it; with that first use it takes the place of the
present token. Until then both are good, so that a lost answer, a kill or a keyring that keeps nothing shuts nobody out;
to ask again makes another successor and ends the one before. Who shows the token before has a copy of the home, or an
earlier state of it, and is refused as ``replaced`` (``authentication.py``). Devices that never ask keep their token.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from sync.central import audit
from sync.central.accounts.authentication import Caller, hash_secret, new_secret, own_device
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import DEVICE


def make_successor(connection: Connection, counter: DistrictCounter, caller: Caller) -> str:
    """A token that takes the place of the caller's with its first use; only its hash is stored."""
    secret = new_secret(counter)
    connection.execute(update(DEVICE).where(own_device(caller)).values(next_hash=hash_secret(secret)))
    return f"{caller.district}.{caller.device}.{secret}"


def take_over(connection: Connection, counter: DistrictCounter, caller: Caller) -> None:
    """The caller's token, a successor, is used for the first time: it is the device's token now."""
    stored = select(DEVICE.c.token_hash).where(own_device(caller), DEVICE.c.next_hash == caller.token_hash)
    former = connection.execute(stored).scalar()
    if former is None:  # another call was quicker
        return
    now = {"token_hash": caller.token_hash, "next_hash": None, "former_hash": former, "rotated_at": counter.now_ms}
    connection.execute(update(DEVICE).where(own_device(caller)).values(**now))
    audit.record_event(connection, counter, "rotated", account=caller.account, device=caller.device)
