"""What an import would change: people found again, projects found again, roles handed over. Without a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.importing.import_report import ImportCounts, TableImportWarning
from store.importing.plan import ImportPlan, plan_import
from store.importing.row_verdicts import IMPORTED_KINDS, ExistingLines
from store.importing.rows import PersonMention, TableRow, UnitMention
from store.importing.table import ResponsibilityTable, TableSection
from store.ledger.kinds import kinds
from store.ledger.line import Line, derived_id
from store.search.contact_phones import contact_id
from store.writer.local_writes import Draft

TODAY = date(2026, 5, 20)
NOTHING = ExistingLines("210903", {})
PHONE = "19900000001"


def mention(role: str, name: str, phone: str = "", title: str = "") -> PersonMention:
    """A person in a role."""
    return PersonMention(role, name, phone, title, row=2, column=role)


def table(*rows: TableRow, category: str | None = "continuing", year: int | None = 2026) -> ResponsibilityTable:
    """A table of one section."""
    return ResponsibilityTable("表", year, (TableSection("一、", category, None, rows, len(rows)),))


def row(name: str, *people: PersonMention, number: int = 1, units: tuple[UnitMention, ...] = ()) -> TableRow:
    """A project's row."""
    return TableRow(2, number, name, people, units)


def stored(existing: ExistingLines, drafts: Sequence[Draft]) -> ExistingLines:
    """What the store knows once drafts are written: each checked as the ledger checks it."""
    lines: dict[str, dict[str, Line]] = {
        kind: {line.id: line for line in existing.lines.get(kind, ())} for kind in IMPORTED_KINDS
    }
    for draft in drafts:
        assert draft.id is not None
        body = kinds()[draft.kind].validate(draft.body)
        project = draft.id if draft.kind == "project" else draft.project
        lines[draft.kind][draft.id] = Line(draft.id, draft.kind, project, 1, "", "", draft.deleted, body)
    return ExistingLines(existing.district, {kind: tuple(found.values()) for kind, found in lines.items()})


def after(*tables: ResponsibilityTable, today: date = TODAY, existing: ExistingLines = NOTHING) -> ExistingLines:
    """What the store knows after importing these tables on consecutive days."""
    for number, one in enumerate(tables):
        existing = stored(existing, plan_import(one, existing, today + timedelta(days=number)).drafts)
    return existing


def bodies(lines: Sequence[Line] | Sequence[Draft]) -> list[Mapping[str, Any]]:
    """The bodies alone."""
    return [line.body for line in lines]


def phones(drafts: Sequence[Draft]) -> list[tuple[str, str]]:
    """The person and the phone of each contact line."""
    return [(draft.body["person_id"], draft.body["phone"]) for draft in drafts if draft.kind == "contact"]


def codes(plan: ImportPlan) -> list[str]:
    """The codes of a plan's warnings."""
    return [warning.code for warning in plan.report.warnings]


BASE = table(
    row("北山", mention("lead_leader", "甲建国", PHONE), mention("butler", "乙卫东", "19900000002")),
    row("南山", mention("lead_leader", "乙卫东", "19900000002"), mention("butler", "辛柱"), number=2),
)


def test_everything_is_new_to_an_empty_store() -> None:
    """Projects, people and assignments are drafted, people before what names them, their phones beside them; nobody has
    a first day."""
    plan = plan_import(BASE, NOTHING, TODAY)
    kinds = ["person", "contact", "person", "contact", "person", "project", "project", *["assignment"] * 4]
    assert [draft.kind for draft in plan.drafts] == kinds
    assert (plan.report.projects, plan.report.people) == (ImportCounts(added=2), ImportCounts(added=3))
    people = [draft for draft in plan.drafts if draft.kind == "person"]
    assert bodies(people) == [{"name": "甲建国"}, {"name": "乙卫东"}, {"name": "辛柱"}]
    assert phones(plan.drafts) == [(people[0].id, PHONE), (people[1].id, "19900000002")]
    assert plan.drafts[5].body == {"name": "北山", "number": "续1", "category": "continuing"}
    assert all(set(draft.body) == {"role", "person_id"} for draft in plan.drafts if draft.kind == "assignment")


