"""How long a token lives: a number of days from its device's last round. Each round renews it.

A device that was not seen for as long is refused until the bureau lets it in again, which loses nothing; after twice as
long lists call it stopped. Time is counted by the central's clock while that is believed, else up to the district's
latest write; after a restore from the beginning of the present epoch, since what a copy knows of visits is as old as
the copy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, or_, update

from sync.central import audit
from sync.central.accounts import name_lookup
from sync.central.accounts.authentication import Caller
from sync.central.db.clock_bounds import is_within_bounds
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.settings import TOKEN_DAYS
from sync.central.db.tables import DEVICE
from sync.central.exceptions import Refusal
from sync.exceptions import NothingToReadmit

DAY_MS = 86_400_000
STOPS_AFTER_LIVES = 2
"""After so many lives of a token without a round its device counts as stopped."""


class TokenLife(NamedTuple):
    """A token's life in ``days``, the central's time, and whether the system vouches for it."""

    now_ms: int
    days: int = TOKEN_DAYS
    is_synchronised: Callable[[], bool] = lambda: False

    @property
    def expired_before(self) -> int:
        """Who was last seen before this time has an expired token."""
        return self.now_ms - self.days * DAY_MS

    @property
    def stopped_before(self) -> int:
        """Who was last seen before this time counts as stopped."""
        return self.now_ms - STOPS_AFTER_LIVES * self.days * DAY_MS

    def require_alive(self, caller: Caller) -> None:
        """Raises `Refusal` (401) when the caller's token has expired."""
        if caller.alive_since >= self.expired_before:
            return
        is_believed = is_within_bounds(caller.clock_mark, self.now_ms) or self.is_synchronised()
        if is_believed or caller.alive_since < caller.clock_mark - self.days * DAY_MS:
            raise Refusal(401, "expired", "this device has not synced for too long", days=self.days)


def seen_since(time_ms: int) -> ColumnElement[bool]:
    """Whether a device was seen, or let in again, since this time."""
    return or_(DEVICE.c.seen_at >= time_ms, func.coalesce(DEVICE.c.admitted_at, 0) >= time_ms)


def readmit(connection: Connection, counter: DistrictCounter, name: str, life: TokenLife, **by: str) -> list[str]:
    """Let in again those of a device (by id or name), or of a person's devices, whose tokens have expired; gives them.
    One that was revoked needs a new invitation. Raises `NothingToReadmit`, `UnknownName`, `AmbiguousName`."""
    named, _account = name_lookup.revocable(connection, counter.district, name)
    expired = (
        DEVICE.c.district == counter.district, DEVICE.c.id.in_(named), DEVICE.c.revoked_at.is_(None),
        ~seen_since(life.expired_before),
    )  # fmt: skip
    done = update(DEVICE).where(*expired).values(admitted_at=counter.now_ms).returning(DEVICE.c.id)
    ids = sorted(connection.execute(done).scalars())
    if not ids:
        raise NothingToReadmit(name=name)
    audit.record_event(connection, counter, "readmit", devices=ids, **by)
    return ids
