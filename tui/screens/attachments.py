"""The files of a record, each with its picture: opened with the system's viewer, added, removed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Label

from store import commands
from store.home.paths import Home
from store.home.settings import load_settings
from store.values.media.content_types import EXTENSIONS
from tui.data.attached_files import ShownFile, decrypted_copy, files_of_line, preview_of
from tui.data.file_queue import ask_for
from tui.data.messages import LedgerChanged
from tui.data.rows import InMemorySource
from tui.i18n.translate import _
from tui.keys.actions import bindings_in
from tui.presenters.attachments import NO_FILES, file_columns, file_facts, refused_files_page
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.screens.panels import Confirm, Notice
from tui.screens.picker import PREVIEWS
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageTitle, Passage
from tui.widgets.picture import NO_PICTURES, PictureView, picture_style

if TYPE_CHECKING:
    from store.commands.attachments import AttachResult
    from store.ledger.line import Line
    from store.values.media.pictures import Preview
    from tui.data.reader import Reader


class ListedFiles(NamedTuple):
    """What the panel shows: the files, and how pictures are drawn."""

    files: Sequence[ShownFile]
    style: str


class AttachmentsPanel(Panel):
    """The files of the line ``line_id``; of an issue those of its steps too."""

    key_scope = "attachments"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("attachments")]

    def __init__(self, line_id: str, project: str | None = None) -> None:
        super().__init__()
        self._line_id = line_id
        self._project = project
        self._picture_style = NO_PICTURES

    def compose(self) -> ComposeResult:
        """The files, and the picture beside them."""
        with Vertical(classes="panel"):
            yield Label(Content(_("Attachments")), classes="panel-title")
            with Horizontal():
                yield LongList[ShownFile](file_columns(self.app.now_ms), heading=False, empty=NO_FILES, id="files")
                yield PictureView(id="picture")
            yield KeyBar(self.key_scope)

    def on_mount(self) -> None:
        """Read them."""
        self.set_focus(self.rows)
        self._read()

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """One may have come, or its bytes."""
        self._read()

    def _read(self) -> None:
        def read(reader: Reader) -> ListedFiles:
            setting = load_settings(Home(reader.home)).picture_preview
            return ListedFiles(files_of_line(reader, self._line_id), setting)

        self.read_in_thread(read, self._show)

    def _show(self, listed: ListedFiles) -> None:
        self._picture_style = picture_style(self.app, listed.style)
        self.rows.replace_source(InMemorySource(listed.files))

    @property
    def rows(self) -> LongList[ShownFile]:
        """The files."""
        return self.query_one("#files", LongList)

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def show_preview(self) -> None:
        """The picture of the file under the cursor."""
        file, view = self.rows.row, self.query_one(PictureView)
        if file is None:
            view.show(None, (), NO_PICTURES)
            return
        facts = file_facts(file, self.app.now_ms())
        view.show(None, facts, NO_PICTURES)
        if self._picture_style.name != "none":
            width, height = view.room(len(facts) + 1)

            def show(made: Preview | None) -> None:
                view.show(made, facts, self._picture_style)

            self.read_in_thread(lambda reader: preview_of(reader, file, PREVIEWS, width, height), show, "preview")

    # ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────

    @on(LongList.RowOpened)
    def action_open_file(self) -> None:
        """Open the decrypted copy with the system's viewer."""
        file = self.rows.row
        if file is None:
            return
        if not (file.here or file.copy_here):
            self.app.show_message(_("“{name}” is not here yet.").format(name=file.row.name), warning=True)
        elif file.row.media_type not in EXTENSIONS:
            text = _("“{name}” is of no known type, so no viewer is asked to open it.")
            self.app.show_message(text.format(name=file.row.name), warning=True)
        else:
            self.read_in_thread(partial(self._decrypt, file), self._open, "open")

    def _decrypt(self, file: ShownFile, reader: Reader) -> Path:
        only_copy = file.copy_here and not file.here
        return decrypted_copy(reader.database, file.row, self.app.viewing, working_copy=only_copy)

    def _open(self, path: Path) -> None:
        if self.app.open_file(path):
            self.app.show_message(_("Opened. The decrypted copy goes when you leave guanjia."))
        else:
            self.app.show_message(
                _("No viewer is here; “guanjia attachment save” writes the file where you want it."), warning=True
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only an original that is not here can be asked for, and who may erase people erases files."""
        if action == "erase_file" and self.is_mounted:
            status = self.app.sync_status
            may_erase = status is None or status.may_write("erasure", "create")
            return may_erase and self.rows.row is not None
        if action == "fetch_original" and self.is_mounted:
            return (file := self.rows.row) is not None and not file.here
        return super().check_action(action, parameters)

    def action_fetch_original(self) -> None:
        """The original of the file under the cursor comes with the next rounds."""
        file = self.rows.row
        if file is None or file.here:
            return
        text = _("Asked for: it comes with the next rounds (^R).")
        self.write_in_thread(
            lambda reader: ask_for(reader.database, file.row.bucket, file.row.sha256),
            lambda _nothing: self.app.show_message(text),
        )

    # ── changing ────────────────────────────────────────────────────────────────────────────────────────────────

    async def action_add_files(self) -> None:
        """Attach more to the record itself."""
        await self.app.push_screen(self.app.screen_for("picker", self._project, ()), self._attach_files)

    def _attach_files(self, paths: object) -> None:
        if not isinstance(paths, list) or not paths:
            return

        def write(reader: Reader) -> AttachResult:
            files = [Path(path) for path in paths]
            return reader.writer.run(lambda ledger: commands.attachments.attach(ledger, self._line_id, files))

        def tell(result: AttachResult) -> None:
            if result.refused:
                self.app.push_screen(Notice(refused_files_page(result.refused)))
            self._read()

        self.write_in_thread(write, tell)

    async def action_erase_file(self) -> None:
        """Erase the file under the cursor for good, after a reason and two questions."""
        if (file := self.rows.row) is not None:
            await self.app.push_screen(self.app.screen_for("file_erasure_form", file.id))

    def action_remove_file(self) -> None:
        """Remove the file under the cursor from its record, after a question; the bin has it."""
        file = self.rows.row
        if file is None:
            return
        question: list[PageBlock] = [
            PageTitle(_("Remove “{name}”?").format(name=file.row.name)),
            Passage(_("It goes to the bin, from which it can be brought back.")),
        ]

        def remove(reader: Reader) -> Line:
            return reader.writer.run(lambda ledger: commands.attachments.remove(ledger, file.id))

        self.app.push_screen(Confirm(question, lambda: self.write_in_thread(remove, lambda _line: self._read())))
