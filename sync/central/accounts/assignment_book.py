"""The assignments of a district, as far as they grant: who has which roles on a day, by ``store/domain/grants.py``.

They are read from the lines themselves, through an index that has these lines only; for a push no more of them than it
concerns (`read_concerned`). Next: ``roles.py`` (the roles of accounts that follow),
``sync/central/writes/grant_changes.py`` (when).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select, text

from store.domain.grants import STAND_IN, Grant, RoleTerm, grants_on, own_grants_on, role_term, stand_ins_on
from store.domain.merges import kept_ids
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line, stored_line
from sync.central.db.database import is_one_of
from sync.central.db.granting import EVERYBODY, GRANTING, WhomItConcerns
from sync.central.db.tables import ACCOUNT, LINE

ASSIGNMENT, MERGE = "assignment", "merge"
GRANTING_KINDS = frozenset({ASSIGNMENT, MERGE})
"""The kinds whose lines decide on roles."""
_BUREAU = Grant("bureau")


class AccountPerson(NamedTuple):
    """An account and the id of its person."""

    account: str
    person: str


class AssignmentBook:
    """The terms of assignments, and the merges of people and units (from, into), by the id of their line."""

    def __init__(
        self,
        lines: Iterable[Line] = (),
        terms: Mapping[str, RoleTerm] = MappingProxyType({}),
        merges: Mapping[str, tuple[str, str]] = MappingProxyType({}),
        stamps: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.terms = dict(terms)
        self._merges = dict(merges)
        self._stamps = dict(stamps)
        for line in lines:
            self.put(line)

    @property
    def merges(self) -> dict[str, str]:
        """By the id of a merged record the one that stays."""
        return kept_ids(self._merges.values())

    def with_lines(self, lines: Iterable[Line]) -> AssignmentBook:
        """The same once these versions have replaced those before them."""
        return AssignmentBook(lines, self.terms, self._merges, self._stamps)

    def without(self, line_ids: Collection[str]) -> AssignmentBook:
        """The same without these lines."""
        rest = {line_id: term for line_id, term in self.terms.items() if line_id not in line_ids}
        return AssignmentBook((), rest, self._merges, self._stamps)

    def put(self, line: Line) -> None:
        """Take a version of a line in, which replaces the one before."""
        self.terms.pop(line.id, None)
        self._merges.pop(line.id, None)
        if line.deleted:
            return
        if line.kind == ASSIGNMENT and (term := role_term(line.project, line.body)) is not None:
            self.terms[line.id], self._stamps[line.id] = term, line.stamp
        ends = tuple(str(line.body.get(name) or "") for name in ("from_id", "into_id"))
        if line.kind == MERGE and all(ends):
            self._merges[line.id] = (ends[0], ends[1])

    def kept(self, person: str) -> str:
        """The person who stays, of one that was merged."""
        return self.merges.get(person, person)

    def grants(self, day: str) -> dict[str, frozenset[Grant]]:
        """By person: what they have on a day."""
        return grants_on(self.terms.values(), day, self.merges)

    def own_grants(self, day: str) -> dict[str, frozenset[Grant]]:
        """The same without what they have as a stand-in."""
        return own_grants_on(self.terms.values(), day, self.merges)

    def principals(self, person: str, day: str) -> frozenset[str]:
        """For whom a person stands in on a day, by all ids that these have."""
        merges = self.merges
        return all_ids(stand_ins_on(self.terms.values(), day, merges).get(merges.get(person, person), ()), merges)

    def ids_of(self, persons: Iterable[str]) -> frozenset[str]:
        """All ids that these persons have, as records of them were merged."""
        merges = self.merges
        return all_ids({merges.get(person, person) for person in persons}, merges)

    def side_of(self, person: str, days: Iterable[str]) -> frozenset[str]:
        """A person and all for whom they stand in on one of these days, by all ids that these have."""
        return self.ids_of({person}).union(*(self.principals(person, day) for day in days))

    def concerned(self, changed: Iterable[Line]) -> frozenset[str]:
        """The persons, by all their ids, whose other assignments it takes to tell what these versions of assignments
        change, whatever the day: whom they name, who stands in for one of these, and for whom such a one stands in. The
        book has all stand-ins and merges."""
        merges = self.merges
        terms = [term for line in changed if (term := role_term(line.project, line.body)) is not None]
        pairs = [
            (merges.get(term.person, term.person), merges.get(term.principal, term.principal))
            for term in (*self.terms.values(), *terms)
            if term.role == STAND_IN and term.principal
        ]
        kept = {merges.get(each, each) for term in terms for each in (term.person, term.principal) if each}
        kept |= {person for person, principal in pairs if principal in kept}
        kept |= {principal for person, principal in pairs if person in kept}
        return all_ids(kept, merges)

    def giving(self, person: str, grant: Grant, day: str) -> list[str]:
        """The lines that give a person this grant by themselves on a day."""
        merges = self.merges
        its = merges.get(person, person)
        return sorted(
            line_id
            for line_id, term in self.terms.items()
            if grant in own_grants_on([term], day, merges).get(its, frozenset())
        )

    def lending(self, person: str, grants: Collection[Grant], day: str) -> list[str]:
        """The stand-ins by which a person has one of these grants on a day."""
        merges, own = self.merges, self.own_grants(day)
        its = merges.get(person, person)
        return sorted(
            line_id
            for line_id, term in self.terms.items()
            for principal in stand_ins_on([term], day, merges).get(its, ())
            if not own.get(principal, frozenset()).isdisjoint(grants)
        )

    def given_at(self, person: str, grant: Grant, day: str) -> int:
        """When the latest of the lines was written by which a person has this grant on a day (milliseconds since 1970),
        also as a stand-in; 0 where none gives it."""
        lines = [*self.giving(person, grant, day), *self.lending(person, [grant], day)]
        return max((ms_from_hlc(self._stamps[line_id]) for line_id in lines), default=0)

    def may_end_bureau(self, line: Line) -> bool:
        """Whether a version may take the bureau from somebody: of an assignment that gives it, or of a merge."""
        term = self.terms.get(line.id)
        return line.kind == MERGE or (term is not None and term.role == _BUREAU.role)

    def has_lasting_bureau(self, persons: Collection[str], day: str) -> bool:
        """Whether one of these persons is of the bureau on this day, without an end."""
        merges = self.merges
        kept = {merges.get(person, person) for person in persons}
        lasting = [term for term in self.terms.values() if term.last is None]
        grants = own_grants_on(lasting, day, merges)
        return any(_BUREAU in grants.get(person, ()) for person in kept)

    def ends_bureau(self, person: str, day: str) -> bool:
        """Whether these lines give the person the bureau on this day, but for a time or in another's place only."""
        return self._gives_bureau(person, day) and not self.has_lasting_bureau([person], day)

    def _gives_bureau(self, person: str, day: str) -> bool:
        return _BUREAU in self.grants(day).get(self.kept(person), ())


