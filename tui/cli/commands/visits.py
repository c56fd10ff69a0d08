"""``guanjia visit``: the service log."""

from __future__ import annotations

from typing import Any

import click

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.visits import listing, visits
from store.queries.visits import visit as read_visit
from store.values.times import parse_day
from tui.cli.groups import CLEAN_TEXT, CommandContext, LazyCommand, LazyGroup
from tui.cli.name_lookup import find_maybe
from tui.cli.output import emit, show_pairs, show_table
from tui.cli.read_context import home_session
from tui.i18n.translate import _, value_label

HOW = ("visit", "discussion", "phone", "wechat", "meeting", "other")
ENTRIES = (
    LazyCommand("add", "tui.cli.commands.visit_changes:add", _("Log a visit.")),
    LazyCommand("edit", "tui.cli.commands.visit_changes:edit", _("Correct a visit.")),
)


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("The service log: add, list, show, edit."))
def visit() -> None:
    """What is done with visits."""


@visit.command("list", help=_("Visits, newest first, of one project or of all."))
@click.option("--project", type=CLEAN_TEXT, help=_("Only this project’s."))
@click.option("--since", type=CLEAN_TEXT, metavar="DATE", help=_("From this day on."))
@click.option("--until", type=CLEAN_TEXT, metavar="DATE", help=_("Up to this day, included."))
@click.option("--limit", type=click.IntRange(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, project: str | None, since: str | None, until: str | None, limit: int | None) -> None:
    """Print the service log."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        now = desk.district_now(connection)
        days = {name: parse_day(text, now) for name, text in (("since", since), ("until", until)) if text}
        chosen = listing(project=find_maybe(connection, "project", project), **days)
        found = [row.to_json() for row in visits(connection, chosen, limit=limit or -1)]
    emit(run.output_format, found, _show_list)


@visit.command("show", help=_("One visit and the issues it names."))
@click.argument("visit", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, visit: str) -> None:
    """Print one visit."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        found = visit_json(connection, visit)
    emit(run.output_format, found, show_visit)


def visit_json(connection: Connection, visit_id: str) -> dict[str, Any]:
    """One visit as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = read_visit(connection, visit_id)
    if found is None:
        raise LineNotFound(id=visit_id)
    return found.to_json()


def _show_list(rows: list[dict[str, Any]]) -> None:
    columns = (_("When"), _("Project"), _("How"), _("Place"), _("Who"), _("What was seen"), "ID")
    cells = (
        (
            _when(row["at"]),
            row["project"],
            value_label("visit.how", row["how"]),
            row["place"],
            _who(row),
            row["text"],
            row["id"],
        )
        for row in rows
    )
    show_table(columns, cells)


def show_visit(visit: dict[str, Any]) -> None:
    """One visit for people."""
    show_pairs(
        (
            (_("When"), _when(visit["at"])),
            (_("Project"), visit["project"]),
            (_("How"), value_label("visit.how", visit["how"])),
            (_("Place"), visit["place"]),
            (_("Who"), _who(visit) or None),
            (_("What was seen"), visit["text"]),
            (_("Issues raised"), _issues(visit["issues_raised"])),
            (_("Issues moved on"), _issues(visit["issues_moved"])),
            (_("By"), visit["author"]),
            ("ID", visit["id"]),
        )
    )


def _when(at: str) -> str:
    return at[:16].replace("T", " ")


def _who(row: dict[str, Any]) -> str:
    return "、".join(row["participants"])


def _issues(mentioned: list[dict[str, Any]]) -> str | None:
    return "；".join(f"{one['number'] or ''} {one['title'] or one['id']}".strip() for one in mentioned) or None
