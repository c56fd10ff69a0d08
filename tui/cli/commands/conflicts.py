"""``guanjia losers``: versions that somebody replaced without having seen them; bring them back or put them away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
import orjson

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.conflicts import Loser
from store.queries.conflicts import losers as read_losers
from tui.cli.errors import LOOK, OK, Usage
from tui.cli.groups import Entry, Group, Run
from tui.cli.name_lookup import find_line
from tui.cli.output import emit, show_table
from tui.cli.read_context import at_desk
from tui.i18n.translate import _, word

ENTRIES = (
    Entry("restore", "tui.cli.commands.conflict_acts:restore", _("Say again what was lost, as new versions.")),
    Entry("dismiss", "tui.cli.commands.conflict_acts:dismiss", _("Put them away; each stays in its line’s history.")),
)


@click.group(
    cls=Group,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Versions that lost to somebody: list, restore, dismiss."),
)
@click.pass_context
def losers(ctx: click.Context) -> int | None:
    """The list, unless something is to be done."""
    return None if ctx.invoked_subcommand is not None else print_list(ctx.ensure_object(Run))


@losers.command("list", help=_("What lost to whom, and what of it the lines do not say now."))
@click.pass_obj
def list_(run: Run) -> int:
    """The list, by its own name."""
    return print_list(run)


def print_list(run: Run) -> int:
    """Print what lost; exits 3 while there is anything."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = read_losers(connection)
    emit(run.form, [one.to_json() for one in found], show_losers)
    return LOOK if found else OK


def chosen(connection: Connection, named: Iterable[str], version: int | None, everything: bool) -> list[Loser]:
    """The versions that are meant: all, or those of the named lines. Raises `Usage` where neither or both were said,
    and `LineNotFound` for a line that has none."""
    names = list(named)
    if everything == bool(names):
        raise Usage(detail=_("Name lines, or say --all."), command="guanjia losers")
    known = read_losers(connection)
    if everything:
        return known
    return [one for name in names for one in _of(connection, known, name, version)]


def _of(connection: Connection, known: Sequence[Loser], name: str, version: int | None) -> list[Loser]:
    line_id = find_line(connection, name)
    found = [one for one in known if one.line == line_id and version in (None, one.version)]
    if not found:
        raise LineNotFound(id=name)
    return found


def show_losers(found: list[dict[str, Any]]) -> None:
    """Versions that lost, for people."""
    columns = (_("ID"), _("Version"), _("Kind"), _("Project"), _("By"), _("Lost to"), _("When"), _("What was lost"))
    show_table(columns, map(_cells, found))


def _cells(one: dict[str, Any]) -> tuple[object, ...]:
    lost = " · ".join(_said(each) for each in one["differs"])
    who = (one["author"] or one["author_id"], one["winner"] or one["winner_id"])
    return one["line"], one["version"], word("kind", one["kind"]), one["project"], *who, one["lost_at"], lost


def _said(each: dict[str, Any]) -> str:
    return f"{word('field', each['field'])}: {_text(each['lost'])} ({_text(each['now'])})"


def _text(value: Any) -> str:
    return _("(empty)") if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
