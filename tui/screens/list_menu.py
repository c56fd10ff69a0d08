"""What can be taken out of a list: all of it as a file or as text, the line under the cursor, or one of its cells."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from store.home.paths import Home
from tui.i18n.translate import N_, _, ngettext
from tui.presenters.list_files import ListInView, WrittenList, cells_of_row, list_as_text, write_list
from tui.presenters.settings import SettingRow, setting_rows
from tui.screens.base import BaseScreen
from tui.screens.panels import Confirm, Menu, MenuItem
from tui.screens.settings import SettingPanel
from tui.widgets.cells import single_line
from tui.widgets.columns import row_text
from tui.widgets.page import PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.reader import Reader

FORMATS = {
    "x": (".xlsx", N_("A table of Excel or WPS")),
    "w": (".docx", N_("A document of Word or WPS")),
    "c": (".csv", N_("A table as plain text")),
    "m": (".md", N_("Plain text")),
}
"""The key of each format, its ending and what it is."""
_MAX_CELLS = 9


class ListMenu(Menu):
    """The menu of a list of ``screen``; ``row`` is the row under the cursor."""

    def __init__(self, screen: BaseScreen, shown: ListInView, row: object | None) -> None:
        self._screen, self._shown, self._row = screen, shown, row
        self._cells = [] if row is None else cells_of_row(shown.columns, row)[:_MAX_CELLS]
        files = [MenuItem(key, f"{ending}", key, _(what)) for key, (ending, what) in FORMATS.items()]
        line = [MenuItem("l", _("the line"), "l", _("copied"))] if row is not None else []
        cells = [
            MenuItem(str(number), single_line(text), str(number), _("copied: {heading}").format(heading=heading))
            for number, (heading, text) in enumerate(self._cells, 1)
        ]
        whole = MenuItem("y", _("the list"), "y", _("copied, to be pasted into a table"))
        folder = MenuItem("f", _("folder"), "f", _("Where files are written from now on"))
        super().__init__(_("Take out: {list}").format(list=shown.title), [*files, folder, whole, *line, *cells])

    async def run_item(self, item: MenuItem) -> None:
        """Write, copy, or ask for the folder."""
        if item.id in FORMATS:
            self._screen.write_in_thread(partial(_write, shown=self._shown, ending=item.label), self._tell_written)
        elif item.id == "y":
            self._screen.read_in_thread(lambda _reader: list_as_text(self._shown), self._copy_list, "copy")
        elif item.id == "l":
            self.app.copy_text(row_text(self._shown.columns, self._row))
        elif item.id == "f":
            self._screen.read_in_thread(_folder_setting, self._ask_folder, "folder")
        else:
            self.app.copy_text(self._cells[int(item.id) - 1][1])

    def _copy_list(self, text: str | None) -> None:
        if text is None:
            self._screen.app.show_message(
                _("This list is too long to be copied; write it to a file: x for a table."), warning=True
            )
        else:
            self._screen.app.copy_text(text)

    def _ask_folder(self, row: SettingRow) -> None:
        app = self._screen.app
        app.push_screen(SettingPanel(row), lambda saved: app.show_message(_("Saved.")) if saved else None)

    def _tell_written(self, written: WrittenList) -> None:
        self._screen.app.push_screen(WrittenPanel(written))


def _write(reader: Reader, shown: ListInView, ending: str) -> WrittenList:
    return write_list(shown, ending, reader.export_folder, reader.thresholds().today, reader.note_export)


def _folder_setting(reader: Reader) -> SettingRow:
    rows, _ignored = setting_rows(Home(reader.home))
    return next(row for row in rows if row.id == "export_folder")


class WrittenPanel(Confirm):
    """Tells which file was written; enter opens it."""

    def __init__(self, written: WrittenList) -> None:
        self._path = written.path
        rows = ngettext("{n} row", "{n} rows", written.rows).format(n=written.rows)
        blocks: list[PageBlock] = [
            PageTitle(written.path.name),
            Passage(_("Written to {folder}: {rows}.").format(folder=written.path.parent, rows=rows)),
            Passage(_("Open it now?"), "muted"),
        ]
        super().__init__(blocks, self._open)

    def _open(self) -> None:
        if not self.app.open_file(Path(self._path)):
            self.app.show_message(
                _("There is no program here that opens files; it is in {folder}.").format(folder=self._path.parent),
                warning=True,
            )
