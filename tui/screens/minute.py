"""The minute of a meeting that was held: to read, to write to a file as the meeting sheet, or to go on with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store.values.times import district_time
from tui.data import readers
from tui.data.meeting_draft import MeetingDraft
from tui.i18n.translate import _
from tui.keys.actions import bindings_in
from tui.presenters.meeting import minutes_page
from tui.reports import personal_file
from tui.screens.base import BaseScreen
from tui.screens.panels import Menu, MenuItem
from tui.widgets.cells import single_line
from tui.widgets.page import PageView

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.readers.meeting import MeetingMinutes

FORMATS = (("docx", "d"), ("xlsx", "x"), ("md", "m"))


class MinuteScreen(BaseScreen):
    """The minutes as a page. Where a file was written, its path is shown for as long as the page is open."""

    key_scope = "minutes"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("minutes")]
    DEFAULT_CSS = """
    MinuteScreen #written { height: auto; width: 1fr; background: $panel; color: $success; padding: 0 1; }
    """

    def __init__(self, meeting: MeetingDraft, minutes: MeetingMinutes) -> None:
        super().__init__()
        self.meeting = meeting
        self._minute = minutes

    def body(self) -> Iterable[Widget]:
        """The page, and a line for the path of the file."""
        yield PageView(id="page", classes="reading")
        yield Label(id="written", markup=False)

    def on_mount(self) -> None:
        """What was read when the meeting ended."""
        self.query_one("#written").display = False
        self._show(self._minute)

    def reload(self) -> None:
        """Read it again: the issues go on."""
        meeting = self.meeting
        self.read_in_thread(
            lambda reader: reader.run(readers.meeting.meeting_minutes, reader.thresholds(), meeting), self._show
        )

    def _show(self, minutes: MeetingMinutes) -> None:
        self.query_one(PageView).show(minutes_page(self.meeting, minutes, self.app.now_ms()))

    async def action_write_sheet(self) -> None:
        """As which kind of file?"""
        await self.app.push_screen(SheetMenu(self))

    def write_sheet(self, ending: str) -> None:
        """Write the meeting sheet to a file of that kind."""
        self.write_in_thread(lambda reader: self._write(reader, ending), self._handle_written)

    def _write(self, reader: Reader, ending: str) -> str:
        line_id = readers.meeting.meeting_line_id(self.meeting)
        started = self.meeting.started[:16].replace("T", " ")
        path = personal_file(f".{ending}", _("Meeting sheet"), started, folder=reader.export_folder)
        now = district_time(reader.corrected_now_ms())
        return reader.run(
            readers.reports.write_report_file,
            reader.thresholds(),
            now,
            ("meeting-sheet", path),
            {"meeting": line_id},
            reader.note_export,
            reader.forms_folder,
        )

    def _handle_written(self, file: str) -> None:
        label = self.query_one("#written", Label)
        label.update(Content(single_line(_("Written: {file}").format(file=file))))
        label.display = True

    async def action_go_on(self) -> None:
        """Go on with this meeting."""
        self.dismiss(None)
        await self.app.open_screen("meeting_mode", self.meeting)


class SheetMenu(Menu):
    """Which kind of file."""

    def __init__(self, minutes: MinuteScreen) -> None:
        kinds = [MenuItem(ending, f".{ending}", key) for ending, key in FORMATS]
        super().__init__(_("Write the meeting sheet as"), kinds)
        self._minute = minutes

    async def run_item(self, item: MenuItem) -> None:
        """Write it."""
        self._minute.write_sheet(item.id)
