"""Every act of an issue's life as a command, made from the register's table of verbs (domain.md, Life of an issue)."""

from __future__ import annotations

from typing import Any

import click

from store.commands import issues as register
from store.commands.issues import VERBS, Verb
from store.commands.people import Written
from store.values.workdays import is_assumed
from tui.cli.commands.issues import ENTRIES, issue_json, show_issue
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.output import Form, emit, say
from tui.cli.write_context import Writing, given_only, ready_to_write, tell_newcomers
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
SPELLING = {"level": "--to", "merged_into": "--merged-into"}
PLACES = {"owner": "NAME", "due": "DATE", "until": "DATE", "at": "TIME", "merged_into": "ID"}
TYPES: dict[str, Any] = {"level": click.IntRange(1, 3), "cause": click.Choice(["dissatisfied", "supervision"])}
FROM_THE_ISSUE = ("assign", "escalate")
"""These acts may leave out what the issue already has or the overdue rule proposes, so nothing is required before the
issue has been read."""


def print_issue(run: Run, writing: Writing, written: Written) -> None:
    """The issue as it is after something was written."""
    tell_newcomers(run, written.added)
    with writing.desk.database.read() as connection:
        found = issue_json(connection, writing.desk, written.id)
    if run.form is Form.TEXT and is_assumed(found["due"]):
        say(_(CALENDAR_UNKNOWN).format(year=found["due"][:4]))
    emit(run.form, found, show_issue)


def _command(name: str, verb: Verb, help_text: str) -> Command:
    def act(run: Run, /, issue: str, **given: Any) -> None:
        with ready_to_write(run) as writing:
            print_issue(run, writing, register.act(writing.ledger, issue, name, **given_only(given)))

    options = [_option(field, required=name not in FROM_THE_ISSUE) for field in verb.needs]
    options += [_option(field, required=False) for field in (*verb.takes, "at")]
    issue = click.Argument(["issue"], metavar="ID", type=PHRASE)
    return Command(name, callback=click.pass_obj(act), params=[issue, *options], help=help_text)


def _option(field: str, *, required: bool) -> click.Option:
    spelling = [SPELLING.get(field, f"--{field}"), field]
    kind = TYPES.get(field, PHRASE)
    return click.Option(spelling, type=kind, required=required, metavar=PLACES.get(field), help=_(HELP[field]))


_SAID = {entry.name: entry.help for entry in ENTRIES}
ACTS: dict[str, Command] = {name: _command(name, verb, _SAID[name]) for name, verb in VERBS.items()}
"""The commands by their names."""
