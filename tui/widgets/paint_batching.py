"""Nothing half-done is painted: what is about to show other data is painted once, when these have come.

Without this a screen that opens is painted three times, empty, framed and filled, and the person waits for all of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

PAINT_TIMEOUT_S = 0.04
"""For so long nothing is painted at most. A slow disk must not look like a dead program."""


class PaintBatchingApp(App[None]):
    """An app that can be asked to wait with painting, and knows which screens it has and which are in view."""

    def __init__(self) -> None:
        super().__init__()
        self._batch = ExitStack()
        self._timeout_handle: asyncio.TimerHandle | None = None
        self._waiting_widget: Widget | None = None

    def hold_painting(self, widget: Widget) -> None:
        """Paint nothing until `release_painting`, or for a moment. ``waiting`` has asked for its data; of two that
        wait the later one counts."""
        self._waiting_widget = widget
        if self._timeout_handle is None:
            self._batch.enter_context(self.batch_update())
            # not a timer of the app's: those wait behind keys that are being carried out
            self._timeout_handle = asyncio.get_running_loop().call_later(PAINT_TIMEOUT_S, self._paint)

    def release_painting(self, widget: Widget) -> None:
        """Paint what there is now, all of it, where it is ``served`` that was waited for."""
        if widget is self._waiting_widget:
            self._paint()

    def _paint(self) -> None:
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._timeout_handle = self._waiting_widget = None
        self._batch.close()
        if self.screen_stack:
            self.screen.refresh()

    def all_screens(self) -> Sequence[Screen[object]]:
        """Every screen that is open, in view or below others, here or in another place."""
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def visible_screens(self) -> Sequence[Screen[object]]:
        """The screen in front, and those that a panel leaves in view. Textual calls one more current, whatever is over
        it, and would draw the one in front again for what happens there."""
        shown: list[Screen[object]] = []
        for screen in reversed(self.screen_stack):
            shown.append(screen)
            if not screen.is_modal:
                break
        return shown
