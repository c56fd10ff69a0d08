"""Cache of screens that are shown again instead of being composed again, which costs some 40 ms.

A screen is cached if it can be reused for another subject. One of each name is cached; where that one is open (an issue
opened from another issue), a new one is made. Next: ``tui/app/navigation.py`` (every screen by name),
`GuanjiaApp.screen_for`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable
from weakref import WeakKeyDictionary

from textual.screen import Screen

from tui.app.navigation import make_screen
from tui.widgets.paint_batching import PaintBatchingApp


@runtime_checkable
class ReusableScreen(Protocol):
    """A screen that can be cached."""

    def reuse_for(self, *arguments: object) -> None:
        """Take over these arguments of the constructor, and clear what was shown before: text, pending reads, scroll
        positions."""


class ScreenCache:
    """The cached screens of one app."""

    def __init__(self, app: PaintBatchingApp) -> None:
        self._app = app
        self._screens: dict[str, Screen[object]] = {}
        self._subjects: WeakKeyDictionary[Screen[object], tuple[str, tuple[object, ...]]] = WeakKeyDictionary()

    def get(self, name: str, *arguments: object) -> Screen[object]:
        """A screen of that name for these arguments: the cached one where it is closed, else a new one."""
        screen = self._get(name, *arguments)
        self._subjects[screen] = (name, arguments)
        return screen

    def subject_of(self, screen: Screen[object]) -> tuple[str, tuple[str | None, ...]]:
        """The name of an open screen and what it is about; "" where that is more than ids and names."""
        name, arguments = self._subjects.get(screen, ("", ()))
        about = tuple(each for each in arguments if each is None or isinstance(each, str))
        return (name, about) if len(about) == len(arguments) else ("", ())

    def _get(self, name: str, *arguments: object) -> Screen[object]:
        cached = self._screens.get(name)
        if isinstance(cached, ReusableScreen) and cached.is_mounted and cached not in self._app.all_screens():
            cached.clear_selection()
            cached.reuse_for(*arguments)
            return cached
        made = make_screen(name, *arguments)
        if cached is None and isinstance(made, ReusableScreen):
            self._screens[name] = made
            self._app.install_screen(made, name)
        return made

    def evict_closed(self) -> list[Screen[object]]:
        """Drop the cached screens that are closed; returns them, to be removed."""
        open_now = self._app.all_screens()
        closed = {name: screen for name, screen in self._screens.items() if screen not in open_now}
        for name in closed:
            del self._screens[name]
            self._app.uninstall_screen(name)
        return list(closed.values())
