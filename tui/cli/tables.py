"""Tables for people: aligned by display width (Chinese characters are two cells wide), never cut on a pipe.

Rows are printed a block at a time, so that the first are there at once, however many follow. On a terminal a block is
ruled and wrapped (``ruled_tables.py``); on a pipe rows are only padded, which a list of a million lines can afford.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from rich.cells import cell_len

from store.values.text import sanitize
from tui.i18n.translate import _

MIN_WIDTH = 20
"""Narrower than this no table is readable."""
FIRST_BLOCK, BLOCK = 50, 200
"""So many rows are aligned and printed at once, at first and then; on a terminal each block has the heading above
it."""
GAP = "  "
"""What stands between two columns on a pipe."""


def draw_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: ruled and wrapped on a terminal, plain and one row a line on a pipe."""
    remaining = iter(rows)
    first = list(islice(remaining, FIRST_BLOCK))
    if not first:
        print(_("Nothing here."), file=sys.stderr)
    elif sys.stdout.isatty() or stated_width() is not None:
        from tui.cli.ruled_tables import draw_ruled

        for block in chain([first], _blocks(remaining)):
            draw_ruled(columns, block, stated_width())
    else:
        _draw_plain(columns, first, remaining)


def stated_width() -> int | None:
    """The width that the caller states by the variable COLUMNS, in cells."""
    stated = os.environ.get("COLUMNS", "")
    return max(int(stated), MIN_WIDTH) if stated.isascii() and stated.isdecimal() and int(stated) else None


def _blocks(rows: Iterator[Sequence[object]]) -> Iterator[list[Sequence[object]]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def _draw_plain(columns: Sequence[str], first: list[Sequence[object]], remaining: Iterator[Sequence[object]]) -> None:
    """Pad each column to its widest cell so far: rows of later blocks move it where one of theirs is wider."""
    widths = [0] * len(columns)
    for block in chain([[columns, *first]], _blocks(remaining)):
        texts = [[_one_line(value) for value in row] for row in block]
        for row in texts:
            widths = list(map(max, widths, map(cell_len, row)))
        sys.stdout.writelines(_padded(row, widths) for row in texts)
        sys.stdout.flush()


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
    return GAP.join(cells).rstrip() + "\n"


def _one_line(value: object) -> str:
    return "" if value is None else sanitize(str(value)).replace("\n", " ")