def test_importing_again_changes_nothing() -> None:
    """The second plan is empty, on another day too."""
    plan = plan_import(BASE, after(BASE), TODAY + timedelta(days=9))
    assert plan.drafts == ()
    assert (plan.report.projects, plan.report.people) == (ImportCounts(unchanged=2), ImportCounts(unchanged=3))


def person_of(name: str, project: str, role: str, *ordinal: str) -> str:
    """The id of a person whom a table names first in this role of this project."""
    return derived_id("210903", "person", name, derived_id("210903", "project", project), role, *ordinal)


def test_ids_of_people_do_not_follow_from_phones() -> None:
    """Two laptops that import one table, one with a corrected phone and without the last rows, write one person."""
    whole = [row("北山", mention("butler", "辛柱", PHONE)), row("南山", mention("butler", "辛柱", PHONE), number=2)]
    corrected = [row("北山", mention("butler", "辛柱", "19900000009"))]
    plans = [plan_import(table(*rows), NOTHING, TODAY) for rows in (whole, corrected)]
    people = [{draft.id for draft in plan.drafts if draft.kind == "person"} for plan in plans]
    assert people[0] == people[1] and len(people[0]) == 1


def test_new_lines_have_ids_of_what_they_say() -> None:
    """Two laptops that import one table offline write the same lines; another district writes others."""
    ids = [draft.id for draft in plan_import(BASE, NOTHING, TODAY).drafts]
    assert ids == [draft.id for draft in plan_import(BASE, NOTHING, TODAY + timedelta(days=30)).drafts]
    assert ids[0] == person_of("甲建国", "北山", "lead_leader")
    assert ids[1] == contact_id("210903", str(ids[0]))
    assert not {draft.id for draft in plan_import(BASE, ExistingLines("210904", {}), TODAY).drafts} & set(ids)


def test_a_text_longer_than_a_line_costs_itself_and_no_other_row() -> None:
    """What is longer than a line of the ledger is left out and told with its place; a long name costs its row; what is
    known stays, and the other rows are taken."""
    known = replace(row("南山", mention("butler", "乙卫东", "19900000002")), owner="东湖公司")
    flawed = replace(
        row("南山", mention("butler", "乙卫东", "1" * 61, "副局长" * 70), mention("lead_leader", "甲" * 201)),
        owner="公司" * 101,
        units=(UnitMention("lead_unit", "局" * 201),),
    )
    read = table(row("北" * 201), flawed, row("西山", mention("butler", "辛柱"), number=3))
    odd = TableImportWarning(2, "butler", "odd_phone", {"phone": "1" * 61})
    plan = plan_import(replace(read, warnings=(odd,)), after(table(known)), TODAY)
    told = [(warning.code, warning.column, warning.values["length"]) for warning in plan.report.warnings[:6]]
    assert told == [
        ("long_name", None, 201),
        ("too_long", "butler", 210),
        ("too_long", "butler", 61),
        ("too_long", "lead_leader", 201),
        ("too_long", None, 201),
        ("too_long", None, 202),
    ]
    assert [body["name"] for body in bodies(plan.drafts) if "category" in body] == ["西山"]
    assert [(verdict.verdict, verdict.what) for verdict in plan.report.rows] == [
        ("same", "南山"),
        ("new", "西山"),
        ("refused", "北" * 20),
    ]


