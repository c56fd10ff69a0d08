"""The table grants: roles of accounts follow from the assignments of the ledger, in the transaction that takes them in,
and when a day begins on which one begins or ends.

What is applied is the difference between what the lines granted before and grant now, to the persons concerned only. So
what came from elsewhere stays until the lines say otherwise: a role that a roster has added or ended after the central
was set back, while the lines that say so are on their way. The number of statements does not grow with the lines.
Next: ``store/domain/grants.py`` (the rule), ``assignments.py`` (the lines that the central writes itself).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from store.domain.grants import Grant, change_days
from store.values.times import SHANGHAI, district_time
from sync.central import audit
from sync.central.accounts import roles
from sync.central.accounts.assignment_book import (
    AccountPerson,
    AssignmentBook,
    account_persons,
    all_ids,
    read_assignments,
)
from sync.central.accounts.roles import GrantChange
from sync.central.db.clock_bounds import MAX_BEHIND_MS
from sync.central.db.commit_order import DistrictCounter

BY_LINES, BY_DATES, BY_ENROLMENT = "lines", "dates", "enrolment"
"""Why roles changed."""
MAX_AUDITED_CHANGES = 200
"""The audit has so many of the accounts whose roles changed at once."""


def present_day(now_ms: int, begun: str | None) -> str:
    """The day of the district, ISO 8601. One that has ``begun`` goes on for a process whose clock is a little behind,
    or that has waited for the lock over midnight: else roles would be taken and given with every request."""
    today, soon = (district_time(at_ms).date().isoformat() for at_ms in (now_ms, now_ms + MAX_BEHIND_MS))
    return begun if begun is not None and today < begun <= soon else today


def day_of(counter: DistrictCounter) -> str:
    """The present day of the district, ISO 8601."""
    return present_day(counter.now_ms, counter.grants_day)


def apply_lines(
    connection: Connection, counter: DistrictCounter, before: AssignmentBook, after: AssignmentBook
) -> None:
    """Change the roles of whom new versions of assignments concern: what the books do not have is the same before and
    after. What dates have not done yet is done before the lines are written (`apply_dates`)."""
    day = day_of(counter)
    _apply(connection, counter, (before, day), (after, day), counter.now_ms, BY_LINES)
    _end_what_is_over(connection, counter, before, after)
    _give_what_is_renewed(connection, counter, before, after)


def _end_what_is_over(
    connection: Connection, counter: DistrictCounter, before: AssignmentBook, after: AssignmentBook
) -> None:
    """End roles that no line gives today, and of which a new version says that they are over: a roster has brought them
    back, and the line that ended them by its last day has come only after that day."""
    day, merges = day_of(counter), after.merges
    new = (term for line_id, term in after.terms.items() if term != before.terms.get(line_id))
    over = [(term.last, merges.get(term.person, term.person)) for term in new if term.last and term.last < day]
    persons = {person for _, person in over}
    accounts = _accounts_of(connection, counter.district, persons, merges) if over else []
    if not accounts:
        return
    held = roles.grants_of(connection, counter.district, [each.account for each in accounts])
    said, changes = after.grants(day), []
    for account, person in accounts:
        unsaid = frozenset(held[account]) - said.get(person, frozenset())
        days = {last for last, whose in over if whose == person} if unsaid else ()
        ended = unsaid & frozenset[Grant]().union(*(after.grants(last).get(person, ()) for last in days))
        changes.append(GrantChange(account, frozenset(), ended))
    change_roles(connection, counter, changes, counter.now_ms, BY_LINES)


def _give_what_is_renewed(
    connection: Connection, counter: DistrictCounter, before: AssignmentBook, after: AssignmentBook
) -> None:
    """Give roles again that a roster has ended, and that a new version gives which was written after that end: the line
    whose end the roster tells of was still here, so the lines gave the role before and after."""
    day, merges = day_of(counter), after.merges
    new = (term for line_id, term in after.terms.items() if term != before.terms.get(line_id))
    persons = {merges.get(term.person, term.person) for term in new if term.holds_on(day)}
    gave, give, nothing = before.grants(day), after.grants(day), frozenset[Grant]()
    again = {each: both for each in persons if (both := gave.get(each, nothing) & give.get(each, nothing))}
    accounts = _accounts_of(connection, counter.district, again, merges) if again else []
    held = roles.grants_of(connection, counter.district, [each.account for each in accounts]) if accounts else {}
    missing = [(each, again[each.person].difference(held[each.account])) for each in accounts]
    if not any(grants for _, grants in missing):
        return
    ended_at = roles.withdrawals(connection, counter.district, list(held))

    def is_renewed(account: str, person: str, grant: Grant) -> bool:
        end = ended_at.get((account, grant))
        return end is not None and after.given_at(person, grant, day) > end

    changes = [
        GrantChange(account, frozenset(grant for grant in grants if is_renewed(account, person, grant)), nothing)
        for (account, person), grants in missing
    ]
    change_roles(connection, counter, changes, counter.now_ms, BY_LINES)


def _accounts_of(
    connection: Connection, district: str, persons: Collection[str], merges: Mapping[str, str]
) -> list[AccountPerson]:
    """The accounts of these persons, each with the one of its records that stays."""
    accounts = account_persons(connection, district, all_ids(persons, merges))
    return [AccountPerson(account, merges.get(person, person)) for account, person in accounts]


def apply_dates(connection: Connection, counter: DistrictCounter) -> None:
    """Change the roles of those whose assignments have begun or ended since dates were last applied, as of the midnight
    of each. The caller saves the counter."""
    if counter.grants_day is not None and counter.grants_day != day_of(counter):
        _apply_dates(connection, counter, read_assignments(connection, counter.district))


def _apply_dates(connection: Connection, counter: DistrictCounter, book: AssignmentBook) -> None:
    today, before = day_of(counter), counter.grants_day
    if before is None or before == today:  # None: the roles of an older version are still to be adopted
        return
    counter.grants_day = today
    if today < before:  # the clock was ahead
        _apply(connection, counter, (book, before), (book, today), counter.now_ms, BY_DATES)
    for day in change_days(book.terms.values(), before, today):
        _apply(connection, counter, (book, before), (book, day), _midnight_ms(day), BY_DATES)
        before = day


def _midnight_ms(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=SHANGHAI).timestamp() * 1000)


def _apply(
    connection: Connection,
    counter: DistrictCounter,
    before: tuple[AssignmentBook, str],
    after: tuple[AssignmentBook, str],
    at_ms: int,
    cause: str,
) -> None:
    (old_book, old_day), (new_book, new_day) = before, after
    old, new = old_book.grants(old_day), new_book.grants(new_day)
    if old == new and old_book.merges == new_book.merges:
        return
    nothing, changes = frozenset[Grant](), []
    kept_before, kept_after = old_book.merges, new_book.merges
    differ = [person for person in old.keys() | new.keys() if old.get(person) != new.get(person)]
    persons = all_ids(differ, kept_after) if kept_before == kept_after else None
    for account, person in account_persons(connection, counter.district, persons):
        had, has = old.get(kept_before.get(person, person), nothing), new.get(kept_after.get(person, person), nothing)
        changes.append(GrantChange(account, has - had, had - has))
    change_roles(connection, counter, changes, at_ms, cause)


def change_roles(
    connection: Connection, counter: DistrictCounter, changes: Iterable[GrantChange], at_ms: int, cause: str
) -> list[GrantChange]:
    """Change the roles of accounts, and record it in the audit; gives what was changed."""
    done = roles.change_roles(connection, counter, [change for change in changes if change], at_ms)
    if done:
        audit.record_event(
            connection, counter, "grants", cause=cause, at=at_ms, accounts=len(done),
            changes=[_for_audit(change) for change in done[:MAX_AUDITED_CHANGES]],
        )  # fmt: skip
    return done


def _for_audit(change: GrantChange) -> dict[str, object]:
    kinds = {"added": change.added, "ended": change.ended}
    return {"account": change.account} | {
        name: [grant._asdict() for grant in sorted(grants, key=str)] for name, grants in kinds.items() if grants
    }


def grant_by_lines(connection: Connection, counter: DistrictCounter, account: AccountPerson) -> None:
    """Give a new account what the assignments of its person grant already."""
    book = read_assignments(connection, counter.district)
    grants = book.grants(day_of(counter)).get(book.kept(account.person), frozenset())
    change_roles(connection, counter, [GrantChange(account.account, grants, frozenset())], counter.now_ms, BY_ENROLMENT)
