"""The desk: where a request meets the database. It knows who asks and opens snapshots and write transactions for them.

The steps in ``sync/steps`` are written against it; each opens what it needs, once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from store.ledger.hlc import system_clock_ms
from sync.central import audit, integrity
from sync.central.accounts import accounts, rate_limit
from sync.central.accounts.accounts import Caller
from sync.central.accounts.enrolment import DeviceEnrolment, EnrolmentResult
from sync.central.db.commit_order import DistrictCounter, lock_district, sole_district
from sync.central.db.database import CentralDatabase
from sync.central.exceptions import Refusal
from sync.central.reads.snapshot import ScopedReads
from sync.central.writes.transaction import WriteTransaction
from sync.central.writes.validation import InvalidLine, ValidLine, validate_line
from sync.protocol import OLDEST_PROTOCOL, PROTOCOL, DeviceName, JoinRequest

SEEN_INTERVAL_MS = 3_600_000
WorkResult = TypeVar("WorkResult")


class RequestContext:
    """One request: the database, the central's clock, the bearer's token and the address it came from."""

    def __init__(
        self,
        database: CentralDatabase,
        token: str | None,
        address: str = "",
        clock_ms: Callable[[], int] = system_clock_ms,
        refused_tokens: rate_limit.RefusedTokenCounter | None = None,
    ) -> None:
        self._database = database
        self.token = token
        self._address = address
        self._clock_ms = clock_ms
        self._refused_tokens = refused_tokens or rate_limit.RefusedTokenCounter()

    def now_ms(self) -> int:
        """The central's time, in milliseconds since 1970."""
        return self._clock_ms()

    def require_protocol(self, protocol: int) -> None:
        """Raises `Refusal` (426) for a device whose protocol this central does not speak."""
        if not OLDEST_PROTOCOL <= protocol <= PROTOCOL:
            detail = f"this central speaks protocol {OLDEST_PROTOCOL} to {PROTOCOL}"
            raise Refusal(426, "upgrade_required", detail, min=OLDEST_PROTOCOL, max=PROTOCOL)

    def caller(self) -> Caller:
        """Who holds the token. Raises `Refusal` (401)."""
        with self._database.read() as connection:
            return accounts.authenticate(connection, self.token)

    @contextlib.contextmanager
    def read(self) -> Iterator[ScopedReads]:
        """What the caller may see, in one snapshot. Damage met on the way is set apart afterwards. Raises `Refusal`
        (401) for a token that is unknown or revoked."""
        with self._database.read() as connection:
            caller = accounts.authenticate(connection, self.token)
            view = ScopedReads(connection, caller, self.now_ms())
            yield view
        if view.damaged:
            self._quarantine(caller, view.damaged)
        if view.now_ms - caller.seen_at > SEEN_INTERVAL_MS:
            self._mark_seen(caller)

    @contextlib.contextmanager
    def write(self) -> Iterator[WriteTransaction]:
        """The caller's write transaction, judged by the rows as they are once the district is locked."""
        with self._database.write() as connection:
            counter = self._lock_district(accounts.authenticate(connection, self.token).district, connection)
            yield WriteTransaction(connection, accounts.authenticate(connection, self.token), counter)

    def validate_lines(self, values: Sequence[object]) -> list[ValidLine | InvalidLine]:
        """Judge pushed lines one by one by themselves, before anything is locked."""
        now = self.now_ms()
        return [validate_line(value, now) for value in values]

    # Devices

    def enrol(self, request: JoinRequest) -> EnrolmentResult:
        """A token for who has a valid one-time code, and who they are now; the attempt is counted whatever comes of
        it. Raises `Refusal` (429, 403, 409)."""
        now = self.now_ms()
        with self._database.write() as connection:
            wait = rate_limit.count_attempt(connection, self._address, now)
        if wait is not None:
            raise Refusal(429, "too_many", "too many attempts", retry_after=wait)
        try:
            with self._database.write() as connection:
                return DeviceEnrolment(connection, self._address, now).enrol(request)
        except Refusal as refusal:
            self._audit_refusal(request.district, "join_refused", refusal.code)
            raise

    def renew(self, device: DeviceName) -> str:
        """A token for another device of the same account."""
        with self._database.write() as connection:
            caller = accounts.authenticate(connection, self.token)
            counter = self._lock_district(caller.district, connection)
            token = accounts.enrol_device(connection, counter, caller.account, device.id, device.name)
            who = {"account": caller.account, "device": device.id}
            audit.record_event(connection, counter, "renew", **who, before=caller.device)
            counter.save(connection)
            return token

    # Agreement

    def check_buckets(self, caller: Caller, buckets: Sequence[str]) -> None:
        """Where a device and the central differ, make sure that the central agrees with itself."""
        with self._database.write() as connection:
            counter = self._lock_district(caller.district, connection)
            integrity.check_integrity(connection, counter, buckets)
            counter.save(connection)

    def repair_total(self, caller: Caller) -> None:
        """Where all groups agree, make sure that the district's own total is their sum."""
        with self._database.write() as connection:
            counter = self._lock_district(caller.district, connection)
            if integrity.repair_total(connection, counter):
                audit.record_event(connection, counter, "mended", total=True)
                counter.save(connection)

    # What is written down beside

    def run_rate_limited(self, work: Callable[[], WorkResult]) -> WorkResult:
        """Do the work; a refused token is counted, the first ones are written into the audit of the district that it
        names, and beyond a limit the address is told to wait."""
        try:
            return work()
        except Refusal as refusal:
            if refusal.status == 401:
                self._count_refused_token(refusal)
            raise

    def _count_refused_token(self, refusal: Refusal) -> None:
        knocks = self._refused_tokens.count(self._address, self.now_ms())
        if knocks > rate_limit.MAX_REFUSED_TOKENS:
            raise Refusal(429, "too_many", "too many refused tokens", retry_after=rate_limit.WINDOW_MS // 1000)
        if knocks <= rate_limit.AUDITED_REFUSED_TOKENS:
            self._audit_refusal((self.token or "").partition(".")[0], "token_refused", refusal.code)

    def _audit_refusal(self, district: str | None, action: str, code: str) -> None:
        with self._database.write() as connection:
            counter = lock_district(connection, district or sole_district(connection) or "", self.now_ms())
            if counter is not None:
                audit.record_event(connection, counter, action, code=code, address=self._address)
                counter.save(connection)

    def _mark_seen(self, caller: Caller) -> None:
        with self._database.write() as connection:
            accounts.mark_device_seen(connection, caller, self.now_ms())

    def _quarantine(self, caller: Caller, damaged: Sequence[str]) -> None:
        with self._database.write() as connection:
            counter = self._lock_district(caller.district, connection)
            integrity.quarantine(connection, counter, damaged)
            integrity.recompute_checksums(
                connection, counter, integrity.buckets_of(connection, caller.district, damaged)
            )
            audit.record_event(connection, counter, "mended", damaged=list(damaged[:100]))
            counter.save(connection)

    def _lock_district(self, district: str, connection: Connection) -> DistrictCounter:
        counter = lock_district(connection, district, self.now_ms())
        if counter is None:
            raise Refusal(401, "unknown_token", "the central does not know this district")
        return counter
