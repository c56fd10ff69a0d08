"""Write .xlsx: real dates, frozen and repeated headings, filters, a print area, A4, charts of short tables.

> Rows go straight to the disk (XlsxWriter's constant memory): sheets are written once, from top to bottom.
> Every text is written as text, whatever it begins with: XlsxWriter never guesses a type.
> A row is no taller than Excel allows: for a long text its column gets wider, and where that is not enough the row goes
> on below in merged cells. Nothing is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice, takewhile, zip_longest
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from tui.reports import charts
from tui.reports.report import (
    PROGRAM,
    CellValue,
    Chart,
    Report,
    ReportColumn,
    ReportSection,
    ReportTable,
    RowStream,
    RowValues,
    sanitized,
)

MAX_SHEET_ROWS = 1_048_000
"""A sheet holds 1,048,576 rows; a longer table continues on another sheet."""
MAX_CELL_TEXT = 32_000
"""A cell holds 32,767 characters."""
_A4 = 9
_FONT, _HEAD_FONT = "仿宋", "黑体"
_FORMATS = {"day": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm", "number": "General", "money": "#,##0"}
_PIXELS, _PIXELS_A_POINT = 7, 4 / 3
"""The width of a half-width character in a column, and the height of a point, in pixels."""
_BESIDE = 36
"""A chart stands beside its table where the sheet's other columns are so wide, in half-width characters."""
_LINE, _TALLEST = 15, 409
"""The height of a line, and of a row without a height of its own, and the maximal height of a row, in points."""
_MAX_LINES, _LINES_A_SPARE_ONE = (_TALLEST - 4) // _LINE, 20
"""The lines of a row, and for how many of them one more is added: programs break lines differently."""
_WIDEST, _ROWS_AHEAD = 60, 2_000
"""The maximal width of a column that grows with its texts, and the rows that are read ahead to know how wide."""
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


def write(report: Report, path: Path, rows: RowStream, max_sheet_rows: int = MAX_SHEET_ROWS) -> None:
    """Write the report; a table longer than ``max_sheet_rows`` goes on with another sheet."""
    _WorkbookWriter(report, path, rows, max_sheet_rows).write()


class _ChartRoom(NamedTuple):
    """Where a chart may stand: from this row, which is so deep in points, and from this column on."""

    row: int
    depth: float
    place: int


