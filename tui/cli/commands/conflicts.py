"""``guanjia conflicts`` (formerly ``losers``): versions that lost to another's edit unseen; list, restore, dismiss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import click

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.conflicts import Conflict, FieldDifference, unresolved_conflicts
from store.queries.referenced_names import referenced_names
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyCommand, LazyGroup, WholeNumber, with_options
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, rows_json, show, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import _, ngettext, value_label
from tui.i18n.value_text import value_text

ENTRIES = (
    LazyCommand("restore", f"{__name__}:restore", _("Say again what was lost, as new versions.")),
    LazyCommand("dismiss", f"{__name__}:dismiss", _("Put them away; each stays in its line’s history.")),
)


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Versions that lost to somebody: list, restore, dismiss."),
)
@click.pass_context
def conflicts(ctx: click.Context) -> int | None:
    """List the conflicts, unless a command is named."""
    return None if ctx.invoked_subcommand is not None else print_conflicts(ctx.ensure_object(CommandContext))


@conflicts.command("list", help=_("What lost to whom, and what of it the lines do not say now."))
@click.pass_obj
def list_(run: CommandContext) -> int:
    """List the conflicts."""
    return print_conflicts(run)


def print_conflicts(run: CommandContext) -> int:
    """Print the unresolved conflicts; gives exit code 3 while there are any."""
    with home_session(run.home) as session, session.database.read() as connection:
        unresolved = unresolved_conflicts(connection)
        bodies = ({each.field: value} for row in unresolved for each in row.differs for value in (each.lost, each.now))
        names = referenced_names(connection, bodies)
    emit(run.output_format, unresolved, partial(_show_conflicts, names), rows_json)
    return NEEDS_ATTENTION if unresolved else OK


conflict_arguments = with_options(
    click.argument("lines", nargs=-1, metavar="[ID]…", type=CLEAN_TEXT),
    click.option("--version", type=WholeNumber(min=1), help=_("Only the one with this number in the history.")),
    click.option("--all", "everything", is_flag=True, help=_("All that the list shows.")),
)


@click.command(cls=Command, help=_("Let lines say again what was lost, as new versions; the rest of them stays."))
@conflict_arguments
@click.pass_obj
def restore(run: CommandContext, lines: tuple[str, ...], version: int | None, everything: bool) -> None:
    """Restore the lost fields of the named lines, or of all."""
    from store.commands.conflicts import restore_conflicts

    with write_session(run.home) as (session, ledger):
        selected = _select_conflicts(session.database.connection(), lines, version, everything)
        count = len(restore_conflicts(ledger, selected))
    text = ngettext("Brought back, in {n} line.", "Brought back, in {n} lines.", count).format(n=count)
    emit(run.output_format, {"restored": len(selected), "lines": count}, lambda _value: show(text))


@click.command(cls=Command, help=_("Put versions away on this device; they stay in their lines’ history."))
@conflict_arguments
@click.pass_obj
def dismiss(run: CommandContext, lines: tuple[str, ...], version: int | None, everything: bool) -> None:
    """Dismiss the conflicts of the named lines, or all."""
    from store.commands.conflicts import dismiss_conflicts

    with write_session(run.home) as (session, ledger):
        selected = _select_conflicts(session.database.connection(), lines, version, everything)
        count = dismiss_conflicts(ledger, selected)
    text = ngettext(
        "{n} put away. It stays in its line’s history.", "{n} put away. They stay in their lines’ history.", count
    ).format(n=count)
    emit(run.output_format, {"dismissed": count}, lambda _value: show(text))


def _select_conflicts(
    connection: Connection, names: Iterable[str], version: int | None, everything: bool
) -> list[Conflict]:
    """The conflicts of the named lines, or all. Raises `BadUsage` where neither or both were typed, and `LineNotFound`
    for a line that has none."""
    names = list(names)
    if everything == bool(names):
        raise BadUsage(detail=_("Name lines, or say --all."), command="guanjia conflicts")
    unresolved = unresolved_conflicts(connection)
    if everything:
        return unresolved
    return [conflict for name in names for conflict in _conflicts_of_line(connection, unresolved, name, version)]


def _conflicts_of_line(
    connection: Connection, unresolved: Sequence[Conflict], name: str, version: int | None
) -> list[Conflict]:
    line_id = find_line(connection, name)
    selected = [conflict for conflict in unresolved if conflict.line == line_id and version in (None, conflict.version)]
    if not selected:
        raise LineNotFound(id=name)
    return selected


def _show_conflicts(names: Mapping[str, str], unresolved: list[Conflict]) -> None:
    columns = (_("ID"), _("Version"), _("Kind"), _("Project"), _("By"), _("Lost to"), _("When"), _("What was lost"))
    show_table(columns, (_cells(conflict, names) for conflict in unresolved))


def _cells(conflict: Conflict, names: Mapping[str, str]) -> tuple[object, ...]:
    return (
        conflict.line,
        conflict.version,
        value_label("kind", conflict.kind),
        conflict.project,
        conflict.author or conflict.author_id,
        conflict.winner or conflict.winner_id,
        conflict.lost_at,
        " · ".join(_difference_text(conflict.kind, each, names) for each in conflict.differs),
    )


def _difference_text(kind: str, difference: FieldDifference, names: Mapping[str, str]) -> str:
    lost, now = (value_text(kind, difference.field, value, names) for value in (difference.lost, difference.now))
    return f"{value_label('field', difference.field)}: {lost} ({now})"
