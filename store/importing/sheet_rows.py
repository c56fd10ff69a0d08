"""Gives the rows of a workbook's sheets, with merged cells repeated and with what the sheets do not show told.

> Hidden and filtered rows and columns are read and told; hidden sheets are not read, and told. Text that is struck
> through was taken back by whoever struck it: it is not read, and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from store.importing.cell_source import Cell, CellSource, ReadBudget, SourceRow
from store.importing.exceptions import FullOfFormulas
from store.importing.import_report import TableImportWarning
from store.importing.number_spans import column_letters, spans_text
from store.importing.workbook_process import WorkbookSheet

MAX_FORMULAS = 5_000
MAX_AREA = 8_000_000
"""The most cells between a sheet's first and last one: calamine makes room for all of them (32 bytes each)."""
_MOST_BOXES = 5
_LONGEST_SHARED, _MOST_SHARED = 24, 50_000
"""Of short texts, which a column repeats from row to row, one cell is kept for all."""
_LONGEST_SHOWN = 60
_EMPTY, _FORMULA = Cell(), Cell(formula=True)
Position = tuple[int, int]
"""A row from 1 and a column from 0."""


@dataclass(slots=True)
class SheetMarks:
    """What a sheet says beside its values. ``uncomputed``: the columns of formulas without a value, or with an error
    as value, by row; ``struck``: cells struck through; ``partly_struck``: the text of others without its struck
    parts; ``boxes``: the texts of boxes that lie over the cells; ``without_boxes``: the text of cells to which calamine
    adds that of a box."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    uncomputed: dict[int, list[int]] = field(default_factory=dict)
    struck: set[Position] = field(default_factory=set)
    partly_struck: dict[Position, str] = field(default_factory=dict)
    boxes: list[str] = field(default_factory=list)
    without_boxes: dict[Position, str] = field(default_factory=dict)


def workbook_rows(sheets: Iterable[WorkbookSheet], marks: Callable[[int], SheetMarks]) -> CellSource:
    """The rows of all visible sheets, each sheet a block. ``marks`` gives those of the sheet at a place."""
    reader = _SheetReader()
    rows: list[SourceRow] = []
    places: list[str] = []
    for sheet in sheets:
        places += [""] * (sheet.place - len(places)) + [sheet.name]
        if sheet.visible:
            rows += reader.rows(sheet, marks(sheet.place))
        elif next(iter(sheet.rows), None):
            reader.warn("hidden_sheet", place=sheet.name)
    return CellSource(tuple(rows), warnings=tuple(reader.warnings), places=tuple(places))


class _SheetReader:
    """Reads sheets within one budget; collects ``warnings``."""

    def __init__(self) -> None:
        self.budget = ReadBudget()
        self.warnings: list[TableImportWarning] = []
        self._formulas = 0
        self._shared: dict[str, Cell] = {}

    def warn(self, code: str, **values: object) -> None:
        """Add a warning."""
        self.warnings.append(TableImportWarning(None, None, code, values))

    def rows(self, sheet: WorkbookSheet, marks: SheetMarks) -> Iterator[SourceRow]:
        """The rows that are not empty; a cell merged over rows is repeated in each."""
        spans = {(top + 1, left): bottom + 1 for top, left, bottom, _right in sheet.merged or () if top < bottom}
        above: dict[int, tuple[Cell, int]] = {}
        hidden, struck, filled = [], [], set[int]()
        for number, raw in _with_uncomputed(sheet.rows, marks.uncomputed):
            texts = [marks.without_boxes.get((number, column), text) for column, text in enumerate(raw)]
            cells = [self._cell(marks, number, column, text) for column, text in enumerate(texts)]
            if any(text and text != cell.text for text, cell in zip(texts, cells, strict=True) if not cell.formula):
                struck.append(number)
            filled.update(column for column, cell in enumerate(cells) if cell != _EMPTY)
            _repeat_merged(cells, number, spans, above)
            while cells and cells[-1] == _EMPTY:
                cells.pop()
            if cells:
                self.budget.count_row(len(cells))
                hidden += [number] if number in marks.hidden_rows else []
                yield SourceRow(number, tuple(cells), sheet.place, number in marks.hidden_rows)
        self._tell(sheet.name, hidden, sorted(marks.hidden_columns & filled), struck)
        for box in marks.boxes[:_MOST_BOXES]:
            self.warn("unread_box", place=sheet.name, text=" ".join(box.split())[:_LONGEST_SHOWN])

    def _cell(self, marks: SheetMarks, row: int, column: int, text: str) -> Cell:
        if column in marks.uncomputed.get(row, ()):
            self._formulas += 1
            if self._formulas > MAX_FORMULAS:
                raise FullOfFormulas(found=self._formulas)
            return _FORMULA
        shown = "" if (row, column) in marks.struck else marks.partly_struck.get((row, column), text)
        if not shown.strip():
            return _EMPTY
        self.budget.count_text(shown, row)
        if len(shown) > _LONGEST_SHARED:
            return Cell(shown)
        if (cell := self._shared.get(shown)) is None:
            cell = Cell(shown)
            if len(self._shared) < _MOST_SHARED:
                self._shared[shown] = cell
        return cell

    def _tell(self, place: str, rows: list[int], columns: list[int], struck: list[int]) -> None:
        if rows:
            self.warn("hidden_rows", place=place, count=len(rows), rows=spans_text(rows))
        if columns:
            self.warn("hidden_columns", place=place, count=len(columns), columns=spans_text(columns, column_letters))
        if struck:
            self.warn("struck_text", place=place, rows=spans_text(struck))


def _with_uncomputed(
    rows: Iterable[tuple[int, list[str]]], uncomputed: dict[int, list[int]]
) -> Iterator[tuple[int, list[str]]]:
    """The rows with room for every uncomputed cell, also rows that have nothing else."""
    waiting = sorted(uncomputed, reverse=True)
    for number, texts in rows:
        while waiting and waiting[-1] < number:
            yield waiting[-1], [""] * (max(uncomputed[waiting.pop()]) + 1)
        if waiting and waiting[-1] == number:
            waiting.pop()
            texts.extend([""] * (max(uncomputed[number]) + 1 - len(texts)))
        yield number, texts
    for number in reversed(waiting):
        yield number, [""] * (max(uncomputed[number]) + 1)


def _repeat_merged(
    cells: list[Cell], number: int, spans: dict[Position, int], above: dict[int, tuple[Cell, int]]
) -> None:
    for column in [column for column, (_cell, last) in above.items() if last < number]:
        del above[column]
    for column, (cell, _last) in above.items():
        cells += [_EMPTY] * (column + 1 - len(cells))
        cells[column] = cell._replace(merged=True)
    for column, cell in enumerate(cells):
        if cell != _EMPTY and (number, column) in spans:
            above[column] = (cell, spans[number, column])
