"""The list of projects as an officer keeps it."""

from __future__ import annotations

import pytest

from store.commands.exceptions import FieldMissing, NameAmbiguous
from store.commands.projects import add, adjust, edit
from store.exceptions import BadLine, BadTime
from store.queries.lines import current_line
from store.queries.projects import ProjectDetail, project
from store.queries.status import count_lines
from tests.store.queries.sample import TODAY, Sample


def shown(district: Sample, named: str) -> ProjectDetail:
    """One project."""
    found = project(district.connection, named, district.on)
    assert found is not None
    return found


def serving(district: Sample, role: str) -> list[tuple[str | None, str | None, bool]]:
    """Name, last day and whether they serve today, of everybody in a role of the water project."""
    people = shown(district, district.water).people
    return [(one.name, one.to_date, one.current) for one in people if one.role == role]


def test_a_new_project_has_a_number_and_says_since_when(district: Sample) -> None:
    """Adding notes the day and the reason on the list, makes a number where none is given, tells newcomers (R05)."""
    added = add(
        district.ledger, name=" 道路工程 ", reason="规模较大", investment_yuan=80_000_000, roles={"butler": "新人"}
    )
    found = shown(district, added.id)
    assert (found.row.name, found.investment_yuan, found.row.butler) == ("道路工程", 80_000_000, "新人")
    assert found.row.number.startswith(f"{TODAY:%y%m%d}-")
    assert found.adjustments == ({"act": "added", "date": TODAY.isoformat(), "reason": "规模较大"},)
    assert [(one.kind, one.name) for one in added.added] == [("person", "新人")]


def test_one_person_leads_one_project_and_is_butler_of_another(district: Sample) -> None:
    """Roles are held per project: the same person is one line with two roles (domain.md, person)."""
    edit(district.ledger, "供热", roles={"butler": "甲建国", "lead_leader": "甲建国"})
    people = shown(district, district.heat).people
    assert len({one.id for one in people}) == 1
    assert {one.role for one in people} == {"butler", "lead_leader"}
    assert {one.id for one in shown(district, district.water).people if one.role == "lead_leader"} == {people[0].id}


@pytest.mark.proves("R07", "R30", "R43")
def test_another_butler_ends_the_one_before(district: Sample) -> None:
    """The one before keeps the days that they served; naming the same one again changes nothing (R07, R30, R43)."""
    district.clock.now += 10 * 86_400_000
    before = count_lines(district.connection)
    edit(district.ledger, district.water, roles={"butler": "乙卫东"})
    assert count_lines(district.connection) == before
    edit(district.ledger, district.water, roles={"butler": "庚立强 19900000006"})
    last = f"{TODAY.replace(day=TODAY.day + 9)}"
    assert serving(district, "butler") == [("庚立强", None, True), ("乙卫东", last, False)]


def test_a_butler_named_by_mistake_today_leaves_no_trace_among_the_people(district: Sample) -> None:
    """An assignment that began today and is replaced today never was."""
    edit(district.ledger, district.water, roles={"butler": "误记"})
    edit(district.ledger, district.water, roles={"butler": "庚立强"})
    assert serving(district, "butler") == [("庚立强", None, True)]


def test_clearing_a_role_ends_it(district: Sample) -> None:
    """An empty text for a role removes who had it, as for any field; the days that they served stay."""
    district.clock.now += 10 * 86_400_000
    edit(district.ledger, district.water, roles={"butler": ""})
    assert serving(district, "butler") == [("乙卫东", f"{TODAY.replace(day=TODAY.day + 9)}", False)]
    before = count_lines(district.connection)
    edit(district.ledger, district.water, roles={"butler": " "})
    assert count_lines(district.connection) == before


def test_an_edit_changes_only_what_is_named(district: Sample) -> None:
    """What is not given stays, an empty text removes a field."""
    edit(district.ledger, district.water, stage="building", note="一期")
    edit(district.ledger, "2", note="", owner="某公司")
    found = shown(district, district.water)
    assert (found.row.stage, found.note, found.owner, found.row.name) == ("building", None, "某公司", "供水改造工程")


@pytest.mark.proves("R05")
def test_adjustments_add_up(district: Sample) -> None:
    """Every adjustment of the list is kept with its day and reason, and none is without one (R05)."""
    adjust(district.ledger, district.heat, "removed", reason="停建", on="2026-03-05")
    adjust(district.ledger, district.heat, "added", reason="复工")
    found = shown(district, district.heat)
    assert [(one["act"], one["date"]) for one in found.adjustments[1:]] == [
        ("removed", "2026-03-05"),
        ("added", TODAY.isoformat()),
    ]
    with pytest.raises(FieldMissing):
        adjust(district.ledger, district.heat, "removed", reason="\u3000")


def test_nothing_is_written_when_something_is_wrong(district: Sample) -> None:
    """A category or stage that is none, a day that is none, a name of two: refused, nothing written."""
    before, name = count_lines(district.connection), current_line(district.connection, district.water)
    with pytest.raises(BadLine, match="category"):
        add(district.ledger, name="x", category="old", roles={"butler": "新人"})
    with pytest.raises(BadLine, match="stage"):
        edit(district.ledger, district.water, stage="dreaming", roles={"butler": "新人"})
    with pytest.raises(BadTime):
        adjust(district.ledger, district.water, "changed", reason="x", on="soon")
    with pytest.raises(NameAmbiguous):
        edit(district.ledger, "改造", note="x")
    assert (count_lines(district.connection), current_line(district.connection, district.water)) == (before, name)
