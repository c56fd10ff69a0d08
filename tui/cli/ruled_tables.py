"""Tables and pairs by Rich: ruled and wrapped where there is a width, the terminal's or the one that COLUMNS states.

Loaded by `tui.cli.tables` and `tui.cli.output` when something is drawn: Rich costs more to load than a store to read.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from store.values.text import sanitize

MAX_CODE, MAX_WORD, MIN_PROSE = 16, 10, 24
"""Up to so many cells a number, and a word, stay in one piece, where so many are left for all that is folded."""
PIPE_WIDTH = 100_000
"""A pipe has no width: nothing is wrapped or cut there, unless the variable COLUMNS gives it one."""


def draw_ruled(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int | None) -> None:
    """Print rows below their heading; ``width`` in cells where the caller states one."""
    is_terminal = sys.stdout.isatty()
    table = Table(box=box.SIMPLE_HEAD if is_terminal else None, pad_edge=False, show_edge=False)
    cells = [[_cell(value) for value in row] for row in rows]
    by_column = list(zip(map(Text, columns), *cells, strict=True))
    gaps = (3 if is_terminal else 2) * (len(columns) - 1)
    room = (width or shutil.get_terminal_size().columns) - gaps
    for column, cells_wide in zip(columns, column_widths(by_column, room), strict=True):
        table.add_column(Text(column), overflow="fold", width=cells_wide)
    for row_cells in cells:
        table.add_row(*row_cells)
    _print(table, width)


def column_widths(columns: Sequence[Sequence[Text]], room: int) -> list[int]:
    """The widths of columns that share ``room``: numbers, days and short words stay in one piece where enough is left
    for the rest, or else numbers and days alone, or nothing; what is longer gets equal shares and is folded."""
    natural = [max(cell.cell_len for cell in column) for column in columns]
    least = [0] * len(columns)
    for longest_word in (MAX_WORD, 0):
        pieces = [max(_piece_width(cell, longest_word) for cell in column) for column in columns]
        if sum(pieces) + MIN_PROSE <= room:
            least = pieces
            break
    share = min(max(natural, default=1), max(room, 2))  # a cell may be a million wide
    while share > 2 and sum(min(most, max(few, share)) for most, few in zip(natural, least, strict=True)) > room:
        share -= 1
    return [max(min(most, max(few, share)), 1) for most, few in zip(natural, least, strict=True)]


def _piece_width(cell: Text, longest_word: int) -> int:
    wide = cell.cell_len
    is_code = cell.plain.isascii() and wide <= MAX_CODE and not any(map(str.isspace, cell.plain))
    return wide if is_code or wide <= longest_word else 0


def draw_pairs(pairs: Iterable[tuple[str, object]], width: int | None) -> None:
    """Print names and values, one pair a line; pairs whose value is None are left out."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            grid.add_row(Text(sanitize(name)), _cell(value))
    _print(grid, width)


def _print(table: Table, width: int | None) -> None:
    """On a pipe, cells are padded to align but lines do not end in spaces."""
    if sys.stdout.isatty():
        Console(highlight=False, markup=False, emoji=False).print(table)
        return
    console = Console(highlight=False, markup=False, emoji=False, width=width or PIPE_WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _cell(value: object) -> Text:
    return Text("" if value is None else sanitize(str(value)))
