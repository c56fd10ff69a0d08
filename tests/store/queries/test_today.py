"""A person's day: whose it is, why each thing presses, exact counts, and the ledger narrowed to the same."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from store.domain.issue_lifecycle import IssueState
from store.domain.responsible_party import responsible_party
from store.domain.status_lights import issue_light, light_thresholds
from store.home.drafts import FormDraft, unsaved_drafts
from store.ledger.line import derived_id
from store.queries.issues import IssueFilter, IssueRow, issues
from store.queries.own_work import IssueNeed, NeedReason, own_responsibilities
from store.queries.projects import projects
from store.queries.today import NEED_REASONS, TodayGroup, today
from store.values.times import district_time
from tests.store.devices import Answer, device
from tests.store.queries.sample import TODAY, Sample, statements

DAY_MS = 86_400_000
PERSON = derived_id("person", "甲")


def roles(district: Sample, *granted: dict[str, str]) -> None:
    """The roles that the central has granted this home's person."""
    with district.ledger.database.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('roles', ?)", (json.dumps(granted),))


def day(district: Sample, shown: int = 10) -> dict[str, TodayGroup]:
    """The day by why."""
    return {group.why: group for group in today(district.connection, district.on, drafts_of(district), shown).groups}


def drafts_of(district: Sample) -> list[FormDraft]:
    """The drafts of forms that are kept here."""
    return unsaved_drafts(district.connection, district.ledger.device_state)


def titles(district: Sample, why: str) -> set[str | None]:
    """What stands in a group."""
    found = day(district)
    return {entry.title for entry in found[why].entries} if why in found else set()


def given(district: Sample, title: str, due: str, *acts: tuple[str, dict[str, Any]], **fields: Any) -> str:
    """An issue of the water project, assigned until ``due``, with more acts after it."""
    issue = district.record(title, **fields)
    assign = {"department": "水务局", "owner": "丁水", "due": due}
    for verb, more in (("assign", assign), ("accept", {}), *acts):
        district.clock.now += 1000
        district.act(issue, verb, **more)
    return issue


SETTLE = ("settle", {"measure": "已接通", "evidence": "照片"})


def later(days: int) -> str:
    """A day so many days from the sample's."""
    return (TODAY + timedelta(days=days)).isoformat()


def test_each_issue_stands_once_where_it_presses_most(district: Sample) -> None:
    """Overdue, sent back, due soon, one's turn: each reason has its issues, and none is in two groups."""
    given(district, "逾期的", later(-3))
    given(district, "被退回的", later(60), SETTLE, ("return", {"reason": "缺照片"}))
    given(district, "退回又逾期的", later(-1), SETTLE, ("return", {"reason": "缺照片"}))
    given(district, "将到期的", later(1))
    given(district, "不急的", later(60))
    given(district, "上报的", later(60), ("escalate", {"reason": "协调不动", "level": 1}))
    assert titles(district, "overdue") == {"逾期的", "退回又逾期的"}
    assert titles(district, "returned") == {"被退回的"}
    assert {"将到期的"} <= titles(district, "due")
    assert "上报的" in titles(district, "turn")
    everywhere = Counter(entry.line for group in day(district).values() for entry in group.entries)
    assert set(everywhere.values()) == {1}
    assert [*day(district)] == [why for why in NEED_REASONS if why in day(district)]


@pytest.mark.parametrize("verb", ["return", "reopen"])
def test_what_was_sent_back_is_so_until_something_is_done(verb: str, district: Sample) -> None:
    """A returned or reopened issue is listed as such until its next act; a reminder is none."""
    issue = given(district, "来回的", later(60), SETTLE)
    if verb == "reopen":
        approve(district, issue)
    cause = {"cause": "dissatisfied"} if verb == "reopen" else {}
    district.clock.now += 1000
    district.act(issue, verb, reason="企业不满意", **cause)
    assert titles(district, "returned") == {"来回的"}
    district.act(issue, "remind", text="请尽快")
    assert titles(district, "returned") == {"来回的"}
    district.clock.now += 1000
    district.act(issue, "progress", text="已重新约时间")
    assert titles(district, "returned") == set()


