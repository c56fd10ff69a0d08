"""The minute of a meeting that was held: to read, to write to a file as the meeting sheet, or to go on with."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.data.meeting_draft import Meeting
from tui.i18n.translate import _
from tui.keys.actions import bindings
from tui.presenters.meeting import minute_page
from tui.screens.base import Place
from tui.screens.panels import Choice, Menu
from tui.widgets.cells import inert
from tui.widgets.page import Paper

if TYPE_CHECKING:
    from tui.data.reader import Desk
    from tui.data.readers.meeting import Minute

FORMATS = (("docx", "d"), ("xlsx", "x"), ("md", "m"))


class MinuteScreen(Place):
    """The minute as a page. Where a file was written, the page says where, for as long as it is open."""

    place = "minute"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("minute")]
    DEFAULT_CSS = """
    MinuteScreen #written { height: auto; width: 1fr; background: $panel; color: $success; padding: 0 1; }
    """

    def __init__(self, meeting: Meeting, minute: Minute) -> None:
        super().__init__()
        self.meeting = meeting
        self._minute = minute

    def body(self) -> Iterable[Widget]:
        """The page, and a place for where the sheet was written."""
        yield Paper(id="page", classes="reading")
        yield Label(id="written", markup=False)

    def on_mount(self) -> None:
        """What was read when the meeting ended."""
        self.query_one("#written").display = False
        self._show(self._minute)

    def reload(self) -> None:
        """Read it again: the issues go on."""
        meeting = self.meeting
        self.ask(lambda desk: import_module("tui.data.readers.meeting").minute(desk, meeting), self._show)

    def _show(self, minute: Minute) -> None:
        self.query_one(Paper).show(minute_page(self.meeting, minute, self.app.now_ms()))

    async def action_write_sheet(self) -> None:
        """As which kind of file?"""
        await self.app.push_screen(SheetMenu(self))

    def write(self, ending: str) -> None:
        """Write the meeting sheet to a file of that kind."""
        self.do(lambda desk: self._write(desk, ending), self._written)

    def _write(self, desk: Desk, ending: str) -> str:
        line_id: str = import_module("tui.data.readers.meeting").any_line(self.meeting)
        path = Path.home() / f"meeting-sheet-{self.meeting.started[:16].replace(':', '')}.{ending}"
        return desk.write_report("meeting-sheet", path, {"meeting": line_id})

    def _written(self, file: str) -> None:
        label = self.query_one("#written", Label)
        label.update(Content(inert(_("Written: {file}").format(file=file))))
        label.display = True

    async def action_go_on(self) -> None:
        """Go on with this meeting."""
        self.dismiss(None)
        await self.app.go("meeting_mode", self.meeting)


class SheetMenu(Menu):
    """Which kind of file."""

    def __init__(self, minute: MinuteScreen) -> None:
        kinds = [Choice(ending, f".{ending}", key) for ending, key in FORMATS]
        super().__init__(_("Write the meeting sheet as"), kinds)
        self._minute = minute

    async def take(self, one: Choice) -> None:
        """Write it."""
        self._minute.write(one.id)
