"""The life of an issue: the table of domain.md, and what holds for every sequence of acts (R24, R48, R49)."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.issue_lifecycle import STATES, TRANSITIONS, State, allowed_acts, compute_state
from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Line, derived_id

ISSUE = derived_id("issue")
HERE, THERE = derived_id("device", "a"), derived_id("device", "b")
DEPARTMENT, OWNER = derived_id("unit"), derived_id("person")
NOON = hlc_from_ms(1_790_000_000_000)

TABLE = """
    open              cancelled  cancelled
    open              assigned   assigned
    escalated         assigned   assigned
    assigned          accepted   in_progress
    assigned          disputed   open
    in_progress       progress   in_progress
    in_progress       waiting    waiting
    waiting           progress   in_progress
    assigned          escalated  escalated
    in_progress       escalated  escalated
    waiting           escalated  escalated
    escalated         resolved   in_progress
    in_progress       settled    settled
    settled           confirmed  pending_approval
    settled           rejected   in_progress
    settled           approved   closed
    pending_approval  approved   closed
    settled           returned   in_progress
    pending_approval  returned   in_progress
    closed            reopened   in_progress
"""
MOVES = {(source, act): to for source, act, to in (row.split() for row in TABLE.strip().splitlines())}
STAYS: dict[str, set[State]] = {
    "recorded": {"open"},
    "extended": {"assigned", "in_progress", "waiting", "escalated"},
    "extension_asked": {"assigned", "in_progress", "waiting", "escalated"},
    "reminded": set(STATES) - {"closed", "cancelled"},
    "supervised": set(STATES) - {"closed", "cancelled"},
    "told": set(STATES),
    "assigned": {"assigned", "in_progress", "waiting"},
    "passed_on": {"escalated"},
}
AT_A_MEETING: set[State] = {"open", "assigned", "in_progress", "waiting"}
"""A meeting decides these as well; what names no meeting does not."""
PATHS: dict[State, tuple[str, ...]] = {
    "open": (),
    "cancelled": ("cancelled",),
    "assigned": ("assigned",),
    "in_progress": ("assigned", "accepted"),
    "waiting": ("assigned", "accepted", "waiting"),
    "escalated": ("assigned", "escalated"),
    "settled": ("assigned", "accepted", "settled"),
    "pending_approval": ("assigned", "accepted", "settled", "confirmed"),
    "closed": ("assigned", "accepted", "settled", "approved"),
}


def issue(stamp: int = NOON, **body: Any) -> Line:
    """An issue as it was recorded."""
    return Line(
        ISSUE, "issue", derived_id("project"), stamp, HERE, OWNER, False, {"number": "1", "title": "供水", **body}
    )


def step(stamp: int, act: str, device: str = HERE, **body: Any) -> Line:
    """One act at a stamp counted from noon."""
    line_id = derived_id("step", str(stamp), device, act)
    return Line(
        line_id, "issue_step", None, NOON + stamp, device, OWNER, False, {"issue_id": ISSUE, "act": act, **body}
    )


def approval(stamp: int, *read: Line, **body: Any) -> Line:
    """An approval that names the versions read."""
    versions = [{"id": line.id, "stamp": line.stamp, "device": line.device} for line in read]
    return step(stamp, "approved", versions=versions, **body)


def life(*acts: str, recorded: Line | None = None) -> list[Line]:
    """Steps of these acts one after the other; approvals name what they approve."""
    steps: list[Line] = []
    for n, act in zip(count(1), acts, strict=False):
        settlements = [line for line in steps if line.body["act"] == "settled"]
        steps.append(approval(n, recorded or issue(), *settlements) if act == "approved" else step(n, act))
    return steps


@pytest.mark.proves("R24", "R25", "R48", "R49")
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", TRANSITIONS)
def test_the_life_table(state: State, act: str) -> None:
    """From every state every act leads where domain.md's table says, and what the table lacks changes nothing."""
    before = life(*PATHS[state])
    after = compute_state(issue(), life(*PATHS[state], act))
    in_turn = (state, act) in MOVES or state in STAYS.get(act, ())
    assert compute_state(issue(), before).state == state
    assert after.state == MOVES.get((state, act), state)
    assert (after.out_of_turn == ()) == in_turn


