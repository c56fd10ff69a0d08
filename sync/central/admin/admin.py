"""What whoever runs the central can do, a function each; ``guanjia central …`` calls them. All work on the folder that
``create`` made, also while the central serves; each write is in the audit, with the
login name of who did it. Times are ISO 8601, the district's."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from store.ledger.hlc import system_clock_ms
from store.values.text import sanitize
from store.values.times import district_time
from sync.central import audit as audits
from sync.central import integrity as healths
from sync.central.accounts import accounts, name_lookup, roles
from sync.central.accounts.scope import DEPARTMENT_ROLES, PROJECT_ROLES, ROLES, Grant
from sync.central.admin.setup import add_district, ensure_database, read_central, resolve_district, write_central
from sync.central.audit import TimeRange
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.tables import ACCOUNT, BUCKET, DEVICE, DISTRICT, LINE, VERSION
from sync.central.exceptions import BadDistrict, BadRole, DistrictNotSpecified

_CODE = re.compile(r"[0-9A-Za-z_-]{1,32}")
JsonObject = dict[str, Any]
AUDIT_PAGE = 1000
_ALL_TIME = TimeRange()


def create(data_dir: Path, district: str, name: str, database_url: str | None = None, *, admin: str = "") -> str:
    """Make a central of a district (or add the district to the one that is there); gives the one-time code of its first
    account, a bureau's. Without an ``admin`` name the account is called as the home that joins with it. Raises
    `BadDistrict`, `CentralExists`, `CentralDown`."""
    if not _CODE.fullmatch(district):
        raise BadDistrict(district=sanitize(district))
    database = ensure_database(data_dir, database_url)
    try:
        with database.write() as connection:
            add_district(connection, district, sanitize(name))
            counter = _lock_district(connection, district)
            audits.record_event(connection, counter, "create", name=sanitize(name), by=operator_name())
            code, _ = accounts.create_invite(connection, counter, sanitize(admin), [Grant("bureau")])
            counter.save(connection)
            return code
    finally:
        database.close()


def invite(
    data_dir: Path, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None,
) -> JsonObject:  # fmt: skip
    """``{code, expires_at}``: a code for an account of this name, new or known (then it adds a device and the role).
    Raises `BadRole`, `UnknownName`."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        grants = _grants(connection, counter.district, role, department, projects)
        code, expires = accounts.create_invite(connection, counter, sanitize(name), grants)
        told = [grant._asdict() for grant in grants]
        audits.record_event(connection, counter, "invite", name=sanitize(name), roles=told, by=operator_name())
        counter.save(connection)
        return {"code": code, "expires_at": iso_time(expires)}


def grant(
    data_dir: Path, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None,
) -> list[JsonObject]:  # fmt: skip
    """Give an account a role; gives the roles added. Its devices receive what that brings at their next round."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        account = name_lookup.account_id(connection, counter.district, name)
        grants = _grants(connection, counter.district, role, department, projects)
        added = roles.grant_roles(connection, counter, account, grants)
        return _record_role_change(connection, counter, "grant", account, name, added)


def withdraw(
    data_dir: Path, name: str, role: str, *, department: str | None = None, projects: Sequence[str] = (),
    district: str | None = None,
) -> list[JsonObject]:  # fmt: skip
    """Take a role from an account: for a department or some projects or, with none named, altogether. Gives the roles
    taken. Its devices lose the lines at their next round."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        account = name_lookup.account_id(connection, counter.district, name)
        if department is not None or projects:
            grants = _grants(connection, counter.district, role, department, projects)
        else:
            held = roles.grants_of(connection, counter.district, [account])[account]
            grants = [one for one in held if one.role == role]
        taken = roles.withdraw_roles(connection, counter, account, grants)
        return _record_role_change(connection, counter, "withdraw", account, name, taken)


def _record_role_change(
    connection: Connection, counter: DistrictCounter, action: str, account: str, name: str, changed: Sequence[Grant]
) -> list[JsonObject]:
    told = [grant._asdict() for grant in changed]
    audits.record_event(connection, counter, action, subject=account, name=name, roles=told, by=operator_name())
    counter.save(connection)
    return told


