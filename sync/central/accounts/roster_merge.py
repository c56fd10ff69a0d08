"""Take back what a device kept of the roster, after the central was set back: missing accounts, roles and devices come
back, withdrawn roles stay withdrawn, revoked devices stay revoked. Never the other way round, whatever is sent again.

A roster of before the copy adds nothing, since the copy has it. What the operator has done since the copy was put back
stands: a device that has joined again, a role that was withdrawn again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from store.domain.erasures import ERASED
from store.values.times import district_time
from sync.central import audit, epochs
from sync.central.accounts import roles
from sync.central.accounts.accounts import erased_among
from sync.central.accounts.assignment_book import account_persons, read_assignments
from sync.central.accounts.authentication import Caller, ReadToken
from sync.central.accounts.roster import Roster, open_roster
from sync.central.accounts.scope import Grant
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows
from sync.central.db.tables import ACCOUNT, AUDIT, DEVICE, ROLE, AccountRow, DeviceRow, EpochRow, RoleRow


class RosterChanges(NamedTuple):
    """What a roster has brought back: how many of each; ``tokens`` are later ones of devices that were here."""

    accounts: int = 0
    roles: int = 0
    withdrawn: int = 0
    devices: int = 0
    revoked: int = 0
    tokens: int = 0


def take_back_roster(connection: Connection, counter: DistrictCounter, caller: Caller, sealed: str) -> RosterChanges:
    """Merge what the caller's device kept; records it in the audit. The caller of this saves the counter."""
    roster, known = open_roster(caller.secret, sealed), epochs.epochs(connection, counter.district)
    if roster is None or known[-1].n == 1:
        return RosterChanges()
    same = epochs.common_seq(known, roster.epoch, counter.seq)
    if same is not None and roster.seq <= same:
        return RosterChanges()
    accounts, added = _merge_accounts(connection, counter, roster)
    new_roles, withdrawn = _merge_roles(connection, counter, roster, accounts)
    devices = _merge_devices(connection, counter, roster, accounts, known[-1])
    changes = RosterChanges(added, new_roles, withdrawn, *devices)
    if any(changes):
        who = {"account": caller.account, "device": caller.device}
        audit.record_event(connection, counter, "roster", **who, **changes._asdict())
    return changes


def account_in_roster(secret: str, token: ReadToken, sealed: str) -> str | None:
    """The account of a device whose token is not known any more, if this central sealed what the device kept, and the
    device is in it with this very token, not revoked; else None."""
    roster = open_roster(secret, sealed)
    mine = (token.device, token.token_hash, None)
    devices = roster.devices if roster else ()
    return next((row.account for row in devices if (row.id, row.token_hash, row.revoked_at) == mine), None)


def take_back_unknown(connection: Connection, counter: DistrictCounter, token: ReadToken, sealed: str) -> bool:
    """Merge what a device kept that `account_in_roster` knows. Whoever had joined since the copy comes back so; a
    revocation that another device proves later ends it again."""
    account = account_in_roster(counter.secret, token, sealed)
    if account is None:
        return False
    epoch = epochs.epochs(connection, counter.district)[-1].id
    caller = Caller(
        counter.district, account, "", "", token.device, token.token_hash, 0, (), counter.secret, "", "", counter.seq,
        counter.total, epoch,
    )  # fmt: skip
    return any(take_back_roster(connection, counter, caller, sealed))


def _merge_accounts(connection: Connection, counter: DistrictCounter, roster: Roster) -> tuple[dict[str, str], int]:
    """The account here of each of the roster's, and how many were added. An account of the same person is the same;
    that of a person who was erased comes back without a name."""
    rows = connection.execute(select(ACCOUNT).where(ACCOUNT.c.district == counter.district))
    here = [AccountRow(*row) for row in rows]
    ids, people = {row.id for row in here}, {row.person: row.id for row in here}
    same, added = dict[str, str](), list[AccountRow]()
    for row in roster.accounts:
        same[row.id] = row.id if row.id in ids else people.get(row.person, row.id)
        if same[row.id] == row.id and row.id not in ids:
            added.append(row)
    erased = erased_among(connection, counter.district, [row.person for row in added])
    insert_rows(connection, ACCOUNT, [row._replace(name=ERASED) if row.person in erased else row for row in added])
    return same, len(added)


