"""Assignments that the central writes itself, as close-out numbers are: for the first account, for what an invitation
grants, for ``central grant`` and ``central withdraw``, and, when a central of an older version first starts, for the
roles that its accounts have. So the roles of accounts have one source, the lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, select

from store.domain.grants import Grant
from store.ledger.hlc import tick
from store.ledger.line import Body, Line, derived_id
from store.values.times import district_time
from sync.central import audit
from sync.central.accounts import roles
from sync.central.accounts.assignment_book import (
    ASSIGNMENT,
    AccountPerson,
    account_persons,
    read_assignments,
)
from sync.central.accounts.roles import GrantChange
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import is_one_of
from sync.central.db.tables import LINE, ROLE, LineRow
from sync.central.exceptions import LastBureau
from sync.central.writes.grant_changes import BY_LINES, apply_dates, change_roles, day_of, grant_by_lines
from sync.central.writes.stored_rows import is_damaged, line_of
from sync.central.writes.transaction import WriteTransaction, central_itself
from sync.central.writes.validation import ValidLine, valid_version

BUREAU = Grant("bureau")


class AssignmentDraft(NamedTuple):
    """A version of an assignment that the central writes; ``id`` is None for a new line."""

    project: str | None
    body: Body
    id: str | None = None
    deleted: bool = False


def enrol_person(
    connection: Connection, counter: DistrictCounter, account: AccountPerson, grants: Sequence[Grant]
) -> None:
    """Give a new or known account what the ledger says of its person, and write what an invitation grants."""
    bring_up_to_date(connection, counter)
    grant_by_lines(connection, counter, account)
    grant(connection, counter, account, grants)


def grant(
    connection: Connection, counter: DistrictCounter, account: AccountPerson, grants: Sequence[Grant]
) -> list[Grant]:
    """Write the assignments that give an account's person those of the grants that the account lacks, or has as a
    stand-in only, from today on; gives these."""
    bring_up_to_date(connection, counter)
    has = roles.grants_of(connection, counter.district, [account.account])[account.account]
    book, day = read_assignments(connection, counter.district), day_of(counter)
    person, nothing = book.kept(account.person), frozenset[Grant]()
    lent = book.grants(day).get(person, nothing) - book.own_grants(day).get(person, nothing)
    lacking = [each for each in dict.fromkeys(grants) if each not in has or each in lent]
    unwritten = [each for each in lacking if not book.giving(account.person, each, day)]
    _write(connection, counter, [_draft(account.person, each, day) for each in unwritten])
    added = GrantChange(account.account, frozenset(lacking), frozenset())
    change_roles(connection, counter, [added], counter.now_ms, BY_LINES)  # what a roster has ended is granted again
    return lacking


def withdraw(
    connection: Connection, counter: DistrictCounter, account: AccountPerson, grants: Sequence[Grant]
) -> list[Grant]:
    """End those assignments of an account's person that give them these grants, yesterday, and the stand-ins by which
    they have them, with all else that these lend; gives the grants that the account had and has no more. Raises
    `LastBureau` where nobody of the bureau would be left."""
    bring_up_to_date(connection, counter)
    has = roles.grants_of(connection, counter.district, [account.account])[account.account]
    ending = [each for each in dict.fromkeys(grants) if each in has]
    book, day = read_assignments(connection, counter.district), day_of(counter)
    ids = {line_id for each in ending for line_id in book.giving(account.person, each, day)}
    ids.update(book.lending(account.person, ending, day))
    if BUREAU in ending:
        persons = [person for _, person in account_persons(connection, counter.district)]
        if not book.without(ids).has_lasting_bureau(persons, day):
            raise LastBureau
    end_assignments(connection, counter, sorted(ids))
    ended = GrantChange(account.account, frozenset(), frozenset(ending))
    change_roles(connection, counter, [ended], counter.now_ms, BY_LINES)  # what a roster has added is ended too
    left = roles.grants_of(connection, counter.district, [account.account])[account.account]
    return sorted({*has} - {*left}, key=str)


def bring_up_to_date(connection: Connection, counter: DistrictCounter) -> None:
    """Apply the dates of assignments up to today. The first time, roles that an older version granted are written as
    assignments, and those that it withdrew end assignments. The caller saves the counter."""
    if counter.grants_day is None:
        counter.grants_day = day_of(counter)
        _adopt(connection, counter)
    else:
        apply_dates(connection, counter)


def _adopt(connection: Connection, counter: DistrictCounter) -> None:
    book, day = read_assignments(connection, counter.district), day_of(counter)
    rows = connection.execute(
        select(ROLE.c.account, ROLE.c.role, ROLE.c.project, ROLE.c.department, ROLE.c.granted_at, ROLE.c.withdrawn_at)
        .where(ROLE.c.district == counter.district)
        .order_by(ROLE.c.n)
    ).all()
    current = {(row[0], Grant(*row[1:4])): row[4] for row in rows if row[5] is None}
    withdrawn = {(row[0], Grant(*row[1:4])) for row in rows} - current.keys()
    drafts, ending, changes = list[AssignmentDraft](), set[str](), list[GrantChange]()
    by_lines = book.grants(day)
    for account, person in account_persons(connection, counter.district):
        said = by_lines.get(book.kept(person), frozenset())
        its_own = {each: since for (whose, each), since in current.items() if whose == account}
        drafts += [_draft(person, each, _day(since)) for each, since in its_own.items() if each not in said]
        taken = {each for each in said if (account, each) in withdrawn}
        ending |= {line_id for each in taken for line_id in book.giving(person, each, day)}
        changes.append(GrantChange(account, said - its_own.keys() - taken, frozenset()))
    _write(connection, counter, drafts)
    end_assignments(connection, counter, sorted(ending))
    done = change_roles(connection, counter, changes, counter.now_ms, BY_LINES)
    if drafts or ending or done:
        audit.record_event(connection, counter, "adopted", written=len(drafts), ended=len(ending), granted=len(done))


def _draft(person: str, grant: Grant, day: str) -> AssignmentDraft:
    body = {"role": grant.role, "person_id": person, "from_date": day}
    return AssignmentDraft(grant.project, {**body, "unit_id": grant.department} if grant.department else body)


def _day(at_ms: int) -> str:
    return district_time(at_ms).date().isoformat()


def end_assignments(connection: Connection, counter: DistrictCounter, ids: Sequence[str]) -> None:
    """Give these assignments (ids) yesterday as their last day; what begins only today is deleted."""
    today = day_of(counter)
    yesterday = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    drafts = []
    for line in map(line_of, _stored(connection, counter.district, ids).values()):
        if str(line.body.get("from_date") or "") >= today:
            drafts.append(AssignmentDraft(line.project, line.body, line.id, deleted=True))
        else:
            drafts.append(AssignmentDraft(line.project, {**line.body, "to_date": yesterday}, line.id))
    _write(connection, counter, drafts)


def _write(connection: Connection, counter: DistrictCounter, drafts: Sequence[AssignmentDraft]) -> None:
    """Write versions of assignments, whose roles follow in the same transaction. Device and author are the central."""
    if not drafts:
        return
    writes = WriteTransaction(connection, central_itself(connection, counter), counter)
    ids = [draft.id or _derived(counter.district, draft) for draft in drafts]
    stored = _stored(connection, counter.district, ids)
    taken, itself = set(stored), derived_id(writes.caller.central)
    lines, stamp = list[ValidLine](), 0
    for draft, likely in zip(drafts, ids, strict=True):
        line_id = counter.new_id() if draft.id is None and likely in taken else likely
        base = stored[line_id].stamp if line_id in stored else 0
        stamp = tick(max(stamp, base), counter.now_ms)
        envelope = (line_id, ASSIGNMENT, draft.project, stamp, itself, itself, draft.deleted)
        lines.append(valid_version(Line(*envelope, draft.body, base)))
        taken.add(line_id)
    batch = writes.load_batch(lines)
    for valid in lines:
        batch.regain(valid)
    writes.write_batch(batch, assign_numbers=False)


def _derived(district: str, draft: AssignmentDraft) -> str:
    """The id that an import of the same assignment would give it (``store/domain/line_ids.py``)."""
    return derived_id(district, ASSIGNMENT, draft.project or "", str(draft.body["role"]), str(draft.body["person_id"]))


def _stored(connection: Connection, district: str, ids: Sequence[str]) -> Mapping[str, LineRow]:
    """The undamaged rows of these lines, by id."""
    chosen = select(LINE).where(LINE.c.district == district, is_one_of(connection, LINE.c.id, ids))
    rows = [LineRow(*row) for row in connection.execute(chosen)]
    return {row.id: row for row in rows if not is_damaged(row)}
