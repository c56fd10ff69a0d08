"""Grant and withdraw roles, and record what that changes in the scope of the accounts concerned.

When roles or a bucket's department change, each bucket that entered or left an account's scope is numbered among the
commits (table ``scope_event``), so that a pull brings it in order: the device fetches what was granted and deletes what
was dropped.

A withdrawn role still covers, for a grace period, what its holder wrote before: a butler who was replaced while offline
can push what the laptop has not sent yet (`recently_withdrawn`). It brings nothing into scope any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, insert, select, update

from sync.central.accounts.scope import BucketOwner, Grant, covers, scope_condition
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows
from sync.central.db.tables import BUCKET, ROLE, SCOPE_EVENT, ScopeEventRow

WITHDRAWAL_GRACE_MS = 30 * 86_400_000
"""For this long after a withdrawal the central still accepts what was written before it."""


class WithdrawnRole(NamedTuple):
    """A role that was withdrawn, and when (milliseconds since 1970)."""

    grant: Grant
    withdrawn_at: int


class ScopeChange(NamedTuple):
    """A bucket that entered (``granted``) or left an account's scope."""

    account: str
    bucket: str
    granted: bool


def recently_withdrawn(connection: Connection, district: str, account: str, now_ms: int) -> tuple[WithdrawnRole, ...]:
    """The roles that were withdrawn from this account within the grace period."""
    rows = connection.execute(
        select(ROLE.c.role, ROLE.c.project, ROLE.c.department, ROLE.c.withdrawn_at).where(
            ROLE.c.district == district, ROLE.c.account == account, ROLE.c.withdrawn_at > now_ms - WITHDRAWAL_GRACE_MS
        )
    )
    return tuple(WithdrawnRole(Grant(*row[:3]), row[3]) for row in rows)


def grants_of(connection: Connection, district: str, accounts: Sequence[str]) -> dict[str, list[Grant]]:
    """The current roles of these accounts."""
    grants: dict[str, list[Grant]] = {account: [] for account in accounts}
    rows = connection.execute(
        select(ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department).where(
            ROLE.c.district == district, ROLE.c.account.in_(accounts), ROLE.c.withdrawn_at.is_(None)
        )
    )
    for account, *grant in rows:
        grants[account].append(Grant(*grant))
    return grants


def accounts_of_departments(connection: Connection, district: str, departments: Iterable[str]) -> list[str]:
    """The accounts that have a role in one of these departments."""
    rows = connection.execute(
        select(ROLE.c.account)
        .distinct()
        .where(ROLE.c.district == district, ROLE.c.department.in_(list(departments)), ROLE.c.withdrawn_at.is_(None))
    )
    return sorted(row[0] for row in rows)


def add_roles(connection: Connection, counter: DistrictCounter, account: str, grants: Iterable[Grant]) -> None:
    """Insert roles that the account does not have yet."""
    for grant in dict.fromkeys(grants):
        row = {"district": counter.district, "n": counter.next_seq(), "account": account, **grant._asdict()}
        connection.execute(insert(ROLE).values(**row, granted_at=counter.now_ms, withdrawn_at=None))


def grant_roles(connection: Connection, counter: DistrictCounter, account: str, grants: Iterable[Grant]) -> list[Grant]:
    """Grant the account those of the roles that it lacks, and their buckets; gives the ones added."""
    before = grants_of(connection, counter.district, [account])[account]
    added = [grant for grant in dict.fromkeys(grants) if grant not in before]
    add_roles(connection, counter, account, added)
    record_scope_change(connection, counter, account, before, before + added)
    return added


def withdraw_roles(
    connection: Connection, counter: DistrictCounter, account: str, grants: Iterable[Grant]
) -> list[Grant]:
    """Withdraw those of the roles that the account has, and the buckets that no other role covers; gives the ones
    withdrawn."""
    before = grants_of(connection, counter.district, [account])[account]
    withdrawn = [grant for grant in dict.fromkeys(grants) if grant in before]
    for grant in withdrawn:
        same = [ROLE.c[name].is_not_distinct_from(value) for name, value in grant._asdict().items()]
        connection.execute(
            update(ROLE)
            .where(ROLE.c.district == counter.district, ROLE.c.account == account, ROLE.c.withdrawn_at.is_(None), *same)
            .values(withdrawn_at=counter.now_ms)
        )
    record_scope_change(connection, counter, account, before, [grant for grant in before if grant not in withdrawn])
    return withdrawn


def record_scope_change(
    connection: Connection, counter: DistrictCounter, account: str, before: list[Grant], after: list[Grant]
) -> None:
    """Record which buckets a change of an account's roles brings into its scope and takes out of it."""
    district = counter.district
    for granted, new, old in ((True, after, before), (False, before, after)):
        rows = connection.execute(
            select(BUCKET.c.bucket)
            .where(BUCKET.c.district == district, and_(scope_condition(new, district), ~scope_condition(old, district)))
            .order_by(BUCKET.c.bucket)
        )
        record_scope_events(connection, counter, [ScopeChange(account, row[0], granted) for row in rows])


def record_scope_events(connection: Connection, counter: DistrictCounter, changes: Iterable[ScopeChange]) -> None:
    """Number the changes and insert them."""
    rows = [ScopeEventRow(counter.district, counter.next_seq(), *change) for change in changes]
    insert_rows(connection, SCOPE_EVENT, rows)


def scope_events_of_moves(
    connection: Connection, counter: DistrictCounter, moves: Sequence[tuple[BucketOwner, BucketOwner]]
) -> list[ScopeChange]:
    """The changes of scope that moving buckets (before, after) from some departments to others brings."""
    departments = {unit for move in moves for owner in move for unit in owner.departments}
    if not departments:
        return []
    accounts = accounts_of_departments(connection, counter.district, departments)
    grants = grants_of(connection, counter.district, accounts)
    changes = []
    for old, new in moves:
        for account in accounts:
            had, has = (any(covers(grant, owner) for grant in grants[account]) for owner in (old, new))
            if had != has:
                changes.append(ScopeChange(account, new.bucket, has))
    return changes
