"""``guanjia visit``: the service log."""

from __future__ import annotations

from typing import Any

import click

from store.db.connection import Connection
from store.exceptions import LineNotFound
from store.queries.visits import listing, visits
from store.queries.visits import visit as read_visit
from store.values.times import parse_day
from tui.cli.groups import PHRASE, Entry, Group, Run
from tui.cli.name_lookup import find_maybe
from tui.cli.output import emit, show_pairs, show_table
from tui.cli.read_context import at_desk
from tui.i18n.translate import _, word

HOW = ("visit", "discussion", "phone", "wechat", "meeting", "other")
ENTRIES = (
    Entry("add", "tui.cli.commands.visit_changes:add", _("Log a visit.")),
    Entry("edit", "tui.cli.commands.visit_changes:edit", _("Correct a visit.")),
)


@click.group(cls=Group, entries=ENTRIES, help=_("The service log: add, list, show, edit."))
def visit() -> None:
    """What is done with visits."""


@visit.command("list", help=_("Visits, newest first, of one project or of all."))
@click.option("--project", type=PHRASE, help=_("Only this project’s."))
@click.option("--since", type=PHRASE, metavar="DATE", help=_("From this day on."))
@click.option("--until", type=PHRASE, metavar="DATE", help=_("Up to this day, included."))
@click.option("--limit", type=click.IntRange(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: Run, project: str | None, since: str | None, until: str | None, limit: int | None) -> None:
    """Print the service log."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        now = desk.now_in(connection)
        days = {name: parse_day(text, now) for name, text in (("since", since), ("until", until)) if text}
        chosen = listing(project=find_maybe(connection, "project", project), **days)
        found = [row.to_json() for row in visits(connection, chosen, limit=limit or -1)]
    emit(run.form, found, _show_list)


@visit.command("show", help=_("One visit and the issues it names."))
@click.argument("visit", metavar="ID", type=PHRASE)
@click.pass_obj
def show_(run: Run, visit: str) -> None:
    """Print one visit."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = visit_json(connection, visit)
    emit(run.form, found, show_visit)


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
            word("visit.how", row["how"]),
            row["place"],
            _who(row),
            row["text"],
            row["id"],
        )
        for row in rows
    )
    show_table(columns, cells)


def show_visit(found: dict[str, Any]) -> None:
    """One visit for people."""
    show_pairs(
        (
            (_("When"), _when(found["at"])),
            (_("Project"), found["project"]),
            (_("How"), word("visit.how", found["how"])),
            (_("Place"), found["place"]),
            (_("Who"), _who(found) or None),
            (_("What was seen"), found["text"]),
            (_("Issues raised"), _issues(found["issues_raised"])),
            (_("Issues moved on"), _issues(found["issues_moved"])),
            (_("By"), found["author"]),
            ("ID", found["id"]),
        )
    )


def _when(at: str) -> str:
    return at[:16].replace("T", " ")


def _who(row: dict[str, Any]) -> str:
    return "、".join(row["participants"])


def _issues(mentioned: list[dict[str, Any]]) -> str | None:
    return "；".join(f"{one['number'] or ''} {one['title'] or one['id']}".strip() for one in mentioned) or None
