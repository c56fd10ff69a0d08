"""Write .xlsx: real dates, frozen and repeated headings, filters, a print area, A4, charts of short tables.

> Rows go straight to the disk (XlsxWriter's constant memory): sheets are written once, from top to bottom.
> Every text is written as text, whatever it begins with: XlsxWriter never guesses a type.
> A row is no taller than Excel allows: for a long text its column gets wider, and where that is not enough the row goes
> on below in merged cells. Nothing is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import chain, islice
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

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
_CHART_ROWS, _PIXELS = 18, 7
"""The rows that a chart covers; the width of a half-width character in a column, in pixels."""
_LINE, _TALLEST = 15, 409
"""The height of a line, and the maximal height of a row, in points."""
_MAX_LINES, _LINES_A_SPARE_ONE = (_TALLEST - 4) // _LINE, 20
"""The lines of a row, and for how many of them one more is added: programs break lines differently."""
_WIDEST, _ROWS_AHEAD = 60, 2_000
"""The maximal width of a column that grows with its texts, and the rows that are read ahead to know how wide."""
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")


def write(report: Report, path: Path, rows: RowStream, max_sheet_rows: int = MAX_SHEET_ROWS) -> None:
    """Write the report; a table longer than ``max_sheet_rows`` goes on with another sheet."""
    _WorkbookWriter(report, path, rows, max_sheet_rows).write()


class _WorkbookWriter:
    """Writes one workbook. ``row`` is the next free row of the current sheet."""

    def __init__(self, report: Report, path: Path, rows: RowStream, max_sheet_rows: int) -> None:
        self.report = report
        self.max_sheet_rows = max_sheet_rows
        self.rows = rows
        options = {"constant_memory": True, "tmpdir": str(path.parent), "use_zip64": True}
        self.workbook = Workbook(str(path), options)
        self.names: set[str] = {"history"}  # reserved by Excel
        self.sheet: Worksheet
        self.row = 0
        self.widths: list[int] = []
        self._make_formats()

    def write(self) -> None:
        """Write all tables, then close the workbook. Raises OSError."""
        now = datetime.now(UTC).replace(tzinfo=None)
        self.workbook.set_properties({"title": self.report.title, "author": PROGRAM, "created": now})
        for number, table in enumerate(self.report.tables):
            if number == 0 or table.starts != "below":
                self._open(table, first=number == 0)
            else:
                self._continue_sheet(table)
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

    def _open(self, table: ReportTable, *, first: bool, again: bool = False) -> None:
        """Begin a sheet: A4, fitted to the page's width, its titles in the first rows."""
        self._finish()
        self.sheet = self.workbook.add_worksheet(self._name(table.title or self.report.title))
        self.row, self.widths = 0, [column.width for column in table.columns]
        self.sheet.set_paper(_A4)
        if self.report.landscape:
            self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.7)
        footer = self.report.page_footer.replace("&", "&&")
        self.sheet.set_footer("&C&10" + footer.replace("{page}", "&P").replace("{pages}", "&N"))
        for place, column in enumerate(table.columns):
            self.sheet.set_column(place, place, column.width + 1)
        if first or table.starts == "page" or again:
            self._line(self.report.title, self.title, height=30, across=len(table.columns))
        if first and self.report.subtitle:
            self._line(self.report.subtitle, self.note)
        if first and self.report.frame:
            for line in self.report.frame.opening_lines():
                self._line(line, self.note)

    def _continue_sheet(self, table: ReportTable) -> None:
        """Leave a row blank below the previous table, and set the width of columns that it did not have."""
        self.row += 1
        for place in range(len(self.widths), len(table.columns)):
            self.widths.append(table.columns[place].width)
            self.sheet.set_column(place, place, table.columns[place].width + 1)

    def _finish(self) -> None:
        """Set the print area to the rows written."""
        if self.row:  # else no sheet is open
            self.sheet.print_area(0, 0, self.row - 1, max(len(self.widths) - 1, 0))

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
        if height is not None:
            self.sheet.set_row(self.row, height)
        if across > 1:
            self.sheet.merge_range(self.row, 0, self.row, across - 1, "", shape)
        self.sheet.write_string(self.row, 0, sanitized(text)[:MAX_CELL_TEXT], shape)
        self.row += 1

    # Tables

    def _table(self, table: ReportTable) -> None:
        if table.title and len(self.report.tables) > 1:
            self._line(table.title, self.above, height=22)
        if table.note:
            self._line(table.note, self.note)
        columns, rows = self._fit(table)
        head = self._head(table)
        for row in rows:
            if self.row >= self.max_sheet_rows:
                self._filter(table, head)
                self._open(table, first=False, again=True)
                self._widen(columns)
                head = self._head(table)
            if isinstance(row, ReportSection):
                self._line(row.title, self.section, height=22, across=len(table.columns))
            else:
                self._cells(columns, row)
        self._filter(table, head)
        if table.chart and self.row > head + 1:
            self._chart(table, table.chart, head)

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
        """Write the headings, frozen and repeated where the table is a sheet's first. Returns their row."""
        at = self.row
        self.sheet.set_row(
            at, max(wrapped_line_count(column.heading, column.width) for column in table.columns) * _LINE + 8
        )
        for place, column in enumerate(table.columns):
            self.sheet.write_string(at, place, sanitized(column.heading), self.head)
        self.row += 1
        if table.starts != "below" or table is self.report.tables[0]:
            self.sheet.freeze_panes(self.row, 0)
            self.sheet.repeat_rows(0, at)
        return at

    def _cells(self, columns: tuple[ReportColumn, ...], row: tuple[CellValue, ...]) -> None:
        lines = max(wrapped_line_count(value, column.width) for column, value in zip(columns, row, strict=True))
        lines += lines // _LINES_A_SPARE_ONE
        first, count = self.row, -(-lines // _MAX_LINES)
        height = -(-lines // count) * _LINE + 4  # not every program finds the height itself
        self.sheet.set_row(first, height)
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            self._cell(place, column, value)
        self.row += 1
        for _more in range(count - 1):
            self.sheet.set_row(self.row, height)
            for place in range(len(columns)):
                self.sheet.write_blank(self.row, place, None, self.text)
            self.row += 1
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

    def _chart(self, table: ReportTable, chart: Chart, head: int) -> None:
        picture = self.workbook.add_chart({"type": chart.kind})
        name, first, last = self.sheet.get_name(), head + 1, self.row - 1
        for place in chart.values:
            picture.add_series(
                {
                    "name": table.columns[place].heading,
                    "categories": [name, first, chart.labels, last, chart.labels],
                    "values": [name, first, place, last, place],
                    "data_labels": {"value": True},
                }
            )
        picture.set_title({"name": table.title, "name_font": {"name": _HEAD_FONT, "size": 12}})
        picture.set_legend({"position": "bottom"})
        if chart.kind == "bar":
            picture.set_y_axis({"reverse": True})
        width = sum((column.width + 1) * _PIXELS + 4 for column in table.columns)
        picture.set_size({"width": width, "height": _CHART_ROWS * 19})
        self.sheet.insert_chart(self.row + 1, 0, picture)
        self.row += _CHART_ROWS + 3


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