def test_a_new_butler_takes_over() -> None:
    """The old assignment ends yesterday, the new one begins today, and nothing else is touched."""
    changed = table(
        row("北山", mention("lead_leader", "甲建国", PHONE), mention("butler", "丁红梅", "19900000004")),
        BASE.sections[0].rows[1],
    )
    existing = after(BASE)
    plan = plan_import(changed, existing, TODAY + timedelta(days=1))
    assert [draft.kind for draft in plan.drafts] == ["person", "contact", "assignment", "assignment"]
    ended, begun = plan.drafts[2:]
    old = next(line for line in existing.lines["assignment"] if line.id == ended.id)
    assert ended.body == {**old.body, "to_date": "2026-05-20"}
    assert begun.body == {"role": "butler", "person_id": plan.drafts[0].id, "from_date": "2026-05-21"}
    assert (plan.report.projects, plan.report.people) == (
        ImportCounts(updated=1, unchanged=1),
        ImportCounts(added=1, unchanged=3),
    )
    assert plan_import(changed, stored(existing, plan.drafts), TODAY + timedelta(days=1)).drafts == ()


def test_who_comes_back_gets_a_new_assignment() -> None:
    """A, then B, then A again: three terms of service, each with its own line, the same on every laptop."""
    other = table(row("北山", mention("butler", "丁红梅", "19900000004")))
    first = table(row("北山", mention("butler", "乙卫东", "19900000002")))
    existing = after(first, other, first)
    terms = [(line.body.get("from_date"), line.body.get("to_date")) for line in existing.not_deleted("assignment")]
    assert sorted(terms, key=str) == [("2026-05-21", "2026-05-21"), ("2026-05-22", None), (None, "2026-05-20")]
    assert existing == after(first, other, first)


def test_a_change_taken_back_on_the_same_day_leaves_no_term() -> None:
    """Who was entered today and is gone today never served."""
    first = table(row("北山", mention("butler", "乙卫东", "19900000002")))
    other = table(row("北山", mention("butler", "丁红梅", "19900000004")))
    existing = stored(after(first), plan_import(other, after(first), TODAY).drafts)
    plan = plan_import(first, existing, TODAY)
    assert [(draft.kind, draft.deleted) for draft in plan.drafts] == [("assignment", True), ("assignment", False)]


def test_of_what_the_table_is_silent_it_changes_nothing() -> None:
    """An empty cell ends nobody's service, and a project that is not listed stays; both are told elsewhere or here."""
    silent = table(row("北山", mention("lead_leader", "甲建国", PHONE)))
    plan = plan_import(silent, after(BASE), TODAY)
    assert plan.drafts == ()
    assert codes(plan) == ["not_in_table"]
    assert plan.report.warnings[0].message() == "续2 南山 is in the ledger but not in this table; it stays as it is."


def test_projects_of_other_categories_are_not_missed() -> None:
    """A table of the new projects says nothing of the continuing ones."""
    assert codes(plan_import(table(row("西山"), category="new"), after(BASE), TODAY)) == []


def test_a_missing_phone_means_the_only_one_of_that_name() -> None:
    """In the store, or elsewhere in the table; two of that name are warned of, and told apart from then on."""
    existing = after(BASE)
    again = table(row("北山", mention("butler", "甲 建 国")), row("南山", number=2))
    butler = plan_import(again, existing, TODAY).drafts[-1]
    assert butler.body["person_id"] == person_of("甲建国", "北山", "lead_leader")
    mixed = table(row("北山", mention("butler", "辛柱"), mention("lead_leader", "辛柱", PHONE)))
    drafts = plan_import(mixed, NOTHING, TODAY).drafts
    assert [draft.body for draft in drafts if draft.kind == "person"] == [{"name": "辛柱"}]
    assert phones(drafts) == [(drafts[0].id, PHONE)]
    two = table(
        row("北山", mention("butler", "辛柱", PHONE)), row("南山", mention("butler", "辛柱", "19900000002"), number=2)
    )
    existing = after(two)
    unclear = table(row("北山", mention("enterprise_contact", "辛柱")), row("南山", number=2))
    plan = plan_import(unclear, existing, TODAY)
    assert (plan.report.people, codes(plan)) == (ImportCounts(added=1), ["same_name"])
    assert plan_import(unclear, stored(existing, plan.drafts), TODAY).drafts == ()


