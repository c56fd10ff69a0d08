"""Every act of an issue's life as a command, made from the register's table of verbs (domain.md, Life of an issue)."""

from __future__ import annotations

from typing import Any

import click

from store.commands import issues as register
from store.commands.issues import VERBS, Verb
from store.commands.people import WriteResult
from store.values.workdays import is_assumed
from tui.cli.commands.issues import ENTRIES, issue_json, show_issue
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import OutputFormat, emit, say
from tui.cli.write_context import WriteSession, drop_unset, report_new_people, write_session
from tui.i18n.translate import N_, _

CALENDAR_UNKNOWN = N_("The holidays of {year} are not announced yet: Monday to Friday is assumed.")
HELP = {
    "department": N_("The department."),
    "owner": N_("The one person who settles it."),
    "due": N_("A day, or +3: three working days from today."),
    "until": N_("The day until which it waits."),
    "reason": N_("Why."),
    "text": N_("What there is to say."),
    "measure": N_("The measure taken."),
    "evidence": N_("What shows it."),
    "meeting": N_("The meeting that decided."),
    "merged_into": N_("The issue that it goes on in."),
    "level": N_("1 the butler’s unit, 2 the lead leader, 3 the principal leader; one up if not given."),
    "cause": N_("Why it is opened again."),
    "at": N_("When it happened; now if not given."),
}
OPTION_NAMES = {"level": "--to", "merged_into": "--merged-into"}
OPTION_METAVARS = {"owner": "NAME", "due": "DATE", "until": "DATE", "at": "TIME", "merged_into": "ID"}
OPTION_TYPES: dict[str, Any] = {"level": click.IntRange(1, 3), "cause": click.Choice(["dissatisfied", "supervision"])}
LENIENT_VERBS = ("assign", "escalate")
"""These acts may leave out what the issue already has or the overdue rule proposes, so nothing is required before the
issue has been read."""


def print_issue(run: CommandContext, writing: WriteSession, result: WriteResult) -> None:
    """The issue as it is after something was written."""
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        found = issue_json(connection, writing.session, result.id)
    if run.output_format is OutputFormat.TEXT and is_assumed(found["due"]):
        say(_(CALENDAR_UNKNOWN).format(year=found["due"][:4]))
    emit(run.output_format, found, show_issue)


def _command(name: str, verb: Verb, help_text: str) -> Command:
    def act(run: CommandContext, /, issue: str, **options: Any) -> None:
        with write_session(run) as writing:
            print_issue(run, writing, register.act(writing.ledger, issue, name, **drop_unset(options)))

    options = [_option(field, required=name not in LENIENT_VERBS) for field in verb.needs]
    options += [_option(field, required=False) for field in (*verb.takes, "at")]
    issue = click.Argument(["issue"], metavar="ID", type=CLEAN_TEXT)
    return Command(name, callback=click.pass_obj(act), params=[issue, *options], help=help_text)


def _option(field: str, *, required: bool) -> click.Option:
    spelling = [OPTION_NAMES.get(field, f"--{field}"), field]
    kind = OPTION_TYPES.get(field, CLEAN_TEXT)
    return click.Option(spelling, type=kind, required=required, metavar=OPTION_METAVARS.get(field), help=_(HELP[field]))


_HELP_BY_NAME = {entry.name: entry.help for entry in ENTRIES}
ACTS: dict[str, Command] = {name: _command(name, verb, _HELP_BY_NAME[name]) for name, verb in VERBS.items()}
"""The commands by their names."""
