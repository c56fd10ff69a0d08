"""Columns of a long list: title, width and content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tui.widgets.cells import Cell, single_line

COLUMN_GAP = 1
"""Blank cells between two columns."""

FILE_ONLY = 1 << 30
"""As ``min_list_width``: what the screen says otherwise, as by a heading, and a file needs in each row."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class ListColumn(Generic[R]):
    """A column. ``title`` is a message id, ``width`` in cells, ``grow_share`` its share of the remaining cells;
    ``min_list_width`` is the list's least width at which the column is shown; ``file_title`` (a message id) its heading
    in files, where it has none on the screen; ``sort`` the order by which
    the list is sorted by it, where it can be."""

    title: str
    width: int
    cell: Callable[[R], Cell]
    grow_share: int = 0
    align_right: bool = False
    min_list_width: int = 0
    file_title: str = ""
    sort: str = ""

    @property
    def heading(self) -> str:
        """What it is called where it stands alone (a message id); empty for what is there for the eye only."""
        return self.title or self.file_title

    def text(self, row: R) -> str:
        """What it says of a row, whole and without styles."""
        cell = self.cell(row)
        return cell if isinstance(cell, str) else "".join(text for text, _style in cell)


def row_text(columns: Sequence[ListColumn[R]], row: R) -> str:
    """What a row says, its cells whole and side by side."""
    return "  ".join(filter(None, (single_line(column.text(row)).strip() for column in columns)))


def fit_columns(columns: Sequence[ListColumn[R]], width: int) -> list[tuple[ListColumn[R], int]]:
    """The columns that a list of ``width`` cells shows, each with its width."""
    shown = [column for column in columns if column.min_list_width <= width]
    spare = max(width - sum(column.width + COLUMN_GAP for column in shown) + COLUMN_GAP, 0)
    shares = sum(column.grow_share for column in shown) or 1
    widths = [column.width + spare * column.grow_share // shares for column in shown]
    if shown and any(column.grow_share for column in shown):
        widest = max(range(len(shown)), key=lambda place: shown[place].grow_share)
        widths[widest] += max(width - sum(widths) - COLUMN_GAP * (len(shown) - 1), 0)
    return list(zip(shown, widths, strict=True))
