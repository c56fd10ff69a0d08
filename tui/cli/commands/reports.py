"""``guanjia report``: what offices hand in, as a file (R14, R27, R37, R47). A report takes the options it can use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.domain.issue_lifecycle import STATES
from store.home.paths import require_home, resolve_home
from store.home.report_schedule import RHYTHMS, Schedule, ScheduledReport, change_schedule, read_schedule
from tui.cli.export_note import note_export
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext, LabelChoice, LazyGroup
from tui.cli.list_file import WrittenFile, show_written
from tui.cli.output import emit, say, show, show_table
from tui.cli.progress import progress_bar
from tui.cli.session import home_session
from tui.i18n.translate import N_, _, value_label
from tui.reports import check_target, write_report
from tui.reports.exceptions import ReportFolderMissing
from tui.reports.files import HomePictures
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
    "recipient": N_("Whom the letter goes to, in words."),
    "number": N_("The letter’s number, in words; without it there is a place for it."),
    "copies": N_("Who gets copies of the letter, in words."),
    "period": N_("A period: 2026W48, 上月, 2026-07, 2026Q3, 上半年, 1-10月, 2026 …"),
}
_OPTION_METAVARS = {"since": "DATE", "until": "DATE", "due": "DATE", "period": "PERIOD"}


@click.group(
    cls=LazyGroup,
    help=_("Reports to hand in: .xlsx, .docx, .csv, .json or .md.")
    + "\n\n"
    + _(
        "Letters name the fonts of GB/T 9704: 方正小标宋简体, 仿宋, 楷体, 黑体, 宋体. Where a machine lacks one, its "
        "program shows another, so install it before you print."
    ),
)
def report() -> None:
    """The reports, each a command."""


def _command(name: str, definition: ReportDefinition) -> Command:
    def write(
        run: CommandContext, /, out: Path | None, overwrite: bool, form: Path | None, every: str | None,
        to: Path | None, **options: str | None,
    ) -> None:  # fmt: skip
        if every is not None or to is not None:
            if form is not None:
                raise click.UsageError(_("With --every a form comes from the folder of the setting forms_folder."))
            schedule_report(run, name, every, to, out, options)
            return
        if out is None:
            raise click.UsageError(_("Name the file with --out, or a day with --every and a folder with --to."))
        check_target(out, overwrite=overwrite)
        with home_session(run.home) as session, session.database.read() as connection:
            request = ReportRequest(
                connection,
                session.light_thresholds(connection),
                resolve_options(connection, session.district_now(connection), options),
                HomePictures(session.database),
            )
            built = build_report(name, request)
            own = form or form_for(session.settings.forms_folder, name, out)
            note = partial(note_export, session)
            with progress_bar(_("Writing"), built.total) as tick:
                rows = write_report(built, out, tick, overwrite=overwrite, note=note, form=own)
            if own is not None:
                say(_("Written into the form {file}.").format(file=own))
        emit(run.output_format, WrittenFile(rows, str(out)), show_written, WrittenFile._asdict)

    options = [*_shared_options(), *map(_option, definition.options)]
    return Command(name, callback=click.pass_obj(write), params=list(options), help=_(definition.help))


def _shared_options() -> list[click.Option]:
    """The options of every report: where it is written, into which form, or when the daemon writes it."""
    out = click.Option(["--out"], type=PATH_PARAM, metavar="FILE", help=_("The file to write."))
    replaces = click.Option(
        ["--overwrite", "--force"], is_flag=True, help=_("Replace the file where there is one already.")
    )
    form = click.Option(
        ["--form"], type=PATH_PARAM, metavar="FILE", help=_("Your own .docx with fields, in place of our layout.")
    )
    every = click.Option(
        ["--every"],
        type=LabelChoice(RHYTHMS, "rhythm"),
        help=_("The daemon writes it then, of the period before: monday … sunday, day, month (its first day)."),
    )
    to = click.Option(["--to"], type=PATH_PARAM, metavar="DIR", help=_("The folder for what the daemon writes."))
    return [out, replaces, form, every, to]


def _option(name: str) -> click.Option:
    kind = LabelChoice(STATES, "state") if name == "state" else CLEAN_TEXT
    return click.Option([f"--{name}"], type=kind, metavar=_OPTION_METAVARS.get(name), help=_(_OPTION_HELP[name]))


def schedule_report(
    run: CommandContext,
    name: str,
    every: str | None,
    to: Path | None,
    out: Path | None,
    options: Mapping[str, str | None],
) -> None:
    """Let the daemon write this report: one schedule for each report and folder."""
    if every is None or to is None or out is not None or options.get("period"):
        raise click.UsageError(_("--every and --to go together, without --out and --period."))
    folder = to.expanduser().absolute()
    if not folder.is_dir():
        raise ReportFolderMissing(folder=folder)
    with home_session(run.home) as session:
        with session.database.read() as connection:
            now = session.district_now(connection)
            resolve_options(connection, now, options)  # what is wrong is said now, not on Monday
        typed = {option: value for option, value in options.items() if value}
        yesterday = (now.date() - timedelta(days=1)).isoformat()
        made = ScheduledReport(name, every, str(folder), typed, yesterday)

        def with_it(reports: Schedule) -> Schedule:
            return [*(each for each in reports if (each.report, each.folder) != (name, str(folder))), made]

        change_schedule(session.home, with_it)
    emit(run.output_format, made, _show_scheduled, ScheduledReport._asdict)


@report.command("schedule", help=_("What the daemon writes by itself, and when; --remove takes a report off."))
@click.option("--remove", type=click.Choice(tuple(REPORTS)), metavar="REPORT", help=_("No longer write this one."))
@click.pass_obj
def schedule(run: CommandContext, remove: str | None) -> None:
    """List what is scheduled, or take it off."""
    home = require_home(resolve_home(run.home))
    if remove is None:
        kept: Schedule = read_schedule(home)
    else:
        kept = change_schedule(home, lambda reports: [each for each in reports if each.report != remove])
    emit(run.output_format, kept, _show_schedule, lambda each: [scheduled._asdict() for scheduled in each])


def _show_scheduled(scheduled: ScheduledReport) -> None:
    text = _("The daemon writes “{title}”: {every}, to {folder}.")
    known = REPORTS.get(scheduled.report)
    title, every = _(known.title) if known else scheduled.report, value_label("rhythm", scheduled.every)
    show(text.format(title=title, every=every, folder=scheduled.folder))


def _show_schedule(listed: Sequence[ScheduledReport]) -> None:
    for scheduled in listed:
        _show_scheduled(scheduled)
    if not listed:
        say(_("No report is written by itself."))


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
