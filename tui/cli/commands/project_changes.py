"""``guanjia project add``, ``edit`` and ``adjust``: what changes the list and who serves it (R01–R07, R30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from store.commands import projects as register
from store.commands.people import Written
from tui.cli.commands.projects import CATEGORIES, STAGES, project_json, show_project
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.output import emit
from tui.cli.write_context import Writing, given_only, ready_to_write, tell_newcomers
from tui.i18n.translate import N_, _

ROLES = {
    "lead_leader": N_("Who leads it; a phone may follow the name."),
    "lead_unit": N_("The unit that leads it."),
    "butler": N_("Its butler."),
    "project_secretary": N_("Its secretary."),
    "department_contact": N_("A department’s contact."),
    "enterprise_contact": N_("The enterprise’s contact."),
}
FIELDS = {
    "owner": N_("The enterprise that builds it."),
    "national_code": N_("Its national code."),
    "scope_reason": N_("Why it is in scope."),
    "note": N_("Anything else."),
}
AnyCommand = Callable[..., Any]


def facts(command: AnyCommand) -> AnyCommand:
    """The options that adding and editing share."""
    for name, help_text in reversed({**FIELDS, **ROLES}.items()):
        command = click.option("--" + name.replace("_", "-"), type=PHRASE, help=_(help_text))(command)
    yuan = click.option("--investment-yuan", type=click.IntRange(min=0), help=_("Total investment in yuan."))
    stage = click.option("--stage", type=click.Choice(STAGES), help=_("How far it is."))
    return stage(yuan(command))


@click.command(cls=Command, help=_("Put a project on the list; it gets a number when none is given."))
@click.option("--name", required=True, type=PHRASE, help=_("Its name."))
@click.option("--category", type=click.Choice(CATEGORIES), default="new", show_default=True, help=_("Its section."))
@click.option("--number", type=PHRASE, help=_("Its number."))
@click.option("--reason", type=PHRASE, help=_("Why it is put on the list."))
@facts
@click.pass_obj
def add(run: Run, /, **given: Any) -> None:
    """Put a project on the list and print it."""
    with ready_to_write(run) as writing:
        _print(run, writing, register.add(writing.ledger, **_with_roles(given)))


@click.command(cls=Command, help=_("Change what is known of a project; an empty text removes a field."))
@click.argument("project", type=PHRASE)
@click.option("--name", type=PHRASE, help=_("Its name."))
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Its section."))
@click.option("--number", type=PHRASE, help=_("Its number."))
@facts
@click.pass_obj
def edit(run: Run, /, project: str, **given: Any) -> None:
    """Change a project and print it."""
    with ready_to_write(run) as writing:
        _print(run, writing, register.edit(writing.ledger, project, **_with_roles(given)))


@click.command(cls=Command, help=_("Note that the list was adjusted; a project is never deleted, only taken off."))
@click.argument("project", type=PHRASE)
@click.option("--act", required=True, type=click.Choice(["added", "changed", "removed"]), help=_("What was done."))
@click.option("--reason", required=True, type=PHRASE, help=_("Why."))
@click.option("--date", "on", type=PHRASE, metavar="DATE", help=_("When; today if not given."))
@click.pass_obj
def adjust(run: Run, /, project: str, **given: Any) -> None:
    """Note an adjustment and print the project."""
    with ready_to_write(run) as writing:
        _print(run, writing, register.adjust(writing.ledger, project, **given))


def _with_roles(given: dict[str, Any]) -> dict[str, Any]:
    """The given options, those that name people gathered as ``roles``."""
    named = given_only(given)
    roles = {role: named.pop(role) for role in ROLES if role in named}
    return {**named, "roles": roles}


def _print(run: Run, writing: Writing, written: Written) -> None:
    tell_newcomers(run, written.added)
    with writing.desk.database.read() as connection:
        emit(run.form, project_json(connection, writing.desk, written.id), show_project)
