"""Assignments that come back to a central that was set back, although what they give was taken from their person since.

Whoever takes a role away ends the assignments that they know. One that the central had forgotten then comes back with
the first device that still has it, and is ended too: nobody regains by healing what was taken from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from store.domain.grants import RoleTerm, role_term
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line
from store.ledger.merge import version_key
from store.values.times import district_time
from sync.central import epochs
from sync.central.accounts.assignment_book import ASSIGNMENT, AssignmentBook, account_persons, granting_lines
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import LINE, REGAINED
from sync.central.writes.assignments import BUREAU, end_assignments
from sync.central.writes.grant_changes import day_of


def end_revived(connection: Connection, counter: DistrictCounter, regained: Iterable[Line]) -> None:
    """End the assignments among these versions, or come back before, that are current and in force although another
    one of the same was ended at once, or deleted, by a later version of when nobody here knew of them. An end that came
    back itself is such a one only where the central was set back between the two: else it was lost with what it left.
    The last of the bureau keeps what they have."""
    back = {(line.id, line.stamp) for line in regained if line.kind == ASSIGNMENT}
    if not back:
        return
    lines, day = list(granting_lines(connection, counter.district)), day_of(counter)
    book = AssignmentBook(lines)
    known = _Known(back, _returned(connection, counter.district), _set_backs(connection, counter.district))
    given = [(line, key) for line in lines if line.kind == ASSIGNMENT and (key := _what_it_gives(book.merges, line))]
    revived = known.returned & {line_id for line_id, term in book.terms.items() if term.holds_on(day)}
    ends: dict[RoleTerm, list[Line]] = {key: [] for line, key in given if line.id in revived}
    for line, key in given:
        if key in ends and _is_over_at_once(line):
            ends[key].append(line)
    over = {
        line.id for line, key in given if line.id in revived and any(known.was_taken(line, end) for end in ends[key])
    }
    persons = [person for _, person in account_persons(connection, counter.district)]
    if book.has_lasting_bureau(persons, day) and not book.without(over).has_lasting_bureau(persons, day):
        over -= {line_id for line_id in over if book.terms[line_id].role == BUREAU.role}
    end_assignments(connection, counter, sorted(over))


class _Known(NamedTuple):
    """Which versions are coming ``back`` now (id, stamp), the ids of assignments whose current version came back, now
    or before (``returned``), and when the central was set back (ms)."""

    back: set[tuple[str, int]]
    returned: set[str]
    set_backs: Sequence[int]

    def was_taken(self, line: Line, end: Line) -> bool:
        """Whether the ``end`` of another assignment took what the returned ``line`` gives, which was not known."""
        is_back = (line.id, line.stamp) in self.back
        if version_key(line) > version_key(end):
            return False
        if end.id not in self.returned:
            return is_back
        return (is_back or (end.id, end.stamp) in self.back) and self._forgot_between(line.stamp, end.stamp)

    def _forgot_between(self, first: int, last: int) -> bool:
        return any(ms_from_hlc(first) < at <= ms_from_hlc(last) for at in self.set_backs)


def _returned(connection: Connection, district: str) -> set[str]:
    same = (REGAINED.c.district == LINE.c.district) & (REGAINED.c.seq == LINE.c.seq)
    chosen = select(LINE.c.id).join(REGAINED, same).where(LINE.c.district == district, LINE.c.kind == ASSIGNMENT)
    return set(connection.execute(chosen).scalars())


def _set_backs(connection: Connection, district: str) -> list[int]:
    return [epoch.begun_at for epoch in epochs.epochs(connection, district) if epoch.n > 1]


def _is_over_at_once(line: Line) -> bool:
    written = district_time(ms_from_hlc(line.stamp)).date().isoformat()
    return line.deleted or str(line.body.get("to_date") or "9999") <= written


def _what_it_gives(merges: Mapping[str, str], line: Line) -> RoleTerm | None:
    """The term of an assignment without its days, by the records that stay."""
    term = role_term(line.project, line.body)
    if term is None:
        return None
    unit, principal = (each and merges.get(each, each) for each in (term.unit, term.principal))
    return RoleTerm(term.role, merges.get(term.person, term.person), term.project, unit, principal)
