"""The operator's commands, a function each; ``guanjia central …`` calls them.

All work on the folder that `create` made, also while the central serves. Each write is in the audit with the login name
of the operator. Times are ISO 8601, the district's.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from sqlalchemy import Connection, Table, func, select

from store.values.text import sanitize
from sync.central import audit, integrity
from sync.central.accounts import invitees, name_lookup, roles
from sync.central.accounts.assignment_book import AccountPerson, account_persons
from sync.central.accounts.invitees import WhichPerson
from sync.central.accounts.invites import INVITE_LIFETIME_MS, Invitee, create_invite
from sync.central.accounts.scope import Grant
from sync.central.accounts.stopping import stop_devices
from sync.central.admin.clock_status import require_clock
from sync.central.admin.condition import condition_of
from sync.central.admin.operator import iso_time, operator_name
from sync.central.admin.setup import (
    add_district,
    ensure_database,
    gap_of,
    read_central,
    resolve_district,
    write_central,
)
from sync.central.audit import AuditEntry, TimeRange
from sync.central.audit_chain import ChainReport, check_chain
from sync.central.clock import central_clock
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.settings import load_central_settings
from sync.central.db.tables import ACCOUNT, BUCKET, DEVICE, DISTRICT, LINE, VERSION
from sync.central.exceptions import BadDistrict, DistrictNotSpecified
from sync.central.intake_check import IntakeReport, check_intake
from sync.central.writes import assignments
from sync.central.writes.close_out_numbers import check_numbers
from sync.central.writes.transaction import number_waiting_issues

MIN_FREE_BYTES = 200 << 20
"""With less than this free on its disk a central is about to take nothing in."""

_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
JsonObject = dict[str, object]
AUDIT_PAGE = 1000
_ALL_TIME = TimeRange()


class DeviceJson(TypedDict):
    """A device, as ``guanjia central devices --json`` prints it."""

    id: str
    name: str
    account: str
    created_at: str
    seen_at: str
    revoked_at: str | None


class AuditEntryJson(TypedDict):
    """An entry of the audit, as ``guanjia central audit --json`` prints it; see `AuditEntry`."""

    seq: int
    at: str
    account: str | None
    name: str | None
    device: str | None
    action: str
    line: str | None
    stamp: int | None
    from_stamp: int | None
    detail: dict[str, object] | None


def create(
    data_dir: Path, district: str, name: str, database_url: str | None = None, *, admin: str = "",
    lifetime_ms: int = INVITE_LIFETIME_MS,
) -> str:  # fmt: skip
    """Make a central for a district (or add the district to an existing one); gives the one-time code of its first
    account, which has the bureau's role. Without an ``admin`` name the account gets that of the home that joins with
    it. Raises `BadDistrict`, `CentralExists`, `CentralDown`."""
    if not _CODE.fullmatch(district):
        raise BadDistrict(district=sanitize(district))
    database = ensure_database(data_dir, database_url)
    try:
        with database.write() as connection:
            return create_in(connection, district, name, admin=admin, lifetime_ms=lifetime_ms)
    finally:
        database.close()


def create_in(
    connection: Connection, district: str, name: str, *, admin: str = "", lifetime_ms: int = INVITE_LIFETIME_MS
) -> str:
    """As `create`, in a transaction on the open database of a central. Raises `CentralExists`."""
    add_district(connection, district, sanitize(name))
    counter = _lock_district(connection, district)
    audit.record_event(connection, counter, "create", name=sanitize(name), by=operator_name())
    made = create_invite(connection, counter, Invitee(sanitize(admin)), [Grant("bureau")], lifetime_ms)
    counter.save(connection)
    return made.code


def invite(
    data_dir: Path, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None, which: WhichPerson = WhichPerson(),  # noqa: B008 - immutable
    lifetime_ms: int = INVITE_LIFETIME_MS,
) -> JsonObject:  # fmt: skip
    """``{code, expires_at, name, person, account}``: a code for one person, who gets an account, or one device and role
    more. ``person`` is None for somebody whom the ledger does not know. Raises `BadRole`, `UnknownName`,
    `PersonNotSpecified` when the name may mean somebody else."""
    with write_central(data_dir) as connection:
        return invite_in(
            connection, name, role, department=department, projects=projects, district=district, which=which,
            lifetime_ms=lifetime_ms,
        )  # fmt: skip


def invite_in(
    connection: Connection, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None, which: WhichPerson = WhichPerson(),  # noqa: B008 - immutable
    lifetime_ms: int = INVITE_LIFETIME_MS,
) -> JsonObject:  # fmt: skip
    """As `invite`, in a transaction on the open database of a central."""
    counter = _lock_district(connection, resolve_district(connection, district))
    grants = name_lookup.grants_of_role(connection, counter.district, role, department, projects)
    made = invitees.invite(connection, counter, name, which, grants, lifetime_ms, by=operator_name())
    counter.save(connection)
    return {
        "code": made.code.code, "expires_at": iso_time(made.code.expires_at), "person": made.person,
        "name": made.invitee.name, "account": made.invitee.account,
    }  # fmt: skip


def grant(
    data_dir: Path, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None,
) -> list[JsonObject]:  # fmt: skip
    """Grant an account a role; gives the roles added. Its devices receive the lines at their next round. Raises
    `BadRole`, `UnknownName`."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        account = _account(connection, counter.district, name)
        grants = name_lookup.grants_of_role(connection, counter.district, role, department, projects)
        added = assignments.grant(connection, counter, account, grants)
        return _record_role_change(connection, counter, "grant", account.account, name, added)


