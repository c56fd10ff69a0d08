"""Parses a day as offices write it: a pure function of the text, of today, and of where the day is expected.

`read_day` understands ISO days, the usual punctuation (2026.12.31, 2026/12/31, 2026年12月31日), days without a year
(12月31日, 12.31, the program's own 12-05), words (明天, 大后天), weekdays (周五, 下周五), ends (月底, 下月底, 一季度末,
年底) and counts (3天后, 两周内, 3个工作日, ``+3``). Week numbers are periods and no days. What can mean two days, or
some days (三五天), is not guessed.
Next: ``store/values/times.py``, which adds the time of day and the bounds of the ledger.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import Literal

from store.exceptions import YearMissing
from store.values.workdays import add_days, add_workdays

Toward = Literal["past", "future"]
"""Where a day is expected: a visit lies in the past, a due date in the future. Decides the year of a day without one,
and which Friday is meant."""
_WORDS = {
    "today": 0, "今天": 0, "今日": 0, "yesterday": -1, "昨天": -1, "昨日": -1, "tomorrow": 1, "明天": 1, "明日": 1,
    "后天": 2, "后日": 2, "大后天": 3, "前天": -2, "前日": -2, "大前天": -3,
}  # fmt: skip
_WEEKDAYS = {name: place for place, name in enumerate("一二三四五六日")} | {"天": 6}
_STEPS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}
_YEARS = {"前": -2, "去": -1, "今": 0, "本": 0, "明": 1, "后": 2}
_DIGITS = {name: place for place, name in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL = (
    "(?<![周期拜])[〇零一二两三四五六七八九十]+(?=[年月日号天个周点时分季]|工作日|星期)"
    "|(?<=[点时])[二三四五]?十[一二三四五六七八九]?$"
)
_BLANKS = r"(?<=\D)\s+|\s+(?=\D)"
_VARIANTS = str.maketrans("後號週點個時內兩這。○", "后号周点个时内两这.〇")
_SOME = re.compile("[一二两三四五六七八九]{2}")
"""三五天 are some days, and so no day; a row of four digits is a year."""
_WEEKDAY_AFTER = r"(?P<day>.+?)\(?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])\)?"
_BEFORE = (
    r"(?:截至|截止到?)(?P<until>.+)"
    r"|于?(?P<day>.+?)(?:24[时点])?(?:下班)?(?:之前|以前|前|为?止)(?:完成|办结|落实|解决|到位)?"
)
_YEAR_DIGITS = 4
_FAR_AWAY = 183
"""A day without a year may lie so many days beyond the turn of a year, not more: otherwise the year is asked for."""
_MAX_WORKDAYS, _MAX_DAYS = 366, 3660
_MOST_BARE_WEEKS = 9
"""A bare 48周 is a week of the year and no day; 48周后 is one."""


def normalize_typed(text: str) -> str:
    """What was typed in one spelling: half width, lower case, simplified characters, Chinese numerals before a unit as
    digits. Blanks stay, since they part a day from a time."""
    folded = unicodedata.normalize("NFKC", text).strip().lower().translate(_VARIANTS)
    return re.sub(_NUMERAL, lambda run: _number(run[0]), folded.replace("元月", "1月"))


def _number(numeral: str) -> str:
    """The number that a Chinese numeral below 100, or a row of digits such as 二〇二六, stands for; 三五 stays."""
    if len(numeral) != _YEAR_DIGITS and _SOME.search(numeral):
        return numeral
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return str(int("".join(str(_DIGITS[digit]) for digit in numeral)))
    return str(10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0))


def read_day(typed: str, today: date, toward: Toward | None = None) -> date | None:
    """The day that ``typed`` (as `normalize_typed` gives it) means; None where it is none. Raises `YearMissing` where
    it has no year and may lie far back or far ahead."""
    text = re.sub(_BLANKS, "", typed)
    for pattern, read in _rules():
        if match := pattern.fullmatch(text):
            return read(match, today, toward)
    if match := re.fullmatch(_WEEKDAY_AFTER, text):
        day = read_day(match["day"], today, toward)
        return day if day and day.weekday() == _WEEKDAYS[match["weekday"]] else None
    if toward == "future" and (match := re.fullmatch(_BEFORE, text)):
        return read_day(match["until"] or match["day"], today, toward)
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_end(year: int, month: int, by: int = 0) -> date | None:
    """The last day of the month that is ``by`` months later."""
    years, place = divmod(month - 1 + by, 12)
    if not 1 <= year + years <= 9999 or not 1 <= month <= 12:
        return None
    return date(year + years, place + 1, 28) + timedelta(days=_days_after_28(year + years, place + 1))


def _days_after_28(year: int, month: int) -> int:
    return sum(_date(year, month, day) is not None for day in (29, 30, 31))


def _full(match: re.Match[str], _today: date, _toward: Toward | None) -> date | None:
    year = match["year"]
    return _date(int(year) if len(year) == _YEAR_DIGITS else 2000 + int(year), int(match["month"]), int(match["day"]))


def _without_year(match: re.Match[str], today: date, toward: Toward | None) -> date | None:
    month, day = int(match["month"]), int(match["day"])
    return _near(match, today, toward, lambda year: _date(year, month, day))


def _near(
    match: re.Match[str], today: date, toward: Toward | None, in_year: Callable[[int], date | None]
) -> date | None:
    """This year's day, as the program prints it; where a day is expected on the other side of today, the next or the
    last one, if it is near."""
    here = in_year(today.year)
    if toward is None:
        return here
    ahead = 1 if toward == "future" else -1
    if here and (here - today).days * ahead >= 0:
        return here
    there = in_year(today.year + ahead)
    if there and abs((there - today).days) <= _FAR_AWAY:
        return there
    if here or there:
        raise YearMissing(text=match[0])
    return None


def _relative_year(match: re.Match[str], today: date, _toward: Toward | None) -> date | None:
    return _date(today.year + _YEARS[match["which"]], int(match["month"]), int(match["day"]))


def _day_of_month(match: re.Match[str], today: date, toward: Toward | None) -> date | None:
    day, by = int(match["day"]), _STEPS.get(match["step"] or "", 0)
    month = _month_end(today.year, today.month, by)
    here = _date(month.year, month.month, day) if month else None
    if match["step"] or toward is None or here is None:
        return here
    ahead = 1 if toward == "future" else -1
    if (here - today).days * ahead >= 0:
        return here
    other = _month_end(today.year, today.month, ahead)
    return _date(other.year, other.month, day) if other else None


def _end_of_month(match: re.Match[str], today: date, _toward: Toward | None) -> date | None:
    return _month_end(today.year, today.month, _STEPS.get(match["step"] or "", 0))


def _end_of_named_month(match: re.Match[str], today: date, toward: Toward | None) -> date | None:
    month = int(match["month"])
    if not match["year"] and not match["which"]:
        return _near(match, today, toward, lambda year: _month_end(year, month))
    return _month_end(_year_of(match, today), month)


def _end_of_named_quarter(match: re.Match[str], today: date, toward: Toward | None) -> date | None:
    month = 3 * int(match["quarter"])
    if not match["year"] and not match["which"]:
        return _near(match, today, toward, lambda year: _month_end(year, month))
    return _month_end(_year_of(match, today), month)


def _end_of_year(match: re.Match[str], today: date, _toward: Toward | None) -> date | None:
    return _date(_year_of(match, today), 12, 31)


def _end_of_quarter(match: re.Match[str], today: date, _toward: Toward | None) -> date | None:
    return _month_end(today.year, (today.month + 2) // 3 * 3, 3 * _STEPS.get(match["step"] or "", 0))


def _year_of(match: re.Match[str], today: date) -> int:
    return int(match["year"]) if match["year"] else today.year + _YEARS.get(match["which"] or "", 0)


def _weekday(match: re.Match[str], today: date, toward: Toward | None) -> date | None:
    wanted, step = _WEEKDAYS[match["weekday"]], match["step"]
    if step or toward is None:
        return add_days(today, wanted - today.weekday() + 7 * _STEPS.get(step or "", 0))
    if toward == "future":
        return add_days(today, (wanted - today.weekday()) % 7)
    return add_days(today, -((today.weekday() - wanted) % 7))


def _counted(match: re.Match[str], today: date, toward: Toward | None) -> date | None:
    """So many days, weeks, months or working days from today; a bare count and “within” look ahead only."""
    back = "前" in (match["way"] or "")
    if not back and toward == "past":
        return None
    count, unit = match["count"], match["unit"]
    number = (-1 if back else 1) * (0 if count == "半" else int(count))
    if count == "半":
        return _months_later(today, -6 if back else 6) if unit == "年" else add_days(today, -15 if back else 15)
    if "工作日" in unit:
        return add_workdays(today, number) if abs(number) <= _MAX_WORKDAYS else None
    if "月" in unit or unit == "年":
        return _months_later(today, number * (12 if unit == "年" else 1))
    if unit == "周" and not match["way"] and number > _MOST_BARE_WEEKS:
        return None
    days = number * (7 if unit.endswith(("周", "星期")) else 1)
    return add_days(today, days) if abs(days) <= _MAX_DAYS else None


def _months_later(today: date, months: int) -> date | None:
    end = _month_end(today.year, today.month, months)
    return end and end.replace(day=min(today.day, end.day))


def _signed_workdays(match: re.Match[str], today: date, _toward: Toward | None) -> date | None:
    count = int(match[0])
    return add_workdays(today, count) if abs(count) <= _MAX_WORKDAYS else None


def _word(match: re.Match[str], today: date, _toward: Toward | None) -> date | None:
    return add_days(today, _WORDS[match[0]])


_WAY = "(?P<way>之后|以后|后|之内|以内|内|之前|以前|前)"
_STEP = "(?:(?P<step>上上|下下|上|下|本|这)个?)"
_DAY = "(?P<day>[0-9]{1,2})"
_MONTH = "(?P<month>[0-9]{1,2})"
_YEAR = "(?P<year>[0-9]{4})"
_Reader = Callable[[re.Match[str], date, Toward | None], date | None]
_PATTERNS: tuple[tuple[str, _Reader], ...] = (
    ("|".join(_WORDS), _word),
    (f"(?P<year>[0-9]{{4}}|[0-9]{{2}})年{_MONTH}月{_DAY}[日号]?", _full),
    (f"{_YEAR}(?P<mark>[-./]){_MONTH}(?P=mark){_DAY}(?:[日号]|\\.)?", _full),
    (f"{_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})", _full),
    (f"{_MONTH}(?:月|[-./]){_DAY}[日号]?", _without_year),
    (f"(?P<which>[今本明后去前])年{_MONTH}月{_DAY}[日号]?", _relative_year),
    (f"(?:{_STEP}月)?{_DAY}[日号]", _day_of_month),
    (f"{_STEP}?月[底末]", _end_of_month),
    (f"(?:(?:{_YEAR}|(?P<which>[今本明后去前]))年)?{_MONTH}月[底末]", _end_of_named_month),
    (f"(?:(?:{_YEAR}|(?P<which>[今本明后去前]))年)?第?(?P<quarter>[1-4])季度?[底末]", _end_of_named_quarter),
    (f"(?:(?:{_YEAR}|(?P<which>[今本明后去前]))年?)?年[底末]", _end_of_year),
    (f"{_STEP}?季度?[底末]", _end_of_quarter),
    (f"{_STEP}?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])", _weekday),
    (r"[+-][0-9]{1,3}", _signed_workdays),
    (f"(?P<count>[0-9]{{1,4}})(?P<unit>天|个?自然日|个?工作日|个?周|个?星期|个月){_WAY}?", _counted),
    ("(?P<count>[0-9]{1,4})(?P<unit>日)(?P<way>之内|以内|内)", _counted),
    (f"(?P<count>半)(?P<unit>个月|年){_WAY}?", _counted),
    (f"(?P<count>[0-9]{{1,2}})(?P<unit>年){_WAY}", _counted),
)
"""What is understood, in the order in which it is tried. “5日前” and “5日后” are not: before the fifth, or five days
ago?"""


@cache
def _rules() -> list[tuple[re.Pattern[str], _Reader]]:
    """The patterns, compiled when the first day is read: most starts read none."""
    return [(re.compile(pattern), read) for pattern, read in _PATTERNS]
