"""Recording an issue, and every act of its life as an officer does it (R24, R36, R48, R49)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store.commands import issues as register
from store.commands.exceptions import ActNotAllowed, AlreadyAssigned, FieldMissing, NameUnknown, SelfApproval
from store.commands.issues import VERB_BY_ACT, VERBS
from store.domain.issue_lifecycle import TRANSITIONS, compute_state
from store.domain.status_lights import light_thresholds
from store.exceptions import BadLine, BadTime
from store.queries.issues import IssueDetail, issue
from store.queries.lines import current_line
from store.queries.status import count_lines
from tests.store.devices import MergeOnlyCentral, device, sync
from tests.store.queries.sample import TODAY, Sample

GIVEN: dict[str, dict[str, Any]] = {
    "assign": {"department": "水务局", "owner": "丁水", "due": "+5"},
    "dispute": {"reason": "不归我局"},
    "progress": {"text": "已勘察"},
    "wait": {"reason": "等批复", "until": "+3"},
    "extend": {"due": "+9", "reason": "雨季"},
    "escalate": {"reason": "涉及多部门"},
    "resolve": {"text": "专题会议议定"},
    "settle": {"measure": "接通临时用水", "evidence": "照片3张"},
    "reject": {"reason": "水压不足"},
    "return": {"reason": "证据不全"},
    "reopen": {"cause": "dissatisfied", "reason": "又停水"},
    "cancel": {"reason": "重复"},
    "remind": {"text": "请尽快"},
    "supervise": {"text": "限期办结"},
    "tell": {"text": "已告知企业"},
}


def shown(district: Sample) -> IssueDetail:
    """The sample's issue as it stands."""
    found = issue(district.connection, district.issue, district.on)
    assert found is not None
    return found


def live(district: Sample, *verbs: str) -> IssueDetail:
    """The sample's issue after these acts."""
    for verb in verbs:
        district.act(district.issue, verb, **GIVEN.get(verb, {}))
    return shown(district)


def test_every_act_of_the_contract_is_an_act_of_the_table() -> None:
    """The command line's verbs and the life table name the same acts; recording is the one that needs no verb."""
    contract = (
        "assign accept dispute progress wait extend ask-extension refuse-extension opinion "
        "escalate pass-on resolve settle confirm reject approve "
        "return reopen "
        "cancel remind supervise tell"
    )
    assert list(VERBS) == contract.split()
    assert {"recorded", *VERB_BY_ACT} == set(TRANSITIONS)


@pytest.mark.proves("R24", "R49")
def test_a_recorded_issue_is_open_with_a_number_and_its_first_step(district: Sample) -> None:
    """Recording writes the issue and the step that says so; what the butler proposes stands there by name."""
    found = shown(district)
    assert (found.row.state, [step.act for step in found.steps]) == ("open", ["recorded"])
    assert re.fullmatch(rf"{TODAY:%y%m%d}-[0-9A-HJKMNP-TV-Z]{{4}}", found.row.number)
    assert (found.row.department, found.row.owner, found.row.kind) == ("水务局", "丁水", "problem")
    assert found.raised_at is not None
    assert {
        one.name for one in register.record(district.ledger, project=district.heat, title="x", owner="新人").added
    } == {"新人"}


def test_numbers_differ_although_made_at_one_moment(district: Sample) -> None:
    """Issues recorded in the same millisecond have numbers of their own, and each names its issue."""
    made = [register.record(district.ledger, project=district.heat, title=f"问题{n}").id for n in range(20)]
    found = {line_id: issue(district.connection, line_id, district.on) for line_id in made}
    numbers = {detail.row.number: line_id for line_id, detail in found.items() if detail}
    assert len(numbers) == 20
    number, line_id = numbers.popitem()
    assert register.act(district.ledger, number, "remind", text="催").id == line_id


def test_the_whole_life_from_record_to_settlement(district: Sample) -> None:
    """Every act leads where the table says, and the stored state is what the pure function computes."""
    story = [
        ("assign", "assigned"), ("extend", "assigned"), ("accept", "in_progress"), ("wait", "waiting"),
        ("escalate", "escalated"), ("resolve", "in_progress"), ("progress", "in_progress"), ("settle", "settled"),
        ("reject", "in_progress"), ("settle", "settled"), ("confirm", "pending_approval"), ("return", "in_progress"),
        ("remind", "in_progress"), ("supervise", "in_progress"), ("tell", "in_progress"), ("escalate", "escalated"),
        ("assign", "assigned"), ("dispute", "open"), ("cancel", "cancelled"),
    ]  # fmt: skip
    for verb, state in story:
        assert (verb, live(district, verb).row.state) == (verb, state)
    found = shown(district)
    lines = [current_line(district.connection, step.id) for step in found.steps]
    recorded = current_line(district.connection, district.issue)
    assert recorded is not None
    computed = compute_state(recorded, [step for step in lines if step])
    assert (computed.state, computed.level, computed.due) == (found.row.state, found.row.level, found.row.due)
    assert found.row.out_of_turn == ()