def withdraw(
    data_dir: Path, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None,
) -> list[JsonObject]:  # fmt: skip
    """Withdraw a role from an account: for a department or some projects or, with none named, altogether. A stand-in by
    which the account has it ends, with all that it lends. Gives the roles withdrawn. Its devices delete the lines at
    their next round. Raises `BadRole`, `UnknownName`, `LastBureau`."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        account = _account(connection, counter.district, name)
        if department is not None or projects:
            grants = name_lookup.grants_of_role(connection, counter.district, role, department, projects)
        else:
            current = roles.grants_of(connection, counter.district, [account.account])[account.account]
            grants = [grant for grant in current if grant.role == role]
        withdrawn = assignments.withdraw(connection, counter, account, grants)
        return _record_role_change(connection, counter, "withdraw", account.account, name, withdrawn)


def _account(connection: Connection, district: str, name: str) -> AccountPerson:
    account = name_lookup.account_id(connection, district, name)
    return next(each for each in account_persons(connection, district) if each.account == account)


def _record_role_change(
    connection: Connection, counter: DistrictCounter, action: str, account: str, name: str, changed: Sequence[Grant]
) -> list[JsonObject]:
    grants = [grant._asdict() for grant in changed]
    audit.record_event(connection, counter, action, subject=account, name=name, roles=grants, by=operator_name())
    counter.save(connection)
    return grants


def with_place_names(
    data_dir: Path, changed: Sequence[Mapping[str, object]], *, district: str | None = None
) -> list[JsonObject]:
    """Roles as `grant` gives them, with the names of what they are for."""
    with read_central(data_dir) as connection:
        grants = [Grant(str(role["role"]), _text(role["project"]), _text(role["department"])) for role in changed]
        return _named_grants(connection, resolve_district(connection, district), [grants])[0]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _named_grants(connection: Connection, district: str, held: Sequence[Sequence[Grant]]) -> list[list[JsonObject]]:
    """The roles of each account for people: with the name of the project or department that each is for."""
    ids = [line_id for grants in held for grant in grants for line_id in (grant.project, grant.department)]
    names = name_lookup.names_of(connection, district, ids)

    def named(grant: Grant) -> JsonObject:
        places = {"project_name": grant.project, "department_name": grant.department}
        return {**grant._asdict(), **{name: names[place] for name, place in places.items() if place in names}}

    return [[named(grant) for grant in grants] for grants in held]


def revoke(data_dir: Path, name: str, *, district: str | None = None) -> list[DeviceJson]:
    """Revoke a device (by id or name) with all that took its place, or every device of an account with the codes that
    wait for it, from the next request on; gives the devices. Only a new invitation brings one back."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district), dates_matter=False)
        ids = stop_devices(connection, counter, name, by=operator_name())
        number_waiting_issues(connection, counter)
        counter.save(connection)
        return [device for device in _devices(connection, counter.district) if device["id"] in ids]


def list_accounts(data_dir: Path, *, district: str | None = None) -> list[JsonObject]:
    """Accounts by name, with their roles and the number of their devices that are not revoked."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        rows = connection.execute(
            select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.person, ACCOUNT.c.created_at)
            .where(ACCOUNT.c.district == code)
            .order_by(ACCOUNT.c.name)
        ).all()
        grants = roles.grants_of(connection, code, [row[0] for row in rows])
        named = _named_grants(connection, code, [grants[row[0]] for row in rows])
        live = select(DEVICE.c.account, func.count()).where(DEVICE.c.district == code, DEVICE.c.revoked_at.is_(None))
        devices = {row[0]: row[1] for row in connection.execute(live.group_by(DEVICE.c.account))}
        return [
            {
                "id": account, "name": name, "person": person, "created_at": iso_time(created),
                "roles": held, "devices": devices.get(account, 0),
            }
            for (account, name, person, created), held in zip(rows, named, strict=True)
        ]  # fmt: skip


def list_devices(data_dir: Path, *, district: str | None = None) -> list[DeviceJson]:
    """Devices in order of enrolment, with their account, when they were last seen and whether they are revoked."""
    with read_central(data_dir) as connection:
        return _devices(connection, resolve_district(connection, district))


def audit_page(
    data_dir: Path,
    *,
    after: int = 0,
    limit: int = AUDIT_PAGE,
    district: str | None = None,
    period: TimeRange = _ALL_TIME,
) -> list[AuditEntryJson]:
    """Events and writes of lines after number ``after`` and within ``period``, in the order of their commits."""
    with read_central(data_dir) as connection:
        entries = audit.read_entries(connection, resolve_district(connection, district), after, limit, period)
        return [_entry_json(entry) for entry in entries]


def audit_pages(
    data_dir: Path,
    *,
    after: int = 0,
    district: str | None = None,
    period: TimeRange = _ALL_TIME,
    page: int = AUDIT_PAGE,
) -> Iterator[list[AuditEntryJson]]:
    """All of them, page by page from one snapshot, so that memory stays that of one page; ``page`` is its number of
    entries."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        while entries := audit.read_entries(connection, code, after, page, period):
            yield [_entry_json(entry) for entry in entries]
            after = entries[-1].seq


