"""``guanjia project compare``: who changed from one year's responsibility table to the next (R05, R09)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from store.importing import read_table
from store.importing.compare import compare as compared
from store.importing.compare import rows_in, rows_of
from tui.cli.groups import FILE, Command, Run
from tui.cli.output import emit, show_table
from tui.cli.read_context import at_desk
from tui.i18n.translate import _, word


@click.command(
    cls=Command,
    help=_("Which projects came and went, and who changed, from FILE to LATER, or to the ledger as it is today."),
)
@click.argument("file", type=FILE)
@click.argument("later", type=FILE, required=False)
@click.pass_obj
def compare(run: Run, file: Path, later: Path | None) -> None:
    """Print what is different."""
    before = rows_of(read_table(file))
    if later is not None:
        after = rows_of(read_table(later))
    else:
        with at_desk(run.home) as desk, desk.database.read() as connection:
            after = rows_in(connection, desk.now_in(connection).date().isoformat())
    emit(run.form, [one._asdict() for one in compared(before, after)], _show)


def _show(changes: list[dict[str, Any]]) -> None:
    rows = ((one["project"], _what(one), one["before"], one["after"]) for one in changes)
    show_table((_("Project"), _("What"), _("Before"), _("After")), rows)


def _what(one: dict[str, Any]) -> str:
    return word("assignment.role", one["role"]) if one["role"] else word("difference", one["what"])
