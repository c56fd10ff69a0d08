"""Columns of a long list: what they are called, how wide they are, what they show of a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.widgets.cells import Cell

COLUMN_GAP = 1
"""Blank cells between two columns."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ListColumn(Generic[R]):
    """``title`` is a message id, ``width`` in cells; ``grow_share`` is the share of what is left over that it takes.
    ``min_list_width``: the list must be this wide for the column to be shown."""

    title: str
    width: int
    cell: Callable[[R], Cell]
    grow_share: int = 0
    align_right: bool = False
    min_list_width: int = 0


def fit_columns(columns: Sequence[ListColumn[R]], width: int) -> list[tuple[ListColumn[R], int]]:
    """The columns that a list of ``width`` cells shows, each with its width."""
    there = [column for column in columns if column.min_list_width <= width]
    spare = max(width - sum(column.width + COLUMN_GAP for column in there) + COLUMN_GAP, 0)
    shares = sum(column.grow_share for column in there) or 1
    widths = [column.width + spare * column.grow_share // shares for column in there]
    if there and any(column.grow_share for column in there):
        widest = max(range(len(there)), key=lambda place: there[place].grow_share)
        widths[widest] += max(width - sum(widths) - COLUMN_GAP * (len(there) - 1), 0)
    return list(zip(there, widths, strict=True))
