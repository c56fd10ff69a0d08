"""Sync with the central: the running round, past rounds, the status of each project, the devices that write here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from store import queries
from tui.data.file_queue import ask_for, pause_files, read_file_queue
from tui.data.lists import provisional_list
from tui.data.readers.sync_overview import drop_provisional, sync_overview
from tui.data.rows import InMemorySource
from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.file_queue import queue_text, queued_file_columns, queued_file_page
from tui.presenters.sync import (
    NoticeRow,
    device_columns,
    device_page,
    notice_columns,
    notice_page,
    project_sync_columns,
    project_sync_page,
    provisional_columns,
    provisional_page,
    round_columns,
    round_page,
    round_progress_blocks,
    sync_status_blocks,
)
from tui.screens.base import BaseScreen
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageView
from tui.widgets.section_tabs import SectionTabs

if TYPE_CHECKING:
    from tui.data.file_queue import FileQueue
    from tui.data.readers.sync_overview import SyncOverview
    from tui.data.rows import ListRow

R = TypeVar("R", bound="ListRow")
PARTS = (
    ("rounds", N_("Rounds")), ("agreed", N_("Projects")), ("devices", N_("Devices seen")),
    ("meetings", N_("From meetings")), ("files", N_("Files")), ("notices", N_("Notices")),
)  # fmt: skip
NO_ROUND = N_("No round yet. ^R runs one.")
NO_CENTRAL = N_("No round yet: there is no central. c joins one.")
NO_FILES = N_("No file waits to be sent or fetched.")
FILES_INTERVAL_S = 2.0
"""While the queue is in view and files wait for the line, it is read again so often: their bytes make no commit in the
ledger."""
NO_MEETING = N_("Nothing from meetings waits for the central. “guanjia meet” shares unsent work with colleagues.")


class SyncScreen(BaseScreen):
    """Head, the round that runs, and six lists; beside the list what its line means."""

    key_scope = "sync"
    CSS_PATH = "sync.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("sync")]

    def __init__(self) -> None:
        super().__init__()
        self._overview: SyncOverview | None = None

    def body(self) -> Iterable[Widget]:
        """Facts above; below them a list, and its line's page where there is room."""
        now = self.app.now_ms
        yield PageView(id="facts")
        yield PageView(id="running")
        with Container(id="split"):
            with Vertical(id="lists"):
                yield SectionTabs(PARTS)
                with ContentSwitcher(initial="rounds"):
                    yield LongList(round_columns(now), empty=NO_ROUND, id="rounds")
                    yield LongList(
                        project_sync_columns(self._verified_text), empty=N_("Nothing is agreed yet."), id="agreed"
                    )
                    yield LongList(device_columns(now), empty=N_("Nobody has written here yet."), id="devices")
                    yield LongList(notice_columns(now), empty=N_("Nothing to tell."), id="notices")
                    yield LongList(provisional_columns(now), empty=NO_MEETING, id="meetings")
                    yield LongList(queued_file_columns(), empty=NO_FILES, id="files")
            yield PageView(id="page")

    def on_mount(self) -> None:
        """Focus the list of rounds; follow the running round."""
        self.set_focus(self.rows)
        self.watch(self.app, "round", self._show_head, init=False)
        self._show_head()
        self.set_interval(FILES_INTERVAL_S, self._follow_files)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Read what is cheap, and the part in view."""
        self.read_in_thread(
            lambda reader: reader.run(sync_overview, reader.device_state, reader.database, reader.now_ms()), self._show
        )
        if self.current != "devices":  # those are counted line by line: when they come into view, not at every commit
            self._read_part()

    def _read_part(self) -> None:
        if self.current == "agreed":
            self.read_in_thread(
                lambda reader: reader.run(queries.sync_history.project_sync_status),
                lambda rows: self._update_rows("agreed", rows),
                "part",
            )
        elif self.current == "devices":
            self.read_in_thread(
                lambda reader: reader.run(queries.sync_history.device_activity),
                lambda rows: self._update_rows("devices", rows),
                "part",
            )

    def _follow_files(self) -> None:
        if self.is_current and self.current == "files" and self._overview is not None and self._overview.files.free:
            self._read_files()

    def _read_files(self) -> None:
        self.read_in_thread(
            lambda reader: reader.run(read_file_queue, reader.database, reader.now_ms()), self._show_files, "files"
        )

    def _show_files(self, files: FileQueue) -> None:
        if self._overview is not None:
            self._overview = self._overview._replace(files=files)
        self._update_rows("files", files.waiting)
        self._show_head()
        if self.current == "files":
            self._show_page()

    def _show(self, overview: SyncOverview) -> None:
        self._overview = overview
        self._list("rounds").empty = NO_ROUND if overview.status.central else NO_CENTRAL
        self._update_rows("rounds", overview.rounds)
        self._update_rows("notices", [NoticeRow(notice) for notice in overview.notices])
        meetings = self._list("meetings")
        if self.app.reader is not None:
            meetings.show(self.app.reader.paged(provisional_list()), at=meetings.row.id if meetings.row else None)
        self._show_files(overview.files)

    def _update_rows(self, name: str, new_rows: Sequence[R]) -> None:
        rows = self._list(name)
        rows.show(InMemorySource(new_rows), at=rows.row.id if rows.row else None)
        self.refresh_bindings()

    def _show_head(self) -> None:
        running, progress = self.query_one("#running", PageView), self.app.round
        running.display = progress is not None
        if progress is not None:
            running.show(round_progress_blocks(progress, self.app.now_ms()))
        if self._overview is not None:
            found = self._overview
            daemon = self.app.sync_status is not None and self.app.sync_status.daemon
            waiting = queue_text(found.files)
            blocks = sync_status_blocks(found.status, found.unsent, self.app.now_ms(), daemon=daemon, files=waiting)
            self.query_one("#facts", PageView).show(blocks)

    def _verified_text(self) -> str:
        return format_moment(self._overview.status.verified_at, self.app.now_ms()) if self._overview else ""

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def current(self) -> str:
        """The part in view."""
        return self.query_one(SectionTabs).section

    def _list(self, name: str) -> LongList[Any]:
        return self.query_one(f"#{name}", LongList)

    @property
    def rows(self) -> LongList[Any]:
        """The list in view."""
        return self._list(self.current)

    def show_part(self, name: str) -> None:
        """Bring a part into view."""
        self.query_one(ContentSwitcher).current = name
        self.query_one(SectionTabs).section = name
        self.set_focus(self.rows)
        self._read_part()
        self._show_page()
        self.refresh_bindings()

    @on(SectionTabs.SectionSelected)
    def _handle_part_selected(self, message: SectionTabs.SectionSelected) -> None:
        self.show_part(message.section)

    def action_next_part(self) -> None:
        """The next list."""
        self.show_part(self.query_one(SectionTabs).next_section(1))

    def action_previous_part(self) -> None:
        """The list before."""
        self.show_part(self.query_one(SectionTabs).next_section(-1))

    # ── the line under the cursor ───────────────────────────────────────────────────────────────────────────────

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _show_page(self) -> None:
        row = self.rows.row
        self.query_one("#page", PageView).show(self._page(row) if row else [], subject=row.id if row else None)

    def _page(self, row: Any) -> list[PageBlock]:
        now_ms = self.app.now_ms()
        if self.current == "files":
            return queued_file_page(row, paused=self._overview is not None and self._overview.files.paused)
        if self.current == "agreed":
            return project_sync_page(row, self._verified_text())
        pages: dict[str, Callable[[Any, int], list[PageBlock]]] = {
            "rounds": round_page, "devices": device_page, "notices": notice_page,
            "meetings": provisional_page,
        }  # fmt: skip
        return pages[self.current](row, now_ms)

    @on(LongList.RowOpened)
    def read_page(self) -> None:
        """Enter: the page, alone where there is no room beside the list."""
        self.add_class("-reading")
        self.set_focus(self.query_one("#page", PageView))
        self.refresh_bindings()

    def action_back(self) -> None:
        """From the page to the list."""
        self.remove_class("-reading")
        self.set_focus(self.rows)
        self.refresh_bindings()

    # ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A notice can be dismissed, a central joined, a page left."""
        if (allowed := self._allowances().get(action)) is not None:
            return allowed()
        return super().check_action(action, parameters)

    def _allowances(self) -> dict[str, Callable[[], bool]]:
        """When each act of this screen can be done."""

        def is_joined() -> bool:
            return self._overview is not None and self._overview.status.central is not None

        return {
            "dismiss_notice": lambda: self._row_in("notices") is not None,
            "put_aside": lambda: self._row_in("meetings") is not None,
            "fetch_original": lambda: (row := self._row_in("files")) is not None and row.hold == "asked_for",
            "pause_files": lambda: self._overview is not None and (self._is_in("files") or self._overview.files.paused),
            "join": lambda: self._overview is not None and not is_joined(),
            "export_bundle": is_joined,
            "meet": is_joined,
            "back": lambda: self.has_class("-reading"),
        }

    def _is_in(self, part: str) -> bool:
        return self.is_mounted and self.current == part

    def _row_in(self, part: str) -> Any:
        """The line under the cursor where this part is in view."""
        return self.rows.row if self._is_in(part) else None

    async def action_join(self) -> None:
        """Join a central; every line stays."""
        await self.app.open_screen("join_form")

    async def action_export_bundle(self) -> None:
        """Write what is unsent as a file for the central."""
        await self.app.open_screen("export_bundle_form")

    async def action_import_bundle(self) -> None:
        """Take in the central's answer from a file."""
        await self.app.open_screen("import_bundle_form")

    async def action_meet(self) -> None:
        """Share unsent work with colleagues in the room."""
        await self.app.open_screen("meet_menu")

    def action_put_aside(self) -> None:
        """What a meeting brought goes to the bin."""
        if self.current == "meetings" and (given := self.rows.row) is not None:
            self.write_in_thread(
                lambda reader: drop_provisional(reader.database, reader.now_ms, given.line, given.device),
                lambda _nothing: self.app.show_message(_("Put aside: it is in the bin.")),
            )

    def action_pause_files(self) -> None:
        """No files travel, or they do again."""
        if self._overview is None:
            return
        paused = not self._overview.files.paused
        told = _("Paused: no files travel until p lets them again. Records travel all the same.")
        if not paused:
            told = _("Files travel again, after the next round (^R).")

        def tell(_nothing: None) -> None:
            self._read_files()
            self.app.show_message(told)

        self.write_in_thread(lambda reader: pause_files(reader.database, paused=paused), tell)

    def action_fetch_original(self) -> None:
        """The original under the cursor comes with the next rounds."""
        if self.current == "files" and (row := self.rows.row) is not None:

            def tell(_nothing: None) -> None:
                self._read_files()
                self.app.show_message(_("Asked for: it comes with the next rounds (^R)."))

            self.write_in_thread(lambda reader: ask_for(reader.database, *row.key), tell)

    def action_dismiss_notice(self) -> None:
        """The notice has been read."""
        if self.current == "notices" and (row := self.rows.row) is not None:
            n = row.notice.n
            self.write_in_thread(
                lambda reader: reader.writer.ledger.mark_notices_seen([n]),
                lambda _nothing: self.app.show_message(_("Read and put away.")),
            )
