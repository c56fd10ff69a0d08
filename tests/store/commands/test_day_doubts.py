"""Days that are asked back before they are written."""

from __future__ import annotations

from datetime import datetime

import pytest

from store.commands.day_doubts import find_day_doubts, is_taken
from store.commands.exceptions import DueInPast
from store.exceptions import BadTime, DayFarBack, HolidaysUnknown
from store.values.times import SHANGHAI

NOW = datetime(2026, 11, 29, 20, 0, tzinfo=SHANGHAI)


def test_a_visit_a_year_back_is_asked_back() -> None:
    """Mostly a slip in the year; a day less is taken."""
    assert [type(one) for one in find_day_doubts(NOW, visited="2025-11-29")] == [DayFarBack]
    assert find_day_doubts(NOW, visited="2025-11-30 9:00") == find_day_doubts(NOW, visited="昨天下午3点") == []


def test_a_due_date_in_a_year_of_unknown_holidays_is_asked_back() -> None:
    """However it was typed: as a date or as working days that reach into that year."""
    for typed in ("2099-02-17", "2099年2月17日"):
        [doubt] = find_day_doubts(NOW, due=[typed])
        assert isinstance(doubt, HolidaysUnknown)
        assert (doubt.values["day"], doubt.values["year"]) == ("2099-02-17", 2099)
    assert find_day_doubts(NOW, due=["2026-12-31", "月底", ""]) == []
    with pytest.raises(BadTime):
        find_day_doubts(NOW, due=["2026-W48-1"])


def test_a_due_date_that_is_over_is_asked_back() -> None:
    """An act sets a day ahead; what happened earlier may have had a day that is over now, and what is entered
    afterwards is taken and told."""
    for typed in ("昨天", "2025-12-31", "上周五"):
        [doubt] = find_day_doubts(NOW, due=[typed])
        assert isinstance(doubt, DueInPast), typed
        assert (is_taken(doubt, NOW), is_taken(doubt, NOW, recorded_later=True)) == (False, True)
    assert find_day_doubts(NOW, due=["今天", "明天"]) == []
    assert find_day_doubts(NOW, due=["2026-11-20"], at="2026-11-10") == []
    assert len(find_day_doubts(NOW, due=["2026-11-09"], at="2026-11-10")) == 1


def test_a_due_date_of_the_coming_twelve_months_is_near() -> None:
    """At the end of a year the next one's holidays may not be announced yet: the command line takes and tells such a
    day; a visit long ago is no such thing."""
    doubts = [
        *find_day_doubts(NOW, due=["2027-3-7", "2027-11-29", "2027-11-30"]),
        *find_day_doubts(NOW, visited="2025-1-1"),
    ]
    assert [is_taken(doubt, NOW) for doubt in doubts] == [True, True, False, False]
