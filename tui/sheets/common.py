"""What several sheets share."""

from __future__ import annotations

from tui.widgets.cells import Spans
from tui.words import word

PLAIN = ""


def light_cell(light: str | None) -> Spans:
    """A light: a glyph on its colour, so that it is read with and without colours."""
    return ((word("light_mark", light), light),) if light else ()


def light_words(light: str | None) -> Spans:
    """A light with its name, for a page."""
    return (*light_cell(light), (" " + word("light", light), "")) if light else ()


def people(names: str | None) -> str:
    """Several names as a list cell shows them."""
    return names or ""