@pytest.mark.parametrize("state", STATES)
def test_what_is_allowed_is_what_the_table_has(state: State) -> None:
    """The hints for the screen name exactly the acts that would be in turn."""
    from_table = {act for source, act in MOVES if source == state} | {
        act for act, where in STAYS.items() if state in where
    }
    more = {"opinion"} if state not in ("closed", "cancelled") else set()
    more |= {"resolved"} if state in AT_A_MEETING else set()
    more |= {"extension_refused"} if state in STAYS["extended"] else set()  # where one is asked for
    found = allowed_acts(state, at_meeting=True, same_department=True)
    assert set(found) == from_table - {"recorded"} | more
    assert ("resolved" in allowed_acts(state)) == (state == "escalated")
    assert ("assigned" in allowed_acts(state)) == (state in ("open", "escalated"))


def test_roles_narrow_what_is_allowed() -> None:
    """Only the bureau is offered to approve and return (R48), only a department or butler to settle."""
    assert allowed_acts("settled", ["bureau"]) == ("approved", "returned", "reminded", "supervised")
    assert "passed_on" in allowed_acts("escalated", ["lead_leader"])
    assert "passed_on" not in allowed_acts("escalated", ["butler", "department", "principal_leader"])
    assert "approved" not in allowed_acts("settled", ["butler", "department"])
    assert "settled" in allowed_acts("in_progress", ["department"])
    assert allowed_acts("closed", ["principal_leader"]) == ()


def test_an_assignment_names_department_owner_and_date() -> None:
    """The latest assignment decides who must do what by when; the issue's own fields count until there is one (R49)."""
    proposed = issue(department_id=HERE, owner_id=THERE, due="2026-03-01")
    assigned = step(1, "assigned", department_id=DEPARTMENT, owner_id=OWNER, due="2026-03-09")
    before, after = compute_state(proposed, []), compute_state(proposed, [assigned])
    assert (before.department_id, before.owner_id, before.due) == (HERE, THERE, "2026-03-01")
    assert (after.department_id, after.owner_id, after.due) == (DEPARTMENT, OWNER, "2026-03-09")


def test_an_extension_moves_the_date_and_keeps_the_state() -> None:
    """An extension brings the new due date while the step with the old one stays what it was."""
    steps = [step(1, "assigned", due="2026-03-09"), step(2, "extended", due="2026-03-20")]
    assert (compute_state(issue(), steps).due, compute_state(issue(), steps).state) == ("2026-03-20", "assigned")
    assert steps[0].body["due"] == "2026-03-09"


def test_waiting_has_an_end() -> None:
    """The until-date is there while the issue waits, and gone when it goes on."""
    steps = [*life("assigned", "accepted"), step(3, "waiting", until="2026-04-01")]
    assert compute_state(issue(), steps).waiting_until == "2026-04-01"
    assert compute_state(issue(), [*steps, step(4, "reminded")]).waiting_until == "2026-04-01"
    assert compute_state(issue(), [*steps, step(4, "progress")]).waiting_until is None


def test_escalation_climbs_to_the_principal_leader() -> None:
    """Levels go 1, 2, 3 and no higher; a step may name its level (R25, R36)."""
    climb = ["assigned", "escalated"] * 4
    levels = [compute_state(issue(), life(*climb[:n])).level for n in range(len(climb) + 1)]
    assert levels == [1, 1, 2, 2, 3, 3, 3, 3, 3]
    assert compute_state(issue(), [step(1, "assigned"), step(2, "escalated", level=3)]).level == 3


