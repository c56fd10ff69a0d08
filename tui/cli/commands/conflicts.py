"""``guanjia losers``: versions that somebody replaced without having seen them; bring them back or put them away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.conflicts import Conflict
from store.queries.conflicts import unresolved_conflicts as read_losers
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import CommandContext, LazyCommand, LazyGroup
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, show_table
from tui.cli.read_context import home_session
from tui.i18n.translate import _, value_label

ENTRIES = (
    LazyCommand("restore", "tui.cli.commands.conflict_acts:restore", _("Say again what was lost, as new versions.")),
    LazyCommand(
        "dismiss", "tui.cli.commands.conflict_acts:dismiss", _("Put them away; each stays in its line’s history.")
    ),
)


@click.group(
    "losers",
    cls=LazyGroup,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Versions that lost to somebody: list, restore, dismiss."),
)
@click.pass_context
def conflicts_group(ctx: click.Context) -> int | None:
    """The list, unless something is to be done."""
    return None if ctx.invoked_subcommand is not None else print_conflicts(ctx.ensure_object(CommandContext))


@conflicts_group.command("list", help=_("What lost to whom, and what of it the lines do not say now."))
@click.pass_obj
def list_(run: CommandContext) -> int:
    """The list, by its own name."""
    return print_conflicts(run)


def print_conflicts(run: CommandContext) -> int:
    """Print what lost; exits 3 while there is anything."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        found = read_losers(connection)
    emit(run.output_format, [one.to_json() for one in found], show_conflicts)
    return NEEDS_ATTENTION if found else OK


def select_conflicts(
    connection: Connection, line_names: Iterable[str], version: int | None, everything: bool
) -> list[Conflict]:
    """The versions that are meant: all, or those of the named lines. Raises `BadUsage` where neither or both were said,
    and `LineNotFound` for a line that has none."""
    names = list(line_names)
    if everything == bool(names):
        raise BadUsage(detail=_("Name lines, or say --all."), command="guanjia losers")
    known = read_losers(connection)
    if everything:
        return known
    return [one for name in names for one in _conflicts_of_line(connection, known, name, version)]


def _conflicts_of_line(
    connection: Connection, conflicts: Sequence[Conflict], name: str, version: int | None
) -> list[Conflict]:
    line_id = find_line(connection, name)
    found = [one for one in conflicts if one.line == line_id and version in (None, one.version)]
    if not found:
        raise LineNotFound(id=name)
    return found


def show_conflicts(conflicts: list[dict[str, Any]]) -> None:
    """Versions that lost, for people."""
    columns = (_("ID"), _("Version"), _("Kind"), _("Project"), _("By"), _("Lost to"), _("When"), _("What was lost"))
    show_table(columns, map(_cells, conflicts))


def _cells(conflict: dict[str, Any]) -> tuple[object, ...]:
    lost = " · ".join(_difference_text(each) for each in conflict["differs"])
    who = (conflict["author"] or conflict["author_id"], conflict["winner"] or conflict["winner_id"])
    return (
        conflict["line"],
        conflict["version"],
        value_label("kind", conflict["kind"]),
        conflict["project"],
        *who,
        conflict["lost_at"],
        lost,
    )


def _difference_text(difference: dict[str, Any]) -> str:
    return f"{value_label('field', difference['field'])}: {_text(difference['lost'])} ({_text(difference['now'])})"


def _text(value: Any) -> str:
    return _("(empty)") if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
