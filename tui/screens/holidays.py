"""The holidays of years: which are known, and a form by which the bureau enters a year, by typing its days or from the
State Council's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from store import commands
from store.domain.holidays import read_holiday_years
from store.values.workdays import HolidayCalendar, calendar_of, is_known_year
from tui.data.form_values import FormValues
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.holidays import HolidayRow, days_text, holiday_columns, holiday_page
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.screens.master_detail import MasterDetailScreen
from tui.widgets.columns import ListColumn
from tui.widgets.fields import FormField, TextField
from tui.widgets.page import PageBlock
from tui.widgets.path_field import expand_path

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from tui.data.reader import Reader


class HolidaysScreen(MasterDetailScreen[HolidayRow]):
    """The years around now and those that were entered; beside them the days of one."""

    key_scope = "holidays"
    empty = N_("No year is here.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("holidays")]

    def columns(self) -> Sequence[ListColumn[HolidayRow]]:
        """Year, days, whence."""
        return holiday_columns()

    def reload(self) -> None:
        """Read the years again; the cursor stays."""
        self.read_in_thread(_read_years, self._show)

    def _show(self, rows: list[HolidayRow]) -> None:
        first = next((row.id for row in rows if row.source == "unknown"), None)
        self._at = self.rows.row.id if self.rows.row else first
        self.update_rows(rows)

    def page_of(self, reader: Reader, row: HolidayRow, now_ms: int) -> Sequence[PageBlock]:
        """The days of the year; nothing more is read."""
        return holiday_page(row)

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """Years are the bureau's."""
        return {"new": ("holiday_year", "create"), "edit": ("holiday_year", "create")}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the program knows itself is not entered."""
        if action == "edit" and self.is_mounted and (row := self.rows.row) is not None and row.source == "known":
            return False
        return super().check_action(action, parameters)

    async def action_new(self) -> None:
        """Enter a year."""
        await self.app.open_screen("holiday_form")

    async def action_edit(self) -> None:
        """Enter the year under the cursor."""
        if self.rows.row is not None:
            await self.app.open_screen("holiday_form", self.rows.row.year)


class HolidayForm(Form):
    """A year: its days, or the file that has them."""

    def __init__(self, year: int | None = None) -> None:
        super().__init__()
        self._year = year

    @property
    def heading(self) -> str:
        """The form's title."""
        return _("Holidays of a year")

    @property
    def draft_key(self) -> str:
        """One draft for each year."""
        return f"holiday_year:{self._year or ''}"

    @property
    def first_field(self) -> str:
        """The days, where the year is known."""
        return "off" if self._year else "year"

    @property
    def required_fields(self) -> Sequence[str]:
        """A file says all by itself."""
        from_file = self.is_mounted and bool(self.query_one("#field-file", FormField).value)
        return () if from_file else ("year", "off")

    def make_fields(self) -> Sequence[FormField]:
        """The year and its days, or a file."""
        several = N_("as announced: 1.1-1.3；2.16-2.22")
        return (
            TextField("year", N_("Year"), hint=N_("of the days that are written without one")),
            TextField("off", N_("Days off"), hint=several),
            TextField("worked", N_("Days worked"), hint=N_("weekends that are worked: 2.14；2.28")),
            TextField("file", N_("File"), hint=N_("or a table of days that are marked 放假 or 上班")),
        )

    def load_state(self, reader: Reader) -> FormState:
        """The year as it was entered."""
        if self._year is None:
            return FormState({})
        calendar = reader.run(read_holiday_years).get(self._year, HolidayCalendar())
        days = {"off": days_text(calendar.off), "worked": days_text(calendar.worked)}
        return FormState({"year": str(self._year), **days})

    def action_save(self) -> None:
        """Save, unless days were typed that the file would leave out."""
        begun = self._initial_state.values if self._initial_state else {}
        days, file = {each.key: str(each.value) for each in self.fields}, self.query_one("#field-file", FormField)
        if file.value and any(days[name] and days[name] != begun.get(name) for name in ("off", "worked")):
            self.show_message(_("Either days or a file: with a file the typed days would not be entered."), bad=True)
            return
        super().action_save()

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write the year, or those of the file; an earlier entry of the same year is replaced."""
        from store.importing.holidays import read_holidays, read_typed_year  # noqa: PLC0415 - loads readers of tables

        year, off, worked, file = (str(values.get(name) or "") for name in ("year", "off", "worked", "file"))
        years = read_holidays(Path(expand_path(file)), _year(year)) if file else read_typed_year(year, off, worked)
        reader.writer.run(lambda ledger: commands.holidays.enter_years(ledger, years))
        return _(", ").join(map(str, sorted(years)))

    def after_save(self, line_id: str | None) -> None:
        """Say which years were entered, and close."""
        self.app.show_message(_("Entered: {years}. It reaches the other devices with the sync.").format(years=line_id))
        self.dismiss(None)


def _year(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() else None


def _read_years(reader: Reader) -> list[HolidayRow]:
    return year_rows(reader.run(read_holiday_years), int(reader.thresholds().today[:4]))


def year_rows(entered: Mapping[int, HolidayCalendar], this_year: int) -> list[HolidayRow]:
    """The years from the last one to the next, and those that were entered, the latest first."""
    rows: list[HolidayRow] = []
    for year in sorted({this_year - 1, this_year, this_year + 1, *entered}, reverse=True):
        if is_known_year(year):
            rows.append(HolidayRow(year, calendar_of(year), "known"))
        else:
            source = "entered" if year in entered else "unknown"
            rows.append(HolidayRow(year, entered.get(year, HolidayCalendar()), source))
    return rows
