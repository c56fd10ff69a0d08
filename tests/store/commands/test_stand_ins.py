"""Standing in: entered by one, seen by both, over by itself; and in whose place lines are written meanwhile."""

from __future__ import annotations

import pytest

from store.commands import address_book, issues, projects, stand_ins, visits
from store.commands.exceptions import (
    NameUnknown,
    NoStandIn,
    SelfApproval,
    StandInForOneself,
    StandInOver,
    StandInUnknown,
)
from store.commands.people import Newcomers
from store.db.device_facts import read_device_facts
from store.ledger.line import Line
from store.queries.approvals import who_signed
from store.queries.issues import issue
from store.queries.lines import current_line
from store.queries.own_work import own_responsibilities
from store.queries.project_filters import ProjectFilter, listing
from store.queries.projects import projects as projects_of
from store.queries.stand_ins import StandInRow, own_side, principals_today
from store.queries.stand_ins import stand_ins as rows_of
from store.queries.visits import visits as visit_rows
from store.writer.exceptions import BeyondRole
from tests.store.queries.sample import TODAY, Sample

DAY_MS = 86_400_000


def rows(district: Sample, *, ended: bool = False) -> list[StandInRow]:
    """The stand-ins of the sample's day."""
    return rows_of(district.connection, district.on.today, ended=ended)


def line_of(district: Sample, line_id: str) -> Line:
    """A line as it is now."""
    line = current_line(district.connection, line_id)
    assert line is not None
    return line


def me(district: Sample) -> str:
    """The officer of the sample's device."""
    return read_device_facts(district.connection)["person"]


def known(district: Sample) -> str:
    """The officer as somebody who can be named."""
    district.ledger.put("person", {"name": "本人"}, id=me(district))
    return "本人"


def test_it_is_entered_extended_and_ended(district: Sample) -> None:
    """Both names and the days are there; to enter it again moves the last day; to end it at once leaves no trace among
    those in force."""
    known(district)
    first = stand_ins.add(district.ledger, by="甲建国", until="+3")
    (row,) = rows(district)
    assert (row.person, row.principal, row.state, row.mine) == ("甲建国", "本人", "now", "for_me")
    assert stand_ins.add(district.ledger, by="甲建国", until="+8").id == first.id
    assert rows(district)[0].to_date > row.to_date
    stand_ins.end(district.ledger, "甲建国")
    assert rows(district) == [] and line_of(district, first.id).deleted


def test_one_that_is_still_to_come_stays_as_it_is(district: Sample) -> None:
    """Who stands in next month and is asked to do so today too has both; the later one keeps its days."""
    stand_ins.add(district.ledger, principal="乙卫东", by="甲建国", since="+10", until="+20")
    stand_ins.add(district.ledger, principal="乙卫东", by="甲建国", until="+3")
    assert [row.state for row in rows(district)] == ["now", "later"]


def test_whoever_was_merged_meanwhile_is_stood_in_for_all_the_same(district: Sample) -> None:
    """Their projects stay on the list of who stands in, by whichever id the lines name them."""
    stand_ins.add(district.ledger, principal="乙卫东", by=known(district), until="+8")
    kept = address_book.add(district.ledger, "person", "乙卫冬").id
    address_book.merge(district.ledger, "person", kept, "乙卫东")
    assert own_responsibilities(district.connection, district.on).projects == (district.water,)
    mine = projects_of(district.connection, district.on, selection=listing(ProjectFilter(mine=True), district.on))
    assert [row.id for row in mine] == [district.water]


def test_it_ends_by_itself(district: Sample) -> None:
    """The day after the last one it is over, without anybody writing; ended later it keeps the days that it was."""
    stand_ins.add(district.ledger, principal="乙卫东", by="甲建国", until="+1", since="今天")
    long = stand_ins.add(district.ledger, principal="甲建国", by="乙卫东", until="+20")
    district.clock.now += 4 * DAY_MS
    assert [row.id for row in rows(district)] == [long.id]
    stand_ins.end(district.ledger, long.id)
    assert [row.state for row in rows(district, ended=True)] == ["ended", "ended"]
    assert rows(district, ended=True)[1].to_date == f"{TODAY.replace(day=TODAY.day + 3)}"


def test_what_makes_no_sense_is_refused(district: Sample) -> None:
    """Nobody stands in for themselves, nor until a day that is past, nor for nobody; nothing is written then."""
    with pytest.raises(StandInForOneself):
        stand_ins.add(district.ledger, principal="甲建国", by="甲建国", until="+3")
    with pytest.raises(StandInOver):
        stand_ins.add(district.ledger, principal="乙卫东", by="甲建国", until="2020-01-01")
    with pytest.raises(NameUnknown):
        stand_ins.add(district.ledger, principal="乙卫东", by="某个没有的人", until="+3")
    with pytest.raises(StandInUnknown):
        stand_ins.end(district.ledger, "甲建国")
    assert rows(district, ended=True) == []


