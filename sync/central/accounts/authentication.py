"""Devices and their tokens: authenticate a caller, enrol a device, let one take another's place.

A token is ``district.device.secret`` with 256 random bits of secret; only hashes are stored, and they are compared in
constant time. A request is judged by the rows as they are at that moment, so a revocation takes effect with the next
request.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, case, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.ledger.buckets import SetChecksum
from store.ledger.clock_repair import ClockRepair
from store.values.text import sanitize
from sync.central import audit, epochs
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.tables import ACCOUNT, DEVICE, DISTRICT, EPOCH, JUDGED, ROLE, DeviceRow, JudgedRow
from sync.central.exceptions import Refusal
from sync.exceptions import NotForThisRole
from sync.protocol import MAX_OWN_DEVICES, DeviceKeys, DeviceName, OwnDevice, PushChain
from sync.protocol.bundle.keys import fingerprint

_SECRET_BYTES = 32
REPORTED_OFFSET_MS = 60_000
"""A device's clock that went wrong by more since its last report is reported at once."""


class DeviceReport(NamedTuple):
    """What a device says of itself with hello: the version of its ``program``, how many of its lines are ``unsent`` and
    ``refused``, by how much the central's clock was ahead of its own (``offset_ms``), its public keys, and up to which
    stamp all that it wrote is ``judged``, as long as the central has not confirmed it. None is not known."""

    program: str | None = None
    unsent: int | None = None
    refused: int | None = None
    offset_ms: int | None = None
    sign_key: str | None = None
    agree_key: str | None = None
    judged: int | None = None

    def differs_from(self, stored: DeviceReport | None) -> bool:
        """Whether it is worth writing at once. What waits is not: a push tells when it has gone (`record_push`)."""
        if stored is None or (self.program, self.refused) != (stored.program, stored.refused):
            return True
        if self.judged is not None or self.sign_key not in (None, stored.sign_key):
            return True
        return abs((self.offset_ms or 0) - (stored.offset_ms or 0)) > REPORTED_OFFSET_MS


class Caller(NamedTuple):
    """An authenticated account with its device and current roles, and what its district's row says: the counter
    ``seq``, the checksum ``total`` of all its lines, the ``secret`` key of its cursors, the present ``epoch``, the time
    ``clock_mark`` of the latest write. ``is_first_use``: this token has not been used before; ``chain``: the
    latest link of the device's pushes; ``repair_due``, ``clock_repairs``, ``clock_doubt_at``, ``grants_day`` and
    ``intake`` are as in `DistrictRow`, ``report`` is what the device last said of itself. ``alive_since`` is from when
    on the life of the token counts (``token_life.py``), ``restored_at`` when the central was last set back, 0 where it
    never was. ``token_since`` is when the device's present token was first used; ``is_successor``: this is the one
    after it (``token_rotation.py``)."""

    district: str
    account: str
    person: str
    name: str
    device: str
    token_hash: str
    seen_at: int
    grants: tuple[Grant, ...]
    secret: str
    central: str
    district_name: str
    seq: int
    total: SetChecksum
    epoch: str
    clock_mark: int = 0
    is_first_use: bool = False
    chain: str | None = None
    repair_due: int | None = None
    clock_repairs: str | None = None
    clock_doubt_at: int | None = None
    report: DeviceReport | None = None
    grants_day: str | None = None
    alive_since: int = 0
    restored_at: int = 0
    token_since: int = 0
    is_successor: bool = False
    intake: str | None = None

    def require_role(self, roles: frozenset[str]) -> None:
        """Raises `Refusal` (403) unless the account has one of the ``roles``."""
        if not any(grant.role in roles for grant in self.grants):
            raise Refusal(403, NotForThisRole.code, "none of your roles allows this")

    @property
    def epoch_number(self) -> int:
        """The number of the present epoch: 1 as long as the central was never set back."""
        return int(self.epoch.partition("-")[0] or 1)

    @property
    def repairs(self) -> tuple[ClockRepair, ...]:
        """What became of stamps from the future."""
        return tuple(ClockRepair(*each) for each in orjson.loads(self.clock_repairs or "[]"))