@pytest.mark.parametrize("before", ["", "19900000009"])
def test_a_new_phone_of_the_same_person_is_an_update(before: str) -> None:
    """Who holds the same role under the same name has a new phone; the person's line and the assignment stay."""
    old, new = (table(row("北山", mention("butler", "辛柱", phone))) for phone in (before, PHONE))
    existing = after(old)
    plan = plan_import(new, existing, TODAY)
    assert [draft.kind for draft in plan.drafts] == ["contact"]
    assert phones(plan.drafts) == [(existing.lines["person"][0].id, PHONE)]
    assert (plan.report.people, plan.report.projects) == (ImportCounts(updated=1), ImportCounts(unchanged=1))


def test_another_phone_in_another_role_is_another_person() -> None:
    """Only the name is the same: somebody new, and a warning to look."""
    existing = after(table(row("北山", mention("butler", "辛柱", "19900000009"))))
    plan = plan_import(table(row("南山", mention("butler", "辛柱", PHONE), number=2), category="new"), existing, TODAY)
    assert (plan.report.people, codes(plan)) == (ImportCounts(added=1), ["same_name"])


def old_style(existing: ExistingLines) -> ExistingLines:
    """The same people as an older version wrote them: the phone in their own line."""
    phone = {line.body["person_id"]: line.body["phone"] for line in existing.lines["contact"]}
    people = tuple(
        line._replace(body={**line.body, "phone": phone[line.id]}) if line.id in phone else line
        for line in existing.lines["person"]
    )
    return existing._replace(lines={**existing.lines, "person": people, "contact": ()})


def test_a_phone_that_an_older_version_wrote_stays_where_it_is() -> None:
    """Importing the table again changes nothing; a new phone leaves the person's line for one of its own."""
    existing = old_style(after(BASE))
    plan = plan_import(BASE, existing, TODAY + timedelta(days=9))
    assert (plan.drafts, plan.report.people) == ((), ImportCounts(unchanged=3))
    changed = table(row("北山", mention("lead_leader", "甲建国", "19900000009")), BASE.sections[0].rows[1])
    plan = plan_import(changed, existing, TODAY)
    person, contact = plan.drafts
    assert (person.id, person.body) == (existing.lines["person"][0].id, {"name": "甲建国"})
    assert phones([contact]) == [(str(person.id), "19900000009")]
    assert plan.report.people == ImportCounts(updated=1, unchanged=2)


def test_the_dress_of_a_phone_is_no_change() -> None:
    """A phone that somebody typed with spaces and country code is the same phone."""
    existing = after(table(row("北山", mention("butler", "辛柱", "+86 199-0000-0001"))))
    assert plan_import(table(row("北山", mention("butler", "辛柱", PHONE))), existing, TODAY).drafts == ()


def test_unknown_fields_and_hand_written_ones_stay() -> None:
    """An update changes the field that changed: notes, units and what a newer version wrote are kept, of the person
    and of the phone."""
    existing = after(table(row("北山", mention("butler", "辛柱", "19900000009"))))
    (person,), (contact,) = existing.lines["person"], existing.lines["contact"]
    beside = {"note": "左撇子", "later": [1]}
    edited = [Draft(line.kind, {**line.body, **beside}, id=line.id) for line in (person, contact)]
    plan = plan_import(table(row("北山", mention("butler", "辛柱", PHONE, "局长"))), stored(existing, edited), TODAY)
    assert bodies(plan.drafts) == [
        {"name": "辛柱", **beside, "title": "局长"},
        {"person_id": person.id, "phone": PHONE, **beside},
    ]


def test_a_project_moves_to_another_category() -> None:
    """A new project of last year is a continuing one this year: same line, same number."""
    existing = after(table(row("北山"), category="new"))
    plan = plan_import(table(row("北 山")), existing, TODAY)
    assert bodies(plan.drafts) == [{"name": "北山", "number": "新1", "category": "continuing"}]
    assert plan.report.projects == ImportCounts(updated=1)
    assert plan_import(table(row("北山"), category=None), existing, TODAY).drafts == ()


