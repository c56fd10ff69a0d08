"""``guanjia central evidence-of-controls``: the sheet of controls for whoever assesses the central's protection."""

from __future__ import annotations

from pathlib import Path

import click

from sync.central.admin.control_facts import read_control_facts
from tui.cli.commands.central import DATA, DISTRICT, ENTRIES, central_folder
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, say, show_pairs
from tui.i18n.translate import _
from tui.reports import check_target, write_report
from tui.reports.controls import controls_report


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "evidence-of-controls"))
@click.option("--out", required=True, type=PATH_PARAM, help=_("The file: .docx, .xlsx, .csv, .json or .md."))
@click.option(
    "--overwrite", "--force", "overwrite", is_flag=True, help=_("Replace the file where there is one already.")
)
@DISTRICT
@DATA
@click.pass_obj
def evidence_of_controls(
    run: CommandContext, out: Path, overwrite: bool, district: str | None, data: Path | None
) -> int:
    """Write the sheet; exit code 3 where the audit, the log of what was taken in or a line is not as it was written."""
    check_target(out, overwrite=overwrite)
    facts = read_control_facts(central_folder(data), district=district)
    # Nobody's name is in it, so nothing of it is an export of the ledger.
    rows = write_report(controls_report(facts), out, overwrite=overwrite, note=lambda *_report: None)
    emit(run.output_format, {"file": str(out), "controls": rows, "facts": facts}, _show_written)
    if facts["audit_holds"] and facts["log_holds"] and not facts["damaged"]:
        return OK
    say(_("Something in the central is not as it was written; the sheet says what: guanjia central check."))
    return NEEDS_ATTENTION


def _show_written(written: dict[str, object]) -> None:
    show_pairs({_("File"): written["file"], _("Controls"): written["controls"]}.items())
