"""What a report is: tables whose rows are read from the ledger one by one. Knows no file format.

> A builder (``tables.py``, ``responsibility.py`` …) describes; a writer (``xlsx.py``, ``docx.py`` …) writes. Rows are
> iterators: nobody ever holds more than a few of them, however long the report.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from store.values.text import sanitize
from tui.i18n.translate import N_, _

if TYPE_CHECKING:
    from store.values.media.pictures import Thumbnail
    from tui.reports.frame import Frame

PAGE_FOOTER = N_("Page {page} of {pages}")
CellValue = str | int | float | None
ColumnKind = Literal["text", "day", "moment", "number", "money"]
"""The type of a column's values: a ``day`` is ``YYYY-MM-DD``, a ``moment`` ISO 8601, ``money`` whole yuan."""
TableStart = Literal["page", "sheet", "below"]
ProgressCallback = Callable[[], None]
LANDSCAPE_FROM = 90
"""A table wider than this, in half-width characters, is printed across the page."""
PROGRAM = "guanjia"
"""What wrote the file, in its metadata: no report says who sat at the machine."""
_LONGEST_BAR = 8
"""In full-width characters."""
_UNWRITABLE = re.compile("[\ufffe\uffff]")


class ReportColumn(NamedTuple):
    """One column. ``key`` is its name in JSON, ``heading`` what people read, ``width`` in half-width characters.
    ``below``: on paper a document has it below its row, by its heading, and a workbook on pages of its own; such
    columns are the last of a table."""

    key: str
    heading: str
    kind: ColumnKind = "text"
    width: int = 12
    below: bool = False


class ReportSection(NamedTuple):
    """A heading row inside a table, as wide as the table."""

    title: str


RowValues = tuple[CellValue, ...]
PictureReader = Callable[[], "Thumbnail | None"]
"""Reads a small picture when it is written; None where there is none."""


class Chart(NamedTuple):
    """A chart of a short table: the index of the column with the labels, and those of the columns that are drawn."""

    kind: Literal["column", "bar", "line"]
    labels: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table. ``starts`` says whether it starts a page (and a sheet), a sheet only, or follows below the previous
    table; ``note`` is a line under its title. ``sections`` is True where its rows contain `ReportSection`. ``prose``:
    its rows are the paragraphs of a text, its sections their headings; where there are no paragraphs it is a table of
    one column. ``abreast``: a document prints a short, narrow table in so many blocks side by side. ``record``: what
    the table is about by name, for a district's own form (`tui.reports.forms`). ``pictures``: the table lists files,
    with one of these for each row; where pages are written, each is a small picture with its row below."""

    title: str
    columns: tuple[ReportColumn, ...]
    rows: Iterable[RowValues | ReportSection]
    note: str = ""
    starts: TableStart = "sheet"
    chart: Chart | None = None
    sections: bool = False
    prose: bool = False
    abreast: int = 1
    record: Mapping[str, str | None] = field(default_factory=dict)
    pictures: tuple[PictureReader, ...] = ()

    @property
    def width(self) -> int:
        """That of the columns beside each other on paper, in half-width characters."""
        return sum(column.width for column in self.columns if not column.below)


@dataclass(frozen=True, slots=True)
class Report:
    """A report. ``total`` is the number of its rows, for a progress display; ``page_footer`` is the text at the foot of
    a page, with the placeholders ``{page}`` and ``{pages}``. Without a ``frame`` (`tui.reports.frame`) it stands as it
    is, as a table that a program reads again must."""

    name: str
    title: str
    tables: tuple[ReportTable, ...]
    total: int
    page_footer: str
    subtitle: str = ""
    frame: Frame | None = None

    @property
    def is_letter(self) -> bool:
        """Whether it is laid out by GB/T 9704."""
        return self.frame is not None and self.frame.is_letter

    @property
    def landscape(self) -> bool:
        """Whether its widest table needs the page's long side. A letter is upright."""
        return not self.is_letter and max((table.width for table in self.tables), default=0) > LANDSCAPE_FROM

    def sanitized(self) -> Report:
        """The report with every text of its own sanitized; those of its rows are by `RowStream`."""
        tables = tuple(
            replace(
                table,
                title=sanitized(table.title),
                note=sanitized(table.note),
                columns=tuple(column._replace(heading=sanitized(column.heading)) for column in table.columns),
                record={name: text and sanitized(text) for name, text in table.record.items()},
            )
            for table in self.tables
        )
        return replace(
            self,
            title=sanitized(self.title),
            page_footer=sanitized(self.page_footer),
            subtitle=sanitized(self.subtitle),
            tables=tables,
            frame=self.frame and self.frame.with_texts(sanitized),
        )


class RowStream:
    """Reads a report's rows, sanitizes their texts and counts them; calls ``tick`` for each row."""

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


def prose(title: str, rows: Iterable[RowValues | ReportSection]) -> ReportTable:
    """A text: paragraphs as rows of one cell, headings as sections. ``title`` names its sheet; it is not printed."""
    return ReportTable(title, (ReportColumn("text", _("Text"), width=80),), rows, sections=True, prose=True)


class NamedFact(NamedTuple):
    """A row of a sheet of pairs: its name for forms, its label, and what it says."""

    name: str
    label: str
    value: str | None


def fact_table(
    title: str, facts: Sequence[NamedFact], *, label_width: int, starts: TableStart = "sheet", note: str = ""
) -> ReportTable:
    """A sheet of pairs: what, and what is said of it."""
    columns = (
        ReportColumn("what", _("What"), width=label_width),
        ReportColumn("said", _("Said"), width=80 - label_width),
    )
    rows = [(fact.label, fact.value) for fact in facts]
    record: dict[str, str | None] = {}
    for fact in facts:  # several of one name are lines of one text
        record[fact.name] = "\n".join(part for part in (record.get(fact.name), fact.value) if part) or None
    return ReportTable(title, columns, rows, note, starts, record=record)


def sanitized(text: str) -> str:
    """Text without control characters, and without the two characters that XML cannot contain."""
    return _UNWRITABLE.sub("", sanitize(text))


def format_value(value: CellValue, kind: ColumnKind = "text") -> str:
    """A value as text, for formats without cell formats: "" for None, a moment without its UTC offset."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value[:16].replace("T", " ") if kind == "moment" else value
    return f"{value:,}" if kind == "money" else str(value)


def with_bar_columns(
    table: ReportTable, rows: list[RowValues | ReportSection]
) -> tuple[tuple[ReportColumn, ...], list[RowValues | ReportSection]]:
    """The columns and rows of a short table with its chart drawn as text: one bar column for each value column."""
    if table.chart is None:
        return table.columns, rows
    drawn = table.chart.values
    most = max(
        (_amount(row[place]) for row in rows for place in drawn if not isinstance(row, ReportSection)), default=0
    )
    charted = [table.columns[place] for place in drawn]
    columns = [*table.columns, *(ReportColumn(f"{column.key}_bar", column.heading, width=18) for column in charted)]
    return tuple(columns), [
        row if isinstance(row, ReportSection) else (*row, *(_bar(_amount(row[place]), most) for place in drawn))
        for row in rows
    ]


def _amount(value: CellValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _bar(amount: float, most: float) -> str:
    return "█" * max(1, round(amount * _LONGEST_BAR / most)) if amount > 0 else ""
