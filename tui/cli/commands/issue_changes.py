"""``guanjia issue add`` and ``edit``: recording an issue and correcting what was recorded (R24)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from store.commands import issues as register
from tui.cli.commands.issue_acts import print_issue
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.write_context import drop_unset, write_session
from tui.i18n.translate import _

KINDS = ("difficulty", "problem", "request")
CATEGORIES = ("procedure", "land", "funding", "labour", "utilities", "market", "policy", "other")
AnyCommand = Callable[..., Any]


def issue_options(command: AnyCommand) -> AnyCommand:
    """The options that recording and correcting share."""
    options = (
        click.option("--category", type=click.Choice(CATEGORIES), help=_("The field it is in.")),
        click.option("--about", type=click.Choice(["project", "enterprise"]), help=_("What it is about.")),
        click.option("--department", type=CLEAN_TEXT, help=_("The department proposed for it.")),
        click.option("--owner", type=CLEAN_TEXT, metavar="NAME", help=_("The one person who should settle it.")),
        click.option("--due", type=CLEAN_TEXT, metavar="DATE", help=_("A day, or +3: three working days from today.")),
        click.option("--source", type=click.Choice(["visit", "report", "meeting"]), help=_("Where it came up.")),
        click.option("--source-id", type=CLEAN_TEXT, metavar="ID", help=_("The visit where it came up.")),
        click.option("--raised-at", type=CLEAN_TEXT, metavar="TIME", help=_("When it came up; now if not given.")),
        click.option("--text", type=CLEAN_TEXT, help=_("What there is to say.")),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(cls=Command, help=_("Record a difficulty, problem or request of a project or its enterprise."))
@click.option("--project", required=True, type=CLEAN_TEXT, help=_("The project: number, name or id."))
@click.option("--title", required=True, type=CLEAN_TEXT, help=_("The issue in a few words."))
@click.option("--kind", type=click.Choice(KINDS), default="problem", show_default=True, help=_("What it is."))
@issue_options
@click.pass_obj
def add(run: CommandContext, /, **options: Any) -> None:
    """Record an issue and print it."""
    with write_session(run) as writing:
        print_issue(run, writing, register.record(writing.ledger, **drop_unset(options)))


@click.command(cls=Command, help=_("Change what was recorded; an empty text removes a field. Acts are never edited."))
@click.argument("issue", metavar="ID", type=CLEAN_TEXT)
@click.option("--title", type=CLEAN_TEXT, help=_("The issue in a few words."))
@click.option("--kind", type=click.Choice(KINDS), help=_("What it is."))
@issue_options
@click.pass_obj
def edit(run: CommandContext, /, issue: str, **options: Any) -> None:
    """Change an issue and print it."""
    with write_session(run) as writing:
        print_issue(run, writing, register.edit(writing.ledger, issue, **drop_unset(options)))