def hash_secret(secret: str) -> str:
    """The hash under which a code or token is stored. Both are long and random, so a plain SHA-256 cannot be
    searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret(counter: DistrictCounter) -> str:
    """256 random bits, as text."""
    return base64.urlsafe_b64encode(counter.random_bytes(_SECRET_BYTES)).rstrip(b"=").decode()


class DeviceProof(NamedTuple):
    """A device that has shown by its signature who it is: its district, its id, and the public key of the signature."""

    district: str
    device: str
    sign_key: str


def authenticate(connection: Connection, token: str | DeviceProof | None) -> Caller:
    """The caller whose token this is, or who has signed. Raises `Refusal` (401) when it is unknown, the token has a
    successor that is in use, or its device was revoked."""
    district, device, secret = (token.district, token.device, "") if isinstance(token, DeviceProof) else _parts(token)
    rows = connection.execute(_CALLER, {"its_district": district, "its_device": device}).all()
    shown, is_present, is_successor, is_former = _matches(rows[0] if rows else None, secret, token)
    if not rows or not (is_present or is_successor or is_former):
        raise Refusal(401, "unknown_token", "the central does not know this device")
    if rows[0][1] is not None:
        raise _revoked(connection, district, device, rows[0][1])
    if is_former:
        raise Refusal(401, "replaced", "another copy of this home has a later token", device=device)
    used_at, seen_at, chain, account, person, name, *its_district = rows[0][2:21]
    key, central, district_name, seq, *total, epoch, mark, due, repairs, doubt_at, grants_day = its_district
    grants = tuple(Grant(*row[32:]) for row in rows if row[32] is not None)
    restored = rows[0][26] or 0
    return Caller(
        district, account, person, name, device, shown, seen_at, grants, key, central, district_name, seq,
        SetChecksum(*total), epoch, mark, used_at is None, chain, due, repairs, doubt_at,
        DeviceReport(*rows[0][21:25])._replace(sign_key=rows[0][30]), grants_day,
        max(seen_at, rows[0][25] or 0, restored), restored, rows[0][29] or used_at or seen_at, is_successor,
        rows[0][31],
    )  # fmt: skip


def _matches(
    row: Row[*tuple[Any, ...]] | None, secret: str, shown: str | DeviceProof | None
) -> tuple[str, bool, bool, bool]:
    """The hash of the token that was shown, and whether it is the present, the next or the former one of the device in
    this row. Who has signed counts as who shows the present one."""
    if isinstance(shown, DeviceProof):
        is_known = row is not None and row[30] == shown.sign_key
        return (row[0] if row else ""), is_known, False, False
    hashed = hash_secret(secret)
    kept = (row[0], *row[27:29]) if row else (hash_secret(""), None, None)
    is_present, is_successor, is_former = (hmac.compare_digest(each or "", hashed) for each in kept)
    return hashed, is_present, is_successor, is_former


class ReadToken(NamedTuple):
    """What a token says of itself: its district and device, and its hash."""

    district: str
    device: str
    token_hash: str


def read_token(token: str | None) -> ReadToken:
    """The parts of a token, be it known or not. Raises `Refusal` (401) for what is none."""
    district, device, secret = _parts(token)
    return ReadToken(district, device, hash_secret(secret))


def _revoked(connection: Connection, district: str, device: str, revoked_at: int) -> Refusal:
    """Why a device is refused: it was revoked, or a copy of it took its place."""
    copy = select(DEVICE.c.id).where(
        DEVICE.c.district == district, DEVICE.c.parent == device, DEVICE.c.used_at == revoked_at
    )
    if connection.execute(copy).first():
        return Refusal(401, "replaced", "a copy of this device took its place")
    return Refusal(401, "revoked", "this device was revoked")


def _parts(token: str | None) -> tuple[str, str, str]:
    parts = (token or "").split(".")
    if len(parts) != 3 or not parts[2] or "\0" in parts[0] + parts[1]:
        missing = {} if token else {"missing": True}
        raise Refusal(401, "unknown_token", "no token, or not one of ours", **missing)
    return parts[0], parts[1], parts[2]


def _current_roles() -> ColumnElement[bool]:
    same = (ROLE.c.district == DEVICE.c.district) & (ROLE.c.account == DEVICE.c.account)
    return same & ROLE.c.withdrawn_at.is_(None)


_CALLER = (
    select(
        DEVICE.c.token_hash, DEVICE.c.revoked_at, DEVICE.c.used_at, DEVICE.c.seen_at, DEVICE.c.chain,
        ACCOUNT.c.id, ACCOUNT.c.person, ACCOUNT.c.name,
        DISTRICT.c.secret, DISTRICT.c.central, DISTRICT.c.name, DISTRICT.c.seq, DISTRICT.c.lines, DISTRICT.c.hi,
        DISTRICT.c.lo, epochs.current_epoch_of(DISTRICT.c.code), DISTRICT.c.clock_mark, DISTRICT.c.repair_due,
        DISTRICT.c.clock_repairs, DISTRICT.c.clock_doubt_at, DISTRICT.c.grants_day, DEVICE.c.program,
        DEVICE.c.unsent, DEVICE.c.refused, DEVICE.c.offset_ms, DEVICE.c.admitted_at,
        epochs.restored_at(DISTRICT.c.code), DEVICE.c.next_hash, DEVICE.c.former_hash,
        DEVICE.c.rotated_at, DEVICE.c.sign_key, DISTRICT.c.intake, ROLE.c.role, ROLE.c.project, ROLE.c.department,
    )
    .join(DISTRICT, DISTRICT.c.code == DEVICE.c.district)
    .join(ACCOUNT, and_(ACCOUNT.c.district == DEVICE.c.district, ACCOUNT.c.id == DEVICE.c.account))
    .outerjoin(ROLE, _current_roles())
    .where(DEVICE.c.district == bindparam("its_district"), DEVICE.c.id == bindparam("its_device"))
)  # fmt: skip
"""What a call knows of its caller. It is built once: building it took a third of a call's time."""


