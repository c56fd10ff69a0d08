"""``guanjia visit add`` and ``edit``: what goes into the service log (R14, R42, R47)."""

from __future__ import annotations

from typing import Any

import click

from store.commands import visits as register
from store.commands.people import Written
from tui.cli.commands.visits import HOW, show_visit, visit_json
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.output import emit
from tui.cli.write_context import Writing, given_only, ready_to_write, tell_newcomers
from tui.i18n.translate import _

PLACE = click.option("--place", type=PHRASE, help=_("Where."))
WHO = click.option("--who", type=PHRASE, metavar='"A;B"', help=_("Who took part."))
TEXT = click.option("--text", type=PHRASE, help=_("What was seen and said."))
RAISED = click.option(
    "--raised", multiple=True, type=PHRASE, metavar="ISSUE", help=_("An issue that came up; repeatable.")
)
MOVED = click.option("--moved", multiple=True, type=PHRASE, metavar="ISSUE", help=_("An issue moved on; repeatable."))


def _moves(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[dict[str, str]]:
    """``ISSUE=TEXT`` as what is done on the issue."""
    moves = []
    for one in given:
        issue, equals, text = one.partition("=")
        if not equals or not issue.strip() or not text.strip():
            raise click.BadParameter(_("“{given}” is not of the form ISSUE=TEXT.").format(given=one))
        moves.append({"issue": issue.strip(), "text": text.strip()})
    return moves


def _titles(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[dict[str, str]]:
    """Titles as new issues."""
    return [{"title": title} for title in given]


RAISE = click.option(
    "--raise", "raising", multiple=True, type=PHRASE, metavar="TITLE", callback=_titles,
    help=_("Record a new issue that came up there; repeatable."),
)  # fmt: skip
MOVE = click.option(
    "--move", "moving", multiple=True, type=PHRASE, metavar="ISSUE=TEXT", callback=_moves,
    help=_("Write this progress on an issue; repeatable."),
)  # fmt: skip


@click.command(cls=Command, help=_("Log a visit, a call, a talk."))
@click.option("--project", required=True, type=PHRASE, help=_("The project: number, name or id."))
@click.option(
    "--at", type=PHRASE, metavar="TIME", help=_("When, such as “昨天 14:30” or 2026-03-05T14:30; now if not given.")
)
@click.option("--how", type=click.Choice(HOW), default="visit", show_default=True, help=_("In which way."))
@PLACE
@WHO
@TEXT
@RAISED
@MOVED
@RAISE
@MOVE
@click.pass_obj
def add(run: Run, /, **given: Any) -> None:
    """Log a visit and print it."""
    with ready_to_write(run) as writing:
        _print(run, writing, register.log(writing.ledger, **given))


@click.command(cls=Command, help=_("Correct a visit; an empty text removes a field. The version before is kept."))
@click.argument("visit", metavar="ID", type=PHRASE)
@click.option("--at", type=PHRASE, metavar="TIME", help=_("When."))
@click.option("--how", type=click.Choice(HOW), help=_("In which way."))
@PLACE
@WHO
@TEXT
@RAISED
@MOVED
@RAISE
@MOVE
@click.pass_obj
def edit(run: Run, /, visit: str, **given: Any) -> None:
    """Change a visit and print it."""
    changes = {name: value for name, value in given_only(given).items() if value not in ((), [])}
    with ready_to_write(run) as writing:
        _print(run, writing, register.edit(writing.ledger, visit, **changes))


def _print(run: Run, writing: Writing, written: Written) -> None:
    tell_newcomers(run, written.added)
    with writing.desk.database.read() as connection:
        emit(run.form, visit_json(connection, written.id), show_visit)
