"""The reports: which there are, and a form that writes one to a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from store.domain.issue_lifecycle import STATES
from tui.data.rows import Few
from tui.i18n.translate import N_, _, word
from tui.keys.actions import bindings
from tui.presenters.reports import ReportRow, report_columns
from tui.reports.options import NAMED, REPORTS
from tui.screens.base import Place
from tui.screens.form import Filling, Form
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, Field, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from tui.data.reader import Desk


class ReportsScreen(Place):
    """The list of reports; enter opens the form of one."""

    place = "reports"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("reports")]

    def body(self) -> Iterable[Widget]:
        """The list."""
        yield LongList[ReportRow](report_columns(), id="list")

    @property
    def rows(self) -> LongList[ReportRow]:
        """The list of reports."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """The list never changes."""
        self.rows.show(Few([ReportRow(name) for name in REPORTS]), at=self.rows.row.id if self.rows.row else None)

    @on(LongList.Opened)
    async def open_report(self, message: LongList.Opened) -> None:
        """Enter: what it should hold, and where it is written."""
        await self.app.go("report_form", message.row.id)


class ReportForm(Form):
    """One report: the file, and what narrows it, some of which may be ``given``. Saving writes the file; the ledger is
    only read."""

    first = "file"

    def __init__(self, name: str, given: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.report = name
        self.given = given or {}

    @property
    def heading(self) -> str:
        """What the report is."""
        return _(REPORTS[self.report].title)

    @property
    def draft_key(self) -> str:
        """One draft for each report, and for what it was opened with."""
        return ":".join(("report", self.report, *self.given.values()))

    def make_fields(self) -> Sequence[Field]:
        """The file, and the report's own options."""
        hint = N_("ends in .xlsx, .docx, .csv, .json or .md")
        return (
            TextField("file", N_("File"), hint=hint),
            *(_field(option) for option in REPORTS[self.report].options),
        )

    @property
    def needs(self) -> Sequence[str]:
        """Nothing: without a name the file has one of its own."""
        return ()

    def begin(self, desk: Desk) -> Filling:
        """What was given; the head says where the report goes if nothing is typed."""
        return Filling(self.given, head=_("Without a name it is written to {file}.").format(file=self._usual(desk)))

    def save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        """Write it; gives the file."""
        chosen = {name: value for name, value in values.items() if name != "file" and value}
        typed = str(values.get("file") or "").strip()
        return desk.write_report(self.report, Path(typed).expanduser() if typed else self._usual(desk), chosen)

    def _usual(self, desk: Desk) -> Path:
        """A file among the person's own, named by report and day."""
        return Path.home() / f"{self.report}-{desk.today().today}.xlsx"

    def saved(self, line_id: str | None) -> None:
        """Say where it is, and close."""
        self.app.say(_("Written: {file}").format(file=line_id))
        self.dismiss(None)


def _field(option: str) -> Field:
    label = _LABELS[option]
    if option in NAMED:
        return NameField(option, label, NAMED[option])
    if option == "state":
        return ChoiceField(option, label, ("", *STATES), _state)
    return TextField(option, label)


def _state(state: str) -> str:
    return word("state", state) if state else _("any")


_LABELS = {
    "project": N_("Project"),
    "department": N_("Department"),
    "unit": N_("Unit"),
    "meeting": N_("Meeting"),
    "person": N_("Person"),
    "state": N_("State"),
    "since": N_("From"),
    "until": N_("To"),
    "period": N_("Period"),
}