def active_devices(connection: Connection, callers: Sequence[Caller]) -> set[tuple[str, str]]:
    """The (district, device) of those callers that are not revoked and still have the same token."""
    tokens = {(caller.district, caller.device): caller.token_hash for caller in callers}
    rows = connection.execute(
        select(DEVICE.c.district, DEVICE.c.id, DEVICE.c.token_hash, DEVICE.c.next_hash).where(
            DEVICE.c.district.in_({district for district, _ in tokens}),
            is_one_of(connection, DEVICE.c.id, sorted({device for _, device in tokens})),
            DEVICE.c.revoked_at.is_(None),
        )
    )
    return {(district, device) for district, device, *valid in rows.all() if tokens.get((district, device)) in valid}


def seen_since(time_ms: int) -> ColumnElement[bool]:
    """Whether a device was seen, or let in again, since this time."""
    return or_(DEVICE.c.seen_at >= time_ms, func.coalesce(DEVICE.c.admitted_at, 0) >= time_ms)


def is_let_in(stopped_before: int) -> ColumnElement[bool]:
    """Whether a device is neither revoked nor stopped for its absence: it was seen since ``stopped_before``, or may
    have been, where the central was set back since."""
    begun = (EPOCH.c.district == DEVICE.c.district, EPOCH.c.n > 1, EPOCH.c.begun_at >= stopped_before)
    restored = exists().where(*begun).correlate(DEVICE)
    return DEVICE.c.revoked_at.is_(None) & or_(seen_since(stopped_before), restored)


def enrol_device(
    connection: Connection, counter: DistrictCounter, account: str, device: DeviceName, secret: str | None = None
) -> str:
    """A new token for a device of this account, with this ``secret`` or a new one; a former one ends. Raises `Refusal`
    (409) when the device belongs to another account."""
    stored = _stored_device(connection, counter.district, device.id)
    if stored is not None and stored.account != account:
        raise Refusal(409, "device_taken", "this device belongs to another account")
    return _save_device(connection, counter, _new_row(counter.district, account, device), stored, secret)


def _new_row(district: str, account: str, device: DeviceName) -> DeviceRow:
    keys = device.keys
    row = DeviceRow(district, device.id, account, device.name, *_NOTHING)
    return row if keys is None else row._replace(sign_key=keys.sign, agree_key=keys.agree)


def keys_of_device(connection: Connection, district: str, device: str) -> DeviceKeys | None:
    """The public keys that a device has told, be it revoked or not; None where it has told none, or is not known."""
    columns = (DEVICE.c.sign_key, DEVICE.c.agree_key)
    row = connection.execute(select(*columns).where(DEVICE.c.district == district, DEVICE.c.id == device)).first()
    return DeviceKeys(sign=row[0], agree=row[1]) if row and row[0] and row[1] else None


def is_enrolled(connection: Connection, token: ReadToken) -> bool:
    """Whether the central knows the device of a token, revoked or not, with this token or its successor."""
    own = (DEVICE.c.district == token.district, DEVICE.c.id == token.device)
    known = DEVICE.c.token_hash == token.token_hash, DEVICE.c.next_hash == token.token_hash
    return connection.execute(select(DEVICE.c.id).where(*own, or_(*known))).first() is not None


def account_of_device(connection: Connection, district: str, device: str) -> str | None:
    """The account of a device that joined, is not revoked and has pushed nothing yet. From then on its id is no secret:
    colleagues read it in its lines, and its code must be worth nothing to them."""
    stored = _stored_device(connection, district, device)
    if stored is None or stored.revoked_at is not None:
        return None
    return stored.account if stored.chain is None and stored.seen_at == stored.used_at else None