@pytest.mark.parametrize("verb", ["accept", "settle", "approve", "reopen", "resolve"])
def test_an_act_that_is_not_possible_now_is_refused_by_name(district: Sample, verb: str) -> None:
    """A person acts on what they see: the refusal names the state and what is possible, and nothing is written."""
    before = count_lines(district.connection)
    with pytest.raises(ActNotAllowed) as refused:
        district.act(district.issue, verb, **GIVEN.get(verb, {}))
    assert (refused.value.values["state"], refused.value.values["verb"]) == ("open", verb)
    assert refused.value.values["allowed"] == "cancel, assign, remind, supervise, tell"
    assert count_lines(district.connection) == before


@pytest.mark.parametrize(
    ("verb", "before", "missing"),
    [
        ("cancel", (), "reason"),
        ("tell", (), "text"),
        ("dispute", ("assign",), "reason"),
        ("extend", ("assign",), "due, reason"),
        ("escalate", ("assign",), "reason"),
        ("wait", ("assign", "accept"), "reason, until"),
        ("settle", ("assign", "accept"), "measure, evidence"),
        ("return", ("assign", "accept", "settle"), "reason"),
    ],
)
def test_what_an_act_needs_must_be_given(district: Sample, verb: str, before: tuple[str, ...], missing: str) -> None:
    """An act without its reason, date, measure … is refused, saying what is missing."""
    live(district, *before)
    with pytest.raises(FieldMissing) as refused:
        district.act(district.issue, verb)
    assert refused.value.values["fields"] == missing


def test_blanks_are_no_reason(district: Sample) -> None:
    """A reason of blanks would stand in the ledger as none: refused as a missing one."""
    for blank in ("  ", "\u3000", "\n"):
        with pytest.raises(FieldMissing):
            district.act(district.issue, "cancel", reason=blank)


def test_an_assignment_takes_what_was_proposed(district: Sample) -> None:
    """Department, owner and date of the recorded issue need not be repeated; without them they must be given (R49)."""
    district.act(district.issue, "assign")
    found = shown(district)
    step = found.steps[-1]
    assert (step.department, step.owner, step.due) == ("水务局", "丁水", found.row.due)
    bare = district.record("无人负责")
    with pytest.raises(FieldMissing, match="department, owner, due"):
        district.act(bare, "assign")


def test_an_assignment_needs_a_date_where_no_rule_counts_on_its_day(district: Sample) -> None:
    """A time rule that is valid since today gives a date to what is assigned today, and none to what was before."""
    rule = {"days": 2, "counting": "days", "start": "assigned", "pauses": "none", "valid_from": TODAY.isoformat()}
    district.ledger.put("time_rule", rule)
    bare = district.record("无人负责")
    with pytest.raises(FieldMissing, match="due"):
        district.act(bare, "assign", department="水务局", owner="丁水", at="昨天")
    district.act(bare, "assign", department="水务局", owner="丁水")
    found = issue(district.connection, bare, district.on)
    assert found is not None
    assert found.row.due == (TODAY + timedelta(2)).isoformat()


@pytest.mark.proves("R25", "R36")
def test_an_escalation_goes_one_up_or_where_it_says(district: Sample) -> None:
    """The level rises by one, or to the one named; the meeting is noted at that level (R25, R36)."""
    live(district, "assign", "escalate", "resolve")
    assert (shown(district).row.level, shown(district).steps[-1].level) == (2, 2)
    district.act(district.issue, "escalate", reason="仍未解决", level=3, at="今天 10:00")
    assert (shown(district).row.level, shown(district).steps[-1].at) == (3, f"{TODAY}T10:00+08:00")
    live(district, "resolve")
    with pytest.raises(BadLine, match="level"):
        district.act(district.issue, "escalate", reason="x", level=4)


