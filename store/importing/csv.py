"""Reads .csv and .tsv files in the encodings of ``text_decoding.py``, with comma, semicolon, tab or bar as
delimiter."""

from __future__ import annotations

import csv
import re
from io import StringIO

from store.importing.cell_source import MAX_CELL_CHARACTERS, Cell, CellSource, ReadBudget, SourceRow
from store.importing.columns import detect_columns
from store.importing.exceptions import CellTooLong, NotATable, Truncated
from store.importing.text_decoding import decode

DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'\s*="([^"=]*)"\s*')
_GUARDED = re.compile(r"'(\s*[=+\-@＝＋－＠]|\t)")
_OPEN_QUOTE = "unexpected end of data"


def read(data: bytes) -> CellSource:
    """The rows. A row's number is that of a spreadsheet program."""
    return parse_rows(decode(data))


def parse_rows(text: str) -> CellSource:
    """The rows of a text, split by the delimiter with which headings are found, or else by the one that makes most
    columns. Raises `NotATable` or `Truncated`."""
    widest = ""
    rows: tuple[SourceRow, ...] = ()
    for delimiter in DELIMITERS:
        split = _split_rows(text, delimiter)
        if any(detect_columns(row.cells) for row in split):
            widest, rows = delimiter, split
            break
        if _width(split) > max(_width(rows), 1):
            widest, rows = delimiter, split
    if not widest:
        raise NotATable()
    _check_quotes(text, widest)
    return CellSource(rows, complete=text.endswith("\n"))


def _width(rows: tuple[SourceRow, ...]) -> int:
    """The usual number of cells of a row."""
    widths = sorted(len(row.cells) for row in rows)
    return widths[len(widths) // 2] if widths else 0


def _split_rows(text: str, delimiter: str) -> tuple[SourceRow, ...]:
    budget = ReadBudget()
    rows = []
    try:
        for number, texts in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter), 1):
            cells = tuple(_cell(budget.count_text(cell, number)) for cell in texts)
            budget.count_row(len(cells))
            rows.append(SourceRow(number, cells))
    except csv.Error:
        raise CellTooLong(row=len(rows) + 1, most=MAX_CELL_CHARACTERS) from None
    return tuple(rows)


def _cell(text: str) -> Cell:
    """A cell without the quoting by which spreadsheet programs mark text: ``="0418"`` and ``'+86``."""
    if literal := _QUOTED.fullmatch(text):
        return Cell(literal[1])
    return Cell(text[1:] if _GUARDED.match(text) else text)


def _check_quotes(text: str, delimiter: str) -> None:
    """Raises `Truncated` for a quotation mark that is never closed: the end of the file is missing."""
    try:
        for _ in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if _OPEN_QUOTE in str(error):
            raise Truncated() from None
