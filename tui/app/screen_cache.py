"""Screens that are shown again instead of being made anew: making one costs some forty milliseconds.

A screen is kept that can turn to something else. One of each name is kept; where that one is open (an issue found while
another one is read), a new one is made. Next: ``tui/app/navigation.py`` (every screen by name),
`GuanjiaApp.screen_for`.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from textual.screen import Screen

from tui.app.navigation import make_screen
from tui.widgets.paint_batching import PaintBatchingApp


@runtime_checkable
class ReusableScreen(Protocol):
    """A screen that can be kept."""

    def reuse_for(self, *arguments: Any) -> None:
        """Be about what these arguments of the constructor say, and leave nothing of what was shown before: no text,
        no question that is still to be answered, no place in a page."""


class ScreenCache:
    """The screens of one app that are kept when they close."""

    def __init__(self, app: PaintBatchingApp) -> None:
        self._app = app
        self._screens: dict[str, Screen[Any]] = {}

    def get(self, name: str, *arguments: Any) -> Screen[Any]:
        """A screen of that name about this: the one that is kept, where it is closed, or else a new one."""
        kept = self._screens.get(name)
        if isinstance(kept, ReusableScreen) and kept.is_mounted and kept not in self._app.all_screens():
            kept.clear_selection()
            kept.reuse_for(*arguments)
            return kept
        made = make_screen(name, *arguments)
        if kept is None and isinstance(made, ReusableScreen):
            self._screens[name] = made
            self._app.install_screen(made, name)
        return made

    def evict_closed(self) -> list[Screen[Any]]:
        """Keep none that is closed; gives those that were, to be removed."""
        open_now = self._app.all_screens()
        closed = {name: screen for name, screen in self._screens.items() if screen not in open_now}
        for name in closed:
            del self._screens[name]
            self._app.uninstall_screen(name)
        return list(closed.values())
