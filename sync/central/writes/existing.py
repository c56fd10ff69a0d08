"""Load what a batch is judged by beyond the rows that it replaces: assignments, time rules, versions of before,
whose devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from store.domain.time_rules import time_rules_of
from store.ledger.line import Line, stored_line
from sync.central.accounts.assignment_book import GRANTING_KINDS, account_persons, names_bureau, read_concerned
from sync.central.accounts.authentication import Caller
from sync.central.accounts.permissions import extends_due
from sync.central.accounts.token_life import TokenLife, accounts_with_tokens
from sync.central.db.database import is_one_of
from sync.central.db.tables import DEVICE, LINE, VERSION
from sync.central.writes.merge_batch import ExistingState, depends_on_assignments


def with_assignments(
    connection: Connection, district: str, existing: ExistingState, pushed: Sequence[Line], life: TokenLife
) -> ExistingState:
    """With what the assignments say, as far as the ``pushed`` lines are judged by it or change it, and with who has an
    account where one of them may end the bureau."""
    stored = (stored_line(row.wire) for row in existing.lines.values() if row.kind in GRANTING_KINDS)
    changed = [line for line in (*pushed, *stored) if line is not None and line.kind in GRANTING_KINDS]
    if not changed and not any(depends_on_assignments(line) for line in pushed):
        return existing
    existing = existing._replace(book=read_concerned(connection, district, changed))
    if not any(names_bureau(line) for line in changed):
        return existing
    active = accounts_with_tokens(connection, district, life.expired_before)
    people = account_persons(connection, district)
    return existing._replace(
        persons=frozenset(person for _, person in people),
        active_persons=frozenset(person for account, person in people if account in active),
    )


def with_time_rules(
    connection: Connection, district: str, existing: ExistingState, pushed: Sequence[Line]
) -> ExistingState:
    """With the district's time rules, where one of the ``pushed`` lines extends a due date: they say who may."""
    if not any(extends_due(line) for line in pushed):
        return existing
    chosen = select(LINE.c.wire).where(LINE.c.district == district, LINE.c.kind == "time_rule", ~LINE.c.damaged)
    stored = [line for (wire,) in connection.execute(chosen) if (line := stored_line(wire)) is not None]
    return existing._replace(rules=time_rules_of(stored))


def earlier_versions(connection: Connection, district: str, issues: Mapping[str, list[Line]]) -> dict[str, list[Line]]:
    """By bucket: the versions of these issues' lines that were replaced, as they arrived."""
    ids = [line.id for lines in issues.values() for line in lines]
    if not ids:
        return {}
    chosen = select(VERSION.c.bucket, VERSION.c.wire).where(
        VERSION.c.district == district, is_one_of(connection, VERSION.c.id, ids),
        VERSION.c.reason.not_in(("damaged", "late")),
    )  # fmt: skip
    versions: dict[str, list[Line]] = {}
    for bucket, wire in connection.execute(chosen.order_by(VERSION.c.seq)):
        if (line := stored_line(wire)) is not None:
            versions.setdefault(bucket, []).append(line)
    return versions


def devices_of_others(connection: Connection, caller: Caller, devices: set[str]) -> frozenset[str]:
    """Those of these devices that are another account's."""
    strange = sorted(devices - {caller.device})
    if not strange:
        return frozenset()
    chosen = select(DEVICE.c.id).where(
        DEVICE.c.district == caller.district, DEVICE.c.account != caller.account,
        is_one_of(connection, DEVICE.c.id, strange),
    )  # fmt: skip
    return frozenset(connection.execute(chosen).scalars())
