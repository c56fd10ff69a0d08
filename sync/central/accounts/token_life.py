"""How long a token lives: a number of days from its device's last round. Each round renews it.

A device that was not seen for as long is refused until the bureau lets it in again, which loses nothing; after a longer
time it is stopped: it counts among the devices of its person no more. Nobody writes that down, it is a matter of the
day, as roles are. Time is counted by the central's clock while that is believed, else up to the district's
latest write; after a restore from the beginning of the present epoch, since what a copy knows of visits is as old as
the copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from sync.central import audit
from sync.central.accounts import name_lookup
from sync.central.accounts.authentication import Caller, is_let_in, seen_since
from sync.central.db.clock_bounds import is_within_bounds
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.settings import USUAL_LIMITS, DeviceLimits
from sync.central.db.tables import DEVICE
from sync.central.exceptions import Refusal
from sync.exceptions import NothingToReadmit

DAY_MS = 86_400_000


class TokenLife(NamedTuple):
    """The central's time, the ``limits`` of devices and tokens, and whether the system vouches for the time."""

    now_ms: int
    limits: DeviceLimits = USUAL_LIMITS
    is_synchronised: Callable[[], bool] = lambda: False

    @property
    def days(self) -> int:
        """How many days a token lives: no longer than until its device is stopped."""
        return min(self.limits.token_days, self.limits.stop_days)

    @property
    def expired_before(self) -> int:
        """Who was last seen before this time has an expired token."""
        return self.now_ms - self.days * DAY_MS

    @property
    def stopped_before(self) -> int:
        """Who was last seen before this time counts as stopped."""
        return self.now_ms - self.limits.stop_days * DAY_MS

    def is_rotation_due(self, caller: Caller) -> bool:
        """Whether the caller's token is so old that another one is to take its place. A clock that is not believed
        makes none old."""
        is_old = caller.token_since < self.now_ms - self.limits.rotation_days * DAY_MS
        return is_old and (is_within_bounds(caller.clock_mark, self.now_ms) or self.is_synchronised())

    def require_alive(self, caller: Caller) -> None:
        """Raises `Refusal` (401) when the caller's token has expired."""
        if caller.alive_since >= self.expired_before:
            return
        is_believed = is_within_bounds(caller.clock_mark, self.now_ms) or self.is_synchronised()
        if is_believed or caller.alive_since < caller.clock_mark - self.days * DAY_MS:
            raise Refusal(401, "expired", "this device has not synced for too long", days=self.days)


def require_room(
    connection: Connection, district: str, account: str, life: TokenLife, *, device: str = "", more: int = 1
) -> None:
    """Raises `Refusal` (409) unless the account may have so many ``more`` devices, beside those that it has; ``device``
    does not count among these."""
    others = select(func.count()).where(
        DEVICE.c.district == district, DEVICE.c.account == account, DEVICE.c.id != device,
        is_let_in(life.stopped_before),
    )  # fmt: skip
    most = life.limits.max_devices
    if connection.execute(others).scalar_one() + more > most:
        raise Refusal(409, "too_many_devices", f"this person has {most} devices", most=most)


def accounts_with_tokens(
    connection: Connection, district: str, expired_before: int, without: Sequence[str] = ()
) -> set[str]:
    """The accounts with a device whose token is good, other than these devices: seen, or let in again, since
    ``expired_before``. Who has none can do nothing."""
    let_in = DEVICE.c.district == district, DEVICE.c.id.not_in(without), is_let_in(expired_before)
    return set(connection.execute(select(DEVICE.c.account).where(*let_in).distinct()).scalars())


def readmit(connection: Connection, counter: DistrictCounter, name: str, life: TokenLife, **by: str) -> list[str]:
    """Let in again those of a device (by id or name), or of a person's devices, whose tokens have expired; gives them.
    One that was revoked needs a new invitation; one that was stopped, room among those of its person. Raises
    `NothingToReadmit`, `UnknownName`, `AmbiguousName`, `Refusal` (409)."""
    named, _account = name_lookup.revocable(connection, counter.district, name)
    expired = (
        DEVICE.c.district == counter.district, DEVICE.c.id.in_(named), DEVICE.c.revoked_at.is_(None),
        ~seen_since(life.expired_before),
    )  # fmt: skip
    stopped = select(DEVICE.c.account, func.count()).where(*expired, ~is_let_in(life.stopped_before))
    for account, more in connection.execute(stopped.group_by(DEVICE.c.account)).all():
        require_room(connection, counter.district, account, life, more=more)
    done = update(DEVICE).where(*expired).values(admitted_at=counter.now_ms).returning(DEVICE.c.id)
    ids = sorted(connection.execute(done).scalars())
    if not ids:
        raise NothingToReadmit(name=name)
    audit.record_event(connection, counter, "readmit", devices=ids, **by)
    return ids