def renew_device(connection: Connection, counter: DistrictCounter, caller: Caller, device: DeviceName) -> str:
    """A token for the device that takes the caller's place once the token is used (`begin_use`). Until then the
    caller's own stays valid, so that a lost answer shuts nobody out: to ask again for the same device gives another
    token, to ask for another device ends the one before. Raises `Refusal` (409)."""
    stored = _stored_device(connection, counter.district, device.id)
    if stored is not None and (stored.parent, stored.used_at, stored.revoked_at) != (caller.device, None, None):
        raise Refusal(409, "device_taken", "this device was enrolled before")
    unused = (DEVICE.c.district == counter.district, DEVICE.c.parent == caller.device, DEVICE.c.used_at.is_(None))
    connection.execute(update(DEVICE).where(*unused, DEVICE.c.id != device.id).values(revoked_at=counter.now_ms))
    row = _new_row(counter.district, caller.account, device)._replace(parent=caller.device)
    return _save_device(connection, counter, row, stored)


def renew_twin(connection: Connection, counter: DistrictCounter, caller: Caller, device: DeviceName) -> str:
    """A token for a copy of the caller's home that lives beside it, once the chain of pushes has shown that there is
    one: the caller's token stays valid, for the other copy. To ask again for the same device gives another token.
    Raises `Refusal` (409)."""
    own = (DEVICE.c.district == caller.district) & (DEVICE.c.id == caller.device)
    twin = connection.execute(select(DEVICE.c.twin).where(own)).scalar()
    stored = _stored_device(connection, counter.district, device.id)
    if twin not in ("", device.id) or (
        stored is not None and (stored.parent, stored.revoked_at) != (caller.device, None)
    ):
        raise Refusal(409, "no_twin", "no other copy of this device is known")
    connection.execute(update(DEVICE).where(own).values(twin=device.id))
    row = _new_row(counter.district, caller.account, device)._replace(parent=caller.device)
    token = _save_device(connection, counter, row, stored)
    saved = (DEVICE.c.district == counter.district) & (DEVICE.c.id == device.id)
    connection.execute(update(DEVICE).where(saved).values(used_at=counter.now_ms))
    return token


def is_next_push(caller: Caller, chain: PushChain | None) -> bool:
    """Whether a push follows the latest one of its device, or repeats it. In another copy of the home either would be
    wrong. A device that is new, or older than chains, and the first push in an epoch have nothing to follow."""
    if chain is None or caller.chain is None:
        return True
    epoch, _, latest = caller.chain.partition(" ")
    return epoch != caller.epoch or latest in (chain.prev, chain.next)


def record_twin(connection: Connection, caller: Caller) -> None:
    """Record that there are two copies of the caller's home: the one that asks may become a device of its own."""
    own = (DEVICE.c.district == caller.district) & (DEVICE.c.id == caller.device)
    connection.execute(update(DEVICE).where(own).values(twin=""))


def begin_use(connection: Connection, counter: DistrictCounter, caller: Caller) -> None:
    """The caller's token is used for the first time: the device whose place it takes ends. The audit names both."""
    own = (DEVICE.c.district == caller.district) & (DEVICE.c.id == caller.device)
    parent = connection.execute(select(DEVICE.c.parent).where(own)).scalar()
    connection.execute(update(DEVICE).where(own).values(used_at=counter.now_ms))
    if parent is not None:
        before = (DEVICE.c.district == caller.district) & (DEVICE.c.id == parent) & DEVICE.c.revoked_at.is_(None)
        ended = connection.execute(update(DEVICE).where(before).values(revoked_at=counter.now_ms))
        parent = parent if ended.rowcount else None
    audit.record_event(connection, counter, "replaced", account=caller.account, device=caller.device, before=parent)


def with_successors(connection: Connection, district: str, devices: Sequence[str]) -> list[str]:
    """These devices, and all that took their place, one after the other: what came from their tokens."""
    parents = connection.execute(select(DEVICE.c.id, DEVICE.c.parent).where(DEVICE.c.district == district)).all()
    found = set(devices)
    while more := {device for device, parent in parents if parent in found} - found:
        found |= more
    return sorted(found)


def devices_of(connection: Connection, caller: Caller) -> list[OwnDevice]:
    """The caller's devices that are not revoked, in order of enrolment."""
    rows = connection.execute(_OWN_DEVICES, {"its_district": caller.district, "its_account": caller.account})
    return [OwnDevice(id=device, name=name, since=since) for device, name, since in rows]


