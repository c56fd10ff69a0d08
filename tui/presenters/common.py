"""Helpers of several presenters: status lights, widths of labels."""

from __future__ import annotations

from rich.cells import cell_len

from tui.i18n.labels import FAMILIES
from tui.i18n.translate import value_label
from tui.widgets.cells import Spans


def light_cell(light: str | None) -> Spans:
    """A status light as a cell: a glyph on its colour, readable without colours; empty for None."""
    return ((value_label("light_mark", light), light),) if light else ()


def widest_label(family: str) -> int:
    """The width in cells of the longest label of a family, in the current language."""
    return max(cell_len(value_label(family, value)) for value in FAMILIES[family])


def light_with_label(light: str | None) -> Spans:
    """A status light with its label, for a page; empty for None."""
    return (*light_cell(light), (" " + value_label("light", light), "")) if light else ()
