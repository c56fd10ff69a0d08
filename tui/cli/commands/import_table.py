"""``guanjia import``: reads a responsibility table, all of it or nothing (R09)."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from store.writer.exceptions import TableBeyondRole
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import OutputFormat, emit, say, show_table
from tui.cli.session import beyond_role, write_session
from tui.i18n.translate import _, ngettext, value_label

if TYPE_CHECKING:
    from store.importing.import_report import ImportReport


@click.command(
    "import",
    cls=Command,
    help=_(
        "Read a responsibility table from Word, Excel, WPS, OpenDocument, web page, CSV or text, whatever its "
        "name ends in. "
        "Importing it again changes nothing; a changed table changes only what differs. "
        "A table whose columns are not understood, or of another kind, is refused and nothing written. "
        "Exit code 3: taken in, but there are warnings to look at."
    ),
)
@click.argument("file", type=PATH_PARAM)
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
@click.option(
    "--map",
    "said",
    multiple=True,
    type=CLEAN_TEXT,
    metavar="COLUMN=FIELD",
    help=_("What a column is: butler, lead_leader, enterprise_contact, lead_unit … or - to set it aside; repeatable."),
)
@click.option("--accept", is_flag=True, help=_("Set aside all columns that are not understood."))
@click.pass_obj
def import_(run: CommandContext, file: Path, dry_run: bool, said: tuple[str, ...], accept: bool) -> int:
    """Import the table, or rehearse it, and print the outcome; gives exit code 3 when there are warnings."""
    from store.importing import import_table

    with write_session(run.home) as writing, _without_collections():
        if not dry_run and (refusal := beyond_role(writing.session, "project", TableBeyondRole)):
            raise refusal
        report = import_table(writing.ledger, file, said, accept=accept, dry_run=dry_run)
    emit(run.output_format, report, _show, lambda shown: shown.to_json(_, value_label))
    if run.output_format is OutputFormat.TEXT:
        _say_warnings(report, dry_run=dry_run)
    return NEEDS_ATTENTION if report.warnings else OK


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
    changing = [row for row in report.rows if row.verdict != "same"]
    if changing:
        print()
        told = ((row.row, value_label("import_verdict", row.verdict), *row.texts(_, value_label)) for row in changing)
        show_table((_("Row"), _("What happens"), _("To what"), _("Why")), told)


def _say_warnings(report: ImportReport, *, dry_run: bool) -> None:
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
