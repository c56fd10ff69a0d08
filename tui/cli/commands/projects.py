"""``guanjia project``: the list as the responsibility table has it, and one project with its people."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from store.db.connection import Connection
from store.domain.status_lights import LIGHTS, SIX_ONES
from store.exceptions import LineNotFound
from store.queries.project_filters import ANY_OF_SIX_ONES, PROJECT_ORDERS, ProjectFilter, listing
from store.queries.projects import project as read_project
from store.queries.projects import projects
from tui.cli.groups import CLEAN_TEXT, CommandContext, LazyCommand, LazyGroup
from tui.cli.name_lookup import find_one
from tui.cli.output import emit, show, show_pairs, show_table
from tui.cli.read_context import HomeSession, home_session
from tui.i18n.translate import _, ngettext, value_label

CATEGORIES = ("new", "continuing", "advancing")
STAGES = ("planning", "signed", "landed", "started", "building", "completed", "producing")
ENTRIES = (
    LazyCommand("add", "tui.cli.commands.project_changes:add", _("Put a project on the list.")),
    LazyCommand("edit", "tui.cli.commands.project_changes:edit", _("Change what is known of a project.")),
    LazyCommand("compare", "tui.cli.commands.project_compare:compare", _("Who changed since another year’s table.")),
    LazyCommand(
        "adjust", "tui.cli.commands.project_changes:adjust", _("Add to, change on or take off the list, with a reason.")
    ),
)


@click.group(cls=LazyGroup, entries=ENTRIES, help=_("Projects: list, show, add, edit, adjust."))
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
    type=click.Choice((ANY_OF_SIX_ONES, *(name for name, _roles in SIX_ONES))),
    help=_("Only those that lack one of the six ones."),
)
@click.option(
    "--sort",
    "order",
    type=click.Choice(PROJECT_ORDERS),
    default="table",
    show_default=True,
    help=_("As the table has them; worst light first; longest without contact first."),
)
@click.option("--limit", type=click.IntRange(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, /, limit: int | None, **filters: Any) -> None:
    """Print the projects that are chosen, in the responsibility table's order or another."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        on = desk.light_thresholds(connection)
        listed = listing(ProjectFilter(**filters), on)
        found = [asdict(row) for row in projects(connection, on, selection=listed, limit=limit or -1)]
    emit(run.output_format, found, _show_list)


@project.command("show", help=_("One project: its own facts and everybody who serves it."))
@click.argument("project", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, project: str) -> None:
    """Print one project, named by number, name or id."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        found = project_json(connection, desk, find_one(connection, "project", project))
    emit(run.output_format, found, show_project)


def project_json(connection: Connection, session: HomeSession, project_id: str) -> dict[str, Any]:
    """One project as ``--json`` prints it. Raises `LineNotFound` when it is not here."""
    found = read_project(connection, project_id, session.light_thresholds(connection))
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
    lacking = "、".join(value_label("six_ones", name) for name in row["missing"])
    who = (row["lead_leader"], row["butler"], row["enterprise_contact"])
    counts = (row["open_issues"] or None, (row["last_contact"] or "")[:10])
    category, stage = (
        value_label("project.category", row["category"]),
        row["stage"] and value_label("project.stage", row["stage"]),
    )
    return (
        row["number"],
        row["name"],
        category,
        stage,
        *who,
        *counts,
        row["light"] and value_label("light", row["light"]),
        lacking,
    )


def show_project(project: dict[str, Any]) -> None:
    """One project for people."""
    yuan = project["investment_yuan"]
    show_pairs(
        (
            (_("No."), project["number"]),
            (_("Project"), project["name"]),
            (_("Category"), value_label("project.category", project["category"])),
            (_("Stage"), project["stage"] and value_label("project.stage", project["stage"])),
            (_("Owner"), project["owner"]),
            (_("Investment"), None if yuan is None else f"{yuan:,}"),
            (_("National code"), project["national_code"]),
            (_("In scope because"), _scope(project)),
            (_("Open issues"), project["open_issues"]),
            (_("Light"), project["light"] and value_label("light", project["light"])),
            (_("Last contact"), project["last_contact"]),
            (_("Look at"), _remarks(project)),
            (_("Butlers"), _tenure(project["tenure"])),
            (_("Missing"), "、".join(value_label("six_ones", name) for name in project["missing"]) or None),
            (_("Note"), project["note"]),
            ("ID", project["id"]),
        )
    )
    _show_people(project["people"])


def _show_people(people: list[dict[str, Any]]) -> None:
    if not people:
        return
    show("")
    shown = (
        (
            value_label("assignment.role", one["role"]),
            one["name"],
            one["phone"],
            one["unit"],
            one["from_date"],
            one["to_date"],
        )
        for one in people
    )
    show_table((_("Role"), _("Name"), _("Phone"), _("Unit"), _("From"), _("To")), shown)


def _scope(project: dict[str, Any]) -> str:
    if project["scope"] is None:
        return _("neither its amount nor a reason says so")
    said = value_label("scope", project["scope"])
    return f"{said}: {project['scope_reason']}" if project["scope_reason"] else said


def _remarks(project: dict[str, Any]) -> str | None:
    remarks = {
        _("no contact for too long"): project["silent"],
        _("too many units on site"): project["swarm"],
        _("the butler is not of the lead unit"): project["butler_of_lead_unit"] is False,
    }
    return "；".join(text for text, holds in remarks.items() if holds) or None


def _tenure(tenure: list[dict[str, Any]]) -> str | None:
    told = (
        ngettext("{name}: {n} day", "{name}: {n} days", one["days"] or 0).format(name=one["butler"], n=one["days"])
        for one in tenure
        if one["days"] is not None
    )
    return "，".join(told) or None
