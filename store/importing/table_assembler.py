"""Assembles rows of cells from a document's events: paragraphs, tables, rows and cells, also tables inside cells.

> A narrow table inside a cell is that cell's text, since people line up a name and its phone so; a wide one is a table
> of its own, since people lay out pages so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from store.importing.cell_source import MAX_COLUMNS, Cell, CellSource, ReadBudget, SourceRow
from store.importing.exceptions import TooLarge
from store.importing.import_report import TableImportWarning
from store.importing.number_spans import spans_text

_NARROWEST = 3
"""The least number of columns of a table of its own."""
_DEEPEST = 20
_EMPTY = Cell()


@dataclass(slots=True)
class _OpenTable:
    """A table whose rows are being collected. ``below``: the cells that reach into later rows, and the last of these,
    by column."""

    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    in_cell: bool = False
    below: dict[int, tuple[Cell, int]] = field(default_factory=dict)
    width: int = 0
    hidden: set[int] = field(default_factory=set)
    struck: set[int] = field(default_factory=set)
    unshown: set[int] = field(default_factory=set)

    @property
    def number(self) -> int:
        """The number of the row that is open."""
        return len(self.rows) + 1

    def fill(self) -> None:
        """Repeat the cells from above that reach into the open row at its next column."""
        while (reaching := self.below.get(len(self.cells))) and reaching[1] >= self.number:
            self.cells.append(reaching[0]._replace(merged=bool(reaching[0].text)))


class TableAssembler:
    """Collects the rows of a document within one budget."""

    def __init__(self) -> None:
        self._budget = ReadBudget()
        self._rows: list[SourceRow] = []
        self._warnings: list[TableImportWarning] = []
        self._open: list[_OpenTable] = []
        self._waiting: list[_OpenTable] = []
        self._block = 0

    @property
    def in_cell(self) -> bool:
        """Whether a cell is open."""
        return bool(self._open) and self._open[-1].in_cell

    def paragraph(self, text: str) -> None:
        """A paragraph: a line of the open cell, or one beside the tables."""
        if self.in_cell:
            self._open[-1].lines.append(text)
        elif text.strip() and not self._open:
            self._rows.append(SourceRow(None, (Cell(self._budget.count_text(text.strip())),), self._block))

    def start_table(self) -> None:
        """A table begins."""
        self._open.append(_OpenTable())
        if len(self._open) > _DEEPEST:
            raise TooLarge(most=_DEEPEST, unit="tables")

    def skip_columns(self, amount: int) -> None:
        """Columns at the beginning of a row have no cell."""
        self._open[-1].cells += [_EMPTY] * min(amount, MAX_COLUMNS)

    def start_cell(self) -> None:
        """A cell begins."""
        if self._open:
            self._open[-1].fill()
            self._open[-1].in_cell, self._open[-1].lines = True, []

    def end_cell(self, columns: int = 1, rows: int = 1, repeats: bool = False) -> None:
        """The cell ends; it spans columns and rows, or repeats the one above."""
        if not self.in_cell:
            return
        table = self._open[-1]
        column, last = len(table.cells), table.number + rows - 1
        if repeats and table.rows:
            above = table.rows[-1][column] if column < len(table.rows[-1]) else _EMPTY
            cell = above._replace(merged=bool(above.text))
        else:
            cell = Cell(self._budget.count_text("\n".join(table.lines).strip("\n"), table.number))
        width = min(max(columns, 1), MAX_COLUMNS)
        for place, spread in enumerate([cell, *[_EMPTY] * (width - 1)]):
            table.cells.append(spread)
            if rows > 1:
                table.below[column + place] = (spread, last)
        table.in_cell = False
        self._check_width(table)

    @staticmethod
    def _check_width(table: _OpenTable) -> None:
        if len(table.cells) > MAX_COLUMNS:
            raise TooLarge(most=MAX_COLUMNS, unit="columns")

    def end_row(self, hidden: bool = False) -> None:
        """The row ends."""
        if not self._open:
            return
        self.end_cell()
        table = self._open[-1]
        table.fill()
        self._check_width(table)
        self._budget.count_row(len(table.cells))
        if hidden and any(cell.text for cell in table.cells):
            table.hidden.add(table.number)
        table.width = max(table.width, len(table.cells))
        table.rows.append(tuple(table.cells))
        table.cells = []

    def end_table(self) -> None:
        """The table ends."""
        if not self._open:
            return
        if self._open[-1].cells or self._open[-1].in_cell:
            self.end_row()
        table = self._open.pop()
        if not self._open:
            for whole in (table, *self._waiting):
                self._emit(whole)
            self._waiting = []
        elif table.width >= _NARROWEST:
            self._waiting.append(table)
            if self._open[-1].cells:
                self._tell("nested_table", [self._open[-1].number])
        else:
            self._open[-1].lines += [" ".join(cell.text for cell in cells if cell.text) for cells in table.rows]

    def note_struck(self) -> None:
        """Struck-through text was left out here."""
        if self._open:
            self._open[-1].struck.add(self._open[-1].number)

    def note_hidden_text(self) -> None:
        """Hidden text was left out here."""
        if self._open:
            self._open[-1].unshown.add(self._open[-1].number)

    @property
    def column(self) -> int:
        """The place of the open cell in its row, from 0."""
        return len(self._open[-1].cells) if self._open else 0

    def warn(self, code: str) -> None:
        """Add a warning of the document, once."""
        if all(warning.code != code for warning in self._warnings):
            self._warnings.append(TableImportWarning(None, None, code))

    def is_cell_empty(self) -> bool:
        """Whether the open cell has no text yet."""
        return self.in_cell and not any(line.strip() for line in self._open[-1].lines)

    def filled_columns(self) -> list[int]:
        """The places of the cells of the open row that have text."""
        return [place for place, cell in enumerate(self._open[-1].cells if self._open else ()) if cell.text.strip()]

    def row_text(self) -> str:
        """All text of the open row."""
        return "".join(cell.text for cell in self._open[-1].cells) if self._open else ""

    def prefix(self, column: int, text: str) -> None:
        """Put text before that of a cell of the open row."""
        cells = self._open[-1].cells
        cells[column] = cells[column]._replace(text=self._budget.count_text(text) + cells[column].text)

    def source(self) -> CellSource:
        """All that was collected."""
        while self._open:
            self.end_table()
        return CellSource(tuple(self._rows), warnings=tuple(self._warnings))

    def _emit(self, table: _OpenTable) -> None:
        self._block += 1
        for number, cells in enumerate(table.rows, 1):
            self._rows.append(SourceRow(number, cells, self._block, number in table.hidden))
        for code, numbers in (
            ("hidden_rows", table.hidden),
            ("struck_text", table.struck),
            ("hidden_text", table.unshown),
        ):
            if numbers:
                self._tell(code, sorted(numbers))

    def _tell(self, code: str, rows: list[int]) -> None:
        values = {"place": str(self._block), "count": len(rows), "rows": spans_text(rows)}
        self._warnings.append(TableImportWarning(rows[0], None, code, values))
