"""Screens that are shown again instead of being made anew: making one costs some forty milliseconds.

A screen is kept that can turn to something else: it has ``turn_to``, which takes what its constructor takes and leaves
nothing of what was shown before. One of each is kept; where that one is open (an issue found while another one is
read), a new one is made. Next: ``tui/places.py`` (every screen by name), ``GuanjiaApp.made``.
"""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.screen import Screen

from tui.places import make_screen


class Kept:
    """The screens of one app that are kept when they close."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._screens: dict[str, Screen[Any]] = {}

    def screen(self, name: str, *arguments: Any) -> Screen[Any]:
        """A screen of that name about this: the one that is kept, where it is closed, or else a new one."""
        known = self._screens.get(name)
        if known is not None and known.is_mounted and not self._is_open(known):
            known.turn_to(*arguments)  # type: ignore[attr-defined]  # what has none is not kept
            return known
        made = make_screen(name, *arguments)
        if known is None and hasattr(made, "turn_to"):
            self._screens[name] = made
            self._app.install_screen(made, name)
        return made

    async def forget(self) -> None:
        """Keep none that is closed: they were made in another language."""
        for name, screen in list(self._screens.items()):
            if not self._is_open(screen):
                del self._screens[name]
                self._app.uninstall_screen(name)
                await screen.remove()

    def _is_open(self, screen: Screen[Any]) -> bool:
        return any(screen in stack for stack in self._app._screen_stacks.values())
