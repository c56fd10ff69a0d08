"""The holidays of years: the list's columns, a year's page, and its days as they are typed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tui.i18n.translate import N_, _, ngettext, value_label
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.values.workdays import HolidayCalendar

SOURCES = {
    "known": N_("The program knows this year; what a district enters for it is kept and not used."),
    "entered": N_("Entered by the bureau: all devices of the district count by it once they have synced."),
    "unknown": N_("Not entered yet: Monday to Friday counts, and due dates say so. The bureau presses n or e."),
}


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A year, its days off and days worked instead, and whence they are known: a key of `SOURCES`."""

    year: int
    calendar: HolidayCalendar
    source: str

    @property
    def id(self) -> str:
        """The year."""
        return str(self.year)

    @property
    def project_id(self) -> str | None:
        """No year is a project's."""
        return None


def holiday_columns() -> Sequence[ListColumn[HolidayRow]]:
    """The columns: the year, how many days off and worked, and whence."""
    return (
        ListColumn(N_("Year"), 6, lambda row: ((row.id, "strong"),)),
        ListColumn(N_("Days off"), 10, lambda row: _count(row.calendar.off), align_right=True),
        ListColumn(N_("Days worked instead"), 19, lambda row: _count(row.calendar.worked), align_right=True),
        ListColumn("", 1, lambda row: ""),
        ListColumn(
            N_("Known from"), 20,
            lambda row: ((value_label("holiday_source", row.source), "warn" if row.source == "unknown" else "muted"),),
            grow_share=1,
        ),
    )  # fmt: skip


def _count(days: Collection[date]) -> str:
    return str(len(days)) if days else ""


def holiday_page(row: HolidayRow) -> list[PageBlock]:
    """A year with its days."""
    off = ngettext("{n} day", "{n} days", len(row.calendar.off)).format(n=len(row.calendar.off))
    facts = (
        (_("Days off"), f"{off}  {days_text(row.calendar.off)}" if row.calendar.off else ""),
        (_("Days worked instead"), days_text(row.calendar.worked)),
    )
    return [PageTitle(row.id), BlankLine(), FactTable(facts), BlankLine(), Passage(_(SOURCES[row.source]), "muted")]


def days_text(days: Collection[date]) -> str:
    """Days as they may be typed again: ``1.1-1.3；2.16``."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return "；".join("-".join(f"{end.month}.{end.day}" for end in dict.fromkeys((run[0], run[-1]))) for run in runs)
