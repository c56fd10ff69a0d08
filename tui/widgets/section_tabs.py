"""The names of a screen's parts in one line, the one in view marked; a click or a jump label chooses one."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.i18n.translate import _


class PartName(Widget, can_focus=True):
    """The name of a part: who goes to it wants that part."""

    DEFAULT_CSS = """
    PartName { width: auto; height: 1; color: $muted; }
    PartName.-here { background: $primary; color: $background; text-style: bold; }
    """

    def __init__(self, part: str, label: str) -> None:
        super().__init__(id=f"part-{part}")
        self.part = part
        self._label = label

    def render(self) -> Content:
        """The name."""
        return Content(f" {_(self._label)} ")

    def on_focus(self) -> None:
        """Show this part."""
        self.post_message(PartNames.Chosen(self.part))


class PartNames(Horizontal):
    """``parts`` are names and message ids of labels; ``part`` is the one in view."""

    DEFAULT_CSS = "PartNames { height: 1; background: $surface; }"
    part: reactive[str] = reactive("")

    class Chosen(Message):
        """A part is to be shown."""

        def __init__(self, part: str) -> None:
            super().__init__()
            self.part = part

    def __init__(self, parts: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._parts = parts
        self.set_reactive(PartNames.part, parts[0][0])

    def compose(self) -> ComposeResult:
        """A name for each."""
        for name, label in self._parts:
            yield PartName(name, label)

    def on_mount(self) -> None:
        """Mark the one in view."""
        self.watch_part()

    def watch_part(self) -> None:
        """Mark the one in view, and no other."""
        for name in self.query(PartName):
            name.set_class(name.part == self.part, "-here")

    def after(self, by: int) -> str:
        """The part so many places on, round and round."""
        names = [name for name, _label in self._parts]
        return names[(names.index(self.part) + by) % len(names)]
