"""Import a responsibility table: name the file, see what would be taken in, then take it in (R09)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.data.messages import ErrorReported
from tui.i18n.translate import N_, _, error_text, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.importing import import_report_page
from tui.screens.base import BaseScreen, MessageLineMixin
from tui.screens.import_columns import field_label, questions_of, screen_remedy
from tui.screens.panels import Menu
from tui.widgets.fields import TextField
from tui.widgets.page import PageView, Passage
from tui.widgets.path_field import PathField, expand_path

if TYPE_CHECKING:
    from store.importing.import_report import ImportReport
    from tui.data.reader import Reader

FILE_SUFFIXES = (
    *(".docx", ".doc", ".wps", ".rtf", ".xlsx", ".xls", ".xlsm", ".xlsb", ".et", ".ods"),
    *(".htm", ".html", ".mht", ".csv", ".tsv", ".txt"),
)


class ImportRequest(NamedTuple):
    """What is to be imported: a file, and what a person said of its columns, each ``COLUMN=FIELD``."""

    path: str
    said: tuple[str, ...] = ()


class ImportScreen(BaseScreen, MessageLineMixin):
    """A path, and what the file there contains. Nothing is written before that was shown."""

    key_scope = "import_table"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("import_table")]

    def __init__(self) -> None:
        super().__init__()
        self._rehearsed: ImportRequest | None = None
        self._busy = False
        self._questions: list[Menu] = []

    def body(self) -> Iterable[Widget]:
        """The field, a line for messages, and the page."""
        yield Label(Content(" " + _("Import a responsibility table")), id="heading")
        yield PathField("path", N_("File"), FILE_SUFFIXES, hint=N_("a path; Tab completes it"))
        yield TextField(
            "columns", N_("Its columns"), hint=N_("where a column is not understood: COLUMN=FIELD; COLUMN=-")
        )
        yield Label(id="said")
        yield PageView(id="page")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(PathField).focus_control()
        self.query_one("#page", PageView).show([Passage(_(text), "muted") for text in ABOUT])

    @property
    def path(self) -> str:
        """The file that was typed."""
        return expand_path(self.query_one(PathField).value)

    @property
    def asked(self) -> ImportRequest:
        """The file, and what was typed of its columns."""
        typed = self.query_one("#field-columns", TextField).value
        return ImportRequest(self.path, tuple(filter(None, map(str.strip, re.split("[;；\n]", typed)))))

    # ── rehearsing, then doing ──────────────────────────────────────────────────────────────────────────────────

    @on(Input.Submitted)
    def rehearse(self) -> None:
        """Enter: what would be taken in?"""
        self.query_one(PathField).action_close()
        if not self.path:
            self.show_message(_("Please fill in: {fields}.").format(fields=_("File")), bad=True)
            return
        if self._start_job(_("Reading the table")):
            asked = self.asked
            self.read_in_thread(
                partial(_import, asked=asked, dry_run=True), partial(self._handle_rehearsed, asked), "import"
            )

    def _start_job(self, saying: str) -> bool:
        if self.app.reader is None:
            self.show_message(_("The ledger is still opening. Try again in a moment."))
            return False
        if self._busy:
            return False
        self._busy = True
        self.show_message(saying)
        return True

    def _handle_rehearsed(self, asked: ImportRequest, report: ImportReport) -> None:
        self._busy, self._rehearsed = False, asked
        changes = sum(counts.added + counts.updated for counts in (report.projects, report.people))
        if changes:
            self.show_message(_("Nothing is written yet. ^S takes it in."))
        else:
            self.show_message(_("The ledger says all of this already: there is nothing to take in."))
        self._show(report, done=False)

    def action_take_in(self) -> None:
        """Take in what was shown; first show it, where that has not been."""
        if self._rehearsed is None or self._rehearsed != self.asked:
            self.rehearse()
        elif self._start_job(_("Taking in")):
            self.write_in_thread(partial(_import, asked=self._rehearsed, dry_run=False), self._handle_imported)

    def _handle_imported(self, report: ImportReport) -> None:
        self._busy, self._rehearsed = False, None
        projects = report.projects.added + report.projects.updated
        message = ngettext("Taken in: {n} project.", "Taken in: {n} projects.", projects).format(n=projects)
        self.app.show_message(message)
        self.show_message(message + " " + _("Esc leads on."))
        self._show(report, done=True)
        self.set_focus(self.query_one("#page", PageView))

    def _show(self, report: ImportReport, *, done: bool) -> None:
        self.query_one("#page", PageView).show(import_report_page(report, done=done), top=True)

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show why the file is not taken; the path stays to be corrected. Where columns are not understood each of them
        is asked about, and the file is read again with the answers."""
        message.stop()
        self._busy, self._rehearsed = False, None
        text = error_text(message.error)._replace(remedy=screen_remedy(message.error))
        self.show_message("\n".join(text), bad=True)
        self._questions = questions_of(message.error, self._handle_answer)
        self._ask_next()

    def _ask_next(self) -> None:
        if self._questions:
            self.app.push_screen(self._questions.pop(0))

    def _handle_answer(self, column: str, field: str) -> None:
        """Put the answer into the field of columns, and ask on; when all is answered read the file again."""
        columns = self.query_one("#field-columns", TextField)
        columns.put("；".join(filter(None, (columns.value.strip(" ;；"), f"{column}={field_label(field)}"))))
        if self._questions:
            self._ask_next()
        else:
            self.rehearse()


ABOUT = (
    N_("The table as it is published or kept: Word, Excel, WPS, web page, CSV or text."),
    N_("Enter reads it and shows what would be taken in; nothing is written before you agree."),
    N_("Reading a table again changes nothing; a changed table changes only what differs."),
)
"""Shown before a file is typed."""


def _import(reader: Reader, asked: ImportRequest, *, dry_run: bool) -> ImportReport:
    """Import the table, all of it or nothing; with ``dry_run`` only report what would change. Raises a
    `TableImportError`."""
    from store.importing import import_table  # noqa: PLC0415 - loads the models and the readers of tables

    path, said = asked
    return reader.writer.run_final(lambda ledger: import_table(ledger, Path(path), said, dry_run=dry_run))