def _merge_roles(
    connection: Connection, counter: DistrictCounter, roster: Roster, accounts: dict[str, str]
) -> tuple[int, int]:
    concerned = sorted(set(accounts.values()))
    before = roles.grants_of(connection, counter.district, concerned)
    rows = connection.execute(select(ROLE).where(ROLE.c.district == counter.district, ROLE.c.account.in_(concerned)))
    here = [RoleRow(*row) for row in rows]
    added, ended = list[RoleRow](), list[RoleRow]()
    for kept in roster.roles:
        row = kept._replace(account=accounts.get(kept.account, kept.account))
        alike = [each for each in here if _grant(each) == _grant(row)]
        there = next((each for each in alike if each.granted_at == row.granted_at), None)
        if there is None:
            if row.withdrawn_at is not None or not _is_superfluous(row, alike):
                added.append(row._replace(n=counter.next_seq()))
        elif row.withdrawn_at is not None and there.withdrawn_at is None:
            ended.append(there._replace(withdrawn_at=row.withdrawn_at))
    insert_rows(connection, ROLE, added)
    for row in (ended := _not_given_since(connection, counter, ended)):
        same = (ROLE.c.district == row.district) & (ROLE.c.n == row.n)
        connection.execute(update(ROLE).where(same).values(withdrawn_at=row.withdrawn_at))
    after = roles.grants_of(connection, counter.district, concerned)
    shifts = {each: (before[each], after[each]) for each in concerned if before[each] != after[each]}
    roles.record_scope_changes(connection, counter, shifts)
    return sum(row.withdrawn_at is None for row in added), len(ended)


def _not_given_since(connection: Connection, counter: DistrictCounter, ended: list[RoleRow]) -> list[RoleRow]:
    """Those of the ended roles that no line has given again after their end: a line can come before the roster."""
    if not ended:
        return ended
    book, persons = read_assignments(connection, counter.district), dict(account_persons(connection, counter.district))
    day = counter.grants_day or district_time(counter.now_ms).date().isoformat()
    given_at = {row.n: book.given_at(persons.get(row.account, ""), _grant(row)[1], day) for row in ended}
    return [row for row in ended if given_at[row.n] <= (row.withdrawn_at or 0)]


def _grant(row: RoleRow) -> tuple[str, Grant]:
    return row.account, Grant(row.role, row.project, row.department)


def _is_superfluous(row: RoleRow, alike: Iterable[RoleRow]) -> bool:
    """Whether a role of the roster that is in force adds nothing: the account has it, or it was withdrawn since."""
    return any(each.withdrawn_at is None or each.withdrawn_at >= row.granted_at for each in alike)


def _merge_devices(
    connection: Connection, counter: DistrictCounter, roster: Roster, accounts: dict[str, str], present: EpochRow
) -> tuple[int, int, int]:
    """How many devices were added, ended, and have a later token."""
    rows = connection.execute(select(DEVICE).where(DEVICE.c.district == counter.district))
    here = {row[1]: DeviceRow(*row) for row in rows}
    joined = select(AUDIT.c.device).where(
        AUDIT.c.district == counter.district, AUDIT.c.seq > present.seq, AUDIT.c.action.in_(("join", "renew"))
    )
    joined_since = set(connection.execute(joined).scalars())
    added, changed = list[DeviceRow](), list[DeviceRow]()
    for row in roster.devices:
        there = here.get(row.id)
        if there is None:
            added.append(row._replace(account=accounts.get(row.account, row.account)))
        elif row.id not in joined_since and (merged := _merge_device(row, there, present.begun_at)) != there:
            changed.append(merged)
    nameless = select(ACCOUNT.c.id).where(ACCOUNT.c.district == counter.district, ACCOUNT.c.name == ERASED)
    erased = set(connection.execute(nameless).scalars()) if added else set[str]()
    insert_rows(connection, DEVICE, [row._replace(name=ERASED) if row.account in erased else row for row in added])
    for row in changed:
        same = (DEVICE.c.district == row.district) & (DEVICE.c.id == row.id)
        values = {name: getattr(row, name) for name in _TAKEN_BACK}
        connection.execute(update(DEVICE).where(same).values(values))
    renewed = sum(row.token_hash != here[row.id].token_hash for row in changed)
    return len(added), sum(row.revoked_at is not None for row in changed), renewed


_TAKEN_BACK = ("token_hash", "next_hash", "former_hash", "rotated_at", "revoked_at", "parent", "used_at", "seen_at")


def _merge_device(row: DeviceRow, there: DeviceRow, begun_at: int) -> DeviceRow:
    """The device with the later of both tokens, whatever the order in which rosters come: an earlier one shuts nobody
    out and brings nobody back. A revocation of this token, or of since the present epoch began, stays."""
    if row.token_hash == there.token_hash:
        return there._replace(revoked_at=there.revoked_at or row.revoked_at, used_at=there.used_at or row.used_at)
    if _issued_at(row) <= _issued_at(there):
        return there
    ended = there.revoked_at if (there.revoked_at or 0) >= begun_at else row.revoked_at
    return there._replace(**{name: getattr(row, name) for name in _TAKEN_BACK} | {"revoked_at": ended})


def _issued_at(device: DeviceRow) -> int:
    """A time by which the tokens of one device are ordered: its first use, which ends every other; one that was never
    used was given when the device was last seen."""
    return device.rotated_at or device.used_at or device.seen_at
