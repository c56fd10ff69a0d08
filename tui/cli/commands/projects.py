"""``guanjia project``: the list as the responsibility table has it, and one project with its people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.db.connection import Connection
from store.domain.status_lights import LIGHTS, SIX_ONES
from store.exceptions import LineNotFound
from store.queries.project_filters import ANY, ORDERS, ProjectFilter, listing
from store.queries.projects import project as read_project
from store.queries.projects import projects
from tui.cli.groups import PHRASE, Entry, Group, Run
from tui.cli.name_lookup import find_one
from tui.cli.output import emit, show, show_pairs, show_table
from tui.cli.read_context import Desk, at_desk
from tui.i18n.translate import _, ngettext, word

CATEGORIES = ("new", "continuing", "advancing")
STAGES = ("planning", "signed", "landed", "started", "building", "completed", "producing")
ENTRIES = (
    Entry("add", "tui.cli.commands.project_changes:add", _("Put a project on the list.")),
    Entry("edit", "tui.cli.commands.project_changes:edit", _("Change what is known of a project.")),
    Entry("compare", "tui.cli.commands.project_compare:compare", _("Who changed since another year’s table.")),
    Entry(
        "adjust", "tui.cli.commands.project_changes:adjust", _("Add to, change on or take off the list, with a reason.")
    ),
)


@click.group(cls=Group, entries=ENTRIES, help=_("Projects: list, show, add, edit, adjust."))
def project() -> None:
    """What is done with projects."""


@project.command("list", help=_("Every project: who serves it, open issues, the worst light, what is missing."))
@click.option("--all", "removed", is_flag=True, help=_("Also those taken off the list."))
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Only of this category."))
@click.option("--stage", type=click.Choice(STAGES), help=_("Only at this stage."))
@click.option("--light", type=click.Choice(LIGHTS), help=_("Only with this as their worst light."))
@click.option("--mine", is_flag=True, help=_("Only those that you serve."))
@click.option("--silent", is_flag=True, help=_("Only those that nobody has been in touch with for too long."))
@click.option(
    "--lacks",
    type=click.Choice((ANY, *(name for name, _roles in SIX_ONES))),
    help=_("Only those that lack one of the six ones."),
)
@click.option(
    "--sort",
    "order",
    type=click.Choice(ORDERS),
    default="table",
    show_default=True,
    help=_("As the table has them; worst light first; longest without contact first."),
)
@click.option("--limit", type=click.IntRange(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: Run, /, limit: int | None, **chosen: Any) -> None:
    """Print the projects that are chosen, in the responsibility table's order or another."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        on = desk.today_in(connection)
        listed = listing(ProjectFilter(**chosen), on)
        found = [asdict(row) for row in projects(connection, on, chosen=listed, limit=limit or -1)]
    emit(run.form, found, _show_list)


@project.command("show", help=_("One project: its own facts and everybody who serves it."))
@click.argument("project", type=PHRASE)
@click.pass_obj
def show_(run: Run, project: str) -> None:
    """Print one project, named by number, name or id."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        found = project_json(connection, desk, find_one(connection, "project", project))
    emit(run.form, found, show_project)


def project_json(connection: Connection, desk: Desk, project_id: str) -> dict[str, Any]:
    """One project as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = read_project(connection, project_id, desk.today_in(connection))
    if found is None:
        raise LineNotFound(id=project_id)
    return found.to_json()


def _show_list(rows: list[dict[str, Any]]) -> None:
    columns = (
        _("No."), _("Project"), _("Category"), _("Stage"), _("Lead leader"), _("Butler"), _("Enterprise contact"),
        _("Open issues"), _("Last contact"), _("Light"), _("Missing"),
    )  # fmt: skip
    show_table(columns, (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    lacking = "、".join(word("six_ones", name) for name in row["missing"])
    who = (row["lead_leader"], row["butler"], row["enterprise_contact"])
    counts = (row["open_issues"] or None, (row["last_contact"] or "")[:10])
    category, stage = word("project.category", row["category"]), row["stage"] and word("project.stage", row["stage"])
    return (
        row["number"],
        row["name"],
        category,
        stage,
        *who,
        *counts,
        row["light"] and word("light", row["light"]),
        lacking,
    )


def show_project(found: dict[str, Any]) -> None:
    """One project for people."""
    yuan = found["investment_yuan"]
    show_pairs(
        (
            (_("No."), found["number"]),
            (_("Project"), found["name"]),
            (_("Category"), word("project.category", found["category"])),
            (_("Stage"), found["stage"] and word("project.stage", found["stage"])),
            (_("Owner"), found["owner"]),
            (_("Investment"), None if yuan is None else f"{yuan:,}"),
            (_("National code"), found["national_code"]),
            (_("In scope because"), _scope(found)),
            (_("Open issues"), found["open_issues"]),
            (_("Light"), found["light"] and word("light", found["light"])),
            (_("Last contact"), found["last_contact"]),
            (_("Look at"), _remarks(found)),
            (_("Butlers"), _tenure(found["tenure"])),
            (_("Missing"), "、".join(word("six_ones", name) for name in found["missing"]) or None),
            (_("Note"), found["note"]),
            ("ID", found["id"]),
        )
    )
    _show_people(found["people"])


def _show_people(people: list[dict[str, Any]]) -> None:
    if not people:
        return
    show("")
    shown = (
        (word("assignment.role", one["role"]), one["name"], one["phone"], one["unit"], one["from_date"], one["to_date"])
        for one in people
    )
    show_table((_("Role"), _("Name"), _("Phone"), _("Unit"), _("From"), _("To")), shown)


def _scope(found: dict[str, Any]) -> str:
    if found["scope"] is None:
        return _("neither its amount nor a reason says so")
    said = word("scope", found["scope"])
    return f"{said}: {found['scope_reason']}" if found["scope_reason"] else said


def _remarks(found: dict[str, Any]) -> str | None:
    remarks = {
        _("no contact for too long"): found["silent"],
        _("too many units on site"): found["swarm"],
        _("the butler is not of the lead unit"): found["butler_of_lead_unit"] is False,
    }
    return "；".join(text for text, holds in remarks.items() if holds) or None


def _tenure(tenure: list[dict[str, Any]]) -> str | None:
    told = (
        ngettext("{name}: {n} day", "{name}: {n} days", one["days"] or 0).format(name=one["butler"], n=one["days"])
        for one in tenure
        if one["days"] is not None
    )
    return "，".join(told) or None
