"""``guanjia report``: what offices hand in, as a file (R14, R27, R37, R47). A report takes the options it can use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.domain.issue_lifecycle import STATES
from tui.cli.export_note import note_export
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, LabelChoice, LazyGroup
from tui.cli.list_file import WrittenFile, show_written
from tui.cli.output import emit, say, show_table
from tui.cli.progress import progress_bar
from tui.cli.session import home_session
from tui.i18n.translate import N_, _
from tui.reports import check_target, write_report
from tui.reports.options import REPORTS, ReportDefinition, ReportRequest, build_report, form_for, resolve_options

if TYPE_CHECKING:
    from tui.reports.forms import OwnFormField

_OPTION_HELP = {
    "project": N_("Only this project’s."),
    "department": N_("Only this department’s."),
    "meeting": N_("Only what this meeting discussed, and what it decided."),
    "unit": N_("Only this unit’s."),
    "person": N_("Only this person’s."),
    "state": N_("Only issues in this state."),
    "since": N_("From this day on."),
    "until": N_("Up to this day, included."),
    "issue": N_("This issue."),
    "visit": N_("A visit: its id, or its day."),
    "due": N_("The day until which a reply is asked."),
    "to": N_("Whom the letter goes to, in words."),
    "number": N_("The letter’s number, in words; without it there is a place for it."),
    "period": N_("A period: 2026W48, 上月, 2026-07, 2026Q3, 上半年, 1-10月, 2026 …"),
}
_OPTION_METAVARS = {"since": "DATE", "until": "DATE", "due": "DATE", "period": "PERIOD"}


@click.group(cls=LazyGroup, help=_("Reports to hand in: .xlsx, .docx, .csv, .json or .md."))
def report() -> None:
    """The reports, each a command."""


def _command(name: str, definition: ReportDefinition) -> Command:
    def write(run: CommandContext, /, out: Path, overwrite: bool, form: Path | None, **options: str | None) -> None:
        check_target(out, overwrite=overwrite)
        with home_session(run.home) as session, session.database.read() as connection:
            request = ReportRequest(
                connection,
                session.light_thresholds(connection),
                resolve_options(connection, session.district_now(connection), options),
            )
            built = build_report(name, request)
            own = form or form_for(session.settings.forms_folder, name, out)
            note = partial(note_export, session)
            with progress_bar(_("Writing"), built.total) as tick:
                rows = write_report(built, out, tick, overwrite=overwrite, note=note, form=own)
            if own is not None:
                say(_("Written into the form {file}.").format(file=own))
        emit(run.output_format, WrittenFile(rows, str(out)), show_written, WrittenFile._asdict)

    out = click.Option(["--out"], type=PATH_PARAM, required=True, metavar="FILE", help=_("The file to write."))
    replaces = click.Option(
        ["--overwrite", "--force"], is_flag=True, help=_("Replace the file where there is one already.")
    )
    form = click.Option(
        ["--form"], type=PATH_PARAM, metavar="FILE", help=_("Your own .docx with fields, in place of our layout.")
    )
    options = [out, replaces, form, *map(_option, definition.options)]
    return Command(name, callback=click.pass_obj(write), params=list(options), help=_(definition.help))


def _option(name: str) -> click.Option:
    kind = LabelChoice(STATES, "state") if name == "state" else CLEAN_TEXT
    return click.Option([f"--{name}"], type=kind, metavar=_OPTION_METAVARS.get(name), help=_(_OPTION_HELP[name]))


@report.command("fields", help=_("What your own form of a report may use, and what it says now."))
@click.argument("name", type=click.Choice(tuple(REPORTS)), metavar="REPORT")
@click.pass_obj
def fields(run: CommandContext, name: str) -> None:
    """List the fields of a report's form."""
    from tui.reports.forms import form_fields

    with home_session(run.home) as session, session.database.read() as connection:
        options: dict[str, str | None] = dict.fromkeys(REPORTS[name].options)
        request = ReportRequest(connection, session.light_thresholds(connection), options)
        listed = list(form_fields(build_report(name, request)))
    emit(run.output_format, listed, _show_fields, lambda rows: [field._asdict() for field in rows])


def _show_fields(listed: Sequence[OwnFormField]) -> None:
    show_table((_("Field"), _("What it is"), _("Now")), listed)


for _name, _definition in REPORTS.items():
    report.add_command(_command(_name, _definition))