def test_numbers_are_unique() -> None:
    """Prefix and the table's number; the year before it where taken, then a count behind it."""
    existing = after(
        table(row("甲"), row("乙", number=1), row("丙", number=1)), table(row("丁"), category="new", year=None)
    )
    assert [line.body["number"] for line in existing.lines["project"]] == ["续1", "2026续1", "2026续1-2", "新1"]
    without = table(row("戊"), category="new", year=None)
    assert plan_import(without, existing, TODAY).drafts[0].body["number"] == "新1-2"
    assert plan_import(table(row("己"), category=None), existing, TODAY).drafts[0].body["number"] == "推1"


def test_a_project_taken_off_the_list_stays_off_and_is_told() -> None:
    """The table cannot undo an adjustment: a person decides."""
    existing = after(table(row("北山")))
    (project,) = existing.lines["project"]
    removed = Draft(
        "project", {**project.body, "adjustments": [{"act": "removed", "date": "2026-01-01"}]}, id=project.id
    )
    plan = plan_import(table(row("北山")), stored(existing, [removed]), TODAY)
    assert (plan.drafts, codes(plan)) == ((), ["removed_project"])
    assert codes(plan_import(table(row("南山")), stored(existing, [removed]), TODAY)) == []


def test_units_are_found_by_name() -> None:
    """A lead unit is entered once; a service team's members add up, whoever was entered by hand."""
    units = (UnitMention("lead_unit", "区工信局"), UnitMention("service_team", "区住建局"))
    existing = after(table(row("北山", units=units)))
    assert [line.body for line in existing.lines["unit"]] == [
        {"name": "区工信局", "kind": "lead_unit"},
        {"name": "区住建局", "kind": "department"},
    ]
    assert plan_import(table(row("北山", units=units)), existing, TODAY).drafts == ()
    more = plan_import(table(row("北山", units=(UnitMention("service_team", "区 工信局"),))), existing, TODAY)
    assert [(draft.kind, "to_date" in draft.body) for draft in more.drafts] == [("assignment", False)]


def test_what_was_deleted_by_mistake_comes_back_as_itself() -> None:
    """A deleted person, phone or assignment that the table names again is the same line again."""
    existing = after(BASE)
    gone = {
        kind: tuple(line._replace(deleted=kind != "project") for line in lines)
        for kind, lines in existing.lines.items()
    }
    plan = plan_import(BASE, ExistingLines(existing.district, gone), TODAY)
    assert {draft.id for draft in plan.drafts} == {
        line.id for kind in ("person", "contact", "assignment") for line in gone[kind]
    }


def test_an_id_taken_by_something_else_is_not_used() -> None:
    """The person of this id got another name since: the table's person is somebody else, with an id of its own."""
    existing = after(table(row("北山", mention("butler", "辛柱", PHONE))))
    (person,) = existing.lines["person"]
    renamed = Draft("person", {"name": "壬福生", "phone": "19900000009"}, id=person.id)
    plan = plan_import(table(row("北山", mention("butler", "辛柱", PHONE))), stored(existing, [renamed]), TODAY)
    assert plan.drafts[0].id == person_of("辛柱", "北山", "butler", "#2")
    assert plan.report.people == ImportCounts(added=1)


def test_duplicates_after_a_sync_are_chosen_alike() -> None:
    """Two lines of one person are there: who serves already is meant, and nothing changes hands."""
    existing = after(table(row("北山", mention("butler", "辛柱", PHONE))))
    twin = Draft("person", {"name": "辛柱", "phone": PHONE}, id="00000000-0000-7000-8000-000000000000")
    plan = plan_import(table(row("北山", mention("butler", "辛柱", PHONE))), stored(existing, [twin]), TODAY)
    assert plan.drafts == ()


