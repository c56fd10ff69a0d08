"""``guanjia limit``: the district's day counts and switches (domain.md, Lights: every limit is configuration)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.domain.limits import MEANINGS, limits, set_limits
from tui.cli.groups import PHRASE, Command, Group, Run
from tui.cli.output import emit, show_table
from tui.cli.read_context import at_desk
from tui.cli.write_context import ready_to_write
from tui.i18n.translate import _


@click.group("limit", cls=Group, help=_("The district’s limits: list, set. The bureau sets them for everybody."))
def limit() -> None:
    """What is done with limits."""


@limit.command("list", cls=Command, help=_("Every limit, and whether the district has set it."))
@click.pass_obj
def list_(run: Run) -> None:
    """Print the limits."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        emit(run.form, _rows(connection), _show)


@limit.command("set", cls=Command, help=_("Set one limit for the whole district."))
@click.argument("name", type=PHRASE)
@click.argument("value", type=PHRASE)
@click.pass_obj
def set_(run: Run, name: str, value: str) -> None:
    """Set a limit and print them all."""
    from store.commands.limits import set_limit  # noqa: PLC0415 - only who writes loads the models

    with ready_to_write(run) as writing:
        set_limit(writing.ledger, name, value)
        with writing.desk.database.read() as connection:
            emit(run.form, _rows(connection), _show)


def _rows(connection: Any) -> list[dict[str, Any]]:
    said = set_limits(connection)
    values = asdict(limits(connection))
    return [{"name": name, "value": value, "set": name in said} for name, value in values.items()]


def _show(rows: list[dict[str, Any]]) -> None:
    columns = (_("Limit"), _("Value"), _("Set by"), _("What it is"))
    cells = ((r["name"], r["value"], _("district") if r["set"] else _("default"), _(MEANINGS[r["name"]])) for r in rows)
    show_table(columns, cells)
