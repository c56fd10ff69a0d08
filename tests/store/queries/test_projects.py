"""The projects' list, one project and its timeline."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.commands import projects as register
from store.commands import visits
from store.queries.paging import index_listing, position_of
from store.queries.project_filters import ProjectFilter, listing
from store.queries.projects import project, project_assignments, project_key, projects
from tests.store.queries.sample import TODAY, Sample, statements


def test_the_list_says_who_serves_and_how_it_goes(district: Sample) -> None:
    """A row has the people of the responsibility table, what is open, the last contact, the worst light and what the
    six ones lack (R06, R07, R09)."""
    water, heat = projects(district.connection, district.on)
    assert (water.id, water.number, water.name, water.category) == (district.water, "2", "供水改造工程", "continuing")
    assert (water.lead_leader, water.butler, water.enterprise_contact) == ("甲建国", "乙卫东", "丙志远")
    assert (water.open_issues, water.light, water.missing) == (1, "blue", ())
    assert water.last_contact == f"{TODAY - timedelta(days=1)}T14:30+08:00"
    assert (heat.butler, heat.open_issues, heat.last_contact, heat.light) == (None, 0, None, None)
    assert heat.missing == ("lead_leader", "lead_unit", "service_team", "enterprise_contact")


def test_the_list_is_one_query_however_long(district: Sample) -> None:
    """Thirty more projects with people and issues take not one statement more."""
    for n in range(30):
        register.add(district.ledger, name=f"项目{n}", roles={"butler": f"管家{n}"})
    with statements(district.connection) as seen:
        assert len(projects(district.connection, district.on)) == 32
    assert len(seen) == 1


def test_the_worst_light_of_a_project_shows(district: Sample) -> None:
    """One overdue issue makes the whole project red; a cancelled one does not."""
    late = district.record("用地未批", due=(TODAY - timedelta(days=1)).isoformat())
    assert projects(district.connection, district.on)[0].light == "red"
    district.act(late, "cancel", reason="重复")
    assert projects(district.connection, district.on)[0].light == "blue"


def test_two_in_one_role_are_both_named(district: Sample) -> None:
    """Several department contacts or team members stand side by side, those whose time is over do not (R30)."""
    for name in ("戊晓明", "己玉成"):
        register.edit(district.ledger, district.heat, roles={"department_contact": name})
    register.edit(district.ledger, district.water, roles={"butler": "庚立强"})
    district.clock.now += 86_400_000
    heat, water = (
        project(district.connection, district.heat, district.on),
        projects(district.connection, district.on)[0],
    )
    assert heat is not None
    assert {one.name for one in heat.people if one.role == "department_contact"} == {"戊晓明", "己玉成"}
    assert water.butler == "庚立强"


def test_a_project_taken_off_the_list_is_only_hidden(district: Sample) -> None:
    """An adjustment takes a project off the list; it can still be listed and shown, with the reason (R05)."""
    register.adjust(district.ledger, district.heat, "removed", reason="停建")
    assert [row.id for row in projects(district.connection, district.on)] == [district.water]
    everything = projects(district.connection, district.on, selection=listing(ProjectFilter(removed=True)))
    assert [row.id for row in everything] == [district.water, district.heat]
    shown = project(district.connection, district.heat, district.on)
    assert shown is not None
    assert shown.adjustments[-1] == {"act": "removed", "date": TODAY.isoformat(), "reason": "停建"}


def test_the_order_is_the_responsibility_tables(district: Sample) -> None:
    """Continuing before new, and 2 before 10 within a section."""
    for number in ("9", "100"):
        register.add(district.ledger, name=f"续建{number}", category="continuing", number=number)
    rows = projects(district.connection, district.on)
    assert [row.number for row in rows] == ["2", "9", "100", "10"]
    assert [project_key(row) for row in rows] == sorted(project_key(row) for row in rows)


def test_a_page_of_projects_is_a_slice_of_the_list(district: Sample) -> None:
    """Entering the list anywhere gives the same rows as reading it whole."""
    for n in range(20):
        register.add(district.ledger, name=f"项目{n}", number=str(n))
    whole, found = projects(district.connection, district.on), index_listing(district.connection, listing())
    assert found.count == len(whole)
    page = projects(district.connection, district.on, limit=5, index=found, position=11)
    assert page == whole[11:16]


def test_one_project_shows_everybody_with_phones(district: Sample) -> None:
    """Who serves is shown with role and phone, in three statements; a unit is told from a person."""
    with statements(district.connection) as seen:
        shown = project(district.connection, district.water, district.on)
    assert shown is not None
    assert len(seen) == 3
    assert {(one.role, one.kind, one.name, one.phone) for one in shown.people} == {
        ("lead_leader", "person", "甲建国", "19900000001"),
        ("lead_unit", "unit", "住建局", None),
        ("butler", "person", "乙卫东", "19900000002"),
        ("enterprise_contact", "person", "丙志远", "19900000003"),
    }
    assert shown.to_json()["butler"] == "乙卫东"
    assert project(district.connection, district.issue, district.on) is None


def test_a_unit_that_serves_is_reached_by_its_own_phone(district: Sample) -> None:
    """By its contact line, or else the phone that an older version wrote into the unit's line."""
    shown = project(district.connection, district.water, district.on)
    assert shown is not None
    unit = next(one for one in shown.people if one.role == "lead_unit")

    def phone() -> str | None:
        served = project_assignments(district.connection, district.water, district.on)
        return next(one.phone for one in served if one.id == unit.id)

    district.ledger.edit("unit", unit.id, phone="0418-2900000")
    assert phone() == "0418-2900000"
    district.ledger.put("contact", {"unit_id": unit.id, "phone": "0418-2900001"})
    assert phone() == "0418-2900001"


