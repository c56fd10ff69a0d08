"""The context of one request: who calls, and the snapshots and write transactions that are opened for them.

The central halves of the steps (``sync/central/steps``) are written against it; each opens what it needs, once. A
caller is looked up once before the district is locked, to know the district and to turn unknown tokens away cheaply,
and once after it, since a token may have been revoked and a role withdrawn while the transaction waited.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from store.ledger.hlc import system_clock_ms
from store.ledger.line import RandomBytes
from sync.central import audit, clock, epochs, integrity
from sync.central.accounts import authentication, identity, rate_limit
from sync.central.accounts.authentication import Caller, DeviceProof, DeviceReport
from sync.central.accounts.enrolment import EnrolmentResult, bad_invite, enrol, read_invitation, valid_invite
from sync.central.accounts.invites import Invite, hash_code
from sync.central.accounts.roster_merge import account_in_roster, take_back_roster, take_back_unknown
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES
from sync.central.accounts.token_life import TokenLife, require_room
from sync.central.accounts.token_rotation import make_successor, take_over
from sync.central.db.clock_bounds import is_contradicted, is_within_bounds
from sync.central.db.commit_order import DistrictCounter, clock_marks, lock_district, sole_district
from sync.central.db.database import CentralDatabase
from sync.central.db.failures import best_effort
from sync.central.db.object_store import ObjectStore
from sync.central.db.settings import USUAL_LIMITS, DeviceLimits
from sync.central.exceptions import Refusal, as_refusals
from sync.central.reads.snapshot import ScopedReads
from sync.central.writes.assignments import bring_up_to_date, enrol_person
from sync.central.writes.clock_repair import repair_clock
from sync.central.writes.grant_changes import present_day
from sync.central.writes.heal_transaction import HealTransaction
from sync.central.writes.transaction import WriteTransaction
from sync.central.writes.validation import InvalidLine, ValidLine, validate_lines
from sync.protocol import OLDEST_PROTOCOL, PROTOCOL, DeviceName, InvitationRequest, JoinRequest

SEEN_INTERVAL_MS = 3_600_000
"""A device's reads update when it was last seen no more often than this."""
LOOK_INTERVAL_MS = 3_600_000
"""Equal looks of the bureau at its lists within this time are one event of the audit."""
WorkResult = TypeVar("WorkResult")


