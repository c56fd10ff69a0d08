"""Who must act, what the overdue rule proposes, and the flags of a project: one table each, like domain.md's."""

from __future__ import annotations

from datetime import date

import pytest

from store.commands import issues as register
from store.commands import projects, visits
from store.commands.limits import set_limit
from store.domain.issue_lifecycle import IssueState, State
from store.domain.limits import Limits
from store.domain.responsible_party import proposed_escalation_level, responsible_party
from store.domain.status_lights import light_thresholds
from store.queries.issues import IssueFilter, issue, issues
from store.queries.lines import current_line
from store.queries.projects import project
from store.values.workdays import is_announced, workdays_between
from tests.store.queries.sample import Sample

MONDAY = date(2026, 9, 21)


@pytest.mark.proves("R25", "R36", "R39", "R49")
@pytest.mark.parametrize(
    ("state", "level", "duty"),
    [
        ("open", 1, "butler"),
        ("assigned", 1, "department"),
        ("in_progress", 1, "owner"),
        ("waiting", 2, "owner"),
        ("escalated", 1, "lead_unit"),
        ("escalated", 2, "lead_leader"),
        ("escalated", 3, "principal_leader"),
        ("settled", 1, "bureau"),
        ("pending_approval", 1, "bureau"),
        ("closed", 1, None),
        ("cancelled", 1, None),
    ],
)
def test_who_must_act(state: State, level: int, duty: str | None) -> None:
    """Every state has one who must act, each level of escalation its own; a finished issue has nobody."""
    assert responsible_party(state, level) == duty


@pytest.mark.proves("R25", "R39")
@pytest.mark.parametrize(
    ("state", "level", "due", "proposed"),
    [
        ("in_progress", 1, "2026-09-17", 2),
        ("in_progress", 1, "2026-09-18", None),
        ("waiting", 2, "2026-09-01", 3),
        ("assigned", 3, "2026-09-01", None),
        ("settled", 1, "2026-09-01", None),
        ("in_progress", 1, None, None),
    ],
)
def test_what_the_overdue_rule_proposes(state: State, level: int, due: str | None, proposed: int | None) -> None:
    """Three working days overdue proposes the next level, for what is still being worked on and has a level above."""
    assert proposed_escalation_level(light_thresholds(MONDAY), IssueState(state, level, due=due)) == proposed


@pytest.mark.proves("R25", "R39")
def test_a_proposed_escalation_is_confirmed_by_a_person(district: Sample) -> None:
    """The rule writes nothing; confirming needs no reason typed; whoever escalated finds the issue again."""
    for verb in ("assign", "accept"):
        district.act(district.issue, verb)
    district.clock.now += 10 * 86_400_000
    found = issues(district.connection, district.on, IssueFilter(proposed=True))
    assert [(one.id, one.proposed, one.state) for one in found] == [(district.issue, 2, "in_progress")]
    district.act(district.issue, "escalate")
    after = issue(district.connection, district.issue, district.on)
    assert after is not None
    assert (after.row.state, after.row.level, after.row.must_act, after.acting) == (
        "escalated",
        2,
        "lead_leader",
        "甲建国",
    )
    assert "逾期" in (after.steps[-1].reason or "")
    me = after.steps[-1].author_id
    assert [one.id for one in issues(district.connection, district.on, IssueFilter(reporter=me))] == [district.issue]
    assert issues(district.connection, district.on, IssueFilter(reporter=district.water)) == []


@pytest.mark.proves("R11", "R38")
def test_the_first_contact_answers_for_an_issue(district: Sample) -> None:
    """Who took the issue up first is shown, whoever works on it later."""
    found = issue(district.connection, district.issue, district.on)
    assert found is not None and found.first_contact == found.steps[0].author


def test_confirmation_is_a_switch_of_the_district(district: Sample) -> None:
    """Where the district wants the enterprise's word, a settled issue is the butler's first, and is worked out anew."""
    for verb, given in (("assign", {}), ("accept", {}), ("settle", {"measure": "接通", "evidence": "照片"})):
        district.act(district.issue, verb, **given)
    set_limit(district.ledger, "confirmation", "1")
    on = light_thresholds(MONDAY, Limits(confirmation=1))
    found = issue(district.connection, district.issue, on)
    assert found is not None and found.row.must_act == "butler"
    assert current_line(district.connection, district.issue) is not None


@pytest.mark.proves("R46")
def test_more_than_three_units_in_a_week_are_a_swarm(district: Sample) -> None:
    """Units are counted by the people on site; four are a swarm, three are not, nor are those of last month."""
    for name in ("甲局", "乙局", "丙局"):
        visits.log(district.ledger, project=district.heat, at="今天 09:00", who=f"{name}")
        register.record(district.ledger, project=district.heat, title="x", department=name)
    found = project(district.connection, district.heat, district.on)
    assert found is not None and found.row.swarm is False
    register.record(district.ledger, project=district.heat, title="y", department="丁局")
    visits.log(district.ledger, project=district.heat, at="今天 10:00", who="丁局")
    found = project(district.connection, district.heat, district.on)
    assert found is not None and found.row.swarm is True
    district.clock.now += 8 * 86_400_000
    found = project(district.connection, district.heat, district.on)
    assert found is not None and found.row.swarm is False


@pytest.mark.proves("R01", "R02", "R03")
@pytest.mark.parametrize(
    ("yuan", "reason", "scope"),
    [(50_000_000, None, "investment"), (49_999_999, None, None), (49_999_999, "带动就业", "judgement"),
     (None, None, None), (None, "规模以上工业企业在建未竣工项目", "judgement")],
)  # fmt: skip
def test_why_a_project_needs_a_butler(
    district: Sample, yuan: int | None, reason: str | None, scope: str | None
) -> None:
    """Fifty million yuan are enough, the amount itself included; below that a written reason is needed."""
    made = projects.add(district.ledger, name="某项目", investment_yuan=yuan, scope_reason=reason)
    found = project(district.connection, made.id, district.on)
    assert found is not None and found.row.scope == scope


@pytest.mark.proves("R18", "R30", "R43")
def test_tenure_and_hand_overs_of_butlers(district: Sample) -> None:
    """Naming another butler ends the one before; each has their days, and a butler of another unit is noticed."""
    district.clock.now += 9 * 86_400_000
    projects.edit(district.ledger, district.water, roles={"butler": "戊新 19900000009"})
    district.clock.now += 4 * 86_400_000
    found = project(district.connection, district.water, district.on)
    assert found is not None
    assert [(one.butler, one.days) for one in found.tenure] == [("乙卫东", 9), ("戊新", 5)]
    assert found.butler_of_lead_unit is None, "nobody knows the butler's unit"


def test_working_days_of_a_year_not_announced(district: Sample) -> None:
    """The table knows the years announced; others count Monday to Friday, and can be told apart."""
    assert is_announced(2026) and not is_announced(2050)
    assert workdays_between(MONDAY, date(2026, 9, 28)) == 4, "the Mid-Autumn holiday is off"
    assert workdays_between(MONDAY, MONDAY) == 0
