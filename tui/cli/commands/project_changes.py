"""``guanjia project add``, ``edit`` and ``adjust``: what changes the list and who serves it (R01–R07, R30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from store.commands import projects as register
from store.commands.people import WriteResult
from tui.cli.commands.projects import CATEGORIES, STAGES, project_json, show_project
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit
from tui.cli.write_context import WriteSession, drop_unset, report_new_people, write_session
from tui.i18n.translate import N_, _

ROLE_HELP = {
    "lead_leader": N_("Who leads it; a phone may follow the name."),
    "lead_unit": N_("The unit that leads it."),
    "butler": N_("Its butler."),
    "project_secretary": N_("Its secretary."),
    "department_contact": N_("A department’s contact."),
    "enterprise_contact": N_("The enterprise’s contact."),
}
FIELD_HELP = {
    "owner": N_("The enterprise that builds it."),
    "national_code": N_("Its national code."),
    "scope_reason": N_("Why it is in scope."),
    "note": N_("Anything else."),
}
AnyCommand = Callable[..., Any]


def project_options(command: AnyCommand) -> AnyCommand:
    """The options that adding and editing share."""
    for name, help_text in reversed({**FIELD_HELP, **ROLE_HELP}.items()):
        command = click.option("--" + name.replace("_", "-"), type=CLEAN_TEXT, help=_(help_text))(command)
    yuan = click.option("--investment-yuan", type=click.IntRange(min=0), help=_("Total investment in yuan."))
    stage = click.option("--stage", type=click.Choice(STAGES), help=_("How far it is."))
    return stage(yuan(command))


@click.command(cls=Command, help=_("Put a project on the list; it gets a number when none is given."))
@click.option("--name", required=True, type=CLEAN_TEXT, help=_("Its name."))
@click.option("--category", type=click.Choice(CATEGORIES), default="new", show_default=True, help=_("Its section."))
@click.option("--number", type=CLEAN_TEXT, help=_("Its number."))
@click.option("--reason", type=CLEAN_TEXT, help=_("Why it is put on the list."))
@project_options
@click.pass_obj
def add(run: CommandContext, /, **options: Any) -> None:
    """Put a project on the list and print it."""
    with write_session(run) as writing:
        _print(run, writing, register.add(writing.ledger, **_with_roles(options)))


@click.command(cls=Command, help=_("Change what is known of a project; an empty text removes a field."))
@click.argument("project", type=CLEAN_TEXT)
@click.option("--name", type=CLEAN_TEXT, help=_("Its name."))
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Its section."))
@click.option("--number", type=CLEAN_TEXT, help=_("Its number."))
@project_options
@click.pass_obj
def edit(run: CommandContext, /, project: str, **options: Any) -> None:
    """Change a project and print it."""
    with write_session(run) as writing:
        _print(run, writing, register.edit(writing.ledger, project, **_with_roles(options)))


@click.command(cls=Command, help=_("Note that the list was adjusted; a project is never deleted, only taken off."))
@click.argument("project", type=CLEAN_TEXT)
@click.option("--act", required=True, type=click.Choice(["added", "changed", "removed"]), help=_("What was done."))
@click.option("--reason", required=True, type=CLEAN_TEXT, help=_("Why."))
@click.option("--date", "on", type=CLEAN_TEXT, metavar="DATE", help=_("When; today if not given."))
@click.pass_obj
def adjust(run: CommandContext, /, project: str, **options: Any) -> None:
    """Note an adjustment and print the project."""
    with write_session(run) as writing:
        _print(run, writing, register.adjust(writing.ledger, project, **options))


def _with_roles(options: dict[str, Any]) -> dict[str, Any]:
    """The given options, those that name people gathered as ``roles``."""
    named = drop_unset(options)
    roles = {role: named.pop(role) for role in ROLE_HELP if role in named}
    return {**named, "roles": roles}


def _print(run: CommandContext, writing: WriteSession, result: WriteResult) -> None:
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        emit(run.output_format, project_json(connection, writing.session, result.id), show_project)
