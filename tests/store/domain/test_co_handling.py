"""Several departments on one issue: one leads, the others give their opinion; who is still owed follows from the
steps (domain.md, Life of an issue)."""

from __future__ import annotations

import pytest

from store.domain.issue_lifecycle import STATES, IssueState, State, compute_state
from store.ledger.line import Line, derived_id
from tests.store.domain.test_issue_lifecycle import PATHS, issue, life, step

LEAD, POWER, ROADS, WATER = (derived_id("unit", name) for name in ("lead", "power", "roads", "water"))


def assigned(stamp: int, *others: str, to: str = LEAD) -> Line:
    """An assignment to a leading department, with others."""
    return step(stamp, "assigned", department_id=to, with_ids=list(others))


def opinion(stamp: int, department: str | None) -> Line:
    """What a department says."""
    return step(stamp, "opinion", text="可以接", **({"department_id": department} if department else {}))


def after(*steps: Line) -> IssueState:
    """The state after these steps."""
    return compute_state(issue(), steps)


@pytest.mark.proves("R25", "R49")
def test_who_is_owed_is_who_has_not_spoken() -> None:
    """Each co-handling department is owed until its own opinion is there; the latest of each counts."""
    begun = (assigned(1, POWER, ROADS), step(2, "accepted"))
    assert after(*begun).owed == (POWER, ROADS)
    first, second = opinion(3, POWER), opinion(4, POWER)
    found = after(*begun, second, first)
    assert (found.owed, found.co_handlers[0].step) == ((ROADS,), second.id)
    assert after(*begun, first, opinion(5, ROADS)).owed == ()
    assert after(*begun, first).progress_at == after(*begun).progress_at
    assert after(*begun, step(6, "settled"), opinion(7, ROADS)).owed == (POWER,)


@pytest.mark.parametrize("state", STATES)
def test_an_opinion_changes_no_state(state: State) -> None:
    """Until the issue is finished every department of it may speak, the leading one too; then it is out of turn."""
    path = life(*PATHS[state])
    steps = (
        [step(0, "assigned", department_id=LEAD, with_ids=[POWER]), *path[1:]] if "assigned" in PATHS[state] else path
    )
    for department in (LEAD, POWER):
        found = after(*steps, opinion(20, department))
        is_of_issue = "assigned" in PATHS[state] and state != "closed"
        assert (found.state, found.out_of_turn == ()) == (after(*steps).state, is_of_issue), (state, department)


def test_only_departments_of_the_issue_speak() -> None:
    """An opinion of a department that is none of the issue's, or of nobody, is kept out of turn."""
    for other in (opinion(2, WATER), opinion(2, None)):
        found = after(assigned(1, POWER), other)
        assert (found.out_of_turn, found.owed) == ((other.id,), (POWER,))
    early = opinion(0, POWER)
    assert after(assigned(1, POWER), early).out_of_turn == (early.id,)


def test_a_new_assignment_changes_the_set() -> None:
    """Those that stay keep their opinions, those that leave are owed no more, those that return are asked anew. The
    state stays while the leading department does; an assignment that names no others leaves them."""
    begun = (assigned(1, POWER, ROADS), step(2, "accepted"), opinion(3, POWER), opinion(4, ROADS))
    changed = after(*begun, assigned(5, WATER, POWER, LEAD))
    assert (changed.state, changed.owed) == ("in_progress", (WATER,))
    assert [each.department_id for each in changed.co_handlers] == [WATER, POWER]
    assert after(*begun, assigned(5), assigned(6, POWER)).owed == (POWER,)
    assert after(*begun, step(5, "assigned", department_id=LEAD)).co_handlers == after(*begun).co_handlers
    elsewhere = assigned(5, ROADS, to=POWER)
    assert after(*begun, elsewhere).out_of_turn == (elsewhere.id,)
    moved = after(*begun, step(5, "escalated"), elsewhere)
    assert (moved.state, moved.department_id, moved.owed) == ("assigned", POWER, ())
    assert after(*begun, step(5, "escalated"), step(6, "assigned", department_id=POWER)).owed == ()


def test_a_disputed_part_returns_to_the_leading_department() -> None:
    """A co-handling department that says it is not theirs is owed no more and leaves the issue as it is; asked again,
    or with an opinion after all, it counts as before. The leading department's dispute opens the issue."""
    begun = (assigned(1, POWER, ROADS), step(2, "accepted"))
    disputed = step(3, "disputed", department_id=POWER, reason="归供电公司")
    found = after(*begun, disputed)
    assert (found.state, found.owed, found.co_handlers[0].disputed) == ("in_progress", (ROADS,), True)
    assert after(*begun, disputed, opinion(4, POWER)).co_handlers[0].disputed is False
    assert after(*begun, disputed, assigned(4, POWER, ROADS)).owed == (POWER, ROADS)
    stranger = step(3, "disputed", department_id=WATER)
    assert after(*begun, stranger).out_of_turn == (stranger.id,)
    assert after(assigned(1, POWER), step(2, "disputed", department_id=LEAD)).state == "open"
    assert after(assigned(1, POWER), step(2, "disputed")).state == "open"