def test_a_meeting_of_a_lower_level_resolves_nothing() -> None:
    """An escalated issue is resolved at a meeting of its level or above."""
    for level, at in ((3, 2), (2, 1), (2, 2), (2, 3), (3, 3)):
        escalated, resolved = [step(1, "assigned"), step(2, "escalated", level=level)], step(3, "resolved", level=at)
        found = compute_state(issue(), [*escalated, resolved])
        assert (found.state, found.out_of_turn) == (
            ("in_progress", ()) if at >= level else ("escalated", (resolved.id,))
        )


@pytest.mark.proves("R34", "R36")
@pytest.mark.parametrize("state", STATES)
def test_a_meeting_decides_any_open_issue(state: State) -> None:
    """What a meeting decided sets any issue going that is not settled; without a meeting only escalated ones."""
    decided = compute_state(issue(), [*life(*PATHS[state]), step(9, "resolved", level=3, meeting_id=HERE)])
    assert (decided.state == "in_progress" and not decided.out_of_turn) == (state in {*AT_A_MEETING, "escalated"})


def test_the_lead_leader_passes_on_to_the_principal_leader() -> None:
    """What waits at level 2 goes to level 3 and stays escalated; from another level nothing is passed on."""
    for level in (1, 2, 3):
        passed = step(3, "passed_on")
        found = compute_state(issue(), [step(1, "assigned"), step(2, "escalated", level=level), passed])
        assert (found.state, found.level) == ("escalated", 3 if level == 2 else level)
        assert (found.out_of_turn == ()) == (level == 2)


def test_two_devices_that_acted_apart_leave_one_act_out_of_turn() -> None:
    """The earlier act counts; the later one, no longer allowed, is kept, named and changes nothing."""
    accepted, disputed = step(2, "accepted", HERE), step(2, "disputed", THERE)
    found = compute_state(issue(), [step(1, "assigned"), disputed, accepted])
    first, second = sorted([accepted, disputed], key=lambda line: line.device)
    assert found.out_of_turn == (second.id,)
    assert found.last_step == first.id


def test_nobody_supervises_a_closed_issue() -> None:
    """New supervision of a closed issue is out of turn; telling the enterprise is not."""
    steps = life("assigned", "accepted", "settled", "approved")
    late, told = step(9, "supervised"), step(10, "told")
    found = compute_state(issue(), [*steps, late, told])
    assert (found.state, found.out_of_turn, found.last_step) == ("closed", (late.id,), told.id)


def test_reminders_are_not_progress() -> None:
    """Only acts that move the work on set the time of the latest progress; reminders and extensions do not."""
    steps = life("assigned", "accepted", "reminded", "supervised", "told", "extended")
    assert (
        compute_state(issue(), steps).progress_at
        == compute_state(issue(), steps[:2]).progress_at
        == steps[1].stamp >> 16
    )


def test_closing_gives_time_and_number_and_reopening_takes_them() -> None:
    """The approval closes and waits for the central's number; a reopened issue is open work again."""
    settled = life("assigned", "accepted", "settled")
    closed = [*settled, approval(4, issue(), settled[-1])]
    number = {"issue_id": ISSUE, "approval_id": closed[-1].id, "number": "2026-0001", "year": 2026, "serial": 1}
    given = Line(derived_id("number"), "close_out", None, NOON + 5, THERE, OWNER, False, number)
    assert compute_state(issue(), closed).close_number is None
    found = compute_state(issue(), [given, *closed])
    assert (found.close_number, found.closed_at) == ("2026-0001", closed[-1].stamp >> 16)
    again = compute_state(issue(), [*closed, step(5, "reopened", cause="dissatisfied")])
    assert (again.state, again.close_number, again.closed_at, again.settlement) == ("in_progress", None, None, None)


def test_an_issue_changed_after_its_approval_is_pending_again() -> None:
    """An approval counts for the version of the issue that was read, not for a later one."""
    steps = life("assigned", "accepted", "settled", "approved")
    assert compute_state(issue(NOON + 99), steps).state == "pending_approval"
    assert compute_state(issue(NOON - 99), steps).state == "closed"


