"""What an assessor of level-2 protection (GB/T 22239-2019) asks of a central, read from it and never assumed.

``guanjia central evidence-of-controls`` prints these beside the controls, which are a table of the command line's
(``tui/reports/controls.py``). A fact is None where there is none, such as a backup or a certificate of its own.
"""

from __future__ import annotations

import stat
from collections import Counter
from pathlib import Path

from sqlalchemy import Connection, func, select

from store.home.paths import is_private
from sync.central.accounts import roles
from sync.central.accounts.authority import names_of
from sync.central.accounts.invites import INVITE_LIFETIME_MS
from sync.central.accounts.rate_limit import MAX_REFUSED_TOKENS, MAX_WRONG_CODES
from sync.central.accounts.scope import AUDITING_ROLES
from sync.central.admin.admin import check_audit, check_log, stats
from sync.central.admin.clock_status import read_clock
from sync.central.admin.operator import iso_time
from sync.central.admin.own_certificate import CERTIFICATE_FILE, certificate_end, read_certificate
from sync.central.admin.setup import read_central, resolve_district
from sync.central.clock import central_clock
from sync.central.db.settings import SQLITE_FILE, load_central_settings
from sync.central.db.tables import ACCOUNT, AUDIT, DEVICE, ERASED_LINE, EXPORT

UNSEEN_MS = 30 * 86_400_000
"""A device that was not seen for so long is counted as unseen."""
MINUTE_MS = 60_000


def read_control_facts(data_dir: Path, *, district: str | None = None) -> dict[str, object]:
    """The facts by name: numbers, truth values, ISO times and texts; None where there is none. Reads only;
    follows the whole audit and the whole log of what was taken in. Raises what `read_central` raises."""
    settings = load_central_settings(data_dir)
    chain, log = check_audit(data_dir, district=district), check_log(data_dir, district=district)
    counted = stats(data_dir, district=district)
    clock = read_clock(data_dir, district=district)
    with read_central(data_dir, incomplete=True) as connection:
        code = resolve_district(connection, district)
        facts = {**_account_facts(connection, code), **_audit_facts(connection, code)}
    backup = counted["backup"]
    return {
        **facts,
        **settings.limits._asdict(),
        **_file_facts(data_dir),
        "read_at": iso_time(central_clock().now_ms()),
        "district_name": counted["name"],
        "code_minutes": INVITE_LIFETIME_MS // MINUTE_MS,
        "wrong_codes": MAX_WRONG_CODES,
        "wrong_tokens": MAX_REFUSED_TOKENS,
        "audit_entries": chain.entries,
        "audit_holds": not chain.breaks,
        "log_entries": log.entries,
        "log_holds": log.holds,
        "database": counted["database"],
        "database_guarded": counted["database_guarded"],
        "complete": counted["complete"],
        "lines": counted["lines"],
        "damaged": counted["damaged"],
        "backup_at": backup["made_at"] if isinstance(backup, dict) else None,
        "backup_lines": backup["lines"] if isinstance(backup, dict) else None,
        "backup_overdue": counted["backup_overdue"],
        "clock_believed": not clock["clock_doubtful"],
        "json_log": settings.json_log,
        "address": settings.address,
    }


def _account_facts(connection: Connection, district: str) -> dict[str, object]:
    accounts = connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.district == district)).scalars().all()
    held = [{grant.role for grant in grants} for grants in roles.grants_of(connection, district, accounts).values()]
    by_role = Counter(role for each in held for role in each)
    live = select(func.count()).where(DEVICE.c.district == district, DEVICE.c.revoked_at.is_(None))
    unseen = live.where(DEVICE.c.seen_at < central_clock().now_ms() - UNSEEN_MS)
    stopped = select(func.count()).where(DEVICE.c.district == district, DEVICE.c.revoked_at.is_not(None))
    return {
        "accounts": len(accounts),
        "accounts_without_role": sum(not each for each in held),
        "roles": dict(sorted(by_role.items())),
        "auditors": sum(bool(each & AUDITING_ROLES) for each in held),
        "devices": connection.execute(live).scalar_one(),
        "devices_unseen": connection.execute(unseen).scalar_one(),
        "devices_stopped": connection.execute(stopped).scalar_one(),
    }


def _audit_facts(connection: Connection, district: str) -> dict[str, object]:
    first = connection.execute(select(func.min(AUDIT.c.at)).where(AUDIT.c.district == district)).scalar()
    restored = select(func.max(AUDIT.c.at)).where(AUDIT.c.district == district, AUDIT.c.action == "restore")
    restored_at = connection.execute(restored).scalar()
    counts = {"exports": EXPORT, "erased": ERASED_LINE}
    return {
        "audit_since": None if first is None else iso_time(first),
        "restored_at": None if restored_at is None else iso_time(restored_at),
        **{
            name: connection.execute(select(func.count()).where(table.c.district == district)).scalar_one()
            for name, table in counts.items()
        },
    }


def _file_facts(data_dir: Path) -> dict[str, object]:
    """Who may read the central's folder and file, and its own certificate, if it has one."""
    file = data_dir / SQLITE_FILE
    certificate = read_certificate(data_dir / CERTIFICATE_FILE)
    return {
        "folder_private": is_private(data_dir.stat()),
        "file_mode": oct(stat.S_IMODE(file.stat().st_mode)) if file.exists() else None,
        "certificate_ends": certificate_end(data_dir),
        "certificate_names": None if certificate is None else "、".join(names_of(certificate)),
    }