def _entry_json(entry: AuditEntry) -> AuditEntryJson:
    return {
        "seq": entry.seq, "at": iso_time(entry.at), "account": entry.account, "name": entry.name,
        "device": entry.device, "action": entry.action, "line": entry.line, "stamp": entry.stamp,
        "from_stamp": entry.from_stamp, "detail": entry.detail,
    }  # fmt: skip


def stats(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """How much the central holds, and its `Condition`."""
    gap = gap_of(data_dir)
    with read_central(data_dir, incomplete=True) as connection:
        code = resolve_district(connection, district)
        row = connection.execute(select(DISTRICT.c.name, DISTRICT.c.lines).where(DISTRICT.c.code == code)).one()
        tables = {"versions": VERSION, "buckets": BUCKET, "accounts": ACCOUNT, "devices": DEVICE}
        damaged = select(func.count()).where(LINE.c.district == code, LINE.c.damaged)
        return {
            "district": code,
            "name": row[0],
            "lines": row[1],
            **{name: _count(connection, table, code) for name, table in tables.items()},
            "damaged": connection.execute(damaged).scalar_one(),
            "database": connection.dialect.name,
            **condition_of(connection, code, gap).to_json(),
        }


def disk_space(data_dir: Path) -> int | None:
    """The free bytes of the disk that an SQLite central is on; None for PostgreSQL, whose disk may be another's."""
    settings = load_central_settings(data_dir)
    return shutil.disk_usage(data_dir).free if settings.database.startswith("sqlite") else None


def check_integrity(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """Read every line, quarantine damaged rows (devices send them again) and correct wrong checksums; gives what was
    found."""
    with write_central(data_dir, incomplete=True) as connection:
        counter = _lock_district(connection, resolve_district(connection, district), dates_matter=False)
        report = integrity.check_integrity(connection, counter)
        counter.save(connection)
        doubled = check_numbers(connection, counter.district).doubled
        return report._asdict() | ({"doubled_numbers": doubled} if doubled else {})


def check_audit(data_dir: Path, *, district: str | None = None) -> ChainReport:
    """Follow the chain of the audit, by reading only."""
    with read_central(data_dir, incomplete=True) as connection:
        return check_chain(connection, resolve_district(connection, district))


def check_log(data_dir: Path, *, district: str | None = None) -> IntakeReport:
    """Follow the log of what was taken in, and compare lines and versions with it, by reading only."""
    with read_central(data_dir, incomplete=True) as connection:
        return check_intake(connection, resolve_district(connection, district))


def condition(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """The `Condition` of the central."""
    gap = gap_of(data_dir)
    with read_central(data_dir, incomplete=True) as connection:
        return condition_of(connection, resolve_district(connection, district), gap).to_json()


def _devices(connection: Connection, district: str) -> list[DeviceJson]:
    rows = connection.execute(
        select(DEVICE.c.id, DEVICE.c.name, ACCOUNT.c.name, DEVICE.c.created_at, DEVICE.c.seen_at, DEVICE.c.revoked_at)
        .join(ACCOUNT, (ACCOUNT.c.district == DEVICE.c.district) & (ACCOUNT.c.id == DEVICE.c.account))
        .where(DEVICE.c.district == district)
        .order_by(DEVICE.c.created_at, DEVICE.c.id)
    )
    return [
        {
            "id": device, "name": name, "account": account, "created_at": iso_time(created), "seen_at": iso_time(seen),
            "revoked_at": None if revoked is None else iso_time(revoked),
        }
        for device, name, account, created, seen, revoked in rows
    ]  # fmt: skip


def _count(connection: Connection, table: Table, district: str) -> int:
    return int(connection.execute(select(func.count()).where(table.c.district == district)).scalar_one())


def lock_named_district(connection: Connection, district: str | None) -> DistrictCounter:
    """Lock the named district, or the only one. Raises `DistrictNotSpecified`, `CentralClockDoubtful`."""
    return _lock_district(connection, resolve_district(connection, district))


def _lock_district(connection: Connection, district: str, *, dates_matter: bool = True) -> DistrictCounter:
    """The district, locked. Raises `CentralClockDoubtful` while the clock is not believed, where ``dates_matter``."""
    if dates_matter:
        require_clock(connection, district)
    counter = lock_district(connection, district, central_clock().now_ms())
    if counter is None:
        raise DistrictNotSpecified(districts="-")
    return counter
