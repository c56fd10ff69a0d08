"""Reads a table of a year's holidays: in each row a day, or a first and a last one, and whether it is off or worked.

Any format that `store.importing.readers` knows; days as offices write them. A row without a day is a heading where no
day stands before it; later it is refused, as is a day without 放假 or 上班: a holiday that is left out may become a due
date.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from store.importing.cell_source import SourceRow
from store.importing.exceptions import HolidayDaysUnclear, HolidayRowUnclear
from store.importing.readers import read_cells
from store.values.dates import normalize_typed, read_day
from store.values.workdays import FIRST_DAY, LAST_DAY, HolidayCalendar

_OFF = re.compile("放假|休息|休假|节假日|假期|holiday|off", re.I)
_WORKED = re.compile("上班|调班|补班|工作日|workday|work", re.I)
_RANGE = re.compile(r"\s*(?:至|到|~|～|—+|–|－|(?<=[日号)）])\s*-|(?<=\.\d)-|(?<=\.\d\d)-|(?<=\s)-(?=\s))\s*")
_LONGEST = 31


def read_holidays(path: Path, year: int | None = None) -> dict[int, HolidayCalendar]:
    """The days off and the days worked in the file, by year. ``year`` is that of days without one. Raises a
    `TableImportError`, `YearMissing` among them."""
    off: dict[int, set[date]] = defaultdict(set)
    worked: dict[int, set[date]] = defaultdict(set)
    for row in read_cells(path).rows:
        texts = [cell.text.strip() for cell in row.cells if cell.text.strip()]
        said = " ".join(texts)
        is_worked = _WORKED.search(said) is not None
        days = _days_of(texts, year, spans=not is_worked)
        if not days:
            if off or worked or re.search(r"\d", said):
                _refuse(path, row, texts)
            continue
        if is_worked == (_OFF.search(said) is not None):
            _refuse(path, row, texts)
        for day in days:
            (worked if is_worked else off)[day.year].add(day)
    if not off:
        raise HolidayRowUnclear(file=path.name, row="-", text="")
    return {each: HolidayCalendar(frozenset(off[each]), frozenset(worked[each])) for each in {*off, *worked}}


def read_typed_year(year: str, off: str, worked: str = "") -> dict[int, HolidayCalendar]:
    """The same of typed days, each a day or a first and a last one, several divided by ``；``. Raises
    `HolidayDaysUnclear` for what is no day of the year, and where none is off."""
    if not re.fullmatch(r"\d{4}", year) or not FIRST_DAY.year <= int(year) <= LAST_DAY.year:
        raise HolidayDaysUnclear(text=off, year=year)
    days_off, days_worked = (_typed_days(text, int(year)) for text in (off, worked))
    if not days_off or days_off & days_worked:
        raise HolidayDaysUnclear(text=worked if days_off else off, year=year)
    return {int(year): HolidayCalendar(days_off, days_worked)}


def _typed_days(text: str, year: int) -> frozenset[date]:
    days: set[date] = set()
    for part in filter(None, map(str.strip, re.split("[;；,，、\n]", text))):
        named = _days_of([part], year, spans=False)
        if not named or any(day.year != year for day in named):
            raise HolidayDaysUnclear(text=part, year=year)
        days.update(named)
    return frozenset(days)


def _refuse(path: Path, row: SourceRow, texts: Sequence[str]) -> None:
    if texts:
        raise HolidayRowUnclear(file=path.name, row=row.number or "-", text=" ".join(texts)[:60])


def _days_of(texts: Sequence[str], year: int | None, *, spans: bool) -> list[date]:
    """The days that a row names: one, several, or all from the first to the last of a range. With ``spans`` two cells
    with a day each are the first and the last."""
    days: list[date] = []
    for text in texts:
        ends = _ends(text, year)
        days += _all_days(*ends) if len(ends) == 2 else ends
    return _all_days(*days) if spans and len(days) == 2 else days


def _all_days(first: date, last: date) -> list[date]:
    """All days from the first to the last; none where that is no range of holidays."""
    length = (last - first).days + 1
    return [first + timedelta(number) for number in range(length)] if length <= _LONGEST else []


def _ends(text: str, year: int | None) -> list[date]:
    """The days at the ends of ``text``, or the one that it is; a last day may leave out year and month."""
    days: list[date] = []
    for part in _RANGE.split(text):
        typed = normalize_typed(re.sub(r"(?:放假|休息|上班|补班|调班).*$", "", part))
        base = days[0] if days else date(year, 1, 1) if year else None
        day = None
        if re.match(r"\d{4}", typed):
            day = read_day(re.sub(r"[ t]0?0:00(:00)?$", "", typed), date(1900, 1, 1))
        elif base and typed[:1].isdecimal():
            day = read_day(typed, base)
        if day is None:
            return []
        days.append(day)
    return days
