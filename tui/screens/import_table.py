"""Import a responsibility table: name the file, see what would be taken in, then take it in (R09)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label

from tui.data.messages import Failed
from tui.i18n.translate import N_, _, ngettext, sentences
from tui.keys.actions import bindings
from tui.presenters.importing import report_page
from tui.screens.base import Place, Saying
from tui.widgets.page import Paper, Passage
from tui.widgets.path_field import PathField, meant

if TYPE_CHECKING:
    from store.importing.report import ImportReport

ENDINGS = (".docx", ".xlsx", ".csv", ".tsv", ".txt")


class ImportScreen(Place, Saying):
    """A path, and what the file at it holds. Nothing is written before that has been seen."""

    place = "import_table"
    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("import_table")]

    def __init__(self) -> None:
        super().__init__()
        self._seen: str | None = None
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """The field, a line to say things, and the page."""
        yield Label(Content(" " + _("Import a responsibility table")), id="heading")
        yield PathField("path", N_("File"), ENDINGS, hint=N_("a path; Tab completes it"))
        yield Label(id="said")
        yield Paper(id="page")

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(PathField).enter()
        self.query_one("#page", Paper).show([Passage(_(text), "muted") for text in ABOUT])

    @property
    def path(self) -> str:
        """The file that is meant."""
        return meant(self.query_one(PathField).value)

    # ── rehearsing, then doing ──────────────────────────────────────────────────────────────────────────────────

    @on(Input.Submitted)
    def rehearse(self) -> None:
        """Enter: what would be taken in?"""
        self.query_one(PathField).action_close()
        if not self.path:
            self.said(_("Please fill in: {fields}.").format(fields=_("File")), bad=True)
            return
        if self._begin(_("Reading the table")):
            from tui.data.readers.importing import rehearse  # noqa: PLC0415 - brings the readers of tables

            path = self.path
            self.ask(lambda desk: rehearse(desk, path), partial(self._rehearsed, path), "import")

    def _begin(self, saying: str) -> bool:
        if self.app.desk is None:
            self.said(_("The ledger is still opening. Try again in a moment."))
            return False
        if self._busy:
            return False
        self._busy = True
        self.said(saying)
        return True

    def _rehearsed(self, path: str, report: ImportReport) -> None:
        self._busy, self._seen = False, path
        changes = sum(counts.added + counts.updated for counts in (report.projects, report.people))
        if changes:
            self.said(_("Nothing is written yet. ^S takes it in."))
        else:
            self.said(_("The ledger says all of this already: there is nothing to take in."))
        self._show(report, done=False)

    def action_take_in(self) -> None:
        """Take in what was shown; first show it, where that has not been."""
        if self._seen is None or self._seen != self.path:
            self.rehearse()
        elif self._begin(_("Taking in")):
            from tui.data.readers.importing import take_in  # noqa: PLC0415 - see above

            path = self._seen
            self.do(lambda desk: take_in(desk, path), self._taken)

    def _taken(self, report: ImportReport) -> None:
        self._busy, self._seen = False, None
        projects = report.projects.added + report.projects.updated
        told = ngettext("Taken in: {n} project.", "Taken in: {n} projects.", projects).format(n=projects)
        self.app.say(told)
        self.said(told + " " + _("Esc leads on."))
        self._show(report, done=True)
        self.set_focus(self.query_one("#page", Paper))

    def _show(self, report: ImportReport, *, done: bool) -> None:
        self.query_one("#page", Paper).show(report_page(report, done=done), top=True)

    def on_failed(self, message: Failed) -> None:
        """What cannot be read is said here, and the path stays to be corrected."""
        message.stop()
        self._busy, self._seen = False, None
        self.said("\n".join(sentences(message.error)), bad=True)


ABOUT = (
    N_("The table as it is published: .docx .xlsx .csv or .txt, in UTF-8 or GB18030."),
    N_("Enter reads it and shows what would be taken in; nothing is written before you agree."),
    N_("Reading a table again changes nothing; a changed table changes only what differs."),
)
"""What is said before a file is named."""
