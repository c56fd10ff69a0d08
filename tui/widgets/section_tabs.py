"""The sections of a screen as tabs in one line; a click or a jump label selects one."""

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
    """The tab of a section; it is selected by focus."""

    DEFAULT_CSS = """
    SectionTab { width: auto; height: 1; color: $muted; }
    SectionTab.-here { background: $primary; color: $background; text-style: bold; }
    """

    def __init__(self, section: str, label: str) -> None:
        super().__init__(id=f"part-{section}")
        self.section = section
        self._label = label

    def render(self) -> Content:
        """The label."""
        return Content(f" {_(self._label)} ")

    def on_focus(self) -> None:
        """Select this section."""
        self.post_message(SectionTabs.SectionSelected(self.section))


class SectionTabs(Horizontal):
    """``sections`` are names with message ids of labels; ``section`` is the name of the one in view."""

    DEFAULT_CSS = "SectionTabs { height: 1; background: $surface; }"
    section: reactive[str] = reactive("")

    class SectionSelected(Message):
        """A section was selected."""

        def __init__(self, section: str) -> None:
            super().__init__()
            self.section = section

    def __init__(self, sections: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._sections = sections
        self.set_reactive(SectionTabs.section, sections[0][0])

    def compose(self) -> ComposeResult:
        """A tab for each section."""
        for name, label in self._sections:
            yield SectionTab(name, label)

    def on_mount(self) -> None:
        """Mark the tab of the section in view."""
        self.watch_section()

    def watch_section(self) -> None:
        """Mark the tab of the section in view, and no other."""
        for name in self.query(SectionTab):
            name.set_class(name.section == self.section, "-here")

    def next_section(self, by: int) -> str:
        """The name of the section ``by`` tabs further, cyclically."""
        names = [name for name, _label in self._sections]
        return names[(names.index(self.section) + by) % len(names)]
