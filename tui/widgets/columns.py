"""Columns of a long list: what they are called, how wide they are, what they show of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.widgets.cells import Cell

GAP = 1
"""Blank cells between two columns."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """``title`` is a message id, ``width`` in cells; ``grow`` is the share of what is left over that it takes.
    ``from_width``: the list must be this wide for the column to be shown."""

    title: str
    width: int
    cell: Callable[[R], Cell]
    grow: int = 0
    right: bool = False
    from_width: int = 0


def shown(columns: Sequence[Column[R]], width: int) -> list[tuple[Column[R], int]]:
    """The columns that a list of ``width`` cells shows, each with its width."""
    there = [column for column in columns if column.from_width <= width]
    spare = max(width - sum(column.width + GAP for column in there) + GAP, 0)
    shares = sum(column.grow for column in there) or 1
    widths = [column.width + spare * column.grow // shares for column in there]
    if there and any(column.grow for column in there):
        widest = max(range(len(there)), key=lambda place: there[place].grow)
        widths[widest] += max(width - sum(widths) - GAP * (len(there) - 1), 0)
    return list(zip(there, widths, strict=True))