_OWN_DEVICES = (
    select(DEVICE.c.id, DEVICE.c.name, DEVICE.c.created_at)
    .where(
        DEVICE.c.district == bindparam("its_district"), DEVICE.c.account == bindparam("its_account"),
        DEVICE.c.revoked_at.is_(None),
    )
    .order_by(DEVICE.c.created_at, DEVICE.c.id)
    .limit(MAX_OWN_DEVICES)
)  # fmt: skip
_NOTHING = ("", 0, 0, None)
"""What `_save_device` fills in of a `DeviceRow`: token and times."""


class _StoredDevice(NamedTuple):
    account: str
    created_at: int
    revoked_at: int | None
    parent: str | None
    used_at: int | None
    seen_at: int
    chain: str | None


def _stored_device(connection: Connection, district: str, device: str) -> _StoredDevice | None:
    columns = (DEVICE.c[name] for name in _StoredDevice._fields)
    row = connection.execute(select(*columns).where(DEVICE.c.district == district, DEVICE.c.id == device)).first()
    return _StoredDevice(*row) if row else None


def _save_device(
    connection: Connection,
    counter: DistrictCounter,
    device: DeviceRow,
    stored: _StoredDevice | None,
    secret: str | None = None,
) -> str:
    """Store the device with a new token, which it gives. One that takes another's place counts as unused."""
    secret, now = secret or new_secret(counter), counter.now_ms
    created = now if stored is None else stored.created_at
    row = device._replace(
        name=sanitize(device.name), token_hash=hash_secret(secret), created_at=created, seen_at=now,
        used_at=None if device.parent else now,
    )  # fmt: skip
    if stored is None:
        connection.execute(insert(DEVICE), row._asdict())
    else:
        known = (DEVICE.c.district == row.district) & (DEVICE.c.id == row.id)
        connection.execute(update(DEVICE).where(known).values(row._asdict()))
    return f"{row.district}.{row.id}.{secret}"


def mark_device_seen(connection: Connection, caller: Caller, seen_at: int, report: DeviceReport | None = None) -> None:
    """Record when the caller's device was last seen, and what it said of itself, as far as it did."""
    said = {} if report is None else {name: value for name, value in report._asdict().items() if value is not None}
    if (judged := said.pop("judged", None)) is not None:
        _record_judged(connection, JudgedRow(caller.district, caller.device, int(judged)))
    connection.execute(update(DEVICE).where(own_device(caller)).values(seen_at=seen_at, **said))


def _record_judged(connection: Connection, row: JudgedRow) -> None:
    """Keep the latest that a device has said: what it said in a file may come after what it said since."""
    maker = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = maker(JUDGED).values(**row._asdict())
    latest = {"until": statement.excluded.until}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[JUDGED.c.district, JUDGED.c.device],
            set_=latest,
            where=JUDGED.c.until < statement.excluded.until,
        )
    )


def tells_other_keys(caller: Caller, report: DeviceReport | None) -> bool:
    """Whether the caller's device says that its keys for bundles are others than those that are known."""
    told, known = report and report.sign_key, caller.report and caller.report.sign_key
    return bool(told and known and told != known)


def record_other_keys(
    connection: Connection, counter: DistrictCounter, caller: Caller, report: DeviceReport | None
) -> None:
    """Who has other keys than before can read the device's answers: the audit tells both fingerprints."""
    before, after = ((fingerprint(one.sign_key) if one and one.sign_key else None) for one in (caller.report, report))
    ids = {"account": caller.account, "device": caller.device}
    audit.record_event(connection, counter, "device_keys", **ids, before=before, fingerprint=after)


def record_push(
    connection: Connection, caller: Caller, now_ms: int, chain: PushChain | None, sent: int, refused: int
) -> None:
    """Record a push: when it came, its link of the chain, and how many lines fewer its device has to send since."""
    link = {} if chain is None else {"chain": f"{caller.epoch} {chain.next}"}
    left = case((DEVICE.c.unsent > sent, DEVICE.c.unsent - sent), (DEVICE.c.unsent.is_not(None), 0))
    counts = {"unsent": left, "refused": DEVICE.c.refused + refused} if sent else {}
    connection.execute(update(DEVICE).where(own_device(caller)).values(seen_at=now_ms, **link, **counts))


def own_device(caller: Caller) -> ColumnElement[bool]:
    """The caller's device, as a condition."""
    return (DEVICE.c.district == caller.district) & (DEVICE.c.id == caller.device)
