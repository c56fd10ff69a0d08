"""``guanjia limit``: the district's day counts and switches (domain.md, Lights: every limit is configuration)."""

from __future__ import annotations

from dataclasses import asdict
from typing import TypedDict

import click

from store.db.connection import Connection
from store.domain.limits import LIMIT_DESCRIPTIONS, SWITCHES, read_configured_limits, read_limits
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyGroup
from tui.cli.output import emit, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import _
from tui.presenters.register_lines import limit_value_text


class LimitListRow(TypedDict):
    """A limit as it is printed; ``set`` where the district has set it."""

    name: str
    value: int
    set: bool


@click.group("limit", cls=LazyGroup, help=_("The district’s limits: list, set. The bureau sets them for everybody."))
def limit() -> None:
    """The commands about limits."""


@limit.command("list", cls=Command, help=_("Every limit, and whether the district has set it."))
@click.pass_obj
def list_(run: CommandContext) -> None:
    """Print the limits."""
    with home_session(run.home) as session, session.database.read() as connection:
        emit(run.output_format, _rows(connection), _show)


@limit.command("set", cls=Command, help=_("Set one limit for the whole district."))
@click.argument("name", type=CLEAN_TEXT)
@click.argument("value", type=CLEAN_TEXT)
@click.pass_obj
def set_(run: CommandContext, name: str, value: str) -> None:
    """Set a limit and print them all."""
    from store.commands.limits import set_limit

    with write_session(run.home) as writing:
        set_limit(writing.ledger, name, _stored_value(name, value))
        with writing.session.database.read() as connection:
            emit(run.output_format, _rows(connection), _show)


def _rows(connection: Connection) -> list[LimitListRow]:
    configured = read_configured_limits(connection)
    values = asdict(read_limits(connection))
    return [{"name": name, "value": value, "set": name in configured} for name, value in values.items()]


def _stored_value(name: str, typed: str) -> str:
    """What is stored for a value that may be typed by its word, as it is shown or in English."""
    words = {_("yes"): "1", _("no"): "0", "yes": "1", "no": "0"}
    return words.get(typed.strip(), typed) if name in SWITCHES else typed


def _show(rows: list[LimitListRow]) -> None:
    show_table((_("Limit"), _("Value"), _("Set by"), _("What it is")), map(_cells, rows))


def _cells(row: LimitListRow) -> tuple[object, ...]:
    source = _("district") if row["set"] else _("default")
    return row["name"], limit_value_text(row["name"], row["value"]), source, _(LIMIT_DESCRIPTIONS[row["name"]])
