"""``guanjia import``: a responsibility table in, all of it or nothing (R09)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from store.importing import import_table
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import OutputFormat, emit, say, show_table
from tui.cli.write_context import write_session
from tui.i18n.translate import _


@click.command(
    "import",
    cls=Command,
    help=_(
        "Read a responsibility table: .txt as published, .docx, .xlsx or .csv, in UTF-8 or GB18030. "
        "Importing it again changes nothing; a changed table changes only what differs."
    ),
)
@click.argument("file", type=PATH_PARAM)
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
@click.pass_obj
def import_(run: CommandContext, file: Path, dry_run: bool) -> None:
    """Import the table, or rehearse it, and print what was found."""
    with write_session(run) as writing:
        report = import_table(writing.ledger, file, dry_run=dry_run).to_json(_)
    emit(run.output_format, report, _show)
    if run.output_format is OutputFormat.TEXT:
        _print_warnings(report, dry_run=dry_run)


def _show(report: dict[str, Any]) -> None:
    sections = ((part["title"], part["declared"], part["found"]) for part in report["sections"])
    show_table((_("Section"), _("Declared"), _("Found")), sections)
    print()
    counted = ((_("Projects"), report["projects"]), (_("People"), report["people"]))
    rows = ((name, counts["added"], counts["updated"], counts["unchanged"]) for name, counts in counted)
    show_table(("", _("Added"), _("Updated"), _("Unchanged")), rows)


def _print_warnings(report: dict[str, Any], *, dry_run: bool) -> None:
    for warning in report["warnings"]:
        places = [
            str(part) for part in (warning["row"] and _("row {n}").format(n=warning["row"]), warning["column"]) if part
        ]
        say(": ".join([_(", ").join(places), warning["text"]] if places else [warning["text"]]))
    if dry_run:
        say(_("This was a rehearsal: nothing was written."))
