"""The clocks of an issue: each case by hand, and that a clock which is over and a light which is on are one thing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.issue_deadlines import Deadline, IssueTimeline, running_deadlines
from store.domain.issue_lifecycle import STATES, IssueState
from store.domain.limits import DEFAULT_LIMITS, Limits
from store.domain.responsible_party import proposed_escalation_level
from store.domain.status_lights import issue_light, light_thresholds
from store.values.times import SHANGHAI

WEDNESDAY = date(2026, 5, 20)
DAYS = st.dates(date(2025, 12, 1), date(2026, 11, 30))


def by_name(course: IssueTimeline, today: date = WEDNESDAY, limits: Limits = DEFAULT_LIMITS) -> dict[str, Deadline]:
    """The clocks of a course, by name."""
    return {one.name: one for one in running_deadlines(course, today, limits)}


def test_a_due_date_runs_down_in_working_days() -> None:
    """From Monday the 11th to Friday the 22nd are nine working days; two are left on Wednesday the 20th."""
    found = by_name(IssueTimeline("in_progress", 1, "2026-05-22", "2026-05-11"))["due"]
    assert (found.days, found.left, found.over) == (9, 2, False)


def test_a_due_date_that_has_passed_starts_the_clock_of_escalation() -> None:
    """Due on Monday: two days over on Wednesday, and the escalation is proposed on Thursday, the third."""
    course = IssueTimeline("in_progress", 1, "2026-05-18", "2026-05-11")
    found = by_name(course)
    assert (found["due"].left, found["due"].over) == (-2, True)
    assert (found["escalation"].until, found["escalation"].over) == ("2026-05-20", False)
    assert by_name(course, date(2026, 5, 21))["escalation"].over


@pytest.mark.parametrize("state", ["settled", "pending_approval", "closed", "cancelled"])
def test_what_is_settled_or_finished_has_no_clock(state: str) -> None:
    """The clock stops with the settlement."""
    assert (
        running_deadlines(
            IssueTimeline(state, 1, "2026-05-18", "2026-05-11", progress_on="2026-05-01"), WEDNESDAY, DEFAULT_LIMITS
        )
        == ()
    )


@given(
    state=st.sampled_from(STATES),
    level=st.integers(1, 3),
    due=st.none() | DAYS,
    until=st.none() | DAYS,
    moved=DAYS,
    today=DAYS,
    limits=st.builds(Limits, stale=st.integers(1, 15), overdue=st.integers(1, 8)),
)
def test_a_clock_that_is_over_is_a_light_that_is_on(
    state: str, level: int, due: date | None, until: date | None, moved: date, today: date, limits: Limits
) -> None:
    """On any day, for any issue: red is a due date over, yellow a waiting or a silence over, and an escalation is
    proposed exactly when its clock is over."""
    due_on, waits = (day.isoformat() if day else None for day in (due, until))
    course = IssueTimeline(state, level, due_on, "2025-12-01", waits, "2025-12-01", moved.isoformat())
    noon = datetime.combine(moved, time(12), SHANGHAI)
    known = IssueState(state, level, due=due_on, waiting_until=waits, progress_at=int(noon.timestamp() * 1000))  # type: ignore[arg-type]
    over = {one.name for one in running_deadlines(course, today, limits) if one.over}
    shown = issue_light(known, today, limits)
    assert ("due" in over) is (shown == "red")
    if shown != "red":
        assert bool(over & {"waiting", "progress"}) is (shown == "yellow")
    proposed = proposed_escalation_level(light_thresholds(today, limits), known) is not None
    assert ("escalation" in over) is proposed


@given(since=DAYS, until=DAYS, ahead=st.integers(0, 400))
def test_days_left_only_ever_go_down(since: date, until: date, ahead: int) -> None:
    """The later it is, the fewer days are left."""
    course = IssueTimeline("in_progress", 1, until.isoformat(), since.isoformat())
    early, late = (by_name(course, since + timedelta(days=n))["due"].left for n in (0, ahead))
    assert late <= early
