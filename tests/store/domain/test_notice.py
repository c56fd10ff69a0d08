"""Sentences of the notice that no other test takes by their word."""

from __future__ import annotations

import pytest

from store.commands import projects as project_register
from store.commands import visits as visit_register
from store.domain.issue_lifecycle import allowed_acts
from store.queries.issues import IssueDetail, issue, issues
from store.queries.projects import project, projects
from store.queries.visits import listing, visit, visits
from tests.store.queries.sample import Sample


@pytest.mark.proves("R04")
def test_projects_are_new_continuing_or_advancing(district: Sample) -> None:
    """The three categories are the sections of the list, continuing ones first."""
    project_register.add(district.ledger, name="推进中", category="advancing")
    assert [one.category for one in projects(district.connection, district.on)] == ["continuing", "new", "advancing"]


@pytest.mark.proves("R08")
def test_a_deadline_may_be_earlier_than_the_day_it_is_written_down(district: Sample) -> None:
    """The notice of 15 April sets a deadline of the end of March: such a date is taken as it is, and is red at once."""
    found = issue(district.connection, district.record("三月底前建库", due="2019-03-31"), district.on)
    assert found is not None
    assert (found.row.due, found.row.light) == ("2019-03-31", "red")


@pytest.mark.proves("R12", "R15", "R16")
def test_leaders_dispatch_and_the_bureau_urges(district: Sample) -> None:
    """A lead leader assigns a department and escalates, the principal leader resolves what came up to them, the bureau
    reminds and supervises: each act is open to that role, is carried out, and is in the issue's history."""
    for act, verb, role, details in LEADERS_AND_BUREAU:
        assert act in allowed_acts(_shown(district).row.state, [role]), verb
        district.act(district.issue, verb, **details)
    shown = _shown(district)
    assert [step.act for step in shown.steps] == ["recorded", *(act for act, *_rest in LEADERS_AND_BUREAU)]
    assert (shown.row.department, shown.row.level, shown.row.state) == ("住建局", 3, "in_progress")
    assert shown.row.out_of_turn == ()


LEADERS_AND_BUREAU: tuple[tuple[str, str, str, dict[str, str | int]], ...] = (
    ("assigned", "assign", "lead_leader", {"department": "住建局", "owner": "丁水", "due": "+5"}),
    ("accepted", "accept", "department", {}),
    ("escalated", "escalate", "lead_leader", {"reason": "涉及多部门", "level": 3}),
    ("resolved", "resolve", "principal_leader", {"text": "专题会议议定"}),
    ("reminded", "remind", "bureau", {"text": "请尽快"}),
    ("supervised", "supervise", "bureau", {"text": "限期办结"}),
)


def test_only_the_roles_of_the_notice_resolve_and_supervise() -> None:
    """A department resolves nothing that was escalated, and supervises nobody; nor does the enterprise's butler."""
    assert "resolved" not in allowed_acts("escalated", ["department"])
    assert "supervised" not in allowed_acts("in_progress", ["department", "butler", "lead_leader"])


def _shown(district: Sample) -> IssueDetail:
    shown = issue(district.connection, district.issue, district.on)
    assert shown is not None
    return shown


@pytest.mark.proves("R22", "R29")
def test_what_the_enterprise_reports_is_recorded_by_the_butler(district: Sample) -> None:
    """An issue may be about the enterprise rather than the project, and say that the enterprise reported it."""
    made = district.record("招工困难", about="enterprise", source="report", category="labour", kind="request")
    found = issue(district.connection, made, district.on)
    assert found is not None
    assert (found.about, found.source, found.row.kind) == ("enterprise", "report", "request")


@pytest.mark.proves("R28", "R31", "R41")
def test_the_three_contacts_of_a_project_are_known_with_phones(district: Sample) -> None:
    """Butler, enterprise contact and department contact stand together, each with a phone."""
    roles = {"department_contact": "庚接 19900000007"}
    project_register.edit(district.ledger, district.water, roles=roles)
    found = project(district.connection, district.water, district.on)
    assert found is not None
    phones = {one.role: one.phone for one in found.people}
    assert {role: phones[role] for role in ("butler", "enterprise_contact", "department_contact")} == {
        "butler": "19900000002", "enterprise_contact": "19900000003", "department_contact": "19900000007",
    }  # fmt: skip


@pytest.mark.proves("R35", "R42")
def test_a_lead_leaders_own_visits_are_in_the_service_log(district: Sample) -> None:
    """Visits of whoever serves the project count, in each of the ways of contact, and end a silence."""
    for how in ("visit", "discussion", "phone", "wechat", "meeting", "other"):
        district.clock.now += 1000
        visit_register.log(district.ledger, project=district.heat, how=how, who="甲建国", text="牵头领导到场")
    found = visits(district.connection, listing(project=district.heat))
    assert {one.how for one in found} == {"visit", "discussion", "phone", "wechat", "meeting", "other"}
    row = next(one for one in projects(district.connection, district.on) if one.id == district.heat)
    assert row.last_contact is not None and row.silent is False


@pytest.mark.proves("R58")
def test_resource_support_has_its_categories(district: Sample) -> None:
    """Land, funding, labour and utilities are categories of an issue, beside procedure, market, policy and other."""
    for category in ("land", "funding", "labour", "utilities", "procedure", "market", "policy", "other"):
        district.record(f"{category}保障", category=category)
    kept = {one.category for one in issues(district.connection, district.on)}
    assert kept >= {"land", "funding", "labour", "utilities", "procedure", "market", "policy", "other"}


@pytest.mark.proves("R40")
def test_the_enterprise_is_told_and_it_is_on_record(district: Sample) -> None:
    """Telling the enterprise is a step of its own that changes no state."""
    district.act(district.issue, "tell", text="已联系水务局")
    found = issue(district.connection, district.issue, district.on)
    assert found is not None and found.steps[-1].act == "told" and found.row.state == "open"


@pytest.mark.proves("R37", "R47")
def test_the_service_ledger_keeps_what_the_notice_lists(district: Sample) -> None:
    """Time, place, participants and the issues raised or moved on are fields of their own, not free text."""
    visit_register.edit(district.ledger, district.visit, moved=[district.record("进场道路狭窄")])
    shown = visit(district.connection, district.visit)
    assert shown is not None
    assert (shown.at, shown.place) == ("2026-09-20T14:30+08:00", "工地")
    assert shown.participants == ("甲建国", "丙志远")
    assert [issue.title for issue in shown.issues_raised] == ["临时用水未接通"]
    assert [issue.title for issue in shown.issues_moved] == ["进场道路狭窄"]