class RequestContext:
    """One request: the database, the bearer's token, the address it came from, the central's clock and whether the
    system vouches for it, the checks of buckets that this process did lately, and what new ids and tokens are made
    of. ``objects`` is the outside store of attached files. ``proof``, in place of a token, is who has signed a file.
    ``report`` is what a device says of itself with hello, ``arrived_ms`` when its head arrived. ``first_syncs_wait``:
    pages of first syncs wait for their turn."""

    def __init__(
        self,
        database: CentralDatabase,
        token: str | None,
        address: str = "",
        clock_ms: Callable[[], int] = system_clock_ms,
        clock_is_synchronised: Callable[[], bool] = lambda: False,
        recent_checks: integrity.RecentChecks | None = None,
        limits: DeviceLimits = USUAL_LIMITS,
        random_bytes: RandomBytes = os.urandom,
    ) -> None:
        self._database = database
        self.token = token
        self.proof: DeviceProof | None = None
        self._address = address
        self._clock_ms, self.arrived_ms = clock_ms, clock_ms()
        self._clock_is_synchronised = clock_is_synchronised
        self._caller: Caller | None = None
        self._recent_checks = recent_checks or integrity.RecentChecks()
        self._limits = limits
        self._random_bytes = random_bytes
        self.report: DeviceReport | None = None
        self.objects: ObjectStore | None = None
        self.first_syncs_wait = False

    def now_ms(self) -> int:
        """The central's time, in milliseconds since 1970."""
        return self._clock_ms()

    def require_protocol(self, protocol: int) -> None:
        """Raises `Refusal` (426) for a device whose protocol this central does not speak."""
        if not OLDEST_PROTOCOL <= protocol <= PROTOCOL:
            detail = f"this central speaks protocol {OLDEST_PROTOCOL} to {PROTOCOL}"
            raise Refusal(426, "upgrade_required", detail, min=OLDEST_PROTOCOL, max=PROTOCOL)

    def check_token(self) -> None:
        """Look the caller up before anything costly is done for it; `caller` then gives it. Raises `Refusal` (401)."""
        self._caller = self.caller()

    def caller(self) -> Caller:
        """The account and device that the token belongs to. Raises `Refusal` (401)."""
        checked, self._caller = self._caller, None
        if checked is not None:
            return checked
        with self._snapshot() as (_connection, caller):
            pass
        self._begin_use(caller)
        return caller

    @property
    def token_life(self) -> TokenLife:
        """How long tokens live, at this moment."""
        return TokenLife(self.now_ms(), self._limits, self._clock_is_synchronised)

    def _authenticate(self, connection: Connection) -> Caller:
        caller = authentication.authenticate(connection, self.proof or self.token)
        self.token_life.require_alive(caller)
        return caller

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[tuple[Connection, Caller]]:
        """One snapshot with the caller, whose roles are those of today: at the first request of a day assignments that
        have begun or ended are applied."""
        with contextlib.ExitStack() as opened:
            connection = opened.enter_context(self._database.read())
            caller = self._authenticate(connection)
            today = present_day(self.now_ms(), caller.grants_day)
            if caller.grants_day != today and (self._is_clock_plausible(caller) or self._clock_is_synchronised()):
                opened.close()
                self.begin_day(caller.district)
                connection = opened.enter_context(self._database.read())
                caller = self._authenticate(connection)
            yield connection, caller

    def begin_day(self, district: str) -> None:
        """Apply the roles that begin or end with the day of a district, where its clock is believed. No token."""
        with best_effort(), self._district_lock(district) as (connection, counter):
            if counter.clock_is_trusted or self._clock_is_synchronised():
                bring_up_to_date(connection, counter)
                counter.save(connection, is_evidence=False)

    @contextlib.contextmanager
    def read(self) -> Iterator[ScopedReads]:
        """Reads of the caller's scope in one snapshot. Damaged rows met on the way are quarantined afterwards. Raises
        `Refusal` (401) for a token that is unknown or revoked."""
        with self._snapshot() as (connection, caller):
            reads = ScopedReads(connection, caller)
            yield reads
        self._begin_use(caller)
        if reads.damaged:
            self._quarantine(caller, reads.damaged)
        is_due = self.now_ms() - caller.seen_at > SEEN_INTERVAL_MS
        is_news = self.report is not None and self.report.differs_from(caller.report)
        if (is_due or is_news) and (self._is_clock_plausible(caller) or self._clock_is_synchronised()):
            self._write_report(caller, self.now_ms() if is_due else caller.seen_at)

    @contextlib.contextmanager
    def write(self, caller: Caller) -> Iterator[WriteTransaction]:
        """A write transaction for ``caller``, who is authenticated again once the district is locked. Raises `Refusal`
        (401, or 503 while the central's clock is not believed)."""
        with self._authenticated_lock(caller) as (connection, current, counter):
            yield WriteTransaction(connection, current, counter, self.token_life)

    @contextlib.contextmanager
    def write_bytes(self) -> Iterator[tuple[Connection, ScopedReads]]:
        """A write transaction for bytes of attachments, with the caller's scope as it is in it. It does not lock the
        district's counter, since no line, number or time depends on bytes. Raises `Refusal` (401)."""
        with self._database.write() as connection:
            yield connection, ScopedReads(connection, self._authenticate(connection))

    @contextlib.contextmanager
    def healing(self, caller: Caller) -> Iterator[HealTransaction]:
        """The same for a caller that brings back what the central has lost."""
        with self._authenticated_lock(caller) as (connection, current, counter):
            yield HealTransaction(connection, current, counter, self.token_life)

    # The bureau's seat

    @contextlib.contextmanager
    def administer(self, *, dates_matter: bool = True) -> Iterator[tuple[Connection, Caller, DistrictCounter]]:
        """A write transaction for an act of the bureau, whose role is looked at under the lock; where ``dates_matter``,
        only while the central's clock is believed. Raises `Refusal` (401, 403, 429, 503)."""
        caller = self._caller_with(WHOLE_DISTRICT_ROLES)
        with self._authenticated_lock(caller, dates_matter=dates_matter) as (connection, current, counter):
            current.require_role(WHOLE_DISTRICT_ROLES)
            with as_refusals():
                yield connection, current, counter
            counter.save(connection)

    @contextlib.contextmanager
    def oversee(self, roles: frozenset[str], action: str, asked: object = None) -> Iterator[tuple[Connection, Caller]]:
        """One snapshot for whoever has one of the ``roles``, and an event of the audit that they have looked, with what
        they ``asked`` for. It stands for equal looks of `LOOK_INTERVAL_MS`: pages that refresh themselves would leave
        little else in the audit. Raises `Refusal` (401, 403, 429)."""
        self._caller_with(roles)
        with self._database.read() as connection, as_refusals():
            caller = self._authenticate(connection)  # in the snapshot that is read, as a body may have taken its time
            caller.require_role(roles)
            yield connection, caller
            detail: dict[str, object] = {} if asked is None else {"asked": asked}
            now_ms, who = self.now_ms(), (caller.district, caller.account, caller.device)
            if audit.has_recorded(connection, who, action, detail, now_ms - LOOK_INTERVAL_MS, now_ms):
                return
        with best_effort(), self._district_lock(caller.district) as (connection, counter):
            audit.record_event(connection, counter, action, account=caller.account, device=caller.device, **detail)
            counter.save(connection)

    def _caller_with(self, roles: frozenset[str]) -> Caller:
        """The caller, who has one of these roles. Who has none is counted, and the first attempts are in the audit.
        Raises `Refusal` (401, 403, 429)."""
        caller = self.caller()
        try:
            caller.require_role(roles)
        except Refusal as refusal:
            number = self._count_attempt(rate_limit.refused_role_key(caller.device), rate_limit.MAX_REFUSED_TOKENS)
            if number > rate_limit.MAX_REFUSED_TOKENS:
                wait = rate_limit.seconds_left(self.now_ms())
                raise Refusal(429, "too_many", "too many refused calls", retry_after=wait) from None
            if number <= rate_limit.AUDITED_REFUSED_TOKENS:
                ids = {"account": caller.account, "device": caller.device}
                self._audit_refusal(caller.district, "admin_refused", refusal.code, **ids)
            raise
        return caller

    def validate_lines(self, values: Sequence[object], caller: Caller) -> list[ValidLine | InvalidLine]:
        """Validate pushed lines one by one, before anything is locked."""
        return validate_lines(values, self.now_ms(), caller.repairs, caller.district)

    def district_secret(self, district: str) -> str:
        """The secret of a district, from which its key pair follows. Raises `Refusal` (404)."""
        with self._database.read() as connection:
            secret = identity.district_secret(connection, district)
        if secret is None:
            raise Refusal(404, "not_found", "no such district here")
        return secret

    # The central's clock

    def clock_doubt_ms(self, caller: Caller, device_ms: int, known_offset_ms: int | None) -> int | None:
        """By how much the central's clock seems to be off, None where it is believed. The time of ``caller``'s device
        is weighed as evidence, within the clock's bounds only where it contradicts."""
        if self.proof is not None:  # a file may have been on its way for days
            with self._authenticated_lock(caller):
                return None
        off_ms = clock.offset_from_device(self.arrived_ms, device_ms, known_offset_ms)
        is_silent = abs(off_ms) <= clock.AGREEMENT_MS or self._clock_is_synchronised()
        if self._is_clock_plausible(caller) and is_silent:
            return None
        report = clock.DeviceTime(caller.device, off_ms, self.arrived_ms - device_ms)
        with self._district_lock(caller.district) as (connection, counter):
            if counter.clock_is_trusted and is_silent:
                return None
            if self._clock_is_synchronised():
                clock.adopt_clock(connection, counter, "system")
                return None
            was_trusted = counter.clock_is_trusted
            weigh = clock.weigh_contradiction if was_trusted else clock.weigh_report
            doubt_ms = weigh(connection, counter, report)
            if doubt_ms is not None or not was_trusted:  # else this time would be that of the latest write
                counter.save(connection)
            return doubt_ms

    def repair_clock(self, caller: Caller) -> bool:
        """Repair what was stamped in the future, if the clock was found to be right again since; gives whether that
        was so."""
        if caller.repair_due is None and self._is_clock_plausible(caller):
            return False
        with self._district_lock(caller.district) as (connection, counter):
            is_due = counter.repair_due is not None and counter.clock_is_trusted
            if is_due:
                repair_clock(connection, counter)
            return is_due

    def _is_clock_plausible(self, caller: Caller) -> bool:
        now = self.now_ms()
        return is_within_bounds(caller.clock_mark, now) and not is_contradicted(caller.clock_doubt_at, now)

    # Devices

    def enrol(self, request: JoinRequest, token_secret: str | None = None) -> EnrolmentResult:
        """Trade a valid one-time code for a token, with this secret or a new one. A code that is not valid is counted
        for its address, one that is refused for another reason for itself. Raises `Refusal` (429, 403, 409)."""
        now = self.now_ms()
        self._require_clock_for_join(request.district, now)
        try:
            with self._database.read() as connection:  # a wrong code takes no lock
                valid_invite(connection, request, now)
            with self._database.write() as connection:
                return enrol(
                    connection, request, self._address, self.token_life, self._random_bytes, grant=enrol_person,
                    token_secret=token_secret,
                )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != clock.REFUSAL_CODE:
                self._count_refused_join(request, refusal)
            raise

    def read_invitation(self, request: InvitationRequest) -> tuple[Invite, bool]:
        """The invite of a one-time code, which stays unused, and whether the home that asks is that person's already.
        Refusals are counted as those of `enrol`. Raises `Refusal` (429, 403, 409, 503)."""
        now = self.now_ms()
        self._require_clock_for_join(request.district, now)
        try:
            with self._database.read() as connection:
                return read_invitation(connection, request, now)
        except Refusal as refusal:
            self._count_refused_join(request, refusal)
            raise

    def _require_clock_for_join(self, district: str | None, now_ms: int) -> None:
        """Raise `Refusal` (503) where the clock is not believed: a code would be called expired. The home may name its
        district; else it is the code's, which is not known yet."""
        if self._clock_is_synchronised():
            return
        with self._database.read() as connection:
            marks = clock_marks(connection)
        concerned = [marks[district]] if district in marks else list(marks.values())
        if concerned and not any(is_within_bounds(mark, now_ms) for mark in concerned):
            raise clock.clock_refusal(now_ms - max(concerned))

    def renew(self, device: DeviceName, *, is_twin: bool = False) -> str:
        """A token for the device that takes the place of the caller's, or lives on beside it, if the account may have
        one more. Raises `Refusal` (401, 409)."""
        with self._authenticated_lock(self.caller()) as (connection, caller, counter):
            if is_twin:
                require_room(connection, caller.district, caller.account, self.token_life, device=device.id)
            renewed = authentication.renew_twin if is_twin else authentication.renew_device
            token = renewed(connection, counter, caller, device)
            ids = {"account": caller.account, "device": device.id}
            audit.record_event(connection, counter, "renew", **ids, before=caller.device)
            counter.save(connection)
            return token

    def rotate(self) -> str:
        """A token that takes the place of the caller's with its first use. Raises `Refusal` (401, 503)."""
        with self._authenticated_lock(self.caller()) as (connection, caller, counter):
            token = make_successor(connection, counter, caller)
            counter.save(connection)
            return token

    # Epochs

    def begin_epoch(self, cursor: str | None) -> None:
        """Begin a new epoch if the caller's ``cursor`` proves, still under the lock, that the database was set back."""
        with self._authenticated_lock(self.caller()) as (connection, caller, counter):
            proof = ScopedReads(connection, caller).set_back(cursor)
            if proof is not None:
                epochs.begin_epoch(connection, counter, epochs.SET_BACK, proof)
                counter.save(connection)

    def take_back_roster(self, caller: Caller, sealed: str) -> None:
        """Take back the accounts, roles and devices that the caller's device kept for a central that was set back."""
        with self._authenticated_lock(caller) as (connection, current, counter):
            if any(take_back_roster(connection, counter, current, sealed)):
                counter.save(connection)

    def come_back(self, sealed: str) -> Caller:
        """The caller, once their device has shown what it kept for a central that was set back to before it joined.
        Raises `Refusal` (401) where it is not known then either."""
        token = authentication.read_token(self.token)
        with self._database.read() as connection:
            is_known = authentication.is_enrolled(connection, token)
            secret = identity.district_secret(connection, token.district)
        if not is_known and secret is not None and account_in_roster(secret, token, sealed) is not None:
            with self._district_lock(token.district) as (connection, counter):
                clock.require_clock(connection, counter, self._clock_is_synchronised)
                if take_back_unknown(connection, counter, token, sealed):
                    counter.save(connection)
        return self.caller()

    def note_equal(self, caller: Caller) -> None:
        """Note, once an epoch, that the caller's device has healed it and was found equal."""
        with self._database.read() as connection:
            noted = epochs.was_found_equal(connection, caller.district, caller.device, caller.epoch_number)
        if not noted:
            with self.healing(caller) as transaction:
                transaction.note_equal()

    # Integrity

    def check_buckets(self, caller: Caller, buckets: Sequence[str]) -> None:
        """Check and repair these buckets, where a device and the central differ. What is sound is read without a lock,
        and once a minute for one device."""
        due = self._recent_checks.due(caller.district, caller.device, buckets)
        if not due:
            return
        with self._database.read() as connection:
            suspicious = integrity.suspicious_buckets(connection, caller.district, due)
        self._recent_checks.record(caller.district, caller.device, sorted({*due} - {*suspicious}))
        if suspicious:
            with self._district_lock(caller.district) as (connection, counter):
                integrity.check_integrity(connection, counter, suspicious)
                counter.save(connection)

    def repair_total(self, caller: Caller) -> None:
        """Check and repair the district's own total, where all groups agree."""
        with self._database.read() as connection:
            if not integrity.is_total_wrong(connection, caller.district):
                return
        with self._district_lock(caller.district) as (connection, counter):
            if integrity.repair_total(connection, counter):
                audit.record_event(connection, counter, "mended", total=True)
                counter.save(connection)

    # Rate limit, audit and bookkeeping

    def run_rate_limited(self, work: Callable[[], WorkResult]) -> WorkResult:
        """Do the work. A refused token is counted; the first ones of an address go into the audit of the district that
        the token names, and beyond a limit the address is told to wait (429)."""
        try:
            return work()
        except Refusal as refusal:
            if refusal.status == 401:
                self._count_refused_token(refusal)
            raise

    def _count_refused_join(self, request: JoinRequest | InvitationRequest, refusal: Refusal) -> None:
        """Count the refusal and record it in the audit; raises `Refusal` (429) instead beyond the limit."""
        is_wrong = refusal.code == bad_invite().code
        by_code = rate_limit.refused_code_key(hash_code(request.code))
        key = rate_limit.wrong_code_key(self._address) if is_wrong else by_code
        most = rate_limit.MAX_WRONG_CODES if is_wrong else rate_limit.MAX_REFUSALS_OF_CODE
        if self._count_attempt(key, most) > most:
            wait = rate_limit.seconds_left(self.now_ms())
            raise Refusal(429, "too_many", "too many attempts", retry_after=wait) from None
        self._audit_refusal(request.district, "join_refused", refusal.code)

    def _count_refused_token(self, refusal: Refusal) -> None:
        number = self._count_attempt(rate_limit.refused_token_key(self._address), rate_limit.MAX_REFUSED_TOKENS)
        if number > rate_limit.MAX_REFUSED_TOKENS:
            raise Refusal(429, "too_many", "too many refused tokens", retry_after=rate_limit.WINDOW_MS // 1000)
        if number <= rate_limit.AUDITED_REFUSED_TOKENS:
            device = refusal.extra.get("device")  # of a token that was the device's before
            of_device = {"device": str(device)} if device else {}
            self._audit_refusal((self.token or "").partition(".")[0], "token_refused", refusal.code, **of_device)

    def _count_attempt(self, key: str, most: int) -> int:
        """Count an attempt under a key; gives its number in this window. Beyond ``most`` a flood costs a read and no
        write."""
        now = self.now_ms()
        with self._database.read() as connection:
            before = rate_limit.attempts(connection, key, now)
        if before >= most:
            return before + 1
        with self._database.write() as connection:
            return rate_limit.count_attempt(connection, key, now)

    def _audit_refusal(self, district: str | None, action: str, code: str, **ids: str) -> None:
        with self._database.write() as connection:
            counter = lock_district(connection, district or sole_district(connection) or "", self.now_ms())
            if counter is not None:
                audit.record_event(connection, counter, action, **ids, code=code, address=self._address)
                counter.save(connection)

    def _begin_use(self, caller: Caller) -> None:
        """When a token is used for the first time its device takes its predecessor's place, or the token that of the
        one before."""
        if (caller.is_successor or caller.is_first_use) and self._is_clock_plausible(caller):
            with best_effort(), self._district_lock(caller.district) as (connection, counter):
                begin = take_over if caller.is_successor else authentication.begin_use
                begin(connection, counter, caller)
                counter.save(connection)

    def _write_report(self, caller: Caller, seen_at: int) -> None:
        if not authentication.tells_other_keys(caller, self.report):
            with best_effort(), self._database.write() as connection:
                authentication.mark_device_seen(connection, caller, seen_at, self.report)
            return
        with best_effort(), self._district_lock(caller.district) as (connection, counter):
            authentication.mark_device_seen(connection, caller, seen_at, self.report)
            authentication.record_other_keys(connection, counter, caller, self.report)
            counter.save(connection)

    def _quarantine(self, caller: Caller, damaged: Sequence[str]) -> None:
        with self._district_lock(caller.district) as (connection, counter):
            integrity.quarantine(connection, counter, damaged)
            buckets = integrity.buckets_of(connection, caller.district, damaged)
            integrity.recompute_checksums(connection, counter, buckets)
            audit.record_event(connection, counter, "mended", damaged=list(damaged[:100]))
            counter.save(connection)

    # Locks

    @contextlib.contextmanager
    def _district_lock(self, district: str) -> Iterator[tuple[Connection, DistrictCounter]]:
        """A write transaction that holds the district's counter. Raises `Refusal` (401) without such a district."""
        with self._database.write() as connection:
            counter = lock_district(connection, district, self.now_ms(), self._random_bytes)
            if counter is None:
                raise Refusal(401, "unknown_token", "the central does not know this district")
            yield connection, counter

    @contextlib.contextmanager
    def _authenticated_lock(
        self, caller: Caller, *, dates_matter: bool = True
    ) -> Iterator[tuple[Connection, Caller, DistrictCounter]]:
        """The same for a caller, authenticated again under the lock; where ``dates_matter``, while the clock is
        believed. Raises `Refusal` (401, 503)."""
        with self._district_lock(caller.district) as (connection, counter):
            current = self._authenticate(connection)
            if dates_matter:
                clock.require_clock(connection, counter, self._clock_is_synchronised)
            yield connection, current, counter
