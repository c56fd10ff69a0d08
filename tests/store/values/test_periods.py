"""Periods and months as offices write them: what is understood, under which name, and what is asked for."""

from __future__ import annotations

from datetime import datetime

import pytest

from store.exceptions import BadMonth
from store.values.exceptions import BadPeriod, MonthYearMissing, PeriodYearMissing
from store.values.periods import parse_month, parse_period
from store.values.times import SHANGHAI
from tui.i18n.dates import format_period
from tui.i18n.translate import LANGUAGES, set_language

SUNDAY = datetime(2026, 11, 29, 20, 0, tzinfo=SHANGHAI)
AS_WRITTEN = {
    "2025": "去年 2025 2025年 2025年度 去年度 上年 ２０２５",
    "2026": "今年 本年度 二〇二六年 2026年全年 1-12月",
    "2026H1": "上半年 2026年上半年 今年上半年 2026h1 1-6月 1月至6月",
    "2025H2": "去年下半年 2025年下半年",
    "2026Q3": "三季度 第三季度 2026年三季度 2026年第三季度 2026年3季度 2026-q3 上季度 7-9月",
    "2026Q4": "本季度 四季度",
    "2026-01/2026-09": "前三季度 2026年前3季度 1-9月 2026年1—9月 一至九月 2026-01/2026-09",
    "2026-10": "上月 上个月 10月 十月份 202610 2026.10 2026/10 2026年10月 2026-10 lastmonth",
    "2026W48": "本周 2026年第48周 第48周 2026-W48",
    "2026W47": "上周",
}


@pytest.mark.parametrize("name", AS_WRITTEN)
def test_a_period_is_understood_as_offices_write_it(name: str) -> None:
    """However it is written it is one period under one name, and what is shown of it may be typed again."""
    for typed in AS_WRITTEN[name].split():
        assert parse_period(typed, SUNDAY.date()).name == name, typed
    for language in LANGUAGES:
        set_language(language)
        assert parse_period(format_period(name), SUNDAY.date()).name == name


def test_a_period_that_has_not_begun_needs_its_year() -> None:
    """In January 四季度 is last year's, but it is not chosen for the person."""
    january = datetime(2027, 1, 5, 9, 0, tzinfo=SHANGHAI)
    for typed in ("四季度", "12月", "下半年", "第50周", "1-10月", "前三季度", "1-12月", "上半年"):
        with pytest.raises(PeriodYearMissing):
            parse_period(typed, january.date())
    assert [
        parse_period(typed, january.date()).name for typed in ("一季度", "去年1-10月", "上季度", "上月", "上周")
    ] == [
        *("2027Q1", "2026-01/2026-10", "2026Q4", "2026-12", "2026W53"),
    ]
    for typed, now in (("12月", SUNDAY), ("12月", january), ("12月5日", january), ("12-05", january)):
        with pytest.raises(MonthYearMissing):
            parse_month(typed, now)
    assert [parse_month(typed, january) for typed in ("1月31日", "2026-12-05", "去年12月5日", "昨天", "下月1日")] == [
        *("2027-01", "2026-12", "2026-12", "2027-01", "2027-02"),
    ]
    for typed in ("13月", "2026W54", "2206", "季度", "20260101", "2026Q5", "10-1月"):
        with pytest.raises(BadPeriod):
            parse_period(typed, SUNDAY.date())


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("本月", "2026-11"),
        ("上个月", "2026-10"),
        ("下月", "2026-12"),
        ("2026年3月", "2026-03"),
        ("11月", "2026-11"),
        ("十月份", "2026-10"),
        ("去年12月", "2025-12"),
        ("当月", "2026-11"),
        ("2026年11月份", "2026-11"),
        ("202610", "2026-10"),
        ("2026/10", "2026-10"),
        ("2026-10-05", "2026-10"),
    ],
)
def test_a_month_may_be_a_word(typed: str, month: str) -> None:
    """本月 is as good as its number."""
    assert parse_month(typed, SUNDAY) == month


@pytest.mark.parametrize("typed", ["13月", "月", "第48周", "abc"])
def test_what_is_no_month_is_told_how_to_write_one(typed: str) -> None:
    """The sentence shows months, not days."""
    with pytest.raises(BadMonth, match="2026-03"):
        parse_month(typed, SUNDAY)
