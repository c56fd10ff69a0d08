"""What several sheets share."""

from __future__ import annotations

from rich.cells import cell_len

from tui.i18n.labels import FAMILIES
from tui.i18n.translate import word
from tui.widgets.cells import Spans


def light_cell(light: str | None) -> Spans:
    """A light: a glyph on its colour, so that it is read with and without colours."""
    return ((word("light_mark", light), light),) if light else ()


def widest(family: str) -> int:
    """How many cells the longest word of a family takes, in the language in use."""
    return max(cell_len(word(family, value)) for value in FAMILIES[family])


def light_words(light: str | None) -> Spans:
    """A light with its name, for a page."""
    return (*light_cell(light), (" " + word("light", light), "")) if light else ()
