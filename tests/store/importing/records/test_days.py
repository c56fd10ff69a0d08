"""Days in the cells of a table that may be years old."""

from __future__ import annotations

import pytest

from store.exceptions import BadTime
from store.importing.records.days import read_table_day
from store.values.times import district_time

NOW = district_time(1796083200000)
"""2026-12-01."""


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("2026.3.5", None, "2026-03-05"),
        ("20260305", None, "2026-03-05"),
        ("24.3.5", None, "2024-03-05"),
        ("46086", None, "2026-03-05"),
        ("3月5日", 2024, "2024-03-05"),
        ("3.15", 2024, "2024-03-15"),
        ("3月底", 2024, "2024-03-31"),
        ("今年3月5日", 2024, "2024-03-05"),
    ],
)
def test_a_day_is_read_as_it_is_written_and_in_the_tables_year(text: str, year: int | None, day: str) -> None:
    """Also as the number that a spreadsheet keeps."""
    assert read_table_day(text, NOW, "past", year=year).day == day


@pytest.mark.parametrize("text", ["3.1", "下周五", "月底", "三天后", "去年3月5日", "长期", "99999"])
def test_what_may_be_another_day_is_none(text: str) -> None:
    """3.1 may be the 10th, and what counts from today counted from the day on which it was written."""
    with pytest.raises(BadTime):
        read_table_day(text, NOW, "past", year=2025)


def test_a_year_is_guessed_only_where_nothing_says_one() -> None:
    """A due date is not before the day on which the matter was raised; a guess says that it is one."""
    assert read_table_day("3月5日", NOW, "past").guessed
    due = read_table_day("2月5日", NOW, "future", after="2025-12-20")
    assert (due.day, due.guessed) == ("2026-02-05", False)
    assert read_table_day("12月25日", NOW, "future", year=2025, after="2025-12-20").day == "2025-12-25"
    assert read_table_day("46086.5", NOW, "past").at == "2026-03-05T12:00+08:00"
