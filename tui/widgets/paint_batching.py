"""Batch painting: a widget that waits for data is painted once, when the data has arrived.

Without this a screen that opens is painted three times: empty, with its frame, and filled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

PAINT_TIMEOUT_S = 0.04
"""The longest time without painting, in seconds: on a slow disk the program must not look dead."""


class PaintBatchingApp(App[None]):
    """An app that can hold painting, and knows its screens and which of them are in view."""

    def __init__(self) -> None:
        super().__init__()
        self._batch = ExitStack()
        self._timeout_handle: asyncio.TimerHandle | None = None
        self._waiting_widget: Widget | None = None

    def hold_painting(self, widget: Widget) -> None:
        """Hold painting until `release_painting` by the same ``widget``, at most `PAINT_TIMEOUT_S`. Of two waiting
        widgets the later one counts."""
        self._waiting_widget = widget
        if self._timeout_handle is None:
            self._batch.enter_context(self.batch_update())
            # not a timer of the app's: those wait behind keys that are being handled
            self._timeout_handle = asyncio.get_running_loop().call_later(PAINT_TIMEOUT_S, self._paint)

    def release_painting(self, widget: Widget) -> None:
        """Paint everything, if ``widget`` is the one that painting is held for."""
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
        """Every open screen of every mode, in view or not."""
        return [screen for stack in self._screen_stacks.values() for screen in stack]

    def visible_screens(self) -> Sequence[Screen[object]]:
        """The front screen, and those below it that panels leave in view. Textual counts one screen more as current,
        and would draw the front screen again for changes there."""
        shown: list[Screen[object]] = []
        for screen in reversed(self.screen_stack):
            shown.append(screen)
            if not screen.is_modal:
                break
        return shown