def approve(district: Sample, issue: str) -> None:
    """An approval that closes the issue; whose it is does not matter here."""
    query = (
        "SELECT id, stamp, device_id FROM issue WHERE id = :id UNION ALL "
        "SELECT id, stamp, device_id FROM issue_step WHERE issue_id = :id AND act = 'settled'"
    )
    rows = district.connection.execute(query, {"id": issue})
    read = [dict(zip(("id", "stamp", "device"), row, strict=True)) for row in rows]
    district.clock.now += 1000
    body = {"issue_id": issue, "act": "approved", "versions": read}
    district.ledger.put("issue_step", body, project=district.water)


def test_an_act_out_of_turn_sends_nothing_back(district: Sample) -> None:
    """A return that met an issue in progress changed nothing, so nothing was sent back."""
    issue = given(district, "办理中的", later(60))
    body = {"issue_id": issue, "act": "returned", "reason": "迟到的退回"}
    district.ledger.put("issue_step", body, project=district.water)
    assert titles(district, "returned") == set()


def test_whose_day_it_is(district: Sample) -> None:
    """Without a role or a project of the person's all is theirs; a butler has the projects they serve and what they
    own; a department its issues; a bureau the whole district."""
    given(district, "水务局的", later(-1))
    own = district.ledger.put("assignment", {"role": "butler", "person_id": PERSON}, project=district.heat)
    heat_issue = {"number": "R1", "title": "供热的", "kind": "problem", "due": later(-1)}
    district.ledger.put("issue", heat_issue, project=district.heat)
    district.ledger.delete("assignment", own.id)
    assert titles(district, "overdue") == {"水务局的", "供热的"}

    roles(district, {"role": "butler", "project": district.heat})
    assert titles(district, "overdue") == {"供热的"}
    owned = {"number": "R2", "title": "我负责的", "kind": "problem", "due": later(-1), "owner_id": PERSON}
    district.ledger.put("issue", owned, project=district.water)
    assert titles(district, "overdue") == {"供热的", "我负责的"}

    unit = district.connection.execute("SELECT id FROM unit WHERE name = '水务局'").fetchone()[0]
    roles(district, {"role": "department", "department": unit})
    assert titles(district, "overdue") == {"水务局的", "我负责的"}

    roles(district, {"role": "bureau"})
    assert titles(district, "overdue") == {"水务局的", "供热的", "我负责的"}


def test_only_those_who_serve_today_serve(district: Sample) -> None:
    """A project whose butler one was until yesterday is no longer one's own."""
    roles(district, {"role": "butler"})
    for project, until in ((district.heat, later(-1)), (district.water, later(1))):
        body = {"role": "butler", "person_id": PERSON, "to_date": until}
        district.ledger.put("assignment", body, project=project)
    assert own_responsibilities(district.connection, district.on).projects == (district.water,)


@pytest.mark.proves("R25", "R36")
def test_a_leaders_day_opens_with_what_waits_for_their_decision(district: Sample) -> None:
    """What waits at the leader's own level comes first, however overdue other things are; what waits at another level
    does not."""
    given(district, "逾期的", later(-9))
    for level in (2, 3):
        given(district, f"报到{level}级的", later(-5), ("escalate", {"reason": "协调不动", "level": level}))
    roles(district, {"role": "principal_leader"})
    found = today(district.connection, district.on, (), 5).groups
    assert (found[0].why, [entry.title for entry in found[0].entries]) == ("decision", ["报到3级的"])
    assert titles(district, "overdue") == {"逾期的", "报到2级的"}
    roles(district, {"role": "lead_leader", "project": district.water})
    assert titles(district, "decision") == {"报到2级的"}
    roles(district, {"role": "bureau"})
    assert titles(district, "decision") == set()


@pytest.mark.proves("R25")
def test_a_co_handling_departments_day_has_the_opinions_that_it_owes(district: Sample) -> None:
    """Until the department has spoken the issue is in its day, and only as that; when its part is disputed the issue
    returns to who leads it."""
    issue = district.record("缺电")
    district.act(issue, "assign", department="水务局", owner="丁水", due=later(-1), **{"with": "供电公司"})
    units = {name: line for line, name in district.connection.execute("SELECT id, name FROM unit")}
    roles(district, {"role": "department", "department": units["供电公司"]})
    assert {why: {entry.line for entry in group.entries} for why, group in day(district).items()} == {
        "opinion": {issue}
    }
    district.clock.now += 1000
    district.act(issue, "opinion", text="容量够")
    assert day(district) == {}
    roles(district, {"role": "department", "department": units["水务局"]})
    district.act(issue, "extend", due=later(60), reason="雨季")
    for verb in ("", "accept"):
        district.clock.now += 1000
        district.act(issue, verb or "assign", **({} if verb else {"with": "供电公司"}))
        assert "returned" not in day(district)
        district.clock.now += 1000
        district.act(issue, "dispute", reason="不归供电", department="供电公司")
        assert titles(district, "returned") == {"缺电"}
    roles(district, {"role": "butler", "project": district.water})
    assert "缺电" in titles(district, "returned")