def test_a_silent_project_is_flagged(district: Sample) -> None:
    """Thirty days after the last contact the project is silent; a visit ends it (R46)."""
    district.clock.now += 31 * 86_400_000
    assert [row.silent for row in projects(district.connection, district.on)] == [True, True]
    visits.log(district.ledger, project=district.water, how="phone", text="通话")
    assert [row.silent for row in projects(district.connection, district.on)] == [False, True]


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        (ProjectFilter(), "water heat"),
        (ProjectFilter(category="new"), "heat"),
        (ProjectFilter(stage="building"), ""),
        (ProjectFilter(light="blue"), "water"),
        (ProjectFilter(light="red"), ""),
        (ProjectFilter(lacks="lead_unit"), "heat"),
        (ProjectFilter(lacks="any"), "heat"),
        (ProjectFilter(mine=True), ""),
        (ProjectFilter(silent=True), ""),
        (ProjectFilter(order="light"), "water heat"),
        (ProjectFilter(order="contact"), "heat water"),
    ],
)
def test_filters_leave_what_the_rows_say(district: Sample, chosen: ProjectFilter, left: str) -> None:
    """Each filter leaves the projects whose rows say so, in the order that is asked for; one entered by its key is
    found at its place (R06, R07, R46)."""
    ids = {"water": district.water, "heat": district.heat}
    listed = listing(chosen, district.on)
    found = projects(district.connection, district.on, selection=listed)
    assert [row.id for row in found] == [ids[name] for name in left.split()]
    for place, row in enumerate(found):
        assert position_of(district.connection, listed, project_key(row, chosen.order)) == place


def test_silent_projects_and_ones_own_are_found(district: Sample) -> None:
    """After thirty days both are silent, a visit leaves one; whoever is made butler finds the project as theirs."""
    district.clock.now += 31 * 86_400_000
    silent = listing(ProjectFilter(silent=True), district.on)
    assert len(projects(district.connection, district.on, selection=silent)) == 2
    visits.log(district.ledger, project=district.water, how="phone", text="通话")
    assert [row.id for row in projects(district.connection, district.on, selection=silent)] == [district.heat]
    register.edit(district.ledger, district.heat, roles={"butler": "甲"})
    mine = listing(ProjectFilter(mine=True), district.on)
    assert [row.id for row in projects(district.connection, district.on, selection=mine)] == [district.heat]


def test_a_merged_butler_is_sorted_by_the_name_that_is_shown(district: Sample) -> None:
    """And not by the one that the assignment was entered with."""
    for name, butler in (("甲项目", "A"), ("乙项目", "B")):
        register.add(district.ledger, name=name, category="new", roles={"butler": butler})
    (merged,) = district.connection.execute("SELECT id FROM person WHERE name = 'A'").fetchone()
    kept = district.ledger.put("person", {"name": "C"}).id
    district.ledger.put("merge", {"what": "person", "from_id": merged, "into_id": kept})
    selection = listing(ProjectFilter(category="new", order="butler"), district.on)
    shown = [row.butler for row in projects(district.connection, district.on, selection=selection)]
    assert shown == ["B", "C", None]
