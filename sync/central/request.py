"""The desk: where a request meets the database. It knows who asks and opens snapshots and write transactions for them.

The steps in ``sync/steps`` are written against it; each opens what it needs, once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from store.ledger.hlc import wall_ms
from sync.central import audit, integrity
from sync.central.accounts import accounts, rate_limit
from sync.central.accounts.accounts import Caller
from sync.central.accounts.enrolment import Door, Enrolled
from sync.central.db.commit_order import Counter, lock, sole_district
from sync.central.db.database import Database
from sync.central.exceptions import Refusal
from sync.central.reads.snapshot import View
from sync.central.writes.transaction import Writing
from sync.central.writes.validation import Pushed, Unfit, inspect
from sync.protocol import OLDEST, PROTOCOL, DeviceName, JoinRequest

SEEN_EVERY_MS = 3_600_000
Answer = TypeVar("Answer")


class Desk:
    """One request: the database, the central's clock, the bearer's token and the address it came from."""

    def __init__(
        self,
        database: Database,
        token: str | None,
        address: str = "",
        wall: Callable[[], int] = wall_ms,
        knocks: rate_limit.Knocks | None = None,
    ) -> None:
        self._database = database
        self.token = token
        self._address = address
        self._wall = wall
        self._knocks = knocks or rate_limit.Knocks()

    def now(self) -> int:
        """The central's time, in milliseconds since 1970."""
        return self._wall()

    def require(self, protocol: int) -> None:
        """Raises `Refusal` (426) for a device whose protocol this central does not speak."""
        if not OLDEST <= protocol <= PROTOCOL:
            detail = f"this central speaks protocol {OLDEST} to {PROTOCOL}"
            raise Refusal(426, "upgrade_required", detail, min=OLDEST, max=PROTOCOL)

    def caller(self) -> Caller:
        """Who holds the token. Raises `Refusal` (401)."""
        with self._database.read() as connection:
            return accounts.caller_of(connection, self.token)

    @contextlib.contextmanager
    def reading(self) -> Iterator[View]:
        """What the caller may see, in one snapshot. Damage met on the way is set apart afterwards. Raises `Refusal`
        (401) for a token that is unknown or revoked."""
        with self._database.read() as connection:
            caller = accounts.caller_of(connection, self.token)
            view = View(connection, caller, self.now())
            yield view
        if view.damaged:
            self._set_apart(caller, view.damaged)
        if view.now_ms - caller.seen_at > SEEN_EVERY_MS:
            self._seen(caller)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writing]:
        """The caller's write transaction, judged by the rows as they are once the district is locked."""
        with self._database.write() as connection:
            counter = self._locked(accounts.caller_of(connection, self.token).district, connection)
            yield Writing(connection, accounts.caller_of(connection, self.token), counter)

    def inspect(self, values: Sequence[object]) -> list[Pushed | Unfit]:
        """Judge pushed lines one by one by themselves, before anything is locked."""
        now = self.now()
        return [inspect(value, now) for value in values]

    # Devices

    def enrol(self, request: JoinRequest) -> Enrolled:
        """A token for who has a valid one-time code, and who they are now; the attempt is counted whatever comes of
        it. Raises `Refusal` (429, 403, 409)."""
        now = self.now()
        with self._database.write() as connection:
            wait = rate_limit.try_code(connection, self._address, now)
        if wait is not None:
            raise Refusal(429, "too_many", "too many attempts", retry_after=wait)
        try:
            with self._database.write() as connection:
                return Door(connection, self._address, now).open(request)
        except Refusal as refusal:
            self._refused(request.district, "join_refused", refusal.code)
            raise

    def renew(self, device: DeviceName) -> str:
        """A token for another device of the same account."""
        with self._database.write() as connection:
            caller = accounts.caller_of(connection, self.token)
            counter = self._locked(caller.district, connection)
            token = accounts.enrol(connection, counter, caller.account, device.id, device.name)
            who = {"account": caller.account, "device": device.id}
            audit.record(connection, counter, "renew", **who, before=caller.device)
            counter.save(connection)
            return token

    # Agreement

    def recheck(self, caller: Caller, buckets: Sequence[str]) -> None:
        """Where a device and the central differ, make sure that the central agrees with itself."""
        with self._database.write() as connection:
            counter = self._locked(caller.district, connection)
            integrity.check(connection, counter, buckets)
            counter.save(connection)

    def settle(self, caller: Caller) -> None:
        """Where all groups agree, make sure that the district's own total is their sum."""
        with self._database.write() as connection:
            counter = self._locked(caller.district, connection)
            if integrity.settle_total(connection, counter):
                audit.record(connection, counter, "mended", total=True)
                counter.save(connection)

    # What is written down beside

    def minding_refusals(self, work: Callable[[], Answer]) -> Answer:
        """Do the work; a refused token is counted, the first ones are written into the audit of the district that it
        names, and beyond a limit the address is told to wait."""
        try:
            return work()
        except Refusal as refusal:
            if refusal.status == 401:
                self._knocked(refusal)
            raise

    def _knocked(self, refusal: Refusal) -> None:
        knocks = self._knocks.count(self._address, self.now())
        if knocks > rate_limit.KNOCKS:
            raise Refusal(429, "too_many", "too many refused tokens", retry_after=rate_limit.WINDOW_MS // 1000)
        if knocks <= rate_limit.KNOCKS_TOLD:
            self._refused((self.token or "").partition(".")[0], "token_refused", refusal.code)

    def _refused(self, district: str | None, action: str, code: str) -> None:
        with self._database.write() as connection:
            counter = lock(connection, district or sole_district(connection) or "", self.now())
            if counter is not None:
                audit.record(connection, counter, action, code=code, address=self._address)
                counter.save(connection)

    def _seen(self, caller: Caller) -> None:
        with self._database.write() as connection:
            accounts.seen(connection, caller, self.now())

    def _set_apart(self, caller: Caller, damaged: Sequence[str]) -> None:
        with self._database.write() as connection:
            counter = self._locked(caller.district, connection)
            integrity.set_apart(connection, counter, damaged)
            integrity.recount(connection, counter, integrity.buckets_of(connection, caller.district, damaged))
            audit.record(connection, counter, "mended", damaged=list(damaged[:100]))
            counter.save(connection)

    def _locked(self, district: str, connection: Connection) -> Counter:
        counter = lock(connection, district, self.now())
        if counter is None:
            raise Refusal(401, "unknown_token", "the central does not know this district")
        return counter
