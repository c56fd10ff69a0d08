"""Roles granted and withdrawn, and what that changes in the scope of the accounts concerned.

When roles or a bucket's department change, each bucket that entered or left an account's scope is written down among
the commits (``scope_event``), so that a pull brings it in its place: what was granted is fetched, what was dropped is
forgotten.

A role that was withdrawn still covers, for a month, what its holder wrote before: a butler who was replaced while
offline hands over what the laptop has not sent yet (`laid_down`). It brings nothing into scope any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, insert, select, update

from sync.central.accounts.scope import BucketOwner, Grant, covers, scope_condition
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows
from sync.central.db.tables import BUCKET, ROLE, SCOPE_EVENT

WITHDRAWAL_GRACE_MS = 30 * 86_400_000
"""How long after a withdrawal the central still takes what was written before it."""


class WithdrawnRole(NamedTuple):
    """A role that was withdrawn, and when (milliseconds since 1970)."""

    grant: Grant
    withdrawn_at: int


def recently_withdrawn(connection: Connection, district: str, account: str, now_ms: int) -> tuple[WithdrawnRole, ...]:
    """The roles that were withdrawn from this account within the time of grace."""
    rows = connection.execute(
        select(ROLE.c.role, ROLE.c.project, ROLE.c.department, ROLE.c.withdrawn_at).where(
            ROLE.c.district == district, ROLE.c.account == account, ROLE.c.withdrawn_at > now_ms - WITHDRAWAL_GRACE_MS
        )
    )
    return tuple(WithdrawnRole(Grant(*row[:3]), row[3]) for row in rows)


def grants_of(connection: Connection, district: str, accounts: Sequence[str]) -> dict[str, list[Grant]]:
    """The roles that these accounts have now."""
    found: dict[str, list[Grant]] = {account: [] for account in accounts}
    rows = connection.execute(
        select(ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department).where(
            ROLE.c.district == district, ROLE.c.account.in_(accounts), ROLE.c.withdrawn_at.is_(None)
        )
    )
    for account, *grant in rows:
        found[account].append(Grant(*grant))
    return found


def accounts_of_departments(connection: Connection, district: str, departments: Iterable[str]) -> list[str]:
    """The accounts that have a role in one of these departments."""
    rows = connection.execute(
        select(ROLE.c.account)
        .distinct()
        .where(ROLE.c.district == district, ROLE.c.department.in_(list(departments)), ROLE.c.withdrawn_at.is_(None))
    )
    return sorted(row[0] for row in rows)


def add_roles(connection: Connection, counter: DistrictCounter, account: str, grants: Iterable[Grant]) -> None:
    """Write down roles that the account has not yet."""
    for grant in dict.fromkeys(grants):
        row = {"district": counter.district, "n": counter.next_seq(), "account": account, **grant._asdict()}
        connection.execute(insert(ROLE).values(**row, granted_at=counter.now_ms, withdrawn_at=None))


def grant_roles(connection: Connection, counter: DistrictCounter, account: str, grants: Iterable[Grant]) -> list[Grant]:
    """Give the account those of the roles that it lacks, and their buckets; gives the ones added."""
    before = grants_of(connection, counter.district, [account])[account]
    added = [one for one in dict.fromkeys(grants) if one not in before]
    add_roles(connection, counter, account, added)
    record_scope_change(connection, counter, account, before, before + added)
    return added


def withdraw_roles(
    connection: Connection, counter: DistrictCounter, account: str, grants: Iterable[Grant]
) -> list[Grant]:
    """Take those of the roles that the account has, and the buckets that no other role covers; gives the ones taken."""
    before = grants_of(connection, counter.district, [account])[account]
    taken = [one for one in dict.fromkeys(grants) if one in before]
    for one in taken:
        same = [ROLE.c[name].is_not_distinct_from(value) for name, value in one._asdict().items()]
        connection.execute(
            update(ROLE)
            .where(ROLE.c.district == counter.district, ROLE.c.account == account, ROLE.c.withdrawn_at.is_(None), *same)
            .values(withdrawn_at=counter.now_ms)
        )
    record_scope_change(connection, counter, account, before, [one for one in before if one not in taken])
    return taken


def record_scope_change(
    connection: Connection, counter: DistrictCounter, account: str, before: list[Grant], after: list[Grant]
) -> None:
    """Write down what a change of an account's roles brings into its scope and takes out of it."""
    for granted, new, old in ((True, after, before), (False, before, after)):
        rows = connection.execute(
            select(BUCKET.c.bucket)
            .where(BUCKET.c.district == counter.district, and_(scope_condition(new), ~scope_condition(old)))
            .order_by(BUCKET.c.bucket)
        )
        record_scope_events(connection, counter, [(account, row[0], granted) for row in rows])


def record_scope_events(
    connection: Connection, counter: DistrictCounter, events: Iterable[tuple[str, str, bool]]
) -> None:
    """Give each (account, bucket, granted) its number and write it down."""
    rows = [(counter.district, counter.next_seq(), *event) for event in events]
    insert_rows(connection, SCOPE_EVENT, rows)


def scope_events_of_moves(
    connection: Connection, counter: DistrictCounter, moves: Sequence[tuple[BucketOwner, BucketOwner]]
) -> list[tuple[str, str, bool]]:
    """The (account, bucket, granted) events of buckets that went from one department to another."""
    departments = {ground.department for move in moves for ground in move if ground.department}
    if not departments:
        return []
    accounts = accounts_of_departments(connection, counter.district, departments)
    grants = grants_of(connection, counter.district, accounts)
    events = []
    for old, new in moves:
        for account in accounts:
            had, has = (any(covers(grant, ground) for grant in grants[account]) for ground in (old, new))
            if had != has:
                events.append((account, new.bucket, has))
    return events
