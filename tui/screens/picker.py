"""Choose pictures and papers to attach: the newest of the watched folders, with a preview, and whatever path is typed
or pasted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label

from store.home.paths import Home
from store.home.settings import load_settings
from store.queries.lines import current_line
from tui.data.messages import LedgerChanged
from tui.data.pictures import MediaFile, PreviewCache, media_file, newest_files, pasted_paths, watched_folders
from tui.data.rows import InMemorySource
from tui.i18n.dates import format_time
from tui.i18n.sync_text import format_size
from tui.i18n.translate import N_, _, ngettext
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.widgets.cells import Span, plain_content, single_line
from tui.widgets.columns import ListColumn
from tui.widgets.long_list import LongList
from tui.widgets.picture import NO_PICTURES, PictureView, picture_style

if TYPE_CHECKING:
    from store.values.media.pictures import Preview
    from tui.data.reader import Reader

PREVIEWS = PreviewCache()
"""Of files and of attached pictures, for as long as the program runs."""


class OfferedFiles(NamedTuple):
    """What the picker lists: the newest files, those chosen before that are still there, how pictures are drawn, and
    the folders that were looked into."""

    files: list[MediaFile]
    chosen: list[MediaFile]
    style: str
    folders: list[Path]


class FilePicker(Panel):
    """Space selects, enter attaches what is selected or the one under the cursor. The result is a list of paths; None
    where it was closed without a choice, so that what was ``chosen`` before stays."""

    key_scope = "picker"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("picker")]

    def __init__(self, project: str | None = None, chosen: Sequence[str] = ()) -> None:
        super().__init__()
        self._project = project
        self._chosen_before = chosen
        self._picked: dict[str, MediaFile] = {}
        self._files: list[MediaFile] = []
        self._picture_style = NO_PICTURES

    def compose(self) -> ComposeResult:
        """A line for a path, the files, and the picture beside them."""
        with Vertical(classes="panel"):
            yield Label(Content(_("Which pictures and papers?")), classes="panel-title")
            yield Input(placeholder=_("a path may be typed or pasted here; enter takes it"), id="path")
            with Horizontal():
                yield LongList[MediaFile](self._columns(), heading=False, empty=N_("Looking for files"), id="files")
                yield PictureView(id="picture")
            yield Label(id="count", markup=False)
            yield KeyBar(self.key_scope)

    def _columns(self) -> Sequence[ListColumn[MediaFile]]:
        return (
            ListColumn("", 3, lambda each: (("[x]" if each.id in self._picked else "[ ]", "accent"),)),
            ListColumn("", 12, lambda each: each.name, grow_share=1),
            ListColumn("", 11, lambda each: ((format_time(each.changed_ms, self.app.now_ms()), "muted"),)),
            ListColumn("", 8, lambda each: ((format_size(each.size), "muted"),), align_right=True, min_list_width=46),
        )

    def on_mount(self) -> None:
        """Look into the folders; the list has the focus, so that space and arrows work at once."""
        self.set_focus(self.rows)
        self._read()

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """The ledger has opened."""
        if not self._files:
            self._read()

    def _read(self) -> None:
        self.read_in_thread(self._find_files, self._show_files, "files")

    def _find_files(self, reader: Reader) -> OfferedFiles:
        settings = load_settings(Home(reader.home))
        line = reader.run(current_line, self._project) if self._project else None
        folders = watched_folders(settings.attachment_folders, str(line.body.get("name") or "") if line else None)
        chosen = [file for path in self._chosen_before if (file := media_file(Path(path))) is not None]
        return OfferedFiles(newest_files(folders), chosen, settings.picture_preview, folders)

    def _show_files(self, offered: OfferedFiles) -> None:
        self._picture_style = picture_style(self.app, offered.style)
        self._picked = {file.id: file for file in offered.chosen} | self._picked
        self.rows.empty = (
            _("Nothing to attach in {folders}.").format(folders=_(", ").join(map(str, offered.folders)))
            if offered.folders
            else _("No folder is watched: name some in the setting attachment_folders, or paste a path above.")
        )
        self._list(offered.files)

    def _list(self, files: Sequence[MediaFile]) -> None:
        """The files, those chosen from elsewhere first."""
        ids = {file.id for file in files}
        self._files = [*(file for file in self._picked.values() if file.id not in ids), *files]
        self.rows.show(InMemorySource(self._files))
        self._show_count()

    @property
    def rows(self) -> LongList[MediaFile]:
        """The files."""
        return self.query_one("#files", LongList)

    # ── the preview ─────────────────────────────────────────────────────────────────────────────────────────────

    @on(LongList.CursorMoved)
    def show_preview(self) -> None:
        """What is known of the file under the cursor, and its picture as soon as a thread has it."""
        file, view = self.rows.row, self.query_one(PictureView)
        if file is None:
            view.show(None, (), NO_PICTURES)
            return
        facts = self._facts(file)
        view.show(None, facts, NO_PICTURES)
        if self._picture_style.name != "none" and file.is_picture:
            width, height = view.room()

            def decode(_reader: Reader) -> Preview | None:
                return PREVIEWS.of_file(file, width, height)

            def show(made: Preview | None) -> None:
                damaged = [] if made else [(_("This picture is damaged."), "bad")]
                view.show(made, [*facts, *damaged], self._picture_style)

            self.read_in_thread(decode, show, "preview")

    def _facts(self, file: MediaFile) -> list[Span]:
        when = format_time(file.changed_ms, self.app.now_ms())
        return [(file.name, "strong"), (f"{format_size(file.size)}  {when}", "muted")]

    # ── choosing ────────────────────────────────────────────────────────────────────────────────────────────────

    def action_select_file(self) -> None:
        """Pick the file under the cursor, or no longer, and go on to the next."""
        file = self.rows.row
        if file is None:
            return
        if self._picked.pop(file.id, None) is None:
            self._picked[file.id] = file
        self.rows.action_move(1)
        self._redraw()

    def _redraw(self) -> None:
        self.rows.replace_source(InMemorySource(self._files))
        self._show_count()

    def _show_count(self) -> None:
        n = len(self._picked)
        text = ngettext("{n} file is selected", "{n} files are selected", n).format(n=n) if n else ""
        self.query_one("#count", Label).update(text)

    def action_type_path(self) -> None:
        """To the line for a path, or back to the list."""
        line = self.query_one("#path", Input)
        self.set_focus(self.rows if line.has_focus else line)

    @on(events.Paste)
    def take_paste(self, event: events.Paste) -> None:
        """Paths dropped on the terminal, wherever the cursor is."""
        event.stop()
        event.prevent_default()
        self._take_paths(event.text)

    @on(Input.Submitted)
    def take_typed_path(self, event: Input.Submitted) -> None:
        """The typed path; an empty line attaches what is selected."""
        event.stop()
        if event.value.strip():
            self._take_paths(event.value)
        else:
            self.action_choose_files()

    def _take_paths(self, text: str) -> None:
        """Select the files that are meant; a folder lists what is in it."""
        self.read_in_thread(lambda _reader: _files_of(pasted_paths(text)), self._add_files, "paths")

    def _add_files(self, taken: PastedFiles) -> None:
        self._picked |= {file.id: file for file in taken.files}
        self._list([*taken.listed, *(file for file in self._files if file.id not in {one.id for one in taken.listed})])
        if taken.refused:
            names = _(", ").join(single_line(path) for path in taken.refused)
            message = _("Not there, or nothing that can be attached: {names}").format(names=names)
            self.query_one("#count", Label).update(plain_content(message))
            return
        self.query_one("#path", Input).value = ""
        self.set_focus(self.rows)

    @on(LongList.RowOpened)
    def action_choose_files(self) -> None:
        """Attach what is selected; where nothing is, the file under the cursor."""
        chosen = list(self._picked.values()) or ([self.rows.row] if self.rows.row else [])
        self.dismiss([file.id for file in chosen])


class PastedFiles(NamedTuple):
    """What pasted paths lead to: files, files of folders, and what is neither."""

    files: list[MediaFile]
    listed: list[MediaFile]
    refused: list[str]


def _files_of(paths: Sequence[str]) -> PastedFiles:
    taken = PastedFiles([], [], [])
    for path in paths:
        if os.path.isdir(path):
            taken.listed.extend(newest_files([Path(path)]))
        elif (file := media_file(Path(os.path.abspath(path)))) is not None:
            taken.files.append(file)
        else:
            taken.refused.append(path)
    return taken
