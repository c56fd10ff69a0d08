"""Reads .xlsx workbooks: every visible sheet, row by row, with formulas distinguished from values.

> A formula is never read as text: its value is not in the file, or may be years old.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from xml.etree.ElementTree import iterparse

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from store.importing.cell_source import Cell, CellSource, ReadBudget, SourceRow
from store.importing.exceptions import DamagedFile, FullOfFormulas, TableImportError, TooLarge
from store.importing.zip_safety import check_package

MAX_FORMULAS = 5_000
_MAX_RAW_ROWS = 1 << 20
_MAX_RAW_CELLS = 4_000_000
"""Including empty ones, of which formatting can leave thousands in each row."""
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_EMPTY = Cell()


def read(data: bytes) -> CellSource:
    """The rows of all visible sheets, each sheet a block."""
    check_package(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return CellSource(tuple(_rows(data)))
    except TableImportError:
        raise
    except Exception as error:  # openpyxl raises arbitrary exceptions for damaged workbooks
        raise DamagedFile(detail=type(error).__name__) from None


def _rows(data: bytes) -> Iterator[SourceRow]:
    workbook = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
    sheet_reader = _SheetReader(ReadBudget())
    for block, sheet in enumerate(workbook.worksheets):
        if sheet.sheet_state == "visible":
            yield from sheet_reader.rows(sheet, block)


class _SheetReader:
    """Reads sheets within one budget."""

    def __init__(self, budget: ReadBudget) -> None:
        self.budget = budget
        self.formulas = self.raw_rows = self.raw_cells = 0

    def rows(self, sheet: ReadOnlyWorksheet, block: int) -> Iterator[SourceRow]:
        """The rows that are not empty; a cell merged over rows is repeated in each."""
        spans = _merged_rows(sheet)
        above: dict[int, tuple[Cell, int]] = {}
        sheet.reset_dimensions()
        for number, raw in enumerate(sheet.iter_rows(), 1):
            self._count(len(raw))
            cells = [self._cell(cell) for cell in raw]
            _repeat_merged(cells, number, spans, above)
            while cells and cells[-1] == _EMPTY:
                cells.pop()
            if cells:
                self.budget.count_row(len(cells))
                yield SourceRow(number, tuple(cells), block)

    def _count(self, width: int) -> None:
        self.raw_rows += 1
        self.raw_cells += width
        if self.raw_rows > _MAX_RAW_ROWS or self.raw_cells > _MAX_RAW_CELLS:
            raise TooLarge(detail=f"> {_MAX_RAW_CELLS} cells")

    def _cell(self, cell: ReadOnlyCell) -> Cell:
        if cell.value is None:
            return _EMPTY
        if cell.data_type in ("f", "e"):
            self.formulas += 1
            if self.formulas > MAX_FORMULAS:
                raise FullOfFormulas(found=self.formulas)
            return Cell(formula=True)
        return Cell(self.budget.count_text(cell_text(cell.value)))


def _repeat_merged(
    cells: list[Cell], number: int, spans: dict[tuple[int, int], int], above: dict[int, tuple[Cell, int]]
) -> None:
    for column in [column for column, (_cell, last) in above.items() if last < number]:
        del above[column]
    for column, (cell, _last) in above.items():
        cells += [_EMPTY] * (column + 1 - len(cells))
        cells[column] = cell._replace(merged=True)
    for column, cell in enumerate(cells):
        if cell != _EMPTY and (number, column) in spans:
            above[column] = (cell, spans[number, column])


def _merged_rows(sheet: ReadOnlyWorksheet) -> dict[tuple[int, int], int]:
    """The last row of every merged cell that spans rows, by its first position (row, column from 0).

    openpyxl does not give merged cells while streaming, and otherwise creates an object for every cell of a range,
    which may be all 17,000 million."""
    spans: dict[tuple[int, int], int] = {}
    with sheet.parent._archive.open(sheet._worksheet_path) as part:
        for _event, element in iterparse(part):
            if element.tag.rpartition("}")[2] == "mergeCell":
                left, top, _right, bottom = range_boundaries(element.get("ref", ""))
                if top < bottom:
                    spans[top, left - 1] = bottom
            element.clear()
    return spans


def cell_text(value: object) -> str:
    """A cell's value as text, as a person sees it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), str(value))
