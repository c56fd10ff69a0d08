"""Tables for people, by Rich: aligned by display width (Chinese characters are two cells wide), never cut on a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from store.values.text import sanitize
from tui.i18n.translate import _

PIPE_WIDTH = 100_000
"""A pipe has no width: rows are never wrapped or cut there, unless the variable COLUMNS gives it one."""
MIN_WIDTH = 20
"""Narrower than this no table is readable."""


def draw_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: ruled and wrapped on a terminal, plain and one row a line on a pipe."""
    screen = sys.stdout.isatty() or _stated_width() is not None
    table = Table(box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*(_cell(value, one_line=not screen) for value in row))
        count += 1
    if count:
        _print(table)
    else:
        print(_("Nothing here."), file=sys.stderr)


def draw_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one pair a line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column()
    grid.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            grid.add_row(Text(sanitize(name)), _cell(value))
    _print(grid)


def _print(table: Table) -> None:
    """On a pipe, cells are padded to align but lines do not end in spaces."""
    if sys.stdout.isatty():
        Console(highlight=False, markup=False, emoji=False).print(table)
        return
    width = _stated_width() or PIPE_WIDTH
    console = Console(highlight=False, markup=False, emoji=False, width=width, color_system=None)
    with console.capture() as captured:
        console.print(table)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _stated_width() -> int | None:
    """The width that the caller states, in cells."""
    stated = os.environ.get("COLUMNS", "")
    return max(int(stated), MIN_WIDTH) if stated.isascii() and stated.isdecimal() and int(stated) else None


def _cell(value: object, *, one_line: bool = False) -> Text:
    text = "" if value is None else sanitize(str(value))
    return Text(text.replace("\n", " ") if one_line else text)
