"""The reports: which there are, and a form that writes one to a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from store.domain.issue_lifecycle import STATES
from store.values.times import district_time
from tui.data import readers
from tui.data.form_values import FormValues
from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.presenters.reports import ReportRow, report_columns
from tui.reports import personal_file
from tui.reports.files import HomePictures
from tui.reports.options import LINE_OPTIONS, REPORTS
from tui.screens.base import BaseScreen
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, FormField, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from tui.data.reader import Reader


class ReportsScreen(BaseScreen):
    """The list of reports; enter opens the form of one."""

    key_scope = "reports"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("reports")]

    def body(self) -> Iterable[Widget]:
        """The list."""
        yield LongList[ReportRow](report_columns(), id="list")

    @property
    def rows(self) -> LongList[ReportRow]:
        """The list of reports."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """The list never changes."""
        self.rows.show(
            InMemorySource([ReportRow(name) for name in REPORTS]), at=self.rows.row.id if self.rows.row else None
        )

    @on(LongList.RowOpened)
    async def open_report(self, message: LongList.RowOpened) -> None:
        """Enter: what it should hold, and where it is written."""
        await self.app.open_screen("report_form", message.row.id)


class ReportForm(Form):
    """One report: the file, and its options, some of which may be ``preset``. Saving writes the file; the ledger is
    only read."""

    first_field = "file"

    def __init__(self, name: str, preset: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.report = name
        self.preset = preset or {}

    @property
    def heading(self) -> str:
        """What the report is."""
        return _(REPORTS[self.report].title)

    @property
    def draft_key(self) -> str:
        """One draft for each report, and for what it was opened with."""
        return ":".join(("report", self.report, *self.preset.values()))

    def make_fields(self) -> Sequence[FormField]:
        """The file, and the report's own options."""
        hint = N_("ends in .xlsx, .docx, .csv, .json or .md")
        return (
            TextField("file", N_("File"), hint=hint),
            *(_field(option) for option in REPORTS[self.report].options),
        )

    @property
    def required_fields(self) -> Sequence[str]:
        """Nothing: without a name the file has one of its own."""
        return ()

    def load_state(self, reader: Reader) -> FormState:
        """The preset options; the head says where the report is written if nothing is typed."""
        return FormState(
            self.preset, head=_("without a name: {file}").format(file=_under_home(self._default_path(reader)))
        )

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write the file; returns its path."""
        chosen = {name: str(value) for name, value in values.items() if name != "file" and value}
        typed = str(values.get("file") or "").strip()
        path = Path(typed).expanduser() if typed else self._default_path(reader)
        now = district_time(reader.corrected_now_ms())
        return reader.run(
            readers.reports.write_report_file,
            reader.thresholds(),
            now,
            (self.report, path),
            chosen,
            reader.note_export,
            reader.forms_folder,
            HomePictures(reader.database),
        )

    def _default_path(self, reader: Reader) -> Path:
        """A file among the person's own, named by report and day, of the kind that is usual for it."""
        ending, day = REPORTS[self.report].ending, reader.thresholds().today
        return personal_file(ending, self.heading, day, folder=reader.export_folder)

    def after_save(self, line_id: str | None) -> None:
        """Show the path, and close."""
        self.app.show_message(_("Written: {file}").format(file=line_id))
        self.dismiss(None)


def _under_home(path: Path) -> str:
    """A path as people write it."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _field(option: str) -> FormField:
    label = _LABELS[option]
    if option in LINE_OPTIONS:
        return NameField(option, label, LINE_OPTIONS[option])
    if option == "state":
        return ChoiceField(option, label, ("", *STATES), _state)
    return TextField(option, label)


def _state(state: str) -> str:
    return value_label("state", state) if state else _("any")


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
    "issue": N_("Issue"),
    "visit": N_("Visit, or its day"),
    "due": N_("Reply until"),
    "recipient": N_("Recipient"),
    "number": N_("Letter’s number"),
    "copies": N_("Copies to"),
}
