"""Periods of reports: a week ``2026W48``, a month ``2026-07``, a quarter ``2026Q3``, a half ``2026H1``, a year."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import NamedTuple

from tui.reports.exceptions import BadPeriod

_SHAPE = re.compile(
    r"(?P<year>\d{4})(?:(?:-|年)?(?P<month>0[1-9]|1[0-2]|[1-9](?=月))月?|-?(?P<part>Q[1-4]|H[12])|年?)", re.I
)
_WEEK = re.compile(r"(?P<year>\d{4})(?:-?W(?P<iso>\d{1,2})|年第?(?P<named>\d{1,2})周)", re.I)
_ONE_WEEK = timedelta(days=7)


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
            return _week_from(self.monday - _ONE_WEEK, "")
        return self._replace(first=self.first - self.months, name="")


def parse_period(text: str) -> Period:
    """The period that ``text`` names. Raises `BadPeriod`."""
    typed = unicodedata.normalize("NFKC", text).strip().upper()
    if week := _WEEK.fullmatch(typed):
        return _parse_week(week, text)
    match = _SHAPE.fullmatch(typed)
    if match is None:
        raise BadPeriod(text=text)
    year, month, part = int(match["year"]), match["month"], match["part"]
    if month:
        return Period(year * 12 + int(month) - 1, 1, f"{year:04}-{int(month):02}")
    if part:
        months = 3 if part[0] == "Q" else 6
        return Period(year * 12 + (int(part[1]) - 1) * months, months, f"{year:04}{part}")
    return Period(year * 12, 12, f"{year:04}")


def _parse_week(match: re.Match[str], text: str) -> Period:
    year, week = int(match["year"]), int(match["iso"] or match["named"])
    try:
        return _week_from(date.fromisocalendar(year, week, 1), f"{year:04}W{week:02}")
    except ValueError:
        raise BadPeriod(text=text) from None


def _week_from(monday: date, name: str) -> Period:
    last = monday + _ONE_WEEK - timedelta(days=1)
    return Period(last.year * 12 + last.month - 1, 1, name, monday)


def period_containing(month: int, months: int) -> Period:
    """The month, quarter or year (1, 3 or 12 ``months``) that contains ``month``, counted from the year 0."""
    first = month - month % months
    year = first // 12
    name = {1: month_name(first), 3: f"{year:04}Q{first % 12 // 3 + 1}", 12: f"{year:04}"}[months]
    return Period(first, months, name)


def month_name(number: int) -> str:
    """``YYYY-MM`` of a month counted from the year 0."""
    return f"{number // 12:04}-{number % 12 + 1:02}"
