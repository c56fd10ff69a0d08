"""The names of a screen's parts in one line, the one in view marked; a click chooses one."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.words import _


class PartNames(Widget):
    """``parts`` are names and message ids of labels."""

    DEFAULT_CSS = "PartNames { height: 1; background: $surface; }"
    part: reactive[str] = reactive("")

    class Chosen(Message):
        """A part was chosen with the mouse."""

        def __init__(self, part: str) -> None:
            super().__init__()
            self.part = part

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._parts = parts
        self.set_reactive(PartNames.part, parts[0][0])

    def after(self, by: int) -> str:
        """The part so many places on, round and round."""
        names = [name for name, _label in self._parts]
        return names[(names.index(self.part) + by) % len(names)]

    def render(self) -> Content:
        """One line."""
        spans = [
            (f" {_(label)} ", "b $background on $primary" if name == self.part else "$muted")
            for name, label in self._parts
        ]
        return Content.assemble(*spans)

    def on_click(self, event: events.Click) -> None:
        """The mouse: the part under it."""
        column = 0
        for name, label in self._parts:
            column += cell_len(f" {_(label)} ")
            if event.x < column:
                self.post_message(self.Chosen(name))
                return
