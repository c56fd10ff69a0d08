"""The output of every reader: rows of cells with their positions, independent of the file's format.

> A reader knows its format and nothing of responsibility tables; ``table.py`` knows tables and nothing of formats. All
> readers count against a `ReadBudget`, so that no file can make them run without bound.
"""

from __future__ import annotations

from typing import NamedTuple

from store.importing.exceptions import CellTooLong, TooLarge
from store.importing.import_report import TableImportWarning

MAX_ROWS = 120_000
MAX_COLUMNS = 200
MAX_CELLS = 2_400_000
MAX_CELL_CHARACTERS = 32_767
MAX_CHARACTERS = 32_000_000
"""A ledger of 100,000 rows with 20 columns is read; what is larger is refused, before it takes a laptop's memory."""


class Cell(NamedTuple):
    """One cell. ``formula``: its content is computed, so its value is not known. ``merged``: it is part of a
    merged cell that began in an earlier row, whose text it repeats."""

    text: str = ""
    formula: bool = False
    merged: bool = False


class SourceRow(NamedTuple):
    """One row. ``number`` is its number for people: the row of the sheet or of the Word table, the line of the text;
    None for a paragraph beside a table. ``block`` numbers the sheets or tables of a file. ``hidden``: the file does
    not show it (hidden by hand or by a filter)."""

    number: int | None
    cells: tuple[Cell, ...]
    block: int = 0
    hidden: bool = False


class CellSource(NamedTuple):
    """All rows. ``complete`` is False where the format cannot tell whether the last row is whole. ``warnings``: what
    the reader saw that the rows do not show. ``places``: the names of the blocks (a sheet's name), by block; empty
    where the format names none."""

    rows: tuple[SourceRow, ...]
    complete: bool = True
    warnings: tuple[TableImportWarning, ...] = ()
    places: tuple[str, ...] = ()


class ReadBudget:
    """The limits of a file's size. Raises `TooLarge` when one is exceeded."""

    def __init__(self) -> None:
        self.rows = self.cells = self.characters = 0

    def count_row(self, width: int) -> None:
        """Count a row of ``width`` cells."""
        self.rows += 1
        self.cells += width
        if self.rows > MAX_ROWS:
            raise TooLarge(most=MAX_ROWS, unit="rows")
        if width > MAX_COLUMNS:
            raise TooLarge(most=MAX_COLUMNS, unit="columns")
        if self.cells > MAX_CELLS:
            raise TooLarge(most=MAX_CELLS, unit="cells")

    def count_text(self, text: str, row: int | None = None) -> str:
        """Count a cell's text, which stands in this row for people; returns it. Raises `CellTooLong`, too."""
        self.characters += len(text)
        if len(text) > MAX_CELL_CHARACTERS and row is not None:
            raise CellTooLong(row=row, most=MAX_CELL_CHARACTERS)
        if len(text) > MAX_CELL_CHARACTERS or self.characters > MAX_CHARACTERS:
            raise TooLarge(most=MAX_CHARACTERS if row is not None else MAX_CELL_CHARACTERS, unit="characters")
        return text
