"""What every reader gives: rows of cells with their places, whatever the file's format was.

> A reader knows its format and nothing of responsibility tables; ``table.py`` knows tables and nothing of formats.
> All readers draw on one `ReadBudget`, so that no file can make them work without end.
"""

from __future__ import annotations

from typing import NamedTuple

from store.importing.exceptions import TooLarge

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELLS = 400_000
MAX_CELL_CHARACTERS = 32_767
MAX_CHARACTERS = 4_000_000


class Cell(NamedTuple):
    """One cell. ``formula``: its content is computed, so ``text`` is not what it shows. ``merged``: it is part of a
    merged cell that began in an earlier row, whose text it repeats."""

    text: str = ""
    formula: bool = False
    merged: bool = False


class SourceRow(NamedTuple):
    """One row. ``number`` is where a person finds it: the row of the sheet or of the Word table, the line of the text;
    None for a paragraph beside a table. ``block`` tells sheets and tables of one file apart."""

    number: int | None
    cells: tuple[Cell, ...]
    block: int = 0


class CellSource(NamedTuple):
    """All rows. ``ended`` is False where the format cannot tell whether the last row is whole."""

    rows: tuple[SourceRow, ...]
    complete: bool = True


class ReadBudget:
    """How much of a file is still acceptable. Raises `TooLarge` when it is used up."""

    def __init__(self) -> None:
        self.rows = self.cells = self.characters = 0

    def count_row(self, width: int) -> None:
        """Account for a row of ``width`` cells."""
        self.rows += 1
        self.cells += width
        if self.rows > MAX_ROWS:
            raise TooLarge(detail=f"> {MAX_ROWS} rows")
        if width > MAX_COLUMNS or self.cells > MAX_CELLS:
            raise TooLarge(detail=f"> {MAX_COLUMNS} columns or {MAX_CELLS} cells")

    def count_text(self, text: str) -> str:
        """Account for a cell's text; gives it back."""
        self.characters += len(text)
        if len(text) > MAX_CELL_CHARACTERS or self.characters > MAX_CHARACTERS:
            raise TooLarge(detail=f"> {MAX_CHARACTERS} characters")
        return text
