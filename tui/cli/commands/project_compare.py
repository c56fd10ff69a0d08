"""``guanjia project compare``: who changed from one year's responsibility table to the next (R05, R09)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from store.importing import read_table
from store.importing.compare import compare_tables as compared
from store.importing.compare import rows_from_ledger, rows_from_table
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, show_table
from tui.cli.read_context import home_session
from tui.i18n.translate import _, value_label


@click.command(
    cls=Command,
    help=_("Which projects came and went, and who changed, from FILE to LATER, or to the ledger as it is today."),
)
@click.argument("file", type=PATH_PARAM)
@click.argument("later", type=PATH_PARAM, required=False)
@click.pass_obj
def compare(run: CommandContext, file: Path, later: Path | None) -> None:
    """Print what is different."""
    before = rows_from_table(read_table(file))
    if later is not None:
        after = rows_from_table(read_table(later))
    else:
        with home_session(run.home) as desk, desk.database.read() as connection:
            after = rows_from_ledger(connection, desk.district_now(connection).date().isoformat())
    emit(run.output_format, [one._asdict() for one in compared(before, after)], _show)


def _show(changes: list[dict[str, Any]]) -> None:
    rows = ((one["project"], _change_text(one), one["before"], one["after"]) for one in changes)
    show_table((_("Project"), _("What"), _("Before"), _("After")), rows)


def _change_text(change: dict[str, Any]) -> str:
    return (
        value_label("assignment.role", change["role"]) if change["role"] else value_label("difference", change["what"])
    )
