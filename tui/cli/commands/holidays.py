"""``guanjia holiday``: the days off that the State Council announces for a year, entered by the bureau for all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import click

from store.db.connection import Connection
from store.domain.holidays import read_holiday_years
from store.values.workdays import is_known_year
from store.writer.exceptions import HolidaysBeyondRole
from tui.cli.groups import PATH_PARAM, Command, CommandContext, LazyGroup, WholeNumber
from tui.cli.output import emit, show_table
from tui.cli.session import beyond_role, home_session, write_session
from tui.i18n.translate import _


class HolidayYearRow(TypedDict):
    """The days of one year as they are printed; ``used`` where the program does not know the year itself."""

    year: int
    off: Sequence[str]
    worked: Sequence[str]
    used: bool


@click.group("holiday", cls=LazyGroup, help=_("Holidays of years that the program does not know: import, list."))
def holiday() -> None:
    """The commands about holidays."""


@holiday.command(
    "import",
    cls=Command,
    help=_("Enter a year’s holidays from a table: in each row a day, or the first and the last, and 放假 or 上班."),
)
@click.argument("file", type=PATH_PARAM)
@click.option("--year", type=WholeNumber(1900, 2100), help=_("The year of days that are written without one."))
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
@click.pass_obj
def import_(run: CommandContext, file: Path, year: int | None, dry_run: bool) -> None:
    """Enter the years of the table, each in the place of what was entered before, and print them."""
    from store.commands.holidays import enter_years
    from store.importing.holidays import read_holidays

    years = read_holidays(file, year)
    with write_session(run.home) as writing:
        if not dry_run:
            if refusal := beyond_role(writing.session, "holiday_year", HolidaysBeyondRole):
                raise refusal
            enter_years(writing.ledger, years)
        rows = [_row(each, sorted(calendar.off), sorted(calendar.worked)) for each, calendar in sorted(years.items())]
    emit(run.output_format, rows, _show)


@holiday.command("list", cls=Command, help=_("The years that were entered, with their days."))
@click.pass_obj
def list_(run: CommandContext) -> None:
    """Print the years."""
    with home_session(run.home) as session, session.database.read() as connection:
        emit(run.output_format, _rows(connection), _show)


def _rows(connection: Connection) -> list[HolidayYearRow]:
    years = sorted(read_holiday_years(connection).items())
    return [_row(year, sorted(calendar.off), sorted(calendar.worked)) for year, calendar in years]


def _row(year: int, off: Sequence[object], worked: Sequence[object]) -> HolidayYearRow:
    return {"year": year, "off": [*map(str, off)], "worked": [*map(str, worked)], "used": not is_known_year(year)}


def _show(rows: list[HolidayYearRow]) -> None:
    columns = (_("Year"), _("Days off"), _("Days worked instead"), _("Used"))
    show_table(columns, map(_cells, rows))


def _cells(row: HolidayYearRow) -> tuple[object, ...]:
    used = _("yes") if row["used"] else _("no: the program knows this year")
    return row["year"], " ".join(day[5:] for day in row["off"]), " ".join(day[5:] for day in row["worked"]), used