class _WorkbookWriter:
    """Writes one workbook. ``row`` is the next free row of the current sheet, ``depth`` what is above it in points;
    ``alone``: the sheet has one table; ``room`` is beside its last table without a chart; ``below`` is the first of the
    columns that stand below on paper, 0 where there are none."""

    def __init__(self, report: Report, path: Path, rows: RowStream, max_sheet_rows: int) -> None:
        self.report = report
        self.max_sheet_rows = max_sheet_rows
        self.rows = rows
        options = {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True}
        self.workbook = Workbook(str(path), options)
        self.names: set[str] = {"history"}  # reserved by Excel
        self.sheet: Worksheet
        self.row = 0
        self.depth = 0.0
        self.alone, self.below = True, 0
        self.room: _ChartRoom | None = None
        self.widths: list[int] = []
        self._make_formats()

    def write(self) -> None:
        """Write all tables, then close the workbook. Raises OSError."""
        now = datetime.now(UTC).replace(tzinfo=None)
        self.workbook.set_properties({"title": self.report.title, "author": PROGRAM, "created": now})
        for number, table in enumerate(self.report.tables):
            if number == 0 or table.starts != "below":
                self._open(self._tables_of_sheet(number), first=number == 0)
            else:
                self._next_row()
            self._table(table)
        if self.report.frame:
            for line in self.report.frame.closing_lines(self.rows.count):
                self._line(line, self.note)
        self._finish()
        try:
            self.workbook.close()
        except XlsxWriterException as error:
            raise OSError(0, str(error)) from error

    def _make_formats(self) -> None:
        base = {"font_name": _FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
        boxed = {**base, "border": 1}
        head = {**boxed, "font_name": _HEAD_FONT, "align": "center", "bg_color": "#E7EEF7"}
        self.head = self.workbook.add_format(head)
        self.title = self.workbook.add_format({"font_name": _HEAD_FONT, "font_size": 16, "align": "center"})
        self.above = self.workbook.add_format({"font_name": _HEAD_FONT, "font_size": 12})
        self.note = self.workbook.add_format({"font_name": _FONT, "font_size": 10})
        self.section = self.workbook.add_format({**boxed, "font_name": _HEAD_FONT})
        self.text = self.workbook.add_format({**boxed, "num_format": "@"})
        self.kinds = {
            kind: self.workbook.add_format({**boxed, "num_format": shape, "align": "center"})
            for kind, shape in _FORMATS.items()
        }

    # Sheets

    def _tables_of_sheet(self, number: int) -> list[ReportTable]:
        """The table of this number and those that follow below it."""
        first, *others = self.report.tables[number:]
        return [first, *takewhile(lambda table: table.starts == "below", others)]

    def _open(self, tables: Sequence[ReportTable], *, first: bool, again: bool = False) -> None:
        """Begin a sheet for these tables: A4, fitted to the page's width, its titles in the first rows."""
        self._finish()
        table, self.alone = tables[0], len(tables) == 1
        self.sheet = self.workbook.add_worksheet(self._name(table.title or self.report.title))
        self.row, self.depth, self.room = 0, 0.0, None
        self.below = next((place for place, column in enumerate(table.columns) if column.below), 0)
        columns = zip_longest(*(table.columns for table in tables))
        self.widths = [max(column.width for column in those if column) for those in columns]
        self.sheet.set_paper(_A4)
        if self.report.landscape:
            self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
        footer = self.report.page_footer.replace("&", "&&")
        self.sheet.set_footer("&C&10" + footer.replace("{page}", "&P").replace("{pages}", "&N"))
        for place, width in enumerate(self.widths):
            self.sheet.set_column(place, place, width + 1)
        if first or table.starts == "page" or again:
            self._line(self.report.title, self.title, height=30, across=len(table.columns))
        if first and self.report.subtitle:
            self._line(self.report.subtitle, self.note)
        if first and self.report.frame:
            for line in self.report.frame.opening_lines():
                self._line(line, self.note)

    def _next_row(self, height: float | None = None) -> None:
        """Give the current row this height in points, where it has one, and go on below it."""
        if height is not None:
            self.sheet.set_row(self.row, height)
        self.depth += height or _LINE
        self.row += 1

    def _finish(self) -> None:
        """Set the print area to the rows written. Columns that stand below on paper are an area of their own, which is
        printed after the others, beside the first column: a row of twenty columns on one page could not be read."""
        if not self.row:  # no sheet is open
            return
        last = max(len(self.widths) - 1, 0)
        self.sheet.print_area(0, 0, self.row - 1, last)
        if self.below:
            name, rows = quote_sheetname(self.sheet.get_name()), self.row - 1
            areas = ((0, self.below - 1), (self.below, last))
            self.sheet.print_area_range = ",".join(
                f"{name}!{xl_range_abs(0, first, rows, final)}" for first, final in areas
            )
            self.sheet.repeat_columns(0)

    def _name(self, title: str) -> str:
        """A sheet name that is unique, of at most 31 characters."""
        plain = _NOT_IN_NAMES.sub(" ", sanitized(title)).replace("\n", " ").strip()[:31] or "-"
        name, copy = plain, 1
        while name.casefold() in self.names:
            copy += 1
            name = f"{plain[: 30 - len(str(copy))]} {copy}"
        self.names.add(name.casefold())
        return name

    def _line(self, text: str, shape: Format, *, height: float | None = None, across: int = 0) -> None:
        if across > 1:
            self.sheet.merge_range(self.row, 0, self.row, across - 1, "", shape)
        self.sheet.write_string(self.row, 0, sanitized(text)[:MAX_CELL_TEXT], shape)
        self._next_row(height)

    # Tables

    def _table(self, table: ReportTable) -> None:
        if table.title and len(self.report.tables) > 1:
            self._line(table.title, self.above, height=22)
        if table.note:
            self._line(table.note, self.note)
        columns, rows = self._fit(table)
        above, head = self.depth, self._head(table)
        charted: list[RowValues | ReportSection] = []
        for row in rows:
            if table.chart:
                charted.append(row)
            if self.row >= self.max_sheet_rows:
                self._filter(table, head)
                self._open([table], first=False, again=True)
                self._widen(columns)
                head = self._head(table)
            if isinstance(row, ReportSection):
                self._line(row.title, self.section, height=22, across=len(table.columns))
            else:
                self._cells(columns, row)
        self._filter(table, head)
        if table.chart:
            self._chart(table, table.chart, charted, _ChartRoom(head, above, len(table.columns)))
        else:
            self.room = _ChartRoom(head, above, len(table.columns))

    def _fit(self, table: ReportTable) -> tuple[tuple[ReportColumn, ...], Iterator[RowValues | ReportSection]]:
        """The table's columns, as wide as the first rows need to be no taller than a row may be, and all its rows."""
        rows = iter(self.rows.rows_of_table(table))
        ahead = list(islice(rows, _ROWS_AHEAD))
        values = [row for row in ahead if not isinstance(row, ReportSection)]
        columns = tuple(
            column._replace(width=max(self.widths[place], _fitting_width(column, (row[place] for row in values))))
            for place, column in enumerate(table.columns)
        )
        self._widen(columns)
        return columns, chain(ahead, rows)

    def _widen(self, columns: tuple[ReportColumn, ...]) -> None:
        for place, column in enumerate(columns):
            if column.width > self.widths[place]:
                self.widths[place] = column.width
                self.sheet.set_column(place, place, column.width + 1)

    def _head(self, table: ReportTable) -> int:
        """Write the headings, frozen and repeated where the table is alone on its sheet. Returns their row."""
        at = self.row
        lines = max(
            wrapped_line_count(column.heading, self.widths[place]) for place, column in enumerate(table.columns)
        )
        for place, column in enumerate(table.columns):
            self.sheet.write_string(at, place, sanitized(column.heading), self.head)
        self._next_row(lines * _LINE + 8)
        if self.alone:
            self.sheet.freeze_panes(self.row, 0)
            self.sheet.repeat_rows(0, at)
        return at

    def _cells(self, columns: tuple[ReportColumn, ...], row: tuple[CellValue, ...]) -> None:
        lines = max(wrapped_line_count(value, column.width) for column, value in zip(columns, row, strict=True))
        lines += lines // _LINES_A_SPARE_ONE
        first, count = self.row, -(-lines // _MAX_LINES)
        height = -(-lines // count) * _LINE + 4  # not every program finds the height itself
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            self._cell(place, column, value)
        self._next_row(height)
        for _more in range(count - 1):
            for place in range(len(columns)):
                self.sheet.write_blank(self.row, place, None, self.text)
            self._next_row(height)
        if count > 1:  # `merge_range` would write the rows again, which are on the disk
            self.sheet.merge += [[first, place, self.row - 1, place] for place in range(len(columns))]

    def _cell(self, place: int, column: ReportColumn, value: CellValue) -> None:
        shape = self.kinds.get(column.kind, self.text)
        if value is None or value == "":
            self.sheet.write_blank(self.row, place, None, shape)
        elif isinstance(value, str):
            when = _when(column, value)
            if when is not None:
                self.sheet.write_datetime(self.row, place, when, shape)
            else:
                self.sheet.write_string(self.row, place, _cut(value), self.text)
        else:
            self.sheet.write_number(self.row, place, value, self.kinds["number"] if column.kind == "text" else shape)

    def _filter(self, table: ReportTable, head: int) -> None:
        """Add filters, where the table is the first of its sheet and has no sections."""
        if table.starts != "below" and not table.sections and self.row > head + 1:
            self.sheet.autofilter(head, 0, self.row - 1, len(table.columns) - 1)

    def _chart(
        self, table: ReportTable, chart: Chart, rows: list[RowValues | ReportSection], beside: _ChartRoom
    ) -> None:
        """Draw the chart of a table: beside it or the table above, where the sheet has room there, else below."""
        drawn_rows = charts.charted_rows(table, rows)
        if not drawn_rows:
            return
        longer = len(rows) > len(drawn_rows)
        drawn = charts.draw_chart(
            self.workbook, self.sheet.get_name(), beside.row + 1, table, chart, drawn_rows, longer=longer
        )
        height = charts.height_in_rows(chart, len(drawn_rows)) * _LINE
        rooms = [beside]
        if self.room and self.room.depth + height <= beside.depth:
            rooms.append(self.room)
        at = next((room for room in rooms if sum(self.widths[room.place :]) >= _BESIDE), None)
        at, self.room = at or _ChartRoom(self.row, self.depth, 0), None
        width = sum((width + 1) * _PIXELS + 4 for width in self.widths[at.place :])
        drawn.set_size({"width": width, "height": round(height * _PIXELS_A_POINT)})
        self.sheet.insert_chart(at.row, at.place, drawn)
        while self.depth < at.depth + height:
            self._next_row()


def _when(column: ReportColumn, value: str) -> datetime | date | None:
    """The date of a cell; None where the column has no dates, or the text is no date from 1900 on."""
    if column.kind not in ("day", "moment"):
        return None
    try:
        when = datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None
    return when if when.year >= 1900 else None


def wrapped_line_count(value: CellValue, width: int) -> int:
    """The lines that a cell needs in a column of ``width`` half-width characters; a Chinese character counts as two."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, -(-(len(line) + len(line.encode())) // (2 * width))) for line in value.split("\n"))


def _fitting_width(column: ReportColumn, values: Iterable[CellValue]) -> int:
    """The width by which every one of these values fits into a row, but no more than `_WIDEST`."""
    width = column.width
    for value in values:
        while width < _WIDEST and wrapped_line_count(value, width) >= _MAX_LINES:
            width += 2
    return width


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CELL_TEXT else text[: MAX_CELL_TEXT - 1] + "…"
