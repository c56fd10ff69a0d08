"""Handing over: all or some projects of a butler to another, in one act with one undo."""

from __future__ import annotations

import pytest

from store.commands import projects
from store.commands.exceptions import HandOverToOneself, NothingToHandOver, ProjectHandedOverTwice
from store.commands.hand_over import Share, hand_over
from store.commands.people import Newcomers
from store.db.device_facts import read_device_facts
from store.queries.hand_over import (
    contacts_to_hand_over,
    given_up,
    issues_to_hand_over,
    names_of_people,
    promises_to_hand_over,
    served_projects,
    taken_over,
)
from store.queries.status import count_lines
from tests.store.queries.sample import Sample


def butlers(district: Sample) -> list[str | None]:
    """Who serves the water and the heat project."""
    rows = [projects_of(district, at) for at in (district.water, district.heat)]
    return [name for (name,) in rows]


def projects_of(district: Sample, at: str) -> tuple[str | None]:
    """The butler of one project today."""
    contacts = contacts_to_hand_over(district.connection, [at], district.on.today)
    return (next((one.name for one in contacts if one.role == "butler"), None),)


@pytest.mark.proves("R07", "R18")
def test_all_projects_change_hands_and_one_undo_brings_them_back(district: Sample) -> None:
    """The taker serves from today on, the giver until yesterday; one undo takes all of it back."""
    district.clock.now += 86_400_000
    for at in (district.water, district.heat):
        projects.edit(district.ledger, at, roles={"butler": "甲建国"})
    district.clock.now += 86_400_000
    with district.ledger.record_changes() as changes:
        done = hand_over(district.ledger, "甲建国", [Share("新来的")])
    assert {each.project for each in done.projects} == {district.water, district.heat} and [
        one.name for one in done.added
    ] == ["新来的"]
    assert butlers(district) == ["新来的", "新来的"]
    assert served_projects(district.connection, done.giver, district.on.today) == []
    assert names_of_people(district.connection, [done.giver, done.transfers[0].taker]) == ["甲建国", "新来的"]
    district.ledger.undo(changes)
    assert butlers(district) == ["甲建国", "甲建国"]


def test_some_projects_change_hands(district: Sample) -> None:
    """Only those that are named, and nothing where one of them is not the giver's."""
    for at in (district.water, district.heat):
        projects.edit(district.ledger, at, roles={"butler": "甲建国"})
    hand_over(district.ledger, "甲建国", [Share("乙卫东", [district.water, district.water])])  # named twice, for one
    assert butlers(district) == ["乙卫东", "甲建国"]
    before = count_lines(district.connection)
    for wanted in ([district.water], [district.water, district.heat]):
        with pytest.raises(NothingToHandOver):
            hand_over(district.ledger, "甲建国", [Share("乙卫东", wanted)])
    with pytest.raises(HandOverToOneself):
        hand_over(district.ledger, "甲建国", [Share("甲建国")])
    assert count_lines(district.connection) == before


@pytest.mark.proves("R07", "R18")
def test_projects_change_hands_to_several_in_one_act(district: Sample) -> None:
    """One takes what is named, another the rest; one undo brings all back. A project for two, the rest for two, or a
    rest of nothing is refused, and nothing is written."""
    for at in (district.water, district.heat):
        projects.edit(district.ledger, at, roles={"butler": "甲建国"})
    before = count_lines(district.connection)
    for shares, error in (
        ([Share("乙卫东", [district.water]), Share("丙志远", [district.water])], ProjectHandedOverTwice),
        ([Share("乙卫东"), Share("丙志远")], ProjectHandedOverTwice),
        ([Share("乙卫东", [district.water, district.heat]), Share("丙志远")], NothingToHandOver),
        ([Share("乙卫东", [district.water]), Share("甲建国")], HandOverToOneself),
    ):
        with pytest.raises(error):
            hand_over(district.ledger, "甲建国", shares)
    assert count_lines(district.connection) == before
    with district.ledger.record_changes() as changes:
        done = hand_over(district.ledger, "甲建国", [Share("丙志远"), Share("乙卫东", [district.water])])
    assert butlers(district) == ["乙卫东", "丙志远"]
    assert [(each.name, [one.project for one in each.projects]) for each in done.transfers] == [
        ("丙志远", [district.heat]), ("乙卫东", [district.water]),
    ]  # fmt: skip
    district.ledger.undo(changes)
    assert butlers(district) == ["甲建国", "甲建国"]


def test_who_serves_for_a_time_serves_on(district: Sample) -> None:
    """Two share a project, the second until tomorrow: when the first hands over to the second, it has a butler after
    that day too."""
    projects.edit(district.ledger, district.heat, roles={"butler": "甲建国"})
    second = Newcomers(district.connection).person("丙志远")
    term = {"role": "butler", "person_id": second, "from_date": "2026-01-01", "to_date": "2026-12-31"}
    district.ledger.put("assignment", term, project=district.heat)
    hand_over(district.ledger, "甲建国", [Share("丙志远", [district.heat])])
    district.clock.now += 400 * 86_400_000
    assert butlers(district)[1] == "丙志远"
    assert len(served_projects(district.connection, second, district.on.today)) == 1


def test_what_goes_along(district: Sample) -> None:
    """Open issues with what was last said, promises with their day, and whom to call."""
    number = district.record("缺水")
    district.act(number, "tell", text="已告知企业")
    district.ledger.put(
        "procedure", {"code": "01", "name": "立项", "status": "conditional", "promise_due": "2026-12-31"},
        project=district.water,
    )  # fmt: skip
    (issue,) = (row for row in issues_to_hand_over(district.connection, [district.water]) if row.title == "缺水")
    assert (issue.state, issue.latest) == ("open", "已告知企业")
    assert ("立项", "2026-12-31") in {
        (row.what, row.due) for row in promises_to_hand_over(district.connection, [district.water])
    }


def test_both_are_told(district: Sample) -> None:
    """The taker reads for a week what is theirs now and whose it was; the giver which projects left, and how many lines
    of before are unsent, with the day until which they are taken."""
    me = read_device_facts(district.connection)["person"]
    projects.edit(district.ledger, district.heat, roles={"butler": "甲建国"})
    district.clock.now += 86_400_000
    district.ledger.put("person", {"name": "本人"}, id=me)
    hand_over(district.ledger, "甲建国", [Share("本人", [district.heat])])
    today = district.on.today
    (row,) = taken_over(district.connection, today)
    assert (row.project, row.role, row.since, row.before) == (district.heat, "butler", today, "甲建国")
    district.ledger.add_notice("scope_withdrawn", {"lines": 4, "buckets": 2, "unsent": 1, "projects": ["供热  改造"]})
    (gone,) = given_up(district.connection, today)
    assert (gone.day, gone.projects, gone.unsent) == (today, ("供热  改造",), 1) and gone.until > today
    district.clock.now += 8 * 86_400_000
    assert not given_up(district.connection, district.on.today)
    assert not taken_over(district.connection, district.on.today)
