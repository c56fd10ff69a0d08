"""Hours of offices, against a walk through every minute of the official calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.values.office_hours import (
    DAY,
    USUAL_HOURS,
    OfficeHours,
    add_office_minutes,
    day_begins,
    minute_number,
    minute_text,
    office_minutes_between,
    stored_minute,
)
from store.values.times import SHANGHAI
from store.values.workdays import is_workday

SUMMER = OfficeHours(8 * 60, 12 * 60, 14 * 60 + 30, 18 * 60)


def at(text: str) -> int:
    """The minute of a time in the district."""
    return minute_number(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI))


@pytest.mark.parametrize(
    ("since", "hours", "limit"),
    [
        ("2026-01-05T09:00", 2, "2026-01-05T11:00"),
        ("2026-01-05T11:00", 2, "2026-01-05T14:30"),  # over the break at noon
        ("2026-01-05T12:10", 1, "2026-01-05T14:30"),  # within it
        ("2026-01-05T09:00", 7, "2026-01-05T17:30"),
        ("2026-01-05T17:00", 1, "2026-01-06T09:00"),
        ("2026-01-05T20:00", 4, "2026-01-06T14:00"),  # after hours
        ("2026-01-05T06:00", 1, "2026-01-05T09:30"),  # before hours
        ("2026-01-09T17:00", 1, "2026-01-12T09:00"),  # over a weekend
        ("2025-12-31T17:00", 1, "2026-01-04T09:00"),  # New Year; the Sunday after it is worked
        ("2026-02-13T16:30", 2, "2026-02-14T09:30"),  # the Saturday before the Spring Festival is worked
        ("2026-02-14T17:00", 1, "2026-02-24T09:00"),  # the Spring Festival
        ("2026-02-20T10:00", 1, "2026-02-24T09:30"),  # on a day off
        ("2026-02-27T17:00", 1, "2026-02-28T09:00"),
        ("2026-04-03T17:00", 1, "2026-04-07T09:00"),  # 清明
        ("2026-04-30T17:00", 1, "2026-05-06T09:00"),
        ("2026-05-08T17:00", 8, "2026-05-09T17:30"),
        ("2026-06-18T17:00", 1, "2026-06-22T09:00"),  # 端午
        ("2026-09-18T17:00", 1, "2026-09-20T09:00"),  # a Sunday that is worked
        ("2026-09-24T17:00", 1, "2026-09-28T09:00"),  # 中秋
        ("2026-09-30T15:30", 4, "2026-10-08T10:30"),  # 国庆
    ],
)
def test_known_hours_around_the_holidays(since: str, hours: int, limit: str) -> None:
    """Twenty limits by hand from the calendar of 2026 and the usual hours."""
    assert minute_text(add_office_minutes(at(since), hours * 60, USUAL_HOURS)) == limit


@given(
    since=st.integers(day_begins(date(2026, 9, 17)), day_begins(date(2026, 10, 12))),
    count=st.integers(0, 2_500),
    hours=st.sampled_from([USUAL_HOURS, SUMMER, OfficeHours(0, 720, 720, DAY)]),
)
def test_any_count_ends_where_a_walk_through_the_minutes_ends(since: int, count: int, hours: OfficeHours) -> None:
    """Around the holidays of autumn; and between both there are as many minutes as were counted."""
    minute, left = since, count
    while left:
        day, rest = divmod(minute, DAY)
        is_open = (
            hours.morning_from <= rest < hours.morning_until or hours.afternoon_from <= rest < hours.afternoon_until
        )
        left -= is_open and is_workday(date.fromordinal(day))
        minute += 1
    ends = add_office_minutes(since, count, hours)
    assert ends == minute
    assert office_minutes_between(since, ends, hours) == count
    assert office_minutes_between(ends, since, hours) == 0


def test_a_day_without_a_time_begins_or_is_over() -> None:
    """As it is asked for; the end of a day is 24:00 of it, before anything of the next."""
    assert stored_minute("2026-01-05", day_is_over=False) == at("2026-01-05T00:00")
    ends = stored_minute("2026-01-05", day_is_over=True)
    assert ends == at("2026-01-06T00:00")
    assert minute_text(ends, day_is_over=True) == "2026-01-05T24:00" < minute_text(ends + 1, day_is_over=True)
    assert stored_minute("2026-01-05T10:00:30+08:00", day_is_over=True) == at("2026-01-05T10:00")
    assert stored_minute("2026-01-05T02:00Z", day_is_over=True) == at("2026-01-05T10:00")
    assert stored_minute("2026-13-05", day_is_over=True) is None
    assert stored_minute("2026-01-05T99:00", day_is_over=True) is None


def test_what_is_beyond_the_known_days_stays_within() -> None:
    """A count of a thousand years ends with the last day."""
    far = add_office_minutes(at("2099-12-31T09:00"), 10**9, USUAL_HOURS)
    assert minute_text(far, day_is_over=True)[:4] == "2100"
    assert datetime.fromisoformat(minute_text(far)) <= datetime(2100, 12, 31) + timedelta(1)
