"""``guanjia calendar``: due dates, meetings, promises and visits due as a file that calendars take in again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from store.db.device_facts import read_device_facts
from store.domain.limits import read_limits
from store.queries.papers import ComingDate, coming_dates, past_dates, served_by, shown_person
from tui.cli.export_note import note_export
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.name_lookup import find_maybe
from tui.cli.output import emit, show
from tui.cli.session import home_session
from tui.i18n.translate import _
from tui.reports.calendar_file import write_calendar

_DAYS_BACK, _DAYS_AHEAD = 60, 400
"""From when until when dates are told: what is long overdue is on the lists, and stays where it was imported."""


class WrittenCalendar(NamedTuple):
    """The file, and how many entries it has."""

    rows: int
    file: str


@click.command(
    cls=Command,
    help=_(
        "Due dates, agreed waiting, promises, meetings and visits due as an .ics file. Import it again whenever you "
        "like: entries move, none doubles, and what is done is cancelled."
    ),
)
@click.option("--out", required=True, type=PATH_PARAM, metavar="FILE", help=_("The file to write: .ics"))
@click.option("--project", type=CLEAN_TEXT, help=_("Only this project’s."))
@click.option(
    "--person", type=CLEAN_TEXT, help=_("Only this person’s: what the person owns or chairs, and the projects served.")
)
@click.option("--mine", is_flag=True, help=_("Only mine."))
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def calendar(
    run: CommandContext, out: Path, project: str | None, person: str | None, mine: bool, overwrite: bool
) -> None:
    """Write the calendar and print how many entries it has."""
    if mine and person:
        raise click.UsageError(_("--mine and --person go not together: say whose dates you want."))
    with home_session(run.home) as session, session.database.read() as connection:
        now, facts = session.district_now(connection), read_device_facts(connection)
        today, until = now.date(), now.date() + timedelta(days=_DAYS_AHEAD)
        since = (today - timedelta(days=_DAYS_BACK)).isoformat()
        coming = coming_dates(connection, since, until.isoformat(), read_limits(connection).silence)
        past = past_dates(connection, since)
        chosen = find_maybe(connection, "project", project)
        whose = shown_person(connection, facts.person) if mine else find_maybe(connection, "person", person)
        served = served_by(connection, whose, today.isoformat()) if whose else set[str]()
        coming, past = ([each for each in dates if _is_wanted(each, chosen, whose, served)] for dates in (coming, past))
        note = partial(note_export, session)
        rows = write_calendar(coming, past, out, now, district=facts.district, overwrite=overwrite, note=note)
    emit(run.output_format, WrittenCalendar(rows, str(out)), _show, WrittenCalendar._asdict)


def _is_wanted(coming: ComingDate, project: str | None, person: str | None, served: set[str]) -> bool:
    about = (coming.project_ids or "").split()
    if project is not None and project not in about:
        return False
    return person is None or coming.person_id == person or not served.isdisjoint(about)


def _show(written: WrittenCalendar) -> None:
    show(_("Written to {file}; entries: {rows}").format(file=written.file, rows=written.rows))
