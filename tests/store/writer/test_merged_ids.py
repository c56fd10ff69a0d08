"""Merged people and units in real stores: everything shows the one that stays, on every device, and undo is exact."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.commands.exceptions import NameAmbiguous
from store.commands.people import Newcomers
from store.domain.status_lights import light_thresholds
from store.ledger.line import Line, derived_id
from store.queries.issues import IssueFilter, issues
from store.queries.name_lookup import find_by_name, list_named
from store.queries.projects import project_assignments
from store.search.session import find
from store.values.times import district_time
from store.writer.local_writes import Draft
from store.writer.sync_writes import SyncLedger
from tests.examples import examples
from tests.store.devices import START_MS, device

LONG, SHORT, BUREAU = (derived_id("unit", name) for name in ("区住建局", "住建局", "营商局"))
KNOWN, DOUBLE, THIRD = (derived_id("person", name) for name in ("张三", "张三同志", "张3"))
PROJECT, ISSUE = derived_id("project"), derived_id("issue")
TODAY = light_thresholds(district_time(START_MS).date())


class Picture(NamedTuple):
    """What a person sees of the district on one device."""

    people: list[str]
    served: list[tuple[str | None, str | None]]
    departments: list[tuple[str | None, str | None]]
    hits: list[str]


def picture(ledger: SyncLedger) -> Picture:
    """What this device shows."""
    connection = ledger.database.connection()
    return Picture(
        [str(line) for line in list_named(connection, "person")],
        [(row.name, row.phone) for row in project_assignments(connection, PROJECT, TODAY)],
        [(row.department, row.owner) for row in issues(connection, TODAY)],
        sorted(hit.id for hit in find(connection, "张三", kind="person")),
    )


def merge(from_id: str, into_id: str, what: str = "person", *, deleted: bool = False) -> Draft:
    """A merge as the bureau writes it, or its undoing."""
    body = {"what": what, "from_id": from_id, "into_id": into_id}
    return Draft("merge", body, id=derived_id("210903", "merge", from_id), deleted=deleted)


def sample(ledger: SyncLedger) -> list[Line]:
    """A district with a person twice and a department twice, both named by a project and an issue."""
    return ledger.put_many(
        [
            Draft("unit", {"name": "区住建局", "kind": "department"}, id=LONG),
            Draft("unit", {"name": "住建局", "kind": "department"}, id=SHORT),
            Draft("person", {"name": "张三", "unit_id": LONG}, id=KNOWN),
            Draft("person", {"name": "张三同志"}, id=DOUBLE),
            Draft("person", {"name": "张3"}, id=THIRD),
            Draft("contact", {"person_id": DOUBLE, "phone": "19900000002"}, id=derived_id("210903", "contact", DOUBLE)),
            Draft("project", {"name": "风电场", "number": "续1", "category": "continuing"}, id=PROJECT),
            Draft("assignment", {"role": "butler", "person_id": DOUBLE}, PROJECT, derived_id("assignment")),
            Draft("issue", {"number": "1", "title": "缺电", "kind": "problem", "department_id": SHORT,
                            "owner_id": DOUBLE}, PROJECT, ISSUE),
        ]
    )  # fmt: skip


def test_a_merge_shows_the_one_that_stays_and_is_undone_exactly(tmp_path: Path) -> None:
    """After a merge the project, the issue, lists, filters and the lookup show the one, with the other's phone; a name
    or phone typed as the other had it means the one. Undone, all is as it was."""
    ledger = device(tmp_path, "a")
    sample(ledger)
    before, connection = picture(ledger), ledger.database.connection()
    ledger.put_many([merge(DOUBLE, KNOWN), merge(SHORT, LONG, "unit")])
    after = picture(ledger)
    assert after.people == ["张3 (" + THIRD + ")", "张三 (19900000002, 区住建局)"]
    assert after.served == [("张三", "19900000002")]
    assert after.departments == [("区住建局", "张三")]
    assert after.hits == [KNOWN]
    for department in (SHORT, LONG):
        assert len(issues(connection, TODAY, IssueFilter(department=department))) == 1
    for typed in ("张三同志", "张三 19900000002", "19900000002", "张三"):
        assert Newcomers(connection).person(typed) == KNOWN
    assert [line.id for line in find_by_name(connection, "unit", SHORT)] == [LONG]
    assert (
        [hit.id for hit in find(connection, "19900000002")]
        == [hit.id for hit in find(connection, "张三同志")]
        == [KNOWN]
    )
    ledger.put_many([merge(DOUBLE, KNOWN, deleted=True), merge(SHORT, LONG, "unit", deleted=True)])
    assert picture(ledger) == before
    with pytest.raises(NameAmbiguous):
        ledger.put("person", {"name": "张三同志"})
        Newcomers(connection).person("张三同志")


def test_lines_that_arrive_later_under_the_old_id_are_shown_under_the_new(tmp_path: Path) -> None:
    """A merge may arrive before the people and lines that it speaks of: once they are here, all show the one."""
    author, reader = device(tmp_path, "a"), device(tmp_path, "b")
    lines = sample(author)
    merges = author.put_many([merge(DOUBLE, KNOWN), merge(SHORT, LONG, "unit")])
    reader.merge(merges)
    assert reader.database.connection().execute("SELECT count(*) FROM merged_id").fetchone() == (0,)
    for line in reversed(lines):
        reader.merge([line])
    assert picture(reader) == picture(author)


STEPS = st.lists(
    st.tuples(st.sampled_from((KNOWN, DOUBLE, THIRD)), st.sampled_from((KNOWN, DOUBLE, THIRD)), st.booleans()),
    min_size=1,
    max_size=5,
)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.randoms(use_true_random=False), st.integers(0, 10**9))
def test_merges_in_any_order_of_arrival_give_one_picture(
    tmp_path: Path, steps: list[tuple[str, str, bool]], chance: Random, run: int
) -> None:
    """Whatever was merged, undone and merged again, in circles too: a device that gets the lines in another order, and
    in other portions, shows the same."""
    folder = tmp_path / f"{run}-{chance.random()}"
    author, reader = device(folder, "a"), device(folder, "b")
    lines = sample(author)
    for old, new, undone in steps:
        lines += author.put_many([merge(old, new, deleted=undone)])
    chance.shuffle(lines)
    half = len(lines) // 2
    for page in (lines[:half], lines[half:]):
        reader.merge(sorted(page, key=lambda line: line.stamp))
    assert picture(reader) == picture(author)
