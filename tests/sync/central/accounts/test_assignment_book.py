"""What is read of the assignments for a push decides as all of them do, in both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Line, canonical_json, derived_id, new_id
from sync.central.accounts.assignment_book import AssignmentBook, granting_lines, read_assignments, read_concerned
from sync.central.admin.setup import open_database
from sync.central.db.database import CentralDatabase, insert_rows
from sync.central.db.tables import LINE, LineRow
from tests.examples import examples
from tests.sync.central_fixture import DISTRICT, create_central

PEOPLE, UNITS, PROJECTS, IDS = (
    [derived_id(what, str(n)) for n in range(size)] for what, size in (("人", 3), ("委", 2), ("项", 2), ("行", 9))
)
DAYS = ("2026-11-28", "2026-11-30", "2026-12-02")
ROLES = ("butler", "project_secretary", "department", "bureau", "stand_in", "enterprise_contact")


class Said(NamedTuple):
    """A version of a line that decides on roles, by numbers."""

    line: int
    what: str
    who: int
    whom: int
    where: int
    days: tuple[str | None, str | None]
    deleted: bool
    odd: int

    def as_line(self, at: int) -> Line:
        """The line, written at this time (milliseconds)."""
        kind, body = "assignment", self.body()
        if self.what == "merge":
            of = UNITS if self.odd == 2 else PEOPLE
            kind, body = "merge", {"from_id": of[self.who % len(of)], "into_id": of[self.whom % len(of)]}
        place = PROJECTS[self.where % 2] if self.what in ("butler", "project_secretary") or self.where == 3 else None
        itself = PEOPLE[0]
        return Line(IDS[self.line], kind, place, hlc_from_ms(at), itself, itself, self.deleted, body)

    def body(self) -> Mapping[str, object]:
        """The body of an assignment, also of one with fields that this version does not know, or with less than all."""
        first, last = self.days
        body: dict[str, object] = {"role": self.what, "person_id": PEOPLE[self.who]}
        body |= {"for_id": PEOPLE[self.whom]} if self.what == "stand_in" else {"unit_id": UNITS[self.where % 2]}
        body |= {"from_date": first} if first else {}
        body |= {"to_date": last or DAYS[-1]} if last or self.what == "stand_in" else {}
        odd: tuple[dict[str, object], ...] = ({}, {"a": {"person_id": PEOPLE[self.whom]}}, {"note": '"person_id":"'})
        return body | odd[self.odd] if self.odd < 3 else {"role": self.what}


DAY, FEW = st.sampled_from([*[None] * 9, *DAYS]), st.sampled_from([*[False] * 9, True])
OFTEN = ["department"] * 5 + ["stand_in"] * 5


def said(*what: str) -> st.SearchStrategy[Said]:
    """Versions of lines of these sorts, mostly such as concern each other."""
    who, whom = (st.integers(0, len(PEOPLE) - 1) for _ in range(2))
    where, odd = (st.sampled_from([*[0] * 9, 1, 2, 3]) for _ in range(2))
    return st.builds(Said, st.integers(0, 8), st.sampled_from(what), who, whom, where, st.tuples(DAY, DAY), FEW, odd)


STORED = st.lists(said(*ROLES, *OFTEN, "merge", "merge"), min_size=7, max_size=9, unique_by=lambda each: each.line)
PUSHED = st.lists(said(*ROLES, *OFTEN), min_size=1, max_size=2) | st.lists(said("merge"), max_size=1)


@pytest.fixture(scope="module")
def file_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralDatabase]:
    """A central's database without lines that decide on roles, in a file."""
    folder = tmp_path_factory.mktemp("book") / "central"
    create_central(folder, None)
    database = open_database(folder)
    yield database
    database.close()


