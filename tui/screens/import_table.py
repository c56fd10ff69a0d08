"""Import a table of any ledger: name the file, see which ledger it is and what would be taken in, then take it in.

> Nothing is written before the person has seen what, and as what. Which ledger it is is guessed by its headings, and
> said otherwise by a key (R09).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from store.home.paths import Home
from tui.data.messages import ErrorReported
from tui.i18n.translate import N_, _, error_text, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.importing import changes_of, column_pairs, report_page
from tui.reports import personal_file, write_report
from tui.screens.base import BaseScreen, MessageLineMixin
from tui.screens.import_columns import (
    RESPONSIBILITY,
    ColumnMenu,
    LedgerMenu,
    TableColumns,
    ledger_label,
    questions_of,
    screen_remedy,
)
from tui.screens.panels import Confirm, Menu
from tui.widgets.fields import TextField
from tui.widgets.page import BlankLine, PageBlock, PageTitle, PageView, Passage
from tui.widgets.path_field import PathField, expand_path

if TYPE_CHECKING:
    from store.importing.import_report import ImportReport
    from store.importing.records.report import RecordReport
    from tui.data.reader import Reader

FILE_SUFFIXES = (
    *(".docx", ".doc", ".wps", ".rtf", ".xlsx", ".xls", ".xlsm", ".xlsb", ".et", ".ods"),
    *(".htm", ".html", ".mht", ".csv", ".tsv", ".txt"),
)


class ImportRequest(NamedTuple):
    """What is to be imported: a file, what a person said of its columns, each ``COLUMN=FIELD``, and which ledger it is;
    None: what it looks like."""

    path: str
    said: tuple[str, ...] = ()
    register: str | None = None


class ImportScreen(BaseScreen, MessageLineMixin):
    """A path, and what the file there contains. Nothing is written before that was shown."""

    key_scope = "import_table"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("import_table")]

    def __init__(self) -> None:
        super().__init__()
        self._rehearsed: ImportRequest | None = None
        self._ledger: tuple[str, str] | None = None
        self._report: ImportReport | RecordReport | None = None
        self._busy = False
        self._questions: list[Menu] = []

    def body(self) -> Iterable[Widget]:
        """The fields, which ledger it is, a line for messages, and the page."""
        yield Label(Content(" " + _("Import a table")), id="heading")
        yield PathField("path", N_("File"), FILE_SUFFIXES, hint=N_("a path; Tab completes it"))
        yield TextField(
            "columns", N_("Its columns"), hint=N_("where a column is not understood: COLUMN=FIELD; COLUMN=-")
        )
        yield Label(id="ledger")
        yield Label(id="said")
        yield PageView(id="page")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(PathField).focus_control()
        self.query_one("#page", PageView).show([Passage(_(text), "muted") for text in ABOUT])
        self.query_one("#ledger", Label).display = False

    @property
    def path(self) -> str:
        """The file that was typed."""
        return expand_path(self.query_one(PathField).value)

    @property
    def asked(self) -> ImportRequest:
        """The file, and what was typed of its columns."""
        typed = self.query_one("#field-columns", TextField).value
        register = self._ledger[1] if self._ledger and self._ledger[0] == self.path else None
        return ImportRequest(self.path, tuple(filter(None, map(str.strip, re.split("[;；\n]", typed)))), register)

    @property
    def _register(self) -> str | None:
        """Which register the table is; None where it is a responsibility table, or nobody knows."""
        register = self.asked.register
        return None if register == RESPONSIBILITY else register

    def _set_ledger(self, register: str, *, guessed: bool) -> None:
        """Note and show which ledger the table is."""
        self._ledger = (self.path, register)
        label = self.query_one("#ledger", Label)
        shown = _("Taken for: {ledger} (guessed; F6: another)") if guessed else _("Taken for: {ledger} (F6: another)")
        label.update(Content(" " + shown.format(ledger=ledger_label(register))))
        label.display = True

    async def action_which_ledger(self) -> None:
        """Say which ledger the table is; what is there is then read as such."""
        await self.app.push_screen(LedgerMenu(self._take_ledger))

    def _take_ledger(self, register: str) -> None:
        self._set_ledger(register, guessed=False)
        self._rehearsed = None
        if self.path:
            self.rehearse()

    async def action_which_columns(self) -> None:
        """Say what a column is."""
        pairs = column_pairs(self._report) if self._report is not None else []
        if pairs:
            await self.app.push_screen(TableColumns(pairs, partial(self._ask_column, pairs)))
        else:
            self.show_message(_("Enter reads the table first."))

    def _ask_column(self, pairs: Sequence[tuple[str, str]], place: int) -> None:
        from store.importing.records.table import column_key  # noqa: PLC0415 - loaded by the import

        headings = [heading for heading, _meaning in pairs]
        key = column_key(headings, place)
        self.app.push_screen(ColumnMenu(key, headings[place], "", self._register, self._handle_answer))

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
            self._report = None
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

    def _handle_rehearsed(self, asked: ImportRequest, report: ImportReport | RecordReport) -> None:
        self._busy = False
        register = getattr(report, "register", RESPONSIBILITY)
        self._rehearsed = asked._replace(register=register)
        if asked.path == self.path and asked.register is None:
            self._set_ledger(register, guessed=True)
        self._say_what_comes(report)
        self._show(report, done=False)

    def _say_what_comes(self, report: ImportReport | RecordReport) -> None:
        if changes_of(report):
            self.show_message(_("Nothing is written yet. ^S takes it in."))
        elif getattr(report, "refused", ()):
            self.show_message(_("Nothing to take in; F4 writes the rows that are left out to a file."))
        else:
            self.show_message(_("The ledger says all of this already: there is nothing to take in."))

    def action_take_in(self) -> None:
        """Take in what was shown; first show it, where that has not been."""
        if self._rehearsed is None or self._rehearsed != self.asked:
            self.rehearse()
        elif self._report is not None and not changes_of(self._report):
            self._say_what_comes(self._report)
        elif self._start_job(_("Taking in")):
            self.write_in_thread(partial(_import, asked=self._rehearsed, dry_run=False), self._handle_imported)

    def _handle_imported(self, report: ImportReport | RecordReport) -> None:
        self._busy, self._rehearsed = False, None
        number = changes_of(report)
        message = ngettext("Taken in: {n} line.", "Taken in: {n} lines.", number).format(n=number)
        self.app.show_message(message)
        self.show_message(message + " " + _("Esc leads on."))
        self._show(report, done=True)
        self.set_focus(self.query_one("#page", PageView))

    def _show(self, report: ImportReport | RecordReport, *, done: bool) -> None:
        self._report = report
        self.query_one("#page", PageView).show(report_page(report, done=done), top=True)

    # ── what is left out, and taking back ───────────────────────────────────────────────────────────────────────

    def action_write_left_out(self) -> None:
        """Write the rows that are left out to a file, each with why."""
        from store.importing.import_report import ImportReport  # noqa: PLC0415 - loaded by the import that gave it

        report = self._report
        if report is None or isinstance(report, ImportReport) or not report.refused:
            self.show_message(_("No row is left out."))
        elif self._start_job(_("Writing the file")):
            self.write_in_thread(partial(_write_left_out, report, Path(self.path).stem), self._handle_written)

    def _handle_written(self, path: Path) -> None:
        self._busy = False
        self.show_message(_("Written to {file}").format(file=path))

    async def action_take_import_back(self) -> None:
        """Take the last table of a register back, after a question."""
        question: list[PageBlock] = [
            PageTitle(_("Take the last table of a register back?")),
            BlankLine(),
            Passage(_("All that it wrote on this device says again what it said before; people and units stay.")),
        ]
        await self.app.push_screen(Confirm(question, self._take_back))

    def _take_back(self) -> None:
        if self._start_job(_("Taking back")):
            self.write_in_thread(_take_back, self._handle_taken_back)

    def _handle_taken_back(self, lines: int) -> None:
        self._busy, self._rehearsed = False, None
        self.show_message(_("Taken back; lines: {lines}").format(lines=lines))

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show why the file is not taken; the path stays to be corrected. Where columns are not understood each of them
        is asked about, and the file is read again with the answers."""
        message.stop()
        self._busy, self._rehearsed = False, None
        text = error_text(message.error)._replace(remedy=screen_remedy(message.error))
        self.show_message("\n".join(text), bad=True)
        guess = message.error.values.get("register")
        if self.asked.register is None and guess:
            self._set_ledger(str(guess), guessed=True)
        self._questions = questions_of(message.error, self._register, self._handle_answer)
        self._ask_next()

    def _ask_next(self) -> None:
        if self._questions:
            self.app.push_screen(self._questions.pop(0))

    def _handle_answer(self, column: str, field: str) -> None:
        """Put the answer into the field of columns in place of an earlier one, and ask on; when all is answered read
        the file again."""
        kept = [text for text in self.asked.said if text.replace("＝", "=").rpartition("=")[0].strip() != column]
        self.query_one("#field-columns", TextField).put("；".join((*kept, f"{column}={field}")))
        if self._questions:
            self._ask_next()
        else:
            self.rehearse()


