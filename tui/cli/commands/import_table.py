"""``guanjia import``: reads a responsibility table, all of it or nothing (R09)."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.writer.exceptions import RecordsBeyondRole, TableBeyondRole
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import OutputFormat, emit, say, show_table
from tui.cli.param_types import LabelChoice
from tui.cli.session import beyond_role, write_session
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _, ngettext, value_label

if TYPE_CHECKING:
    from store.importing.import_report import ImportReport, RowVerdict
    from store.importing.records.report import RecordReport
    from store.importing.records.shape import RegisterName
    from tui.cli.session import HomeSession


@click.command(
    "import",
    cls=Command,
    help=_(
        "Read a responsibility table from Word, Excel, WPS, OpenDocument, web page, CSV or text, whatever its "
        "name ends in. "
        "Importing it again changes nothing; a changed table changes only what differs. "
        "A table whose columns are not understood, or of another kind, is refused and nothing written. "
        "With --as it is a table of another register: issues, visits, people, units, procedures, policies, progress, "
        "trainings, returns, follow-ups, deliveries, adoption, statistics. "
        "Exit code 3: taken in, but there are warnings to look at."
    ),
)
@click.argument("file", metavar="[FILE]", type=PATH_PARAM, required=False)
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
@click.option(
    "--map",
    "said",
    multiple=True,
    type=CLEAN_TEXT,
    metavar="COLUMN=FIELD",
    help=_("What a column is: butler, lead_leader, enterprise_contact, lead_unit … or - to set it aside; repeatable."),
)
@click.option(
    "--as",
    "register",
    type=LabelChoice(FAMILIES["register"], "register"),
    help=_("What the table is, where it is no responsibility table."),
)
@click.option(
    "--refused",
    type=PATH_PARAM,
    metavar="FILE",
    help=_("Write the rows that are left out to this .xlsx or .csv, each with why (with --as)."),
)
@click.option("--take-back", is_flag=True, help=_("Take the last import with --as on this device back, all of it."))
@click.option("--accept", is_flag=True, help=_("Set aside all columns that are not understood."))
@click.pass_obj
def import_(
    run: CommandContext,
    file: Path | None,
    dry_run: bool,
    said: tuple[str, ...],
    register: RegisterName | None,
    refused: Path | None,
    take_back: bool,
    accept: bool,
) -> int:
    """Import the table, or rehearse it, and print the outcome; gives exit code 3 when there are warnings."""
    if take_back:
        return _take_back(run)
    if file is None:
        context = click.get_current_context()
        raise click.MissingParameter(
            ctx=context, param=next(each for each in context.command.params if each.name == "file")
        )
    if register is not None:
        return _import_records(run, file, register, said, refused, accept=accept, dry_run=dry_run)
    if refused is not None:
        raise click.UsageError(_("--refused goes with --as."))
    from store.importing import import_table

    with write_session(run.home) as writing, _without_collections():
        if not dry_run and (refusal := beyond_role(writing.session, "project", TableBeyondRole)):
            raise refusal
        report = import_table(writing.ledger, file, said, accept=accept, dry_run=dry_run)
    emit(run.output_format, report, _show, lambda shown: shown.to_json(_, value_label))
    if run.output_format is OutputFormat.TEXT:
        _say_warnings(report, dry_run=dry_run)
    return NEEDS_ATTENTION if report.warnings else OK


def _import_records(
    run: CommandContext,
    file: Path,
    register: RegisterName,
    said: tuple[str, ...],
    refused: Path | None,
    *,
    accept: bool,
    dry_run: bool,
) -> int:
    """Take a register's table in, or rehearse it; exit code 3 when there is something to look at."""
    from store.importing.records import import_records
    from tui.reports import check_target

    if refused is not None:
        check_target(refused)
    with write_session(run.home) as writing, _without_collections():
        if not dry_run and (refusal := beyond_role(writing.session, "project", RecordsBeyondRole)):
            raise refusal
        noted = writing.session.home.last_import
        report = import_records(writing.ledger, file, register, said, accept=accept, dry_run=dry_run, noted_in=noted)
        if refused is not None and report.refused:
            write_refused(writing.session, report, refused)
    emit(run.output_format, report, _show_records, lambda shown: shown.to_json(_, value_label))
    if run.output_format is OutputFormat.TEXT:
        _say_warnings(report, dry_run=dry_run)
        if report.refused and refused is None:
            say(_("To have the rows that were left out as a file, each with why: --refused FILE.xlsx"))
    return NEEDS_ATTENTION if report.warnings else OK


