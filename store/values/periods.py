"""Periods of reports, evaluations and returns: as offices write them, and as the ledger stores them.

Stored: a week ``2026W48``, a month ``2026-07``, a quarter ``2026Q3``, a half ``2026H1``, a year ``2026``, or months in
a row ``2026-01/2026-10``. Typed: those, and 2026年三季度, 上半年, 前三季度, 1-10月, 去年, 上月, 上周 and the like. A
period without a year is this year's, if it has begun; one that counts from January, if half of it has. Pure. Next:
``store/values/dates.py``, which reads days.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from store.exceptions import BadMonth, BadTime, YearMissing
from store.values.dates import normalize_typed
from store.values.exceptions import BadPeriod, MonthYearMissing, PeriodYearMissing
from store.values.times import SHANGHAI, parse_day
from store.values.workdays import FIRST_DAY, LAST_DAY

_ONE_WEEK = timedelta(days=7)
_YEARS = {"前": -2, "去": -1, "上": -1, "今": 0, "本": 0, "当": 0, "明": 1, "last": -1, "this": 0, "next": 1}
_STEPS = {"上上": -2, "上": -1, "本": 0, "这": 0, "当": 0, "下": 1, "last": -1, "this": 0, "next": 1}
_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4}
_LENGTHS = {"月": 1, "month": 1, "季": 3, "季度": 3, "quarter": 3}


class Period(NamedTuple):
    """Consecutive months: the first (counted from the year 0), their number, and the period's name in the ledger; or a
    week: its ``monday``, and the month in which it ends."""

    first: int
    months: int
    name: str
    monday: date | None = None

    @property
    def since(self) -> str:
        """The first day."""
        return self.monday.isoformat() if self.monday else f"{month_name(self.first)}-01"

    @property
    def until(self) -> str:
        """The last day, or a later one that is not in the next month: days are compared as text."""
        if self.monday:
            return (self.monday + _ONE_WEEK - timedelta(days=1)).isoformat()
        return f"{month_name(self.first + self.months - 1)}-31"

    @property
    def previous(self) -> Period:
        """The period of the same length directly before."""
        if self.monday:
            return _week_from(self.monday - _ONE_WEEK)
        return _months(self.first - self.months, self.months)


def parse_period(text: str, today: date) -> Period:
    """The period that ``text`` names. Raises `BadPeriod`; `PeriodYearMissing` where it has no year, and this year's is
    mostly still to come."""
    typed = re.sub(r"\s+", "", normalize_typed(text).translate(_DASHES))
    try:
        for pattern, read in _rules():
            match = pattern.fullmatch(typed)
            period = read(match, today) if match else None
            if match and period:
                return _checked(period, text, today, has_year=_has_year(match))
    except (ValueError, OverflowError):  # a week or a year that no calendar has
        raise BadPeriod(text=text) from None
    raise BadPeriod(text=text)


def parse_month(text: str, now: datetime) -> str:
    """The month that ``text`` names (2026-03, 2026年3月, 3月, 去年12月, 本月, any day of it): ``YYYY-MM``. Raises
    `BadMonth`, and `MonthYearMissing` for one, or a day of one, without a year that has not begun."""
    try:
        period = parse_period(text, now.astimezone(SHANGHAI).date())
    except PeriodYearMissing:
        raise MonthYearMissing(text=text) from None
    except BadPeriod:
        try:
            return _month_of_day(text, now)
        except YearMissing:
            raise MonthYearMissing(text=text) from None
        except BadTime:
            raise BadMonth(text=text) from None
    if period.months != 1 or period.monday:
        raise BadMonth(text=text)
    return period.name


def _month_of_day(text: str, now: datetime) -> str:
    day = parse_day(text, now)
    later = day[:7] > now.astimezone(SHANGHAI).date().isoformat()[:7]
    if later and parse_day(text, now, "past") != day:
        raise YearMissing(text=text)
    return day[:7]


def _checked(period: Period, text: str, today: date, *, has_year: bool) -> Period:
    if not FIRST_DAY.isoformat() <= period.since <= period.until <= LAST_DAY.isoformat():
        raise BadPeriod(text=text)
    if not has_year and not _has_begun(period, today):
        raise PeriodYearMissing(text=text)
    return period


def _has_begun(period: Period, today: date) -> bool:
    """Whether people may mean this year's: in January 1-10月 and 前三季度 are last year's."""
    from_january = period.first % 12 == 0 and period.months > 3 and period.monday is None
    begun = today.year * 12 + today.month - period.first  # months, the present one among them
    return 2 * begun >= period.months if from_january else period.since <= today.isoformat()


def _has_year(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return not {"year", "which"} & groups.keys() or bool(groups.get("year") or groups.get("which"))


def _year(match: re.Match[str], today: date) -> int:
    groups = match.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    return today.year + _YEARS[groups.get("which") or "今"]


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else _NUMBERS[text]


def _whole_year(match: re.Match[str], today: date) -> Period:
    return _months(_year(match, today) * 12, 12)


def _month(match: re.Match[str], today: date) -> Period | None:
    month = int(match["month"])
    return _months(_year(match, today) * 12 + month - 1, 1) if 1 <= month <= 12 else None


def _quarter(match: re.Match[str], today: date) -> Period:
    return _months(_year(match, today) * 12 + (_number(match["part"]) - 1) * 3, 3)


def _quarters(match: re.Match[str], today: date) -> Period:
    return _months(_year(match, today) * 12, 3 * _number(match["part"]))


def _half(match: re.Match[str], today: date) -> Period:
    return _months(_year(match, today) * 12 + (0 if match["part"] in ("1", "上") else 6), 6)


def _range(match: re.Match[str], today: date) -> Period | None:
    """Months in a row of one year, as statistics count them: 1-10月."""
    first, last = _number(match["first"]), int(match["last"])
    return _months(_year(match, today) * 12 + first - 1, last - first + 1) if 1 <= first < last <= 12 else None


def _stored_range(match: re.Match[str], _today: date) -> Period | None:
    first = int(match["from"]) * 12 + int(match["first"]) - 1
    last = int(match["to"]) * 12 + int(match["last"]) - 1
    months = {int(match["first"]), int(match["last"])}
    return _months(first, last - first + 1) if first < last and months <= {*range(1, 13)} else None


def _week(match: re.Match[str], today: date) -> Period:
    return _week_from(date.fromisocalendar(_year(match, today), int(match["week"]), 1))


def _step(match: re.Match[str], today: date) -> Period:
    """This month, the last quarter: counted from the present one."""
    length, by = _LENGTHS[match["unit"]], _STEPS[match["step"]]
    month = today.year * 12 + today.month - 1
    return _months(month - month % length + by * length, length)


def _step_week(match: re.Match[str], today: date) -> Period:
    return _week_from(today - timedelta(days=today.weekday()) + _STEPS[match["step"]] * _ONE_WEEK)


def _week_from(monday: date) -> Period:
    year, week, _day = monday.isocalendar()
    last = monday + _ONE_WEEK - timedelta(days=1)
    return Period(last.year * 12 + last.month - 1, 1, f"{year:04}W{week:02}", monday)


def _months(first: int, months: int) -> Period:
    """The period of these months under its one name, whether or not it was typed as a quarter or half."""
    year, month = divmod(first, 12)
    if months == 1:
        name = month_name(first)
    elif months in (3, 6, 12) and month % months == 0:
        name = f"{year:04}" + {3: f"Q{month // 3 + 1}", 6: f"H{month // 6 + 1}", 12: ""}[months]
    else:
        name = f"{month_name(first)}/{month_name(first + months - 1)}"
    return Period(first, months, name)


def period_containing(month: int, months: int) -> Period:
    """The month, quarter or year (1, 3 or 12 ``months``) that contains ``month``, counted from the year 0."""
    return _months(month - month % months, months)


def month_name(number: int) -> str:
    """``YYYY-MM`` of a month counted from the year 0."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


