"""What a report is: tables of rows that are drawn from the ledger one by one. Knows no file format and no language.

> A builder (``tables.py``, ``responsibility.py`` …) describes; a writer (``xlsx.py``, ``docx.py`` …) writes. Rows are
> iterators: nobody ever holds more than a few of them, however long the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from store.values.text import sanitize

N_ = str
"""Marks a text for the catalogs, and gives it as it is: the store never translates."""
CellValue = str | int | float | None
ColumnKind = Literal["text", "day", "moment", "number", "money"]
"""How a column's values are meant: a ``day`` is ``YYYY-MM-DD``, a ``moment`` ISO 8601, ``money`` whole yuan."""
TableStart = Literal["page", "sheet", "below"]
ProgressCallback = Callable[[], None]
LANDSCAPE_FROM = 90
"""A table wider than this, in half-width characters, is printed across the page."""
_LONGEST_BAR = 8
"""In characters, each as wide as a Chinese one."""
_UNWRITABLE = re.compile("[\ufffe\uffff]")


class Translator(Protocol):
    """Who speaks the reader's language: `say` gives a text of the program, `word` the word for a stored value."""

    def translate(self, text: str) -> str: ...

    def label(self, family: str, value: str) -> str: ...


class ReportColumn(NamedTuple):
    """One column. ``key`` is its name in JSON, ``heading`` what people read, ``width`` in half-width characters."""

    key: str
    heading: str
    kind: ColumnKind = "text"
    width: int = 12


class ReportSection(NamedTuple):
    """A row that parts a table: a title over its whole width."""

    title: str


RowValues = tuple[CellValue, ...]


class Chart(NamedTuple):
    """A picture of a short table: which column names its bars, which columns are drawn."""

    kind: Literal["column", "bar", "line"]
    labels: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table. ``starts`` tells whether it starts a page (and a sheet), a sheet only, or stands below the one before
    it; ``note`` is a line under its title. ``sections`` tells that titles (`Section`) stand between its rows."""

    title: str
    columns: tuple[ReportColumn, ...]
    rows: Iterable[RowValues | ReportSection]
    note: str = ""
    starts: TableStart = "sheet"
    chart: Chart | None = None
    sections: bool = False

    @property
    def width(self) -> int:
        """In half-width characters."""
        return sum(column.width for column in self.columns)


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``total`` is how many rows it will have, for who waits; ``page_words`` what stands at the foot of a
    page, with the places ``{page}`` and ``{pages}``."""

    name: str
    title: str
    tables: tuple[ReportTable, ...]
    total: int
    page_footer: str
    subtitle: str = ""

    @property
    def landscape(self) -> bool:
        """Whether its widest table needs the page's long side."""
        return max((table.width for table in self.tables), default=0) > LANDSCAPE_FROM


class RowStream:
    """Draws a report's rows, makes their texts inert and counts them; ``tick`` is called for each."""

    def __init__(self, tick: ProgressCallback) -> None:
        self.count = 0
        self._tick = tick

    def rows_of_table(self, table: ReportTable) -> Iterator[RowValues | ReportSection]:
        """The rows of one table, one at a time."""
        for row in table.rows:
            if isinstance(row, ReportSection):
                yield ReportSection(sanitized(row.title))
                continue
            yield tuple(sanitized(value) if isinstance(value, str) else value for value in row)
            self.count += 1
            self._tick()


def sanitized(text: str) -> str:
    """Text without characters that act on programs, or that XML cannot hold."""
    return _UNWRITABLE.sub("", sanitize(text))


def format_value(value: CellValue, kind: ColumnKind = "text") -> str:
    """A value as people read it where there are no cell formats: nothing for None, a moment without its offset."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:16].replace("T", " ") if kind == "moment" else value
    return f"{value:,}" if kind == "money" else str(value)


def with_bar_columns(
    table: ReportTable, rows: list[RowValues | ReportSection]
) -> tuple[tuple[ReportColumn, ...], list[RowValues | ReportSection]]:
    """A short table with its chart drawn as bars of characters, in a column of its own behind each one drawn."""
    if table.chart is None:
        return table.columns, rows
    drawn = table.chart.values
    most = max(
        (_amount(row[place]) for row in rows for place in drawn if not isinstance(row, ReportSection)), default=0
    )
    columns = [*table.columns, *(ReportColumn(f"{table.columns[place].key}_bar", table.columns[place].heading, width=18)
    for
        place in drawn)]  # fmt: skip
    return tuple(columns), [
        row if isinstance(row, ReportSection) else (*row, *(_bar(_amount(row[place]), most) for place in drawn))
        for row in rows
    ]


def _amount(value: CellValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _bar(amount: float, most: float) -> str:
    return "█" * max(1, round(amount * _LONGEST_BAR / most)) if amount > 0 else ""
