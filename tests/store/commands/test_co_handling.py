"""Several departments on one issue, as officers do it: others named by an assignment, opinions, disputes, settling
without; escalation passed on, and what a meeting decides (R25, R34, R36, R49)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from store.commands import meetings
from store.commands.exceptions import (
    ActNotAllowed,
    FieldMissing,
    LeadingDepartmentActs,
    LeadingDepartmentFixed,
    MeetingTooLow,
    OpinionsOwed,
    UnitNotOfIssue,
)
from store.commands.limits import set_limit
from store.queries.issues import IssueDetail, IssueFilter, issue, issues
from tests.store.queries.sample import Sample

SETTLE = {"measure": "接通", "evidence": "照片"}


def shown(district: Sample) -> IssueDetail:
    """The sample's issue as it stands."""
    found = issue(district.connection, district.issue, district.on)
    assert found is not None
    return found


def act(district: Sample, verb: str, **fields: Any) -> IssueDetail:
    """One act on the sample's issue, a second later, and the issue after it."""
    district.clock.now += 1000
    district.act(district.issue, verb, **fields)
    return shown(district)


def assigned(district: Sample, others: str = "供电公司；交通局") -> IssueDetail:
    """The sample's issue, assigned to its department with others."""
    return act(district, "assign", **{"with": others})


def as_department(district: Sample, *names: str) -> None:
    """This device is of a person who acts for these departments alone."""
    ids = [district.connection.execute("SELECT id FROM unit WHERE name = ?", (name,)).fetchone()[0] for name in names]
    granted = [{"role": "department", "department": unit} for unit in ids]
    with district.ledger.database.write() as connection:
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('roles', ?)", (json.dumps(granted),))


def parts(detail: IssueDetail) -> list[tuple[object, ...]]:
    """Who co-handles, what they said, and whether they are owed."""
    return [(each["department"], each["opinion"], each["disputed"], each["owed"]) for each in detail.to_json()["with"]]


@pytest.mark.proves("R25", "R33", "R38", "R49")
def test_each_department_gives_its_opinion_and_the_leading_one_settles(district: Sample) -> None:
    """Those named with the leading department are owed until they have spoken, each for itself; settling before that
    needs a reason, unless the district asks for none."""
    begun = assigned(district)
    assert parts(begun) == [("供电公司", None, None, True), ("交通局", None, None, True)]
    assert begun.steps[-1].others == "供电公司、交通局"
    act(district, "accept")
    with pytest.raises(FieldMissing, match="department"):
        act(district, "opinion", text="可以")
    found = act(district, "opinion", text="容量够", department="供电公司")
    assert parts(found) == [("供电公司", "容量够", None, False), ("交通局", None, None, True)]
    with pytest.raises(OpinionsOwed, match="交通局"):
        act(district, "settle", **SETTLE)
    assert act(district, "settle", **SETTLE, reason="交通局无意见权限").row.state == "settled"
    act(district, "return", reason="缺照片")
    set_limit(district.ledger, "opinions_required", "0")
    assert act(district, "settle", **SETTLE).row.state == "settled"


def test_an_opinion_is_of_the_department_that_the_person_acts_for(district: Sample) -> None:
    """Whoever acts for a department need not name it; acting for one owed alone, nobody need; a department that is not
    the issue's has no opinion on it, and who only co-handles does nothing else."""
    assigned(district)
    as_department(district, "交通局")
    assert parts(act(district, "opinion", text="不占道"))[1] == ("交通局", "不占道", None, False)
    for verb, fields in (("accept", {}), ("extend", {"due": "+9", "reason": "雨季"})):
        with pytest.raises(LeadingDepartmentActs, match="水务局"):
            act(district, verb, **fields)
    found = act(district, "dispute", reason="不涉及道路")
    assert (found.row.state, parts(found)[1]) == ("assigned", ("交通局", None, "不涉及道路", False))
    as_department(district, "住建局")
    with pytest.raises(UnitNotOfIssue, match="住建局"):
        act(district, "opinion", text="x", department="住建局")
    assert parts(act(district, "opinion", text="容量够"))[0] == ("供电公司", "容量够", None, False)