ABOUT = (
    N_(
        "A table as it is published or kept: Word, Excel, WPS, web page, CSV or text; of projects and who serves them, "
        "or of issues, visits, procedures, progress, policies, people …"
    ),
    N_("Enter reads it and shows which ledger it is and what would be taken in; nothing is written before you agree."),
    N_("Reading a table again changes nothing; a changed table changes only what differs."),
)
"""Shown before a file is typed."""


def _import(reader: Reader, asked: ImportRequest, *, dry_run: bool) -> ImportReport | RecordReport:
    """Import the table, all of it or nothing; with ``dry_run`` only report what would change. Raises a
    `TableImportError`."""
    from store.importing.records.guess import import_file  # noqa: PLC0415 - loads the readers of tables

    path, said, register = asked
    noted = Home(reader.home).last_import
    return reader.writer.run_final(
        lambda ledger: import_file(ledger, Path(path), register, said, dry_run=dry_run, noted_in=noted)
    )


def _write_left_out(report: RecordReport, table: str, reader: Reader) -> Path:
    from tui.reports.refused import refused_rows  # noqa: PLC0415 - few write it

    path = personal_file(".xlsx", _("Rows that were left out"), table, folder=reader.export_folder)
    write_report(refused_rows(report), path, note=reader.note_export)
    return path


def _take_back(reader: Reader) -> int:
    from store.importing.records.taking_back import take_back  # noqa: PLC0415 - loads the models

    return reader.writer.run_final(lambda ledger: take_back(ledger, Home(reader.home).last_import))