_Reader = Callable[[re.Match[str], date], Period | None]
_DASHES = str.maketrans("—–－~～至到", "-------")
_YEAR = "(?:(?P<year>[0-9]{4})年?度?|(?P<which>[前去上今本当明])年度?)"
_MAYBE_YEAR = f"{_YEAR}?"
_STEP = "(?P<step>上上|上|本|这|当|下)一?个?"
_PATTERNS: tuple[tuple[str, _Reader], ...] = (
    (f"{_YEAR}(?:全年)?", _whole_year),
    ("(?P<which>last|this|next)year", _whole_year),
    (f"{_MAYBE_YEAR}(?P<month>[0-9]{{1,2}})月份?", _month),
    ("(?P<year>[0-9]{4})[-./]?(?P<month>0[1-9]|1[0-2])", _month),
    ("(?P<year>[0-9]{4})[-./](?P<month>[1-9])", _month),
    (f"{_MAYBE_YEAR}-?q(?P<part>[1-4])", _quarter),
    (f"{_MAYBE_YEAR}第?(?P<part>[1-4一二三四])季度?", _quarter),
    (f"{_MAYBE_YEAR}前(?P<part>[23二两三])个?季度?", _quarters),
    (f"{_MAYBE_YEAR}-?h(?P<part>[12])", _half),
    (f"{_MAYBE_YEAR}(?P<part>[上下])半年度?", _half),
    (f"{_MAYBE_YEAR}(?P<first>[0-9]{{1,2}}|一)月?份?-(?P<last>[0-9]{{1,2}})月份?", _range),
    ("(?P<from>[0-9]{4})-(?P<first>[0-9]{2})(?:/|to)(?P<to>[0-9]{4})-(?P<last>[0-9]{2})", _stored_range),
    (f"{_YEAR}?-?w(?P<week>[0-9]{{1,2}})", _week),
    (f"{_MAYBE_YEAR}第?(?P<week>[0-9]{{1,2}})(?:周|个?星期)", _week),
    (f"{_STEP}(?P<unit>月|季度?)份?", _step),
    ("(?P<step>last|this|next)(?P<unit>month|quarter)", _step),
    (f"{_STEP}(?:周|星期|礼拜)", _step_week),
    ("(?P<step>last|this|next)week", _step_week),
)
"""What is understood, in the order in which it is tried."""


@cache
def _rules() -> list[tuple[re.Pattern[str], _Reader]]:
    """The patterns, compiled when the first period is read."""
    return [(re.compile(pattern), read) for pattern, read in _PATTERNS]
