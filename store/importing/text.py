"""Reads the table as published on the web: text in which every cell starts with a tab.

Cells wrap over lines, a blank line ends a row, and a blank line may also be inside a cell. Text copied from a document
has tabs between its cells and no blank lines; both are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from store.importing import csv
from store.importing.cell_source import MAX_CELL_CHARACTERS, Cell, CellSource, ReadBudget, SourceRow
from store.importing.columns import ImportColumns, detect_columns
from store.importing.exceptions import CellTooLong
from store.importing.sections import is_section_heading
from store.importing.text_decoding import decode

_LINE_ENDS = re.compile("[\x0b\x0c\u2028\u2029]")
_LEAST_TABS = 2
_NUMBER = re.compile(r"\s*\d{1,4}\s*")


@dataclass(slots=True)
class _TextCell:
    """A cell, or with ``alone`` a line without tabs. ``gap``: a blank line precedes it."""

    text: str
    line: int
    gap: bool
    alone: bool = False

    def append_line(self, line: str) -> None:
        """Append a line. Bounded here, since a cell of a million lines would be copied a million times."""
        if len(self.text) > MAX_CELL_CHARACTERS:
            raise CellTooLong(row=self.line, most=MAX_CELL_CHARACTERS)
        self.text += "\n" + line


def read(data: bytes) -> CellSource:
    """The rows. A row's number is the line on which it begins."""
    text = _LINE_ENDS.sub("\n", decode(data))
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if _is_grid(lines):
        return csv.parse_rows(text)
    if _tabs_lead(lines):
        return CellSource(_RowAssembler(tuple(_tab_led_cells(lines))).rows(), complete=_is_blank(lines[-1]))
    if '"' in text or "\t" not in text:
        return csv.parse_rows(text)
    return CellSource(_RowAssembler(tuple(_tab_separated_cells(lines))).rows(), complete=text.endswith("\n"))


def _tabs_lead(lines: list[str]) -> bool:
    tabbed = [line for line in lines if "\t" in line]
    return 2 * sum(line.startswith("\t") for line in tabbed) > len(tabbed)


def _is_grid(lines: list[str]) -> bool:
    """Whether each line is a row, as Excel saves them: with as many tabs as every other."""
    tabs = {line.count("\t") for line in lines if line.strip()}
    return len(tabs) == 1 and min(tabs) >= _LEAST_TABS


def _is_blank(line: str) -> bool:
    return not line.strip() and "\t" not in line


def _tab_led_cells(lines: list[str]) -> Iterator[_TextCell]:
    """The cells of text whose cells each start with a tab: a line without one continues the cell before."""
    piece, gap = None, False
    for number, line in enumerate(lines, 1):
        first, *cells = line.split("\t")
        if first.strip():
            if piece and not gap:
                piece.append_line(first)
            else:
                yield from [piece] if piece else []
                piece, gap = _TextCell(first, number, gap, alone=True), False
        for text in cells:
            yield from [piece] if piece else []
            piece, gap = _TextCell(text, number, gap), False
        gap = gap or _is_blank(line)
    yield from [piece] if piece else []


def _tab_separated_cells(lines: list[str]) -> Iterator[_TextCell]:
    """The cells of text with tabs between cells: a line that does not start a row continues the cell before."""
    piece, gap = None, True
    for number, line in enumerate(lines, 1):
        first, *cells = line.split("\t")
        starts = gap or is_section_heading(line) or (bool(cells) and _NUMBER.fullmatch(first) is not None)
        if piece and not starts and not _is_blank(line):
            piece.append_line(first)
        elif not _is_blank(line):
            yield from [piece] if piece else []
            piece = _TextCell(first, number, gap=True)
        for text in cells:
            yield from [piece] if piece else []
            piece = _TextCell(text, number, gap=False)
        gap = _is_blank(line)
    yield from [piece] if piece else []


@dataclass(slots=True)
class _RowAssembler:
    """Assembles cells into rows. Before the headings only blank lines end a row; after them also the number of
    columns."""

    pieces: tuple[_TextCell, ...]
    columns: ImportColumns | None = None
    done: list[SourceRow] = field(default_factory=list)
    row: list[_TextCell] = field(default_factory=list)
    budget: ReadBudget = field(default_factory=ReadBudget)

    def rows(self) -> tuple[SourceRow, ...]:
        for piece in self.pieces:
            if self._continues(piece):
                self.row[-1].append_line(piece.text)
                continue
            if self.row and self._starts(piece):
                self._close()
            self.row.append(piece)
        self._close()
        return tuple(self.done)

    def _is_open(self) -> bool:
        """Whether a project's row still lacks cells, so that a blank line may be inside it."""
        numbered = self.columns is not None and self.columns[0].field == "number"
        return numbered and bool(self.row) and _is_number(self.row[0]) and len(self.row) < len(self.columns or ())

    def _continues(self, piece: _TextCell) -> bool:
        return piece.alone and self._is_open() and len(self.row) > 1 and not is_section_heading(piece.text)

    def _starts(self, piece: _TextCell) -> bool:
        if piece.alone or self.row[-1].alone or (len(self.row) == 1 and is_section_heading(self.row[0].text)):
            return True
        if self.columns is None:
            heads = _is_number(piece) or is_section_heading(piece.text)
            return piece.gap or (heads and detect_columns(_cells(self.row)) is not None)
        if len(self.row) >= len(self.columns):
            return True
        return piece.gap and not (self._is_open() and not _is_number(piece) and not is_section_heading(piece.text))

    def _close(self) -> None:
        if not self.row:
            return
        cells = _cells(self.row)
        self.budget.count_row(len(cells))
        for cell in cells:
            self.budget.count_text(cell.text, self.row[0].line)
        self.done.append(SourceRow(self.row[0].line, cells))
        if not _is_number(self.row[0]):  # a project's row has no headings
            self.columns = detect_columns(cells) or self.columns
        self.row = []


def _is_number(piece: _TextCell) -> bool:
    return _NUMBER.fullmatch(piece.text) is not None


def _cells(row: list[_TextCell]) -> tuple[Cell, ...]:
    return tuple(Cell(piece.text) for piece in row)