def test_a_settlement_changed_after_its_approval_is_pending_again() -> None:
    """A settle step edited after the approval read it must be approved anew."""
    *before, settled, approved = life("assigned", "accepted", "settled", "approved")
    edited = settled._replace(stamp=NOON + 99)
    assert compute_state(issue(), [*before, edited, approved]).state == "pending_approval"
    renewed = approval(100, issue(), edited)
    assert compute_state(issue(), [*before, edited, approved, renewed]).state == "closed"


def test_an_approval_of_an_earlier_settlement_does_not_close() -> None:
    """An approval that read the settlement before last leaves the new one pending."""
    steps = life("assigned", "accepted", "settled", "returned", "settled")
    late = approval(9, issue(), steps[2])
    assert compute_state(issue(), [*steps, late]).state == "pending_approval"
    assert compute_state(issue(), [*steps, step(9, "approved")]).state == "pending_approval"


def test_a_deleted_step_counts_for_nothing() -> None:
    """A deleted step is as if it had never been."""
    assigned, accepted = life("assigned", "accepted")
    assert compute_state(issue(), [assigned, accepted._replace(deleted=True)]) == compute_state(issue(), [assigned])


def test_where_the_enterprise_confirms_the_bureau_waits_for_it() -> None:
    """With confirmation on, a settled issue is approved or returned only after the enterprise has confirmed it."""
    settled, confirmed = life("assigned", "accepted", "settled"), life("assigned", "accepted", "settled", "confirmed")
    early = approval(9, issue(), settled[-1])
    assert compute_state(issue(), [*settled, early], confirmation_required=True).out_of_turn == (early.id,)
    assert compute_state(issue(), [*confirmed, early], confirmation_required=True).state == "closed"


def test_an_act_of_a_newer_version_is_neither_done_nor_blamed() -> None:
    """A step whose act this version does not know leaves everything as it is, out of turn too."""
    steps = life("assigned")
    assert compute_state(issue(), [*steps, step(2, "audited")]) == compute_state(issue(), steps)


STEPS = st.builds(
    step,
    st.integers(0, 30),
    st.sampled_from([*TRANSITIONS, "audited"]),
    st.sampled_from([HERE, THERE]),
    level=st.integers(1, 3),
    department_id=st.sampled_from([DEPARTMENT, HERE, THERE]),
    with_ids=st.lists(st.sampled_from([HERE, THERE]), max_size=2),
    due=st.sampled_from(["2026-03-01", "2026-04-01"]),
    until=st.just("2026-05-01"),
    versions=st.lists(
        st.fixed_dictionaries(
            {"id": st.sampled_from([ISSUE, derived_id("step", "3", HERE, "settled")])},
            optional={
                "stamp": st.one_of(st.integers(NOON, NOON + 40), st.none()),
                "device": st.sampled_from([HERE, 7]),
            },
        ),
        max_size=3,
    ),
)


@given(
    st.lists(STEPS, max_size=14, unique_by=lambda line: line.id).flatmap(
        lambda steps: st.tuples(st.just(steps), st.permutations(steps))
    )
)
def test_any_order_of_arrival_gives_the_same_state(arrivals: tuple[list[Line], list[Line]]) -> None:
    """Whatever acts were done and however they arrive, every store computes one and the same state, and never fails."""
    one_way, another = arrivals
    found = compute_state(issue(), one_way)
    assert found == compute_state(issue(), another)
    assert found.state in STATES
    assert 1 <= found.level <= 3
    assert set(found.out_of_turn) <= {line.id for line in one_way}


@given(st.lists(STEPS, max_size=14, unique_by=lambda line: line.id))
def test_an_act_out_of_turn_changes_nothing_else(steps: list[Line]) -> None:
    """Leaving out the steps that were out of turn gives the same state: they change nothing."""
    found = compute_state(issue(), steps)
    in_turn = [line for line in steps if line.id not in found.out_of_turn or line.body["act"] == "approved"]
    again = compute_state(issue(), in_turn)
    assert (again.state, again.due, again.level, again.owner_id) == (
        found.state,
        found.due,
        found.level,
        found.owner_id,
    )
