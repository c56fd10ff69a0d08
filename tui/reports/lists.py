"""Any list as a report of one table: its headings and its rows as they are read, none of which is kept.

Used for ``guanjia … list --out`` (the columns of the printed table) and for the lists of the screens (their own
columns). What a column holds is told from the first rows: a day or a moment is written as such, its width follows from
what stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice

from rich.cells import cell_len

from tui.i18n.translate import _
from tui.reports.report import PAGE_FOOTER, CellValue, ColumnKind, Report, ReportColumn, ReportTable

LIST = "list"
"""The name of every list among the exports that the central's audit keeps."""
_ROWS_AHEAD = 200
"""The rows that are read ahead to know kinds and widths."""
_NARROWEST, _WIDEST = 5, 40
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)?")


def list_report(title: str, headings: Sequence[str], rows: Iterable[Sequence[object]], *, subtitle: str = "") -> Report:
    """The list with this ``title``; ``subtitle`` says how it is filtered and sorted. What is no text and no
    number is written as its text."""
    remaining = (tuple(map(_cell, row)) for row in rows)
    ahead = list(islice(remaining, _ROWS_AHEAD))
    columns = tuple(_column(place, heading, [row[place] for row in ahead]) for place, heading in enumerate(headings))
    table = ReportTable("", columns, chain(ahead, remaining))
    return Report(LIST, title, (table,), 0, _(PAGE_FOOTER), subtitle)


def _cell(value: object) -> CellValue:
    return str(value) if isinstance(value, bool) or not isinstance(value, str | int | float | None) else value


def _column(place: int, heading: str, values: Sequence[CellValue]) -> ReportColumn:
    texts = [str(value) for value in values if value not in (None, "")]
    longest = max(map(cell_len, (heading, *texts)))
    return ReportColumn(f"column{place + 1}", heading, _kind(texts), min(max(longest, _NARROWEST), _WIDEST))


def _kind(texts: Sequence[str]) -> ColumnKind:
    if texts and all(map(_DAY.fullmatch, texts)):
        return "day"
    return "moment" if texts and all(map(_MOMENT.fullmatch, texts)) else "text"
