"""Reads a day in a cell of a table, which may be years old: a day without a year is of the table's year, and what
counts from today (下周五, 月底) is no day."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from store.exceptions import BadTime
from store.values.dates import Toward
from store.values.times import parse_day, parse_time

_EXCEL_DAY = re.compile(r"(\d{5})(?:\.(\d+))?")
_EXCEL_EPOCH = date(1899, 12, 30)
_FIRST, _LAST = date(2000, 1, 1), date(2050, 12, 31)
_WHOLE = re.compile(r"(20\d\d)[-./年](\d{1,2})[-./月](\d{1,2})日?")
_CACHED = 16_384
"""Tables name the same days in row after row."""
_MINUTES = 24 * 60
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)|(?<!\d)20\d{6}(?!\d)|二[〇零○oO0]")
_THIS_YEAR = re.compile(r"^[今本当]年")
_OTHER_YEAR = re.compile(r"[去上明后前]年")
_SHORT_YEAR = re.compile(r"(?<!\d)'?(\d\d)(?=[年./-]\d{1,2}[月./-]\d{1,2})")
_MONTH = re.compile(r"\d{1,2}[月./-]|[一二三四五六七八九十元]+月|[一二三四1-4]季度")
_SHORTENED = re.compile(r"\d{1,2}\.[123]")
"""As a number 3.10 is 3.1."""


class TableDay(NamedTuple):
    """A moment as it is stored; whether its cell names no year, and whether the year is a guess."""

    at: str
    yearless: bool = False
    guessed: bool = False

    @property
    def day(self) -> str:
        """The day alone."""
        return self.at[:10]


@lru_cache(_CACHED)
def read_table_day(
    text: str, now: datetime, toward: Toward, *, year: int | None = None, after: str | None = None
) -> TableDay:
    """The moment that a cell names. ``year`` is that of the table, where it says one; ``after`` a day of the same row
    before which this one does not lie. Raises `BadTime`."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if excel := _EXCEL_DAY.fullmatch(plain):
        return TableDay(_excel(text, excel))
    if short := _SHORT_YEAR.match(plain):
        plain = f"20{plain[short.start(1) :]}"
    if _YEAR.search(plain):
        return TableDay(_read(plain, now, toward))
    plain = _THIS_YEAR.sub("", plain)
    bare = re.sub(r"\s+", "", plain)
    if not _MONTH.search(bare) or _SHORTENED.fullmatch(bare) or _OTHER_YEAR.search(bare):
        raise BadTime(text=text)
    if year is not None or after is not None:
        first = year if year is not None else int(str(after)[:4])
        found = _read(_with_year(first, plain), now, toward)
        if after is not None and found[:10] < after[:10] and toward == "future":
            found = _read(_with_year(int(after[:4]) + 1, plain), now, toward)
        return TableDay(found, yearless=True)
    return TableDay(_read(plain, now, toward), yearless=True, guessed=True)


def _with_year(year: int, text: str) -> str:
    mark = re.match(r"\d{1,2}([./-])", text)
    return f"{year}{mark[1] if mark else '年'}{text}"


def _read(text: str, now: datetime, toward: Toward) -> str:
    if whole := _WHOLE.fullmatch(text):  # most cells
        with contextlib.suppress(ValueError):
            day = date(int(whole[1]), int(whole[2]), int(whole[3]))
            if _FIRST <= day <= _LAST:
                return f"{day.isoformat()}T00:00+08:00"
    try:
        return parse_time(text, now, toward)
    except BadTime:
        return f"{parse_day(text, now, toward)}T00:00+08:00"


def _excel(text: str, number: re.Match[str]) -> str:
    """The moment of which a spreadsheet keeps the number of days."""
    day = _EXCEL_EPOCH + timedelta(days=int(number[1]))
    if not _FIRST <= day <= _LAST:
        raise BadTime(text=text)
    minutes = round(float(f"0.{number[2] or 0}") * _MINUTES)
    hour, minute = divmod(min(minutes, _MINUTES - 1), 60)
    return f"{day.isoformat()}T{hour:02}:{minute:02}+08:00"