def test_an_issue_is_edited_but_not_behind_an_assignment(district: Sample) -> None:
    """While it is open everything may be corrected; afterwards department, owner and date change by acts only."""
    edited = register.edit(
        district.ledger, "用水", title="临时用电未接通", department="供电公司", due="", category="utilities"
    )
    found = shown(district)
    assert [one.name for one in edited.added] == ["供电公司"]
    assert (found.row.title, found.row.department, found.row.owner, found.row.due) == (
        "临时用电未接通",
        "供电公司",
        "丁水",
        None,
    )
    live(district, "assign")
    with pytest.raises(AlreadyAssigned, match="owner, due"):
        register.edit(district.ledger, district.issue, owner="甲建国", due="+1")
    register.edit(district.ledger, district.issue, text="补充说明", owner=None)
    assert (shown(district).text, shown(district).row.owner) == ("补充说明", "丁水")


def test_nothing_is_recorded_when_something_is_wrong(district: Sample) -> None:
    """Unknown project, kind, date or empty title: refused whole, newcomers included."""
    before = count_lines(district.connection)
    with pytest.raises(NameUnknown):
        register.record(district.ledger, project="燃气", title="x", department="新局")
    with pytest.raises(BadTime):
        register.record(district.ledger, project=district.water, title="x", department="新局", due="soon")
    for wrong in ({"kind": "gripe"}, {"title": ""}, {"category": "weather"}):
        with pytest.raises(BadLine):
            register.record(district.ledger, **{"project": district.water, "title": "x", "department": "新局", **wrong})
    with pytest.raises(TypeError):
        district.act(district.issue, "cancel", reason="x", colour="red")
    assert count_lines(district.connection) == before


def test_a_merged_issue_names_the_one_it_went_into(district: Sample) -> None:
    """Cancelling as a duplicate keeps which issue goes on."""
    other = district.record("用水未接通（重复）")
    district.act(other, "cancel", reason="重复", merged_into="临时用水未接通")
    found = issue(district.connection, other, district.on)
    assert found is not None
    assert found.steps[-1].merged_into == district.issue


@pytest.mark.proves("R48")
def test_nobody_approves_what_they_settled(district: Sample) -> None:
    """The one who recorded or settled an issue cannot approve it (R48)."""
    live(district, "assign", "accept", "settle")
    with pytest.raises(SelfApproval):
        district.act(district.issue, "approve")


def test_a_colleague_approves_the_version_that_was_read(district: Sample, tmp_path: Path) -> None:
    """The approval names issue and settlement as read and brings a close-out number; an edit made meanwhile elsewhere
    puts the issue back to pending approval on both devices."""
    central, bureau = MergeOnlyCentral(), device(tmp_path, "bureau", person="局", clock=district.clock)
    live(district, "assign", "accept", "settle")
    sync(district.ledger, central)
    sync(bureau, central)
    register.act(bureau, district.issue, "approve")
    on = light_thresholds(TODAY)
    closed = issue(bureau.database.connection(), district.issue, on)
    assert closed is not None
    assert (closed.row.state, closed.row.light) == ("closed", None)
    assert closed.row.close_number is None, "the central gives it"
    district.clock.now += 1000
    register.edit(district.ledger, district.issue, text="其实还有一处")
    for one in (bureau, district.ledger, bureau):
        sync(one, central)
    for one in (bureau, district.ledger):
        found = issue(one.database.connection(), district.issue, on)
        assert found is not None
        assert (found.row.state, found.row.close_number) == ("pending_approval", None)


def test_a_closed_issue_can_be_reopened(district: Sample, tmp_path: Path) -> None:
    """A dissatisfied enterprise or a supervision finding puts a closed issue back to work, with its cause."""
    central, bureau = MergeOnlyCentral(), device(tmp_path, "bureau", person="局", clock=district.clock)
    live(district, "assign", "accept", "settle")
    sync(district.ledger, central)
    sync(bureau, central)
    register.act(bureau, district.issue, "approve")
    with pytest.raises(ActNotAllowed, match="reopen"):
        register.act(bureau, district.issue, "supervise", text="查")
    register.act(bureau, district.issue, "reopen", cause="supervision", reason="回访不实")
    found = issue(bureau.database.connection(), district.issue, light_thresholds(TODAY))
    assert found is not None
    assert (found.row.state, found.steps[-1].cause) == ("in_progress", "supervision")


def test_a_step_follows_the_step_it_answers_although_the_clock_lags(district: Sample, tmp_path: Path) -> None:
    """A device whose clock is a minute slow accepts what it has just been sent: the acceptance comes after the
    assignment on every device."""
    central, office = MergeOnlyCentral(), device(tmp_path, "office", person="局")
    office.wall_clock = lambda: district.clock.now - 60_000
    live(district, "assign")
    sync(district.ledger, central)
    sync(office, central)
    register.act(office, district.issue, "accept")
    sync(office, central)
    sync(district.ledger, central)
    assert (shown(district).row.state, shown(district).row.out_of_turn) == ("in_progress", ())
