"""Screens that are shown again instead of being made anew: making one costs some forty milliseconds.

A screen is kept that can turn to something else. One of each name is kept; where that one is open (an issue found while
another one is read), a new one is made. Next: ``tui/app/navigation.py`` (every screen by name), `GuanjiaApp.made`.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from textual.screen import Screen

from tui.app.navigation import make_screen
from tui.widgets.paint_batching import Painting


@runtime_checkable
class Turning(Protocol):
    """A screen that can be kept."""

    def turn_to(self, *arguments: Any) -> None:
        """Be about what these arguments of the constructor say, and leave nothing of what was shown before: no text,
        no question that is still to be answered, no place in a page."""


class Kept:
    """The screens of one app that are kept when they close."""

    def __init__(self, app: Painting) -> None:
        self._app = app
        self._screens: dict[str, Screen[Any]] = {}

    def give(self, name: str, *arguments: Any) -> Screen[Any]:
        """A screen of that name about this: the one that is kept, where it is closed, or else a new one."""
        kept = self._screens.get(name)
        if isinstance(kept, Turning) and kept.is_mounted and kept not in self._app.every_screen():
            kept.clear_selection()
            kept.turn_to(*arguments)
            return kept
        made = make_screen(name, *arguments)
        if kept is None and isinstance(made, Turning):
            self._screens[name] = made
            self._app.install_screen(made, name)
        return made

    def forget(self) -> list[Screen[Any]]:
        """Keep none that is closed; gives those that were, to be removed."""
        open_now = self._app.every_screen()
        closed = {name: screen for name, screen in self._screens.items() if screen not in open_now}
        for name in closed:
            del self._screens[name]
            self._app.uninstall_screen(name)
        return list(closed.values())