def test_approvals_are_the_bureaus_and_never_ones_own(district: Sample) -> None:
    """What was settled waits for a bureau that neither recorded nor settled it; for nobody else."""
    issue = given(district, "待审定的", later(60), SETTLE)
    roles(district, {"role": "bureau"})
    assert titles(district, "approval") == set()
    with district.ledger.database.write() as connection:
        for table in ("issue", "issue_step"):
            connection.execute(f"UPDATE {table} SET author_id = ?", (derived_id("person", "乙"),))
    assert [entry.line for entry in day(district)["approval"].entries] == [issue]
    roles(district, {"role": "butler", "project": district.water})
    assert titles(district, "approval") == set()


def test_refused_lines_and_drafts_are_part_of_the_day(district: Sample) -> None:
    """A refused line is listed with its code and words, a form left unfinished with what it is about."""
    batch = district.ledger.pending_lines(100, 1 << 20)
    district.ledger.acknowledge(
        [Answer(district.visit, "rejected", "forbidden", "no role")], {one.id: one for one in batch}, []
    )
    district.ledger.save_draft(f"visit:new:{district.water}", {"text": "写到一半"})
    district.ledger.save_draft(f"act:{district.issue}:settle", {"measure": "已接通"})
    district.ledger.save_draft("report:summary", {"file": "x.xlsx"})
    district.ledger.save_draft("limit:silence", {"value": "20"})
    found = day(district)
    (refused,) = found["refused"].entries
    assert (refused.kind, refused.line, refused.detail, refused.project) == (
        "visit", district.visit, "forbidden", "供水改造工程",
    )  # fmt: skip
    assert refused.body is not None and refused.body["place"] == "工地"
    drafts = {
        entry.line.partition(":")[0]: (entry.title, entry.project_id, entry.detail) for entry in found["draft"].entries
    }
    assert drafts == {
        "visit": ("供水改造工程", district.water, "project"), "act": ("临时用水未接通", None, "issue"),
    }  # fmt: skip


def test_refused_parts_of_other_lines_are_one_entry(district: Sample) -> None:
    """Four roles that a refused project brought along are one line of the day, and the counts stay true."""
    batch = district.ledger.pending_lines(1000, 1 << 20)
    parts = [one.id for one in batch if one.id in _assignments(district)]
    assert len(parts) > 2
    answers = [Answer(line, "rejected", "forbidden", "no role") for line in (*parts, district.visit)]
    district.ledger.acknowledge(answers, {one.id: one for one in batch}, [])
    group = day(district)["refused"]
    assert sorted((entry.kind, entry.same) for entry in group.entries) == [("assignment", len(parts)), ("visit", 1)]
    assert (group.count, group.rest, day(district, 1)["refused"].rest) == (len(parts) + 1, 0, len(parts))


def _assignments(district: Sample) -> set[str]:
    return {row[0] for row in district.connection.execute("SELECT id FROM assignment")}


def test_a_department_with_a_comma_in_its_name_is_one_that_is_owed(district: Sample) -> None:
    """How many opinions are owed on an issue is counted, not read off the names of the departments."""
    issue = district.record("协办的")
    district.act(issue, "assign", department="水务局", owner="丁水", due=later(-1), **{"with": "供电公司；交通局"})
    with district.ledger.database.write() as connection:
        connection.execute("UPDATE unit SET name = '供电、供热公司' WHERE name = '供电公司'")
    (entry,) = (one for one in day(district)["overdue"].entries if one.line == issue)
    assert (entry.owed, entry.owed_count) == ("供电、供热公司、交通局", 2)