def test_a_double_that_serves_too_is_taken_out_by_the_next_import() -> None:
    """Two laptops entered one person under two ids and synced: one of the two stays in the role, everywhere alike."""
    named = table(row("北山", mention("butler", "辛柱", PHONE)))
    existing = after(named)
    twin = Draft("person", {"name": "辛柱", "phone": PHONE}, id="00000000-0000-7000-8000-000000000000")
    project = existing.lines["project"][0].id
    service = Draft("assignment", {"role": "butler", "person_id": twin.id}, project, derived_id("theirs"))
    plan = plan_import(named, stored(existing, [twin, service]), TODAY)
    assert [(draft.id, draft.body["to_date"]) for draft in plan.drafts] == [
        (existing.lines["assignment"][0].id, "2026-05-19")
    ]


NAMES = st.sampled_from(["甲建国", "乙卫东", "辛柱", "辛  柱"])
PHONES = st.sampled_from(["", PHONE, "19900000002"])
ROLES = st.sampled_from(["lead_leader", "butler", "enterprise_contact", "service_team"])
PEOPLE = st.lists(st.builds(mention, ROLES, NAMES, PHONES), max_size=4).map(tuple)
TABLES = st.lists(
    st.tuples(st.sampled_from(["北山", "南山", "西山"]), PEOPLE), max_size=3, unique_by=lambda project: project[0]
).map(lambda rows: table(*(row(name, *people, number=n) for n, (name, people) in enumerate(rows, 1))))


@given(st.lists(TABLES, max_size=3), TABLES)
def test_after_any_history_importing_twice_changes_nothing(
    past: list[ResponsibilityTable], last: ResponsibilityTable
) -> None:
    """Whatever was imported before, the second import of a table writes nothing, and numbers stay unique."""
    existing = after(*past, last)
    plan = plan_import(last, existing, TODAY + timedelta(days=len(past)))
    assert plan.drafts == ()
    numbers = [line.body["number"] for line in existing.lines["project"]]
    assert len(numbers) == len(set(numbers))


@given(st.lists(TABLES, max_size=3), TABLES)
def test_what_the_table_says_is_so_afterwards(past: list[ResponsibilityTable], last: ResponsibilityTable) -> None:
    """After an import, who holds a role of one holder is whom the table names, no one else, by name."""
    existing = after(*past, last)
    today = (TODAY + timedelta(days=len(past))).isoformat()
    names = {line.id: str(line.body["name"]) for line in existing.lines["person"]}
    ids = {str(line.body["name"]): line.id for line in existing.lines["project"]}
    for listed in last.sections[0].rows:
        for role in {person.role for person in listed.people} - {"service_team"}:
            serving = {
                names[str(line.body["person_id"])].replace(" ", "")
                for line in existing.not_deleted("assignment")
                if line.project == ids[listed.name] and line.body["role"] == role
                if str(line.body.get("to_date", today)) >= today
            }
            assert serving == {person.name.replace(" ", "") for person in listed.people if person.role == role}


def test_a_table_obeys_merges() -> None:
    """A table that names somebody as the merged record was called, or with its phone, changes nothing: the one who
    stays serves. A unit likewise."""
    office = UnitMention("lead_unit", "区住建局")
    before = after(table(row("北山", mention("butler", "辛柱同志", "19900000009"), units=(office,))))
    known = [
        Draft("person", {"name": "辛柱"}, id=derived_id("known")),
        Draft("unit", {"name": "住建局"}, id=derived_id("u")),
    ]
    existing = stored(before, known)
    ids = {str(line.body["name"]): line.id for kind in ("person", "unit") for line in existing.lines[kind]}
    merged = existing._replace(kept={ids["辛柱同志"]: ids["辛柱"], ids["区住建局"]: ids["住建局"]})
    for name, unit in (("辛柱", "住建局"), ("辛柱同志", "区住建局")):
        again = UnitMention("lead_unit", unit)
        plan = plan_import(table(row("北山", mention("butler", name, "19900000009"), units=(again,))), merged, TODAY)
        assert [draft.kind for draft in plan.drafts] == []
