"""Days and times as offices write them: what is understood, what is refused, and that what is printed is read back."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.exceptions import BadTime, HalfOfDayMissing, YearMissing
from store.values.dates import Toward
from store.values.times import SHANGHAI, parse_day, parse_time
from tui.i18n.dates import format_day, format_full_moment, format_moment, format_time

SUNDAY = datetime(2026, 11, 29, 20, 0, tzinfo=SHANGHAI)
DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
AS_WRITTEN = {
    "2026-12-31": (
        "2026.12.31 2026.12.31. 2026/12/31 2026-12-31 20261231 2026年12月31日 2026年12月31 2026年12月31号 "
        "12月31日 12月31 12.31 12/31 12-31 ２０２６．１２．３１ 二〇二六年十二月三十一日 十二月三十一日 "
        "下月底 下个月底 下月31日 年底 年末 今年底 12月底 2026年12月底 2026年底 季度末 今年12月31日 "
        "12月31日（星期四） 2026-12-31周四 12月31日前 12月底之前 12月31號 二○二六年十二月三十一日 26年12月31日 "
        "今年年底 2026年年底 四季度末 第四季度末 2026年4季度末 12月31日下班前 12月31日24时前 于12月31日前 截至12月31日 "
        "截止到12月31日 12月31日止 12月31日前完成"
    ),
    "2027-03-07": ("2027-3-7 2027.3.7 2027年3月7日 明年3月7日 3月7日 3.7 03-07"),
    "2026-12-04": ("下周五 周五 星期五 礼拜五 下个星期五 12.4 下月4日 下月4号 5天后 五天内 5天 ４日"),
    "2026-11-30": ("明天 tomorrow 月底 本月底 11月30日 周一 30日 三十号 11-30"),
    "2026-12-02": ("大后天 3天后 三天内 3日内 +3 ＋３ 3个工作日 3个工作日内 三个工作日后 3天之内"),
    "2026-12-13": ("两周后 2周内 2个星期后 14天"),
    "2027-02-28": ("3个月后 三个月内 明年2月底 2月底 二月底"),
    "2027-01-31": ("1月底 元月底 元月31日 1月31日"),
    "2027-03-31": ("一季度末 明年一季度末 2027年一季度末 3月底"),
}
REFUSED = (
    "2026-W48-1 2026W481 2026-W48-1T10:00 26.12.31 31.12.2026 2026-12/31 2月30日 13月1日 12月31日（星期五） "
    "5日后 下周 月中 2026年2月 2026-12-319:00 凌晨 昨天凌晨 晚上12点 上午15点 12.31.2026 9999天 2026-12-31、10:00 "
    "周八 99个工作日x 三五天 两三天内 七八个工作日 一二月底 48周"
)


@pytest.mark.parametrize("day", AS_WRITTEN)
def test_a_due_date_is_understood_as_offices_write_it(day: str) -> None:
    """Points, strokes, 年月日, words, weekdays, ends of months and counts all mean one day."""
    for typed in AS_WRITTEN[day].split():
        assert parse_day(typed, SUNDAY, "future") == day, typed


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("昨天下午3点", "2026-11-28T15:00"),
        ("14点30", "2026-11-29T14:30"),
        ("11月20日", "2026-11-20T00:00"),
        ("2026.11.20 9:00", "2026-11-20T09:00"),
        ("2026年11月20日上午九点半", "2026-11-20T09:30"),
        ("昨晚8点", "2026-11-28T20:00"),
        ("周六晚8点", "2026-11-28T20:00"),
        ("11月28日晚八点", "2026-11-28T20:00"),
        ("今早8:30", "2026-11-29T08:30"),
        ("前天 15时30分", "2026-11-27T15:30"),
        ("周五下午三点一刻", "2026-11-27T15:15"),
        ("上周三 10:00", "2026-11-18T10:00"),
        ("20日 14：30", "2026-11-20T14:30"),
        ("昨天 3:30 pm", "2026-11-28T15:30"),
        ("中午12点", "2026-11-29T12:00"),
        ("上周五上午", "2026-11-20T09:00"),
        ("周三下午", "2026-11-25T15:00"),
        ("3号晚上", "2026-11-03T19:00"),
        ("今早", "2026-11-29T08:00"),
        ("11月27日 中午", "2026-11-27T12:00"),
        ("上午", "2026-11-29T09:00"),
        ("12-30", None),
    ],
)
def test_the_time_of_a_visit_is_understood_as_people_say_it(typed: str, when: str | None) -> None:
    """A visit lies in the past: 周五 is the last one, and a day without a year that was long ago is asked for."""
    if when is None:
        with pytest.raises(YearMissing):
            parse_time(typed, SUNDAY, "past")
    else:
        assert parse_time(typed, SUNDAY, "past") == f"{when}+08:00"


def test_what_is_no_day_or_may_be_two_is_refused() -> None:
    """Week numbers are periods; nothing ambiguous or contradictory becomes a date."""
    for typed in REFUSED.split():
        for parse in (parse_time, parse_day):
            with pytest.raises(BadTime):
                parse(typed, SUNDAY)


def test_what_is_ambiguous_says_what_is_missing() -> None:
    """The year, or the half of the day: named, and never chosen for the person."""
    for typed in ("11.20", "10月底", "三季度末"):
        with pytest.raises(YearMissing):
            parse_day(typed, SUNDAY, "future")
    with pytest.raises(HalfOfDayMissing) as refused:
        parse_time("昨天3点", SUNDAY)
    assert refused.value.values == {"text": "昨天3点"}


@given(DAYS, DAYS)
def test_every_printed_day_is_read_back(day: date, today: date) -> None:
    """What a list or a form shows of a day may be typed, and means that day."""
    now = datetime(today.year, today.month, today.day, 12, tzinfo=SHANGHAI)
    shown = format_day(day.isoformat(), int(now.timestamp() * 1000))
    assert parse_day(shown, now) == day.isoformat()


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1)), DAYS)
def test_every_printed_moment_is_read_back(moment: datetime, today: date) -> None:
    """So may what is shown of a moment, as far as it is shown: another year’s without its time of day."""
    when = moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
    now = datetime(today.year, today.month, today.day, 12, tzinfo=SHANGHAI)
    ms, now_ms = int(when.timestamp() * 1000), int(now.timestamp() * 1000)
    whole = f"{when.isoformat(timespec='minutes')}"
    assert parse_time(format_full_moment(ms), now) == whole
    for shown in (format_time(ms, now_ms), format_moment(whole, now_ms)):
        length = 16 if when.year == now.year else 10
        assert parse_time(shown, now)[:length] == whole[:length]


@given(
    DAYS,
    st.sampled_from(["{0}.{1}.{2}", "{0}年{1}月{2}日", "{0}/{1}/{2}", "{0}-{1}-{2}"]),
    st.sampled_from([None, "past", "future"]),
)
def test_a_whole_day_means_itself_wherever_it_is_expected(day: date, form: str, toward: Toward | None) -> None:
    """With its year a day is never moved."""
    assert parse_day(form.format(day.year, day.month, day.day), SUNDAY, toward) == day.isoformat()


@given(DAYS, DAYS)
def test_a_day_without_a_year_is_near_and_on_its_side(day: date, today: date) -> None:
    """A due date is never moved back, a visit never ahead, and neither by more than this year and half of the next."""
    now = datetime(today.year, today.month, today.day, 12, tzinfo=SHANGHAI)
    for toward, ahead in (("future", 1), ("past", -1)):
        try:
            read = date.fromisoformat(parse_day(f"{day.month}月{day.day}日", now, "past" if ahead < 0 else "future"))
        except BadTime:
            continue
        assert timedelta(0) <= (read - today) * ahead <= timedelta(366), toward
        assert (read.month, read.day) == (day.month, day.day)