def test_the_leading_department_disputes_the_issue_and_another_its_part(district: Sample) -> None:
    """A dispute without a department opens the issue; one that names a co-handling department leaves it."""
    assigned(district)
    assert act(district, "dispute", reason="归供电", department="供电公司").row.state == "assigned"
    assert act(district, "dispute", reason="不归我局", department="水务局").row.state == "open"


def test_others_are_changed_without_moving_the_issue(district: Sample) -> None:
    """Until it is settled an assignment to the same department changes who co-handles, and nothing else: opinions of
    those that stay are kept; named anew without others it keeps them, with none it has none."""
    assigned(district)
    act(district, "accept")
    act(district, "opinion", text="容量够", department="供电公司")
    found = assigned(district, "供电公司、住建局")
    assert (found.row.state, found.row.due) == ("in_progress", shown(district).row.due)
    assert parts(found) == [("供电公司", "容量够", None, False), ("住建局", None, None, True)]
    assert parts(act(district, "assign", owner="丁水")) == parts(found)
    for fields in ({"department": "住建局"}, {"due": "+30"}):
        with pytest.raises(LeadingDepartmentFixed, match="水务局"):
            act(district, "assign", **fields)
    assert parts(assigned(district, "")) == []


def test_a_department_finds_what_it_co_handles_and_owes(district: Sample) -> None:
    """The ledger narrowed to a department has what it leads and what it co-handles; narrowed to what is owed, with a
    department, only what that one owes."""
    assigned(district)
    act(district, "opinion", text="容量够", department="供电公司")
    other = district.record("无关的", department="住建局")
    ids = {row[1]: row[0] for row in district.connection.execute("SELECT id, name FROM unit")}

    def found(department: str | None = None, *, owed: bool = False) -> set[str]:
        chosen = IssueFilter(department=department and ids[department], owed=owed)
        return {row.id for row in issues(district.connection, district.on, chosen)}

    mine = {district.issue}
    assert found("水务局") == found("供电公司") == found("交通局") == found(owed=True) == mine
    assert (found("交通局", owed=True), found("供电公司", owed=True), found("水务局", owed=True)) == (
        mine,
        set(),
        set(),
    )
    assert found("住建局") == {other}


@pytest.mark.proves("R34", "R36")
def test_what_waits_at_the_lead_leader_is_passed_on(district: Sample) -> None:
    """Escalating what waits at level 2 passes it on to the principal leader; at another level there is nothing to."""
    act(district, "assign")
    act(district, "escalate", reason="涉及多部门", level=2)
    found = act(district, "escalate", reason="超出权限", level=3)
    assert (found.row.state, found.row.level, found.steps[-1].act) == ("escalated", 3, "passed_on")
    with pytest.raises(ActNotAllowed):
        act(district, "escalate", reason="再报")


@pytest.mark.proves("R34", "R36")
def test_a_meeting_decides_what_is_open_and_what_waits_at_its_level_or_below(district: Sample) -> None:
    """A step that names a meeting decides an open issue; an escalated one only if the meeting is of its level or above,
    and the step has the meeting's level."""
    low, high = (
        meetings.record_meeting(district.ledger, level=level, issues=district.issue, text="议定").id for level in (1, 3)
    )
    with pytest.raises(ActNotAllowed):
        act(district, "resolve", text="议定")
    assert act(district, "resolve", text="由水务局办理", meeting=low).row.state == "in_progress"
    act(district, "escalate", reason="协调不动", level=2)
    with pytest.raises(MeetingTooLow):
        act(district, "resolve", text="议定", meeting=low)
    with district.ledger.database.write() as connection:
        roles = json.dumps([{"role": "principal_leader"}])
        facts = (("roles", roles), ("central", "https://central.example"))
        connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", facts)
    found = act(district, "resolve", text="议定", meeting=high)
    assert (found.row.state, found.steps[-1].level) == ("in_progress", 3)


def test_a_meeting_that_is_written_with_its_decision_counts(district: Sample) -> None:
    """A decision that writes the meeting's line with it has that meeting's level."""
    act(district, "assign")
    act(district, "escalate", reason="协调不动", level=3)
    head = {"at": "2026-09-22T09:00:00+08:00", "title": "专题会", "level": 3}
    meetings.decide(
        district.ledger, "01a229f7-6298-79ab-b573-94ce84447c3c", (district.issue, district.water), "resolve",
        {"text": "议定"}, head,
    )  # fmt: skip
    assert shown(district).steps[-1].level == 3
