"""What people type for a time or a day, and working days by the official calendar."""

from __future__ import annotations

import contextlib
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.exceptions import BadTime, FutureTime
from store.values.times import SHANGHAI, format_moment, parse_day, parse_time
from store.values.workdays import add_workdays, is_workday

FRIDAY = datetime(2026, 2, 13, 9, 30, 15, tzinfo=SHANGHAI)
"""The Friday before the Spring Festival of 2026: the Saturday after it is worked, the 15th to the 23rd are holidays."""


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-03-05", "2026-03-05"),
        ("20260305", "2026-03-05"),
        ("２０２６－０３－０５", "2026-03-05"),
        ("2026-03-05T23:30Z", "2026-03-06"),
        ("today", "2026-02-13"),
        ("今天", "2026-02-13"),
        ("Yesterday", "2026-02-12"),
        ("昨天", "2026-02-12"),
        ("tomorrow", "2026-02-14"),
        ("明天", "2026-02-14"),
        ("+1", "2026-02-14"),
        ("+3", "2026-02-25"),
        ("+0", "2026-02-13"),
        ("-1", "2026-02-12"),
    ],
)
def test_a_day_is_read_as_typed(typed: str, day: str) -> None:
    """ISO days, words in two languages, full-width digits and working days from today are understood."""
    assert parse_day(typed, FRIDAY) == day


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("2026-03-05 14:30", "2026-03-05T14:30+08:00"),
        ("2026-03-05T14:30:05", "2026-03-05T14:30:05+08:00"),
        ("2026-03-05T06:30Z", "2026-03-05T14:30+08:00"),
        ("2026-03-05t06:30:00+00:00", "2026-03-05T14:30+08:00"),
        ("2026-03-05", "2026-03-05T00:00+08:00"),
        ("now", "2026-02-13T09:30+08:00"),
        ("现在", "2026-02-13T09:30+08:00"),
        ("8:05", "2026-02-13T08:05+08:00"),
        ("１４：３０", "2026-02-13T14:30+08:00"),
        ("昨天 14:30", "2026-02-12T14:30+08:00"),
        ("昨天14:30", "2026-02-12T14:30+08:00"),
        ("tomorrow 9:00", "2026-02-14T09:00+08:00"),
    ],
)
def test_a_time_is_read_as_typed(typed: str, when: str) -> None:
    """Times without a zone are the district's, others are turned into it, and a day counts from midnight."""
    assert parse_time(typed, FRIDAY) == when


@pytest.mark.parametrize(
    "typed", ["", "  ", "soon", "2026-02-30", "25:00", "14:60", "2026-13-01", "+", "+9999", "明儿", "14:30 today"]
)
def test_what_is_no_time_is_refused_with_what_was_typed(typed: str) -> None:
    """A person reads their own words back, and how to write it."""
    for parse in (parse_time, parse_day):
        with pytest.raises(BadTime) as refused:
            parse(typed, FRIDAY)
        assert refused.value.values == {"text": typed}


def test_a_time_of_day_alone_is_no_day() -> None:
    """A due date cannot be a time of day."""
    with pytest.raises(BadTime):
        parse_day("14:30", FRIDAY)


@given(st.text())
def test_no_text_breaks_the_reader(typed: str) -> None:
    """Whatever is typed is either read or refused, never anything else."""
    for parse, length in ((parse_day, 10), (parse_time, 22)):
        with contextlib.suppress(BadTime):
            assert len(parse(typed, FRIDAY)) >= length


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_a_written_moment_is_read_back_unchanged(when: datetime) -> None:
    """What the ledger keeps is itself something that a person may type."""
    written = format_moment(when.replace(tzinfo=SHANGHAI))
    assert parse_time(written, FRIDAY) == written


def test_holidays_are_off_and_swapped_weekends_worked() -> None:
    """The official calendar decides, not the weekday (domain.md, Lights)."""
    assert not is_workday(date(2026, 2, 18))
    assert is_workday(date(2026, 2, 14))
    assert is_workday(date(2026, 3, 5))
    assert not is_workday(date(2026, 3, 7))


def test_years_not_announced_yet_go_by_the_week() -> None:
    """Beyond the announced calendars Monday to Friday are worked."""
    monday = date(2062, 1, 2)
    assert [is_workday(monday + timedelta(days=n)) for n in range(7)] == [True] * 5 + [False] * 2


@given(st.dates(date(2018, 1, 1), date(2027, 12, 31)), st.integers(1, 40))
def test_working_days_count_forth_and_back(day: date, count: int) -> None:
    """So many working days later is a working day with exactly that many after the start."""
    later = add_workdays(day, count)
    between = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    assert sum(map(is_workday, between)) == count
    assert is_workday(later)
    assert add_workdays(later, -count) <= day or not is_workday(day)


@pytest.mark.parametrize(
    ("hour", "typed", "when"),
    [
        (0, "今早", None),
        (0, "今晚", None),
        (0, "今晚9点", None),
        (0, "今天下午3点", None),
        (0, "昨晚", "2026-02-12T19:00+08:00"),
        (0, "刚才", "2026-02-13T00:30+08:00"),
        (4, "今早4点", "2026-02-13T04:00+08:00"),
        (5, "今早", "2026-02-13T08:00+08:00"),
        (8, "今天上午", "2026-02-13T09:00+08:00"),
        (16, "今晚", None),
        (19, "今晚8点", "2026-02-13T20:00+08:00"),
    ],
)
def test_a_part_of_today_that_has_not_begun_is_no_time_of_a_visit(hour: int, typed: str, when: str | None) -> None:
    """At half past midnight 今早 and 今晚 are asked back; a part of the day that has begun is taken at its hour."""
    now = FRIDAY.replace(hour=hour, minute=30, second=0)
    if when is None:
        with pytest.raises(FutureTime):
            parse_time(typed, now, "past")
    else:
        assert parse_time(typed, now, "past") == when