def _take_back(run: CommandContext) -> int:
    """Take the last import of a register back."""
    from store.importing.records.taking_back import take_back

    with write_session(run.home) as writing:
        lines = take_back(writing.ledger, writing.session.home.last_import)
    emit(run.output_format, {"lines": lines}, lambda done: say(_("Taken back; lines: {lines}").format(**done)))
    return OK


def write_refused(session: HomeSession, report: RecordReport, path: Path) -> None:
    """Write the rows that were left out, with a column that says why, so that they can be corrected and come back."""
    from tui.cli.export_note import note_export
    from tui.reports import write_report
    from tui.reports.refused import refused_rows

    write_report(refused_rows(report), path, note=partial(note_export, session))


def _show_records(report: RecordReport) -> None:
    counts = report.counts
    headings = ("", _("Added"), _("Updated"), _("Unchanged"), _("Left out"))
    rows = [
        (value_label("register", report.register), counts.added, counts.updated, counts.unchanged, len(report.refused))
    ]
    rows += [
        (name, added, 0, 0, 0) for name, added in ((_("People"), report.people), (_("Units"), report.units)) if added
    ]
    show_table(headings, rows)
    print()
    meanings = (
        (heading, _meaning(report, meaning)) for heading, meaning in zip(report.headings, report.meanings, strict=True)
    )
    show_table((_("Column"), _("Taken for")), [pair for pair in meanings if pair[0]])
    _show_verdicts(report.rows)


def _meaning(report: RecordReport, meaning: str | None) -> str:
    from store.importing.records.fields import REGISTERS

    field = REGISTERS[report.register].field(meaning or "")
    return field.heading if field else _("not read")


@contextlib.contextmanager
def _without_collections() -> Iterator[None]:
    """Without the garbage collector, which takes a sixth of the time of a long table and finds nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _show(report: ImportReport) -> None:
    sections = ((section.title, section.declared, section.project_count) for section in report.sections)
    show_table((_("Section"), _("Declared"), _("Found")), sections)
    print()
    counted = ((_("Projects"), report.projects), (_("People"), report.people))
    rows = ((name, counts.added, counts.updated, counts.unchanged) for name, counts in counted)
    show_table(("", _("Added"), _("Updated"), _("Unchanged")), rows)
    _show_verdicts(report.rows)


def _show_verdicts(rows: Sequence[RowVerdict]) -> None:
    changing = [row for row in rows if row.verdict != "same"]
    if changing:
        print()
        told = ((row.row, value_label("import_verdict", row.verdict), *row.texts(_, value_label)) for row in changing)
        show_table((_("Row"), _("What happens"), _("To what"), _("Why")), told)


def _say_warnings(report: ImportReport | RecordReport, *, dry_run: bool) -> None:
    for warning in report.warnings:
        row = _("row {n}").format(n=warning.row) if warning.row else None
        location = _(", ").join(part for part in (row, warning.column) if part)
        text = warning.message(_)
        say(f"{location}: {text}" if location else text)
    number = len(report.warnings)
    if dry_run:
        say(_("This was a rehearsal: nothing was written."))
    elif number:
        say(ngettext("Taken in; {n} thing to look at.", "Taken in; {n} things to look at.", number).format(n=number))