def revoke(data_dir: Path, device: str, *, district: str | None = None) -> list[JsonObject]:
    """Refuse a device (by id or name), or every device of an account, from the next request on."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        ids = name_lookup.device_ids(connection, counter.district, device)
        mine = (DEVICE.c.district == counter.district) & DEVICE.c.id.in_(ids)
        connection.execute(update(DEVICE).where(mine, DEVICE.c.revoked_at.is_(None)).values(revoked_at=counter.now_ms))
        audits.record_event(connection, counter, "revoke", devices=ids, by=operator_name())
        counter.save(connection)
        return [told for told in _devices(connection, counter.district) if told["id"] in ids]


def list_accounts(data_dir: Path, *, district: str | None = None) -> list[JsonObject]:
    """Accounts by name, with their roles and how many devices may speak for them."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        rows = connection.execute(
            select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.person, ACCOUNT.c.created_at)
            .where(ACCOUNT.c.district == code)
            .order_by(ACCOUNT.c.name)
        ).all()
        grants = roles.grants_of(connection, code, [row[0] for row in rows])
        live = select(DEVICE.c.account, func.count()).where(DEVICE.c.district == code, DEVICE.c.revoked_at.is_(None))
        devices = {row[0]: row[1] for row in connection.execute(live.group_by(DEVICE.c.account))}
        return [
            {
                "id": account, "name": name, "person": person, "created_at": iso_time(created),
                "roles": [grant._asdict() for grant in grants[account]], "devices": devices.get(account, 0),
            }
            for account, name, person, created in rows
        ]  # fmt: skip


def list_devices(data_dir: Path, *, district: str | None = None) -> list[JsonObject]:
    """Devices, latest enrolled last, whose they are, when they were seen and whether they are revoked."""
    with read_central(data_dir) as connection:
        return _devices(connection, resolve_district(connection, district))


def audit_page(
    data_dir: Path,
    *,
    after: int = 0,
    limit: int = AUDIT_PAGE,
    district: str | None = None,
    period: TimeRange = _ALL_TIME,
) -> list[JsonObject]:
    """Events and writes of lines after number ``after`` and within ``period``, in the order they were committed."""
    with read_central(data_dir) as connection:
        return _audit_entries(connection, resolve_district(connection, district), after, limit, period)


def audit_pages(
    data_dir: Path,
    *,
    after: int = 0,
    district: str | None = None,
    period: TimeRange = _ALL_TIME,
    page: int = AUDIT_PAGE,
) -> Iterator[list[JsonObject]]:
    """The same without an end, a page after the other from one snapshot, so that memory stays that of one; a
    ``page`` has so many entries."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        while entries := _audit_entries(connection, code, after, page, period):
            yield entries
            after = entries[-1]["seq"]


def _audit_entries(connection: Connection, district: str, after: int, limit: int, span: TimeRange) -> list[JsonObject]:
    entries = audits.read_entries(connection, district, after, limit, span)
    return [{**entry._asdict(), "at": iso_time(entry.at)} for entry in entries]


def stats(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """How much the central holds."""
    with read_central(data_dir) as connection:
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
        }


def check_integrity(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """Read every line, set damaged rows apart (devices send them again) and put wrong sums right; what it found."""
    with write_central(data_dir) as connection:
        counter = _lock_district(connection, resolve_district(connection, district))
        found = healths.check_integrity(connection, counter)
        counter.save(connection)
        return found._asdict()


def _devices(connection: Connection, district: str) -> list[JsonObject]:
    rows = connection.execute(
        select(DEVICE.c.id, DEVICE.c.name, ACCOUNT.c.name, DEVICE.c.created_at, DEVICE.c.seen_at, DEVICE.c.revoked_at)
        .join(ACCOUNT, (ACCOUNT.c.district == DEVICE.c.district) & (ACCOUNT.c.id == DEVICE.c.account))
        .where(DEVICE.c.district == district)
        .order_by(DEVICE.c.created_at, DEVICE.c.id)
    )
    keys = ("id", "name", "account", "created_at", "seen_at", "revoked_at")
    return [dict(zip(keys, (*row[:3], *map(iso_time, row[3:])), strict=True)) for row in rows]


def _count(connection: Connection, table: Table, district: str) -> int:
    return int(connection.execute(select(func.count()).where(table.c.district == district)).scalar_one())


def operator_name() -> str:
    """Who runs this command, by the name that the machine knows them by."""
    try:
        return sanitize(getpass.getuser())
    except (OSError, KeyError, ImportError):  # a machine that has no names for its users
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def _lock_district(connection: Connection, district: str) -> DistrictCounter:
    counter = lock_district(connection, district, system_clock_ms())
    if counter is None:
        raise DistrictNotSpecified(districts="-")
    return counter


def _grants(
    connection: Connection, district: str, role: str, department: str | None, projects: Sequence[str]
) -> list[Grant]:
    """The grants that role, department and projects say; a role for projects without any waits for them."""
    if role not in ROLES:
        raise BadRole(detail=sanitize(role), roles=", ".join(ROLES))
    if role in DEPARTMENT_ROLES:
        if department is None:
            raise BadRole(detail="department?", roles=", ".join(ROLES))
        return [Grant(role, None, name_lookup.department_id(connection, district, department))]
    if role in PROJECT_ROLES and projects:
        return [Grant(role, name_lookup.project_id(connection, district, project)) for project in projects]
    return [Grant(role)]


def iso_time(ms: int | None) -> str | None:
    """A moment in milliseconds since 1970 as ISO 8601, UTC."""
    return None if ms is None else district_time(ms).isoformat(timespec="milliseconds")
