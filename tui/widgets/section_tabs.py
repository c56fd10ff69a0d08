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


class SectionTab(Widget, can_focus=True):
    """The name of a part: who goes to it wants that part."""

    DEFAULT_CSS = """
    SectionTab { width: auto; height: 1; color: $muted; }
    SectionTab.-here { background: $primary; color: $background; text-style: bold; }
    """

    def __init__(self, section: str, label: str) -> None:
        super().__init__(id=f"part-{section}")
        self.section = section
        self._label = label

    def render(self) -> Content:
        """The name."""
        return Content(f" {_(self._label)} ")

    def on_focus(self) -> None:
        """Show this part."""
        self.post_message(SectionTabs.SectionSelected(self.section))


class SectionTabs(Horizontal):
    """``parts`` are names and message ids of labels; ``part`` is the one in view."""

    DEFAULT_CSS = "SectionTabs { height: 1; background: $surface; }"
    section: reactive[str] = reactive("")

    class SectionSelected(Message):
        """A part is to be shown."""

        def __init__(self, part: str) -> None:
            super().__init__()
            self.section = part

    def __init__(self, sections: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._sections = sections
        self.set_reactive(SectionTabs.section, sections[0][0])

    def compose(self) -> ComposeResult:
        """A name for each."""
        for name, label in self._sections:
            yield SectionTab(name, label)

    def on_mount(self) -> None:
        """Mark the one in view."""
        self.watch_section()

    def watch_section(self) -> None:
        """Mark the one in view, and no other."""
        for name in self.query(SectionTab):
            name.set_class(name.section == self.section, "-here")

    def next_section(self, by: int) -> str:
        """The part so many places on, round and round."""
        names = [name for name, _label in self._sections]
        return names[(names.index(self.section) + by) % len(names)]
