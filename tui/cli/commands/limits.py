"""``guanjia limit``: the district's day counts and switches (domain.md, Lights: every limit is configuration)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.domain.limits import LIMIT_DESCRIPTIONS, read_configured_limits, read_limits
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyGroup
from tui.cli.output import emit, show_table
from tui.cli.read_context import home_session
from tui.cli.write_context import write_session
from tui.i18n.translate import _


@click.group("limit", cls=LazyGroup, help=_("The district’s limits: list, set. The bureau sets them for everybody."))
def limit() -> None:
    """What is done with limits."""


@limit.command("list", cls=Command, help=_("Every limit, and whether the district has set it."))
@click.pass_obj
def list_(run: CommandContext) -> None:
    """Print the limits."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        emit(run.output_format, _rows(connection), _show)


@limit.command("set", cls=Command, help=_("Set one limit for the whole district."))
@click.argument("name", type=CLEAN_TEXT)
@click.argument("value", type=CLEAN_TEXT)
@click.pass_obj
def set_(run: CommandContext, name: str, value: str) -> None:
    """Set a limit and print them all."""
    from store.commands.limits import set_limit  # noqa: PLC0415 - only who writes loads the models

    with write_session(run) as writing:
        set_limit(writing.ledger, name, value)
        with writing.session.database.read() as connection:
            emit(run.output_format, _rows(connection), _show)


def _rows(connection: Any) -> list[dict[str, Any]]:
    said = read_configured_limits(connection)
    values = asdict(read_limits(connection))
    return [{"name": name, "value": value, "set": name in said} for name, value in values.items()]


def _show(rows: list[dict[str, Any]]) -> None:
    columns = (_("Limit"), _("Value"), _("Set by"), _("What it is"))
    cells = (
        (r["name"], r["value"], _("district") if r["set"] else _("default"), _(LIMIT_DESCRIPTIONS[r["name"]]))
        for r in rows
    )
    show_table(columns, cells)
