"""Preloads what the frequent screens need, in small steps, once the first data is shown.

The first opening of a screen would pay for its modules, and for Textual parsing all style sheets again for each new
one. Modules are imported by a thread; the style sheets are parsed one by one on the event loop, so that no key waits
for more than one of them.
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

FREQUENT_SCREENS = (
    "issue",
    "issues",
    "lookup",
    "projects",
    "project",
    "acts",
    "act_form",
    "visit_form",
    "issue_form",
    "history",
)
"""The screens that are opened most."""
PRELOADED_MODULES = (
    "tui.screens.filters",
    "tui.screens.list_filters",
    "tui.presenters.search_hits",
    "tui.data.search_results",
    "tui.screens.palette",
    "tui.screens.help",
    "tui.data.readers.issue",
    "tui.data.readers.lines",
    "tui.data.readers.suggestions",
    "store.queries.details",
    "store.queries.issues",
    "store.queries.name_lookup",
    "store.queries.projects",
    "store.queries.register_lines",
    "store.queries.timeline",
    "store.queries.visits",
    "store.search.session",
)
"""What they load when something is done on them."""
STYLE_SHEETS = ("issues", "issue", "lookup", "projects", "project", "form", "panels", "history", "help")
"""The style sheets of all these."""
PAUSE_S = 0.01
"""Between two pieces."""

StyleLoader = Callable[[Stylesheet], None]


def preload_steps(stop_event: threading.Event) -> Iterator[StyleLoader]:
    """Import the modules one by one and yield what is to be parsed into the style sheet, a few milliseconds' work each,
    with pauses. Ends early when ``stop_event`` is set. For a thread."""
    modules = [*(SCREENS[name].partition(":")[0] for name in FREQUENT_SCREENS), *PRELOADED_MODULES]
    for name in modules:
        if stop_event.wait(PAUSE_S):
            return
        import_module(name)
    for sheet in STYLE_SHEETS:
        yield partial(_load_style_sheet, Path(__file__).resolve().parents[1] / "screens" / f"{sheet}.tcss")
        if stop_event.wait(PAUSE_S):
            return
    for kind in _widget_classes():
        yield partial(_load_default_css, kind)
        if stop_event.wait(PAUSE_S):
            return
    import_module("tui.data.writer")  # what writes is the largest, and wanted last


def _load_style_sheet(path: Path, stylesheet: Stylesheet) -> None:
    if not stylesheet.has_source(str(path), ""):
        stylesheet.read(path)
        stylesheet.reparse()


def _load_default_css(kind: type[Widget], stylesheet: Stylesheet) -> None:
    """What Textual reads when it first meets a widget of this kind."""
    for place, css, order, scope in kind._get_default_css(kind.__new__(kind)):
        stylesheet.add_source(css, place, is_default_css=True, tie_breaker=order, scope=scope)
    stylesheet.reparse()


def _widget_classes() -> list[type[Widget]]:
    """The widgets of our own that are loaded, and Textual's that are used as they are."""
    widgets = import_module("textual.widgets")
    containers = import_module("textual.containers")
    theirs = [widgets.Input, widgets.Label, widgets.Static, containers.Container]
    theirs += [containers.Horizontal, containers.Vertical, widgets.ContentSwitcher, widgets.TextArea]
    return [*theirs, *(kind for kind in _subclasses(Widget) if kind.__module__.startswith("tui."))]


def _subclasses(kind: type[Widget]) -> Iterator[type[Widget]]:
    for below in kind.__subclasses__():
        yield below
        yield from _subclasses(below)