def stand_in_for(district: Sample, name: str) -> str:
    """Let the officer of the device stand in for somebody; gives that one's id."""
    stand_ins.add(district.ledger, principal=name, by=known(district), until="+5")
    return Newcomers(district.connection).person(name)


@pytest.mark.proves("R18")
def test_a_stand_in_writes_in_the_others_place(district: Sample) -> None:
    """What only the other's roles cover carries both names; what the officer's own cover carries one. The other's
    projects are the officer's work meanwhile."""
    principal = stand_in_for(district, "乙卫东")
    assert principals_today(district.connection, district.on.today) == [(principal, "乙卫东")]
    projects.edit(district.ledger, district.water, roles={"butler": "乙卫东"})
    projects.edit(district.ledger, district.heat, roles={"butler": me(district)})
    written = [visits.log(district.ledger, project=at, text="看").id for at in (district.water, district.heat)]
    bodies = [line_of(district, line_id).body for line_id in written]
    assert [body.get("acting_for_id") for body in bodies] == [principal, None]
    named = {row.id: row.author for row in visit_rows(district.connection)}
    assert [named[line_id] for line_id in written] == ["本人（代乙卫东）", "本人"]
    assert district.water in own_responsibilities(district.connection, district.on).projects


def test_the_bureau_says_for_whom_it_enters(district: Sample) -> None:
    """A line that is entered for an office names whom; the next version, by somebody in their own right, does not."""
    who = Newcomers(district.connection).person("甲建国")
    with district.ledger.acting_for(who):
        visit = visits.log(district.ledger, project=district.water, text="受托录入").id
    assert line_of(district, visit).body["acting_for_id"] == who
    visits.edit(district.ledger, visit, text="改")
    assert "acting_for_id" not in line_of(district, visit).body


def test_only_for_whom_one_stands_in(district: Sample) -> None:
    """Of a home that joined, who is not of the bureau names those alone for whom they stand in today."""
    principal = stand_in_for(district, "乙卫东")
    district.ledger.save_facts(central="http://x", roles='[{"role": "butler"}]')
    assert stand_ins.principal_named(district.ledger, "乙卫东") == principal
    with pytest.raises(NoStandIn):
        stand_ins.principal_named(district.ledger, "甲建国")
    district.ledger.save_facts(roles='[{"role": "bureau"}]')
    assert stand_ins.principal_named(district.ledger, "甲建国") != principal


def test_who_stands_in_from_today_on_writes_without_a_round(district: Sample) -> None:
    """The central named the roles before the stand-in began, and cannot be reached since: the ledger knows of it."""
    district.ledger.save_facts(central="http://x", roles='[{"role": "supervision_office"}]')
    stand_ins.add(district.ledger, principal="乙卫东", by=known(district), since="+1", until="+8")
    district.ledger.within_roles = True
    with pytest.raises(BeyondRole):
        visits.log(district.ledger, project=district.water, who="丙志远", text="到场")
    district.clock.now += DAY_MS
    visit = visits.log(district.ledger, project=district.water, who="丙志远", text="到场").id
    assert line_of(district, visit).body["acting_for_id"] == Newcomers(district.connection).person("乙卫东")
    with pytest.raises(BeyondRole):
        projects.add(district.ledger, name="新建项目")


def test_nobody_approves_what_they_settled_through_a_stand_in(district: Sample) -> None:
    """Not what somebody settled for whom they stand in, nor what was entered in their own place."""
    number = district.record("缺水")
    for verb, fields in (("assign", {"department": "发改局", "owner": "甲建国", "due": "+5"}), ("accept", {})):
        district.act(number, verb, **fields)
    principal = Newcomers(district.connection).person("乙卫东")
    with district.ledger.acting_for(principal):
        district.act(number, "settle", measure="接管", evidence="照片")
    found = issue(district.connection, number, district.on)
    assert found is not None
    assert who_signed(district.connection, number) == {me(district), principal}
    assert found.steps[-1].author is not None and found.steps[-1].author.endswith("（代乙卫东）")
    with pytest.raises(SelfApproval):
        issues.act(district.ledger, number, "approve")
    kept = address_book.add(district.ledger, "person", "本人同志").id
    address_book.merge(district.ledger, "person", kept, known(district))
    assert {*own_side(district.connection, district.on.today)} == {me(district), kept}
    with pytest.raises(SelfApproval):
        issues.act(district.ledger, number, "approve")
