"""What screens need, loaded before anybody opens them: once the first data is shown, a little at a time.

A screen's first opening would pay for its modules, and for Textual reading all style sheets anew whenever a screen
brings another one. Modules are imported by a thread; of the style sheets the event loop reads one after the other, so
that no key waits for more than one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

from textual.css.stylesheet import Stylesheet
from textual.widget import Widget

from tui.app.navigation import SCREENS

SOON = ("issue", "issues", "lookup", "projects", "project", "acts", "act_form", "visit_form", "issue_form", "history")
"""The screens that are opened most."""
PARTS = (
    "tui.screens.filters",
    "tui.screens.list_filters",
    "tui.presenters.search_hits",
    "tui.data.search_results",
    "tui.data.suggestions",
    "tui.screens.palette",
    "tui.screens.help",
    "tui.data.readers.issue",
    "tui.data.readers.register_lines",
    "store.queries.issues",
    "store.queries.names",
    "store.queries.projects",
    "store.queries.timeline",
    "store.queries.visits",
    "store.search.session",
)
"""What they load when something is done on them."""
SHEETS = ("issues", "issue", "lookup", "projects", "project", "form", "panels", "history", "help")
"""The style sheets of all these."""
PAUSE_S = 0.01
"""Between two pieces."""

Piece = Callable[[Stylesheet], None]


def pieces(leaving: threading.Event) -> Iterator[Piece]:
    """Imports, one by one, and gives what is to be read into the style sheet, each a few milliseconds' work; pauses in
    between. Ends early when ``leaving`` is set. For a thread."""
    modules = [*(SCREENS[name].partition(":")[0] for name in SOON), *PARTS]
    for name in modules:
        if leaving.wait(PAUSE_S):
            return
        import_module(name)
    for sheet in SHEETS:
        yield partial(_sheet, Path(__file__).resolve().parents[1] / "screens" / f"{sheet}.tcss")
        if leaving.wait(PAUSE_S):
            return
    for kind in _kinds():
        yield partial(_defaults, kind)
        if leaving.wait(PAUSE_S):
            return
    import_module("tui.data.writer")  # what writes is the largest, and wanted last


def _sheet(path: Path, stylesheet: Stylesheet) -> None:
    if not stylesheet.has_source(str(path), ""):
        stylesheet.read(path)
        stylesheet.parse()


def _defaults(kind: type[Widget], stylesheet: Stylesheet) -> None:
    """What Textual reads when it first meets a widget of this kind."""
    for place, css, order, scope in kind._get_default_css(kind.__new__(kind)):
        stylesheet.add_source(css, place, is_default_css=True, tie_breaker=order, scope=scope)
    stylesheet.parse()


def _kinds() -> list[type[Widget]]:
    """The widgets of our own that are loaded, and Textual's that are used as they are."""
    widgets = import_module("textual.widgets")
    containers = import_module("textual.containers")
    theirs = [widgets.Input, widgets.Label, widgets.Static, containers.Container]
    theirs += [containers.Horizontal, containers.Vertical, widgets.ContentSwitcher, widgets.TextArea]
    return [*theirs, *(kind for kind in _below(Widget) if kind.__module__.startswith("tui."))]


def _below(kind: type[Widget]) -> Iterator[type[Widget]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)
