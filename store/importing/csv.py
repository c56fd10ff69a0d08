"""Reads .csv and .tsv in any encoding that ``plain.py`` knows, with comma, semicolon, tab or bar between cells."""

from __future__ import annotations

import csv
import re
from io import StringIO

from store.importing.columns import columns_in
from store.importing.exceptions import NotATable, TooLarge, Truncated
from store.importing.plain import decode
from store.importing.source import Budget, Cell, Source, SourceRow

DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'\s*="([^"=]*)"\s*')
_GUARDED = re.compile(r"'(\s*[=+\-@＝＋－＠]|\t)")
_OPEN_QUOTE = "unexpected end of data"


def read(data: bytes) -> Source:
    """The rows. A row's number is the one that a spreadsheet program shows."""
    return rows_of(decode(data))


def rows_of(text: str) -> Source:
    """The rows of a text, parted by the delimiter under which headings are found. Raises `NotATable` or `Truncated`."""
    for delimiter in DELIMITERS:
        rows = _parted(text, delimiter)
        if any(columns_in(row.cells) for row in rows):
            _check_quotes(text, delimiter)
            return Source(rows, ended=text.endswith("\n"))
    raise NotATable()


def _parted(text: str, delimiter: str) -> tuple[SourceRow, ...]:
    budget = Budget()
    rows = []
    try:
        for number, texts in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter), 1):
            cells = tuple(_cell(budget.text(cell)) for cell in texts)
            budget.row(len(cells))
            rows.append(SourceRow(number, cells))
    except csv.Error as error:
        raise TooLarge(detail=str(error)) from None
    return tuple(rows)


def _cell(text: str) -> Cell:
    """A cell without what spreadsheet programs wrap around text to keep it text: ``="0418"`` and ``'+86``."""
    if literal := _QUOTED.fullmatch(text):
        return Cell(literal[1])
    return Cell(text[1:] if _GUARDED.match(text) else text)


def _check_quotes(text: str, delimiter: str) -> None:
    """A quotation mark that is never closed swallows the rest of the file: the end is missing."""
    try:
        for _ in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        if _OPEN_QUOTE in str(error):
            raise Truncated() from None
