"""What several sheets share."""

from __future__ import annotations

from rich.cells import cell_len

from tui.i18n.labels import FAMILIES
from tui.i18n.translate import value_label
from tui.widgets.cells import Spans


def light_cell(light: str | None) -> Spans:
    """A light: a glyph on its colour, so that it is read with and without colours."""
    return ((value_label("light_mark", light), light),) if light else ()


def widest_label(family: str) -> int:
    """How many cells the longest word of a family takes, in the language in use."""
    return max(cell_len(value_label(family, value)) for value in FAMILIES[family])


def light_with_label(light: str | None) -> Spans:
    """A light with its name, for a page."""
    return (*light_cell(light), (" " + value_label("light", light), "")) if light else ()