def store(connection: Connection, lines: Sequence[Line]) -> None:
    """Insert these lines, of one id the last one."""
    by_id = {line.id: line for line in lines}
    texts = {line.id: canonical_json(line).decode() for line in lines}
    rows = [
        LineRow(
            DISTRICT, line.id, n, line.kind, "d:", line.stamp, line.device, n, texts[line.id], "a", 1, None, None, False
        )
        for n, line in enumerate(by_id.values(), 1)
    ]  # fmt: skip
    insert_rows(connection, LINE, rows)


def changes(before: AssignmentBook, after: AssignmentBook, day: str) -> dict[str, object]:
    """What each person gains and loses on a day."""
    had, has, none = before.grants(day), after.grants(day), frozenset[object]()
    both = {person: (has.get(person, none) - had.get(person, none), had.get(person, none) - has.get(person, none))
            for person in (*had, *has)}  # fmt: skip
    return {person: change for person, change in both.items() if any(change)}


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORED, PUSHED)
def test_what_is_read_for_a_push_decides_as_all_of_it_does(
    file_database: CentralDatabase, stored: list[Said], pushed: list[Said]
) -> None:
    """Whatever stands in the ledger and whatever is pushed: roles change for the same people, on each day, for
    whom they stand in and whose work they may not approve is the same, and so is who has the bureau without an end."""
    before = [each.as_line(at) for at, each in enumerate(stored, 1)]
    coming = [each.as_line(at) for at, each in enumerate(pushed, 1_000)]
    with file_database.engine.connect() as connection, connection.begin() as transaction:
        store(connection, before)
        current = {line.id: line for line in before}
        changed = [*coming, *(current[line.id] for line in coming if line.id in current)]
        books = read_assignments(connection, DISTRICT), read_concerned(connection, DISTRICT, changed)
        transaction.rollback()
    whole, part = books
    later, its_later = (book.with_lines(coming) for book in books)
    named = {PEOPLE[each.who] for each in pushed if each.odd < 3}
    assert whole.merges == part.merges and later.merges == its_later.merges
    assert all(whole.may_end_bureau(line) == part.may_end_bureau(line) for line in coming)
    for day in DAYS:
        assert changes(whole, later, day) == changes(part, its_later, day)
        for book, its in ((whole, part), (later, its_later)):
            assert [book.has_lasting_bureau([each], day) for each in PEOPLE] == [
                its.has_lasting_bureau([each], day) for each in PEOPLE
            ]
            assert [book.side_of(each, DAYS) for each in PEOPLE] == [its.side_of(each, DAYS) for each in PEOPLE]
            for person in named:
                held = book.grants(day).get(book.kept(person), frozenset())
                assert held == its.grants(day).get(its.kept(person), frozenset())
                assert [book.given_at(person, grant, day) for grant in held] == [
                    its.given_at(person, grant, day) for grant in held
                ]


def test_of_other_peoples_assignments_none_is_read(tmp_path: Path, database_url: str | None) -> None:
    """In both databases: of a hundred butlers' assignments those of the pushed one's person are read, also one that
    names them in an unknown field, and the stand-ins and the bureau of all."""
    create_central(tmp_path / "central", database_url)
    database = open_database(tmp_path / "central")
    who = PEOPLE[0]

    def assignment(role: str, person: str, **more: object) -> Line:
        return Line(new_id(), "assignment", None, 1, who, who, False, {"role": role, "person_id": person, **more})

    own, odd = assignment("butler", who), assignment("department", PEOPLE[1], former={"person_id": who})
    lent, bureau = assignment("stand_in", PEOPLE[1], for_id=PEOPLE[2]), assignment("bureau", new_id())
    others = [assignment("butler", new_id(), note='"role":"bureau"') for _ in range(100)]
    try:
        with database.write() as connection:
            store(connection, [*others, own, odd, lent, bureau])
            assert len(list(granting_lines(connection, DISTRICT))) == 104
            read = read_concerned(connection, DISTRICT, [own])
        assert {*read.terms} == {line.id for line in (own, odd, lent, bureau)}
    finally:
        database.close()
