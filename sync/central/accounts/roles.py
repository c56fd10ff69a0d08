"""Change the roles of accounts, and record what that changes in the scope of the accounts concerned.

When roles or a bucket's department change, each bucket that entered or left an account's scope is numbered among the
commits (table ``scope_event``), so that a pull brings it in order: the device fetches what was granted and deletes what
was dropped.

A withdrawn role still covers, for a grace period, what its holder wrote before: a butler who was replaced while offline
can push what the laptop has not sent yet (`recently_withdrawn`). It brings nothing into scope any more.

The table ``role`` is a cache of what the ledger's assignments grant (``sync/central/writes/grant_changes.py``), and
what a roster has added or ended after the central was set back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, update

from store.domain.grants import WITHDRAWAL_GRACE_DAYS
from sync.central.accounts.scope import BucketOwner, Grant, covers, may_cover, read_owners, scope_condition
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import DEVICE, ROLE, SCOPE_EVENT, RoleRow, ScopeEventRow

WITHDRAWAL_GRACE_MS = WITHDRAWAL_GRACE_DAYS * 86_400_000
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
    since = {"its_district": district, "its_account": account, "since": now_ms - WITHDRAWAL_GRACE_MS}
    rows = connection.execute(_RECENTLY_WITHDRAWN, since)
    return tuple(WithdrawnRole(Grant(*row[:3]), row[3]) for row in rows)


_RECENTLY_WITHDRAWN = select(ROLE.c.role, ROLE.c.project, ROLE.c.department, ROLE.c.withdrawn_at).where(
    ROLE.c.district == bindparam("its_district"),
    ROLE.c.account == bindparam("its_account"),
    ROLE.c.withdrawn_at > bindparam("since"),
)


def grants_of(connection: Connection, district: str, accounts: Sequence[str]) -> dict[str, list[Grant]]:
    """The current roles of these accounts."""
    grants: dict[str, list[Grant]] = {account: [] for account in accounts}
    rows = connection.execute(
        select(ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department).where(
            ROLE.c.district == district, is_one_of(connection, ROLE.c.account, accounts), ROLE.c.withdrawn_at.is_(None)
        )
    )
    for account, *grant in rows:
        grants[account].append(Grant(*grant))
    return grants


def grants_that_may_cover(
    connection: Connection, district: str, owners: Collection[BucketOwner]
) -> dict[str, list[Grant]]:
    """By account, the current roles that may bring one of these buckets into scope: no other role does."""
    chosen = select(ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department).where(
        ROLE.c.district == district, ROLE.c.withdrawn_at.is_(None), may_cover(owners)
    )
    grants: dict[str, list[Grant]] = defaultdict(list)
    for account, *grant in connection.execute(chosen).all():
        grants[account].append(Grant(*grant))
    return grants


def withdrawals(connection: Connection, district: str, accounts: Sequence[str]) -> dict[tuple[str, Grant], int]:
    """When roles of these accounts were last withdrawn (milliseconds since 1970), by account and grant."""
    columns = (ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department)
    rows = connection.execute(
        select(*columns, func.max(ROLE.c.withdrawn_at))
        .where(ROLE.c.district == district, ROLE.c.account.in_(accounts), ROLE.c.withdrawn_at.is_not(None))
        .group_by(*columns)
    )
    return {(account, Grant(*grant)): withdrawn_at for account, *grant, withdrawn_at in rows}


def accounts_of_departments(connection: Connection, district: str, departments: Iterable[str]) -> list[str]:
    """The accounts that have a role in one of these departments."""
    rows = connection.execute(
        select(ROLE.c.account)
        .distinct()
        .where(ROLE.c.district == district, ROLE.c.department.in_(list(departments)), ROLE.c.withdrawn_at.is_(None))
    )
    return sorted(row[0] for row in rows)


class GrantChange(NamedTuple):
    """What an account gains and loses."""

    account: str
    added: frozenset[Grant]
    ended: frozenset[Grant]

    def __bool__(self) -> bool:
        return bool(self.added or self.ended)


def change_roles(
    connection: Connection, counter: DistrictCounter, changes: Sequence[GrantChange], at_ms: int
) -> list[GrantChange]:
    """Insert and withdraw roles as of ``at_ms``, with the buckets that enter and leave the scope of the accounts; what
    an account has already, or has not, is left out. Gives what was changed. The number of statements does not grow with
    the changes."""
    if not any(changes):
        return []
    rows = _role_numbers(connection, counter.district, [change.account for change in changes])
    before = {change.account: {grant for account, grant in rows if account == change.account} for change in changes}
    done = [GrantChange(account, added - before[account], ended & before[account]) for account, added, ended in changes]
    _write_roles(connection, counter, done, rows, at_ms)
    shifts = {account: (list(had := before[account]), list((had | added) - ended)) for account, added, ended in done}
    record_scope_changes(connection, counter, shifts)
    return [change for change in done if change]


def _role_numbers(connection: Connection, district: str, accounts: Sequence[str]) -> dict[tuple[str, Grant], list[int]]:
    """The numbers of the rows of the current roles of these accounts, by account and grant."""
    rows = connection.execute(
        select(ROLE.c.n, ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department).where(
            ROLE.c.district == district, is_one_of(connection, ROLE.c.account, accounts), ROLE.c.withdrawn_at.is_(None)
        )
    )
    numbers: dict[tuple[str, Grant], list[int]] = {}
    for n, account, *grant in rows:
        numbers.setdefault((account, Grant(*grant)), []).append(n)
    return numbers


def _write_roles(
    connection: Connection,
    counter: DistrictCounter,
    changes: Sequence[GrantChange],
    numbers: Mapping[tuple[str, Grant], list[int]],
    at_ms: int,
) -> None:
    added = [
        RoleRow(counter.district, counter.next_seq(), account, *grant, at_ms, None)
        for account, grants, _ in changes
        for grant in sorted(grants, key=_in_order)
    ]
    insert_rows(connection, ROLE, added)
    ended = [{"its_n": n} for account, _, grants in changes for grant in grants for n in numbers[account, grant]]
    if ended:
        same = (ROLE.c.district == counter.district) & (ROLE.c.n == bindparam("its_n"))
        connection.execute(update(ROLE).where(same).values(withdrawn_at=at_ms), ended)


def _in_order(grant: Grant) -> tuple[str, ...]:
    return tuple(part or "" for part in grant)


def record_scope_changes(
    connection: Connection, counter: DistrictCounter, shifts: Mapping[str, tuple[Sequence[Grant], Sequence[Grant]]]
) -> None:
    """Record which buckets the change of their roles (before, after) brings into the scope of accounts and takes out of
    it. An account without a device is told nothing: its first one reads from the beginning."""
    reading = select(DEVICE.c.account).where(
        DEVICE.c.district == counter.district, is_one_of(connection, DEVICE.c.account, list(shifts))
    )
    readers = set(connection.execute(reading.distinct()).scalars())
    shifts = {account: shift for account, shift in shifts.items() if account in readers}
    moved = {grant for before, after in shifts.values() for grant in {*before} ^ {*after}}
    if not moved:
        return
    condition = scope_condition(sorted(moved, key=_in_order), counter.district)
    owners = read_owners(connection, counter.district, condition)
    changes = []
    for account, (before, after) in shifts.items():
        its_moved = {*before} ^ {*after}
        for owner in owners.values():
            if any(covers(grant, owner) for grant in its_moved):
                had, has = (any(covers(grant, owner) for grant in grants) for grants in (before, after))
                changes += [ScopeChange(account, owner.bucket, has)] if had != has else []
    record_scope_events(connection, counter, changes)


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
