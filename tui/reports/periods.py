"""Periods of reports: a month ``2026-07``, a quarter ``2026Q3``, a half ``2026H1``, a year ``2026``."""

from __future__ import annotations

import re
from typing import NamedTuple

from tui.reports.exceptions import BadPeriod

_SHAPE = re.compile(
    r"(?P<year>\d{4})(?:(?:-|年)?(?P<month>0[1-9]|1[0-2]|[1-9](?=月))月?|-?(?P<part>Q[1-4]|H[12])|年?)", re.I
)


class Period(NamedTuple):
    """Consecutive months: the first (counted from the year 0), their number, and the period's name in the ledger."""

    first: int
    months: int
    name: str

    @property
    def since(self) -> str:
        """The first day."""
        return f"{month_name(self.first)}-01"

    @property
    def until(self) -> str:
        """The last day, or a later one that is not in the next month: days are compared as text."""
        return f"{month_name(self.first + self.months - 1)}-31"

    @property
    def previous(self) -> Period:
        """The period of the same length directly before."""
        return self._replace(first=self.first - self.months, name="")


def parse_period(text: str) -> Period:
    """The period that ``text`` names. Raises `BadPeriod`."""
    match = _SHAPE.fullmatch(text.strip().upper())
    if match is None:
        raise BadPeriod(text=text)
    year, month, part = int(match["year"]), match["month"], match["part"]
    if month:
        return Period(year * 12 + int(month) - 1, 1, f"{year:04}-{int(month):02}")
    if part:
        months = 3 if part[0] == "Q" else 6
        return Period(year * 12 + (int(part[1]) - 1) * months, months, f"{year:04}{part}")
    return Period(year * 12, 12, f"{year:04}")


def period_containing(month: int, months: int) -> Period:
    """The month, quarter or year (1, 3 or 12 ``months``) that contains ``month``, counted from the year 0."""
    first = month - month % months
    year = first // 12
    name = {1: month_name(first), 3: f"{year:04}Q{first % 12 // 3 + 1}", 12: f"{year:04}"}[months]
    return Period(first, months, name)


def month_name(number: int) -> str:
    """``YYYY-MM`` of a month counted from the year 0."""
    return f"{number // 12:04}-{number % 12 + 1:02}"
