"""Working days: counted at once, the same as walking through them, whatever a line or a limit says."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from store.domain.issue_deadlines import IssueTimeline, running_deadlines
from store.domain.limits import LIMIT_NAMES, Limits
from store.domain.status_lights import light_thresholds
from store.values.workdays import FIRST_DAY, LAST_DAY, add_days, add_workdays, is_workday, workdays_between

DAYS = st.dates(date(2003, 6, 1), date(2028, 6, 1))
TODAY = date(2026, 5, 20)


@given(first=DAYS, span=st.integers(-30, 400))
def test_counting_is_walking(first: date, span: int) -> None:
    """The count is that of the working days one after the other, in announced years and beyond."""
    days = (first + timedelta(days=n) for n in range(1, span + 1))
    assert workdays_between(first, first + timedelta(days=span)) == sum(map(is_workday, days))


@given(day=DAYS, count=st.integers(-200, 200).filter(bool))
def test_adding_ends_on_the_working_day_that_counting_gives(day: date, count: int) -> None:
    """The day found is a working day, and there are exactly as many working days between."""
    there = add_workdays(day, count)
    assert is_workday(there) and (there > day) == (count > 0)
    between = (day, there) if count > 0 else (there - timedelta(days=1), day - timedelta(days=1))
    assert workdays_between(*between) == abs(count)


@given(day=st.dates(), count=st.integers())
def test_no_day_and_no_count_leaves_the_calendar(day: date, count: int) -> None:
    """A count of any size ends within the days that the ledger knows, without an error."""
    assert FIRST_DAY <= add_days(day, count) <= LAST_DAY
    assert count == 0 or FIRST_DAY <= add_workdays(day, count) <= LAST_DAY


def test_any_limit_and_any_stored_day_give_deadlines_at_once() -> None:
    """Limits of 100,000 days, or a due date that is none or lies in the year 9999, stop neither lights nor deadlines:
    each is computed without a step for every day."""
    huge = Limits(**dict.fromkeys(LIMIT_NAMES, 100_000))
    assert light_thresholds(TODAY, huge).due_soon == LAST_DAY.isoformat()
    for day in ("2026-99-99", "9999-12-31", "0000-00-00", "", "２０２６-01-01", "2026-05-18"):
        timeline = IssueTimeline("waiting", 1, day, day, day, day, day)
        names = [deadline.name for deadline in running_deadlines(timeline, TODAY, huge)]
        assert names == (["waiting", "due", "escalation", "progress"] if day == "2026-05-18" else [])
