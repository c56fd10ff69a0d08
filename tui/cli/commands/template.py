"""``guanjia template``: a table of a register, empty or with what the ledger says, that ``import --as`` reads."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show
from tui.cli.param_types import LabelChoice
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _


@click.command(
    cls=Command,
    help=_(
        "Write an .xlsx with the headings of a register, drop-downs and an example. “guanjia import --as” reads it. "
        "With --filled it holds what the ledger says, to be corrected and taken in again."
    ),
)
@click.argument("register", type=LabelChoice(FAMILIES["register"], "register"))
@click.option("--out", type=PATH_PARAM, required=True, metavar="FILE", help=_("The file to write."))
@click.option("--filled", is_flag=True, help=_("With the lines of the ledger."))
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def template(run: CommandContext, register: str, out: Path, filled: bool, overwrite: bool) -> None:
    """Write the template."""
    from store.importing.records.fields import REGISTERS
    from store.importing.records.filled import filled_rows
    from tui.cli.export_note import note_export
    from tui.cli.session import home_session
    from tui.reports.templates import write_template

    shape = REGISTERS[register]
    if filled:
        with home_session(run.home) as session, session.database.read() as connection:
            rows = list(filled_rows(connection, shape.name))
            write_template(shape, out, rows, overwrite=overwrite, note=partial(note_export, session))
    else:
        write_template(shape, out, overwrite=overwrite)
    emit(run.output_format, {"file": str(out)}, lambda written: show(_("Written to {file}").format(**written)))
