"""Nothing half-done is painted: what is about to show other data is painted once, when these have come.

Without this a screen that opens is painted three times, empty, framed and filled, and the person waits for all of it.
"""

from __future__ import annotations

from contextlib import ExitStack

from textual.app import App
from textual.timer import Timer
from textual.widget import Widget

PATIENCE_S = 0.04
"""For so long nothing is painted at most. A slow disk must not look like a dead program."""


class Painting(App[None]):
    """An app that can be asked to wait with painting."""

    def __init__(self) -> None:
        super().__init__()
        self._held = ExitStack()
        self._patience: Timer | None = None
        self._waits: Widget | None = None

    def hold(self, waits: Widget) -> None:
        """Paint nothing until `go_on`, or for a moment. ``waits`` has asked for its data; of two that wait the later
        one counts."""
        self._waits = waits
        if self._patience is None:
            self._held.enter_context(self.batch_update())
            self._patience = self.set_timer(PATIENCE_S, self._go_on)

    def go_on(self, waited: Widget) -> None:
        """Paint what there is now, all of it, where it is ``waited`` that has held it up."""
        if waited is self._waits:
            self._go_on()

    def _go_on(self) -> None:
        if self._patience is not None:
            self._patience.stop()
        self._patience = self._waits = None
        self._held.close()
        self.screen.refresh()
