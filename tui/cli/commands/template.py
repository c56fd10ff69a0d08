"""``guanjia template``: an empty table of a register, with drop-downs and an example, that ``import --as`` reads."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show
from tui.cli.param_types import LabelChoice
from tui.i18n.translate import _


@click.command(
    cls=Command,
    help=_(
        "Write an .xlsx with the headings of a register, drop-downs and an example. “guanjia import --as” reads it."
    ),
)
@click.argument("register", type=LabelChoice(("issues", "visits", "people", "units"), "register"))
@click.option("--out", type=PATH_PARAM, required=True, metavar="FILE", help=_("The file to write."))
@click.option("--overwrite", is_flag=True, help=_("Replace the file where there is one already."))
@click.pass_obj
def template(run: CommandContext, register: str, out: Path, overwrite: bool) -> None:
    """Write the template."""
    from store.importing.records.fields import REGISTERS
    from tui.reports.templates import write_template

    write_template(REGISTERS[register], out, overwrite=overwrite)
    emit(run.output_format, {"file": str(out)}, lambda written: show(_("Written to {file}").format(**written)))
