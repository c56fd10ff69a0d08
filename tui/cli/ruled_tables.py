"""Tables and pairs by Rich: ruled and wrapped where there is a width, the terminal's or the one that COLUMNS states.

Loaded by `tui.cli.tables` and `tui.cli.output` when something is drawn: Rich costs more to load than a store to read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from store.values.text import sanitize

PIPE_WIDTH = 100_000
"""A pipe has no width: nothing is wrapped or cut there, unless the variable COLUMNS gives it one."""


def draw_ruled(columns: Sequence[str], rows: Sequence[Sequence[object]], width: int | None) -> None:
    """Print rows below their heading; ``width`` in cells where the caller states one."""
    table = Table(box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    _print(table, width)


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