def all_ids(kept: Collection[str], merges: Mapping[str, str]) -> frozenset[str]:
    """All ids that these persons have, of whom the records that stay are given; by merged record the one that stays."""
    return frozenset({*kept, *(before for before, stays in merges.items() if stays in kept)})


def names_bureau(line: Line) -> bool:
    """Whether a line that decides on roles gives the bureau, or may take it from somebody: only such a one ends it."""
    return line.kind == MERGE or line.body.get("role") == _BUREAU.role


def read_assignments(connection: Connection, district: str) -> AssignmentBook:
    """What the lines of a district say now; damaged ones say nothing."""
    return AssignmentBook(granting_lines(connection, district))


def read_concerned(connection: Connection, district: str, changed: Sequence[Line]) -> AssignmentBook:
    """The same, as far as it takes to judge a push and to tell what it changes for whom: merges, stand-ins, the bureau,
    and all assignments of whom the ``changed`` lines concern, which are those that decide on roles, as pushed and as
    stored. It does not grow with the district, but where one of them merges records: then it is everything."""
    if any(line.kind == MERGE for line in changed):
        return read_assignments(connection, district)
    book = AssignmentBook(_lines_concerning(connection, district, [EVERYBODY]))
    if persons := book.concerned(changed):
        for line in _lines_concerning(connection, district, sorted(persons)):
            book.put(line)
    return book


def granting_lines(connection: Connection, district: str) -> Iterator[Line]:
    """The current lines of a district that decide on roles, deleted ones too, but for damaged ones."""
    return _undamaged(connection.execute(_GRANTING_WIRES, {"its_district": district}).scalars())


def _lines_concerning(connection: Connection, district: str, persons: Sequence[str]) -> Iterator[Line]:
    whom = is_one_of(connection, WhomItConcerns(), persons)
    return _undamaged(connection.execute(_GRANTING_WIRES.where(whom), {"its_district": district}).scalars())


def _undamaged(wires: Iterable[str]) -> Iterator[Line]:
    lines = map(stored_line, wires)
    return (line for line in lines if line is not None)


_GRANTING_WIRES = select(LINE.c.wire).where(
    LINE.c.district == bindparam("its_district"), text(GRANTING), ~LINE.c.damaged
)


def account_persons(
    connection: Connection, district: str, persons: Collection[str] | None = None
) -> list[AccountPerson]:
    """Every account with its person, or those of these ``persons``."""
    chosen = select(ACCOUNT.c.id, ACCOUNT.c.person).where(ACCOUNT.c.district == district).order_by(ACCOUNT.c.id)
    if persons is not None:
        chosen = chosen.where(is_one_of(connection, ACCOUNT.c.person, sorted(persons)))
    return [AccountPerson(*row) for row in connection.execute(chosen)]