def test_every_draft_is_listed(district: Sample) -> None:
    """Drafts have no list of their own, so the day has them all, however few of the rest are asked for."""
    for number in range(12):
        district.ledger.save_draft(f"visit:{derived_id(str(number))}", {})
    assert len(day(district, shown=1)["draft"].entries) == 12


def test_silence_is_the_projects_lists(district: Sample) -> None:
    """The day's silent projects, and how they are shown, are those of the list of projects, at any time."""
    roles(district, {"role": "bureau"})
    for days in (0, 29, 30, 31, 32, 400):
        on = district._replace(clock=type(district.clock)(district.clock.now + days * DAY_MS)).on
        listed = {row.id: row for row in projects(district.connection, on)}
        found = today(district.connection, on, ())
        silent = {entry.line for group in found.groups if group.why == "silent" for entry in group.entries}
        assert silent == {row.id for row in listed.values() if row.silent}
        told = {one.id: (one.light, one.open_issues, one.last_contact, one.silent) for one in found.projects}
        shown = {row.id: (row.light, row.open_issues, row.last_contact, row.silent) for row in listed.values()}
        assert told == shown


def many(district: Sample) -> None:
    """Issues in every state and with every light."""
    for number, due in enumerate((-9, -1, 0, 1, 4, 9, 60) * 3):
        acts = (
            (), (SETTLE,), (SETTLE, ("return", {"reason": "重来"})), (("escalate", {"reason": "难", "level": 2}),),
            (("wait", {"reason": "雨", "until": later(30 if number % 2 else 10)}),),
            (("escalate", {"reason": "难", "level": 3}),),
        )  # fmt: skip
        given(district, f"第{number}件", later(due), *acts[number % len(acts)])
    district.record("未交办的")


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("role", ["", "bureau", "principal_leader", "butler"])
def test_the_ledger_narrowed_to_a_reason_is_the_whole_of_its_group(role: str, district: Sample) -> None:
    """Each group's count is what the ledger has when it is narrowed to it, and its entries are the first of those by
    due date; lights agree with the pure rule, and what is one's turn is a duty that is open."""
    many(district)
    where = {"project": district.water} if role == "butler" else {}
    roles(district, *([{"role": role, **where}] if role else []))
    district.clock.now += 20 * DAY_MS
    on, whose = district.on, own_responsibilities(district.connection, district.on)
    found = {group.why: group for group in today(district.connection, on, drafts_of(district), 2).groups}
    assert "overdue" in found and ("decision" in found) == (role == "principal_leader")
    for why in get_args(NeedReason):
        rows = issues(district.connection, on, IssueFilter(need=IssueNeed(why, whose)))
        group = found.get(why, TodayGroup(why, 0, ()))
        assert group.count == len(rows)
        ordered = sorted(rows, key=lambda row: (row.due or "9999", row.id))
        assert [entry.line for entry in group.entries] == [row.id for row in ordered[:2]]
        assert all(fits(why, row, district) for row in rows)


def fits(why: str, row: IssueRow, district: Sample) -> bool:
    """Whether the pure rules say of an issue what its group says."""
    state = IssueState(row.state, row.level, due=row.due, waiting_until=row.waiting_until)
    lit = issue_light(state, district_time(district.clock()).date())
    expected = {"overdue": lit == "red", "due": lit == "blue" or row.light == "yellow", "stale": row.light == "yellow"}
    return expected.get(why, responsible_party(row.state, row.level) is not None)


def test_the_day_costs_the_same_number_of_statements_however_much_there_is(district: Sample) -> None:
    """Reading the day is a fixed number of statements; counts stay exact beyond what is listed."""
    with statements(district.connection) as before:
        day(district)
    for number in range(30):
        district.record(f"第{number}件", due=later(-2))
    with statements(district.connection) as after:
        found = day(district)
    assert len(after) == len(before)
    assert (found["overdue"].count, len(found["overdue"].entries)) == (30, 10)


def test_an_empty_ledger_has_an_empty_day(tmp_path: Path) -> None:
    """Nothing presses, no project is anybody's, and that there is none at all is told."""
    laptop = device(tmp_path, "laptop")
    found = today(laptop.database.connection(), light_thresholds(TODAY), ())
    assert (found.groups, found.projects, found.project_count, found.any_project) == ((), (), 0, False)
    assert found.to_json()["groups"] == []
    laptop.database.close()
