"""``guanjia visit add`` and ``edit``: what goes into the service log (R14, R42, R47)."""

from __future__ import annotations

from typing import Any

import click

from store.commands import visits as register
from store.commands.people import WriteResult
from tui.cli.commands.visits import HOW, show_visit, visit_json
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit
from tui.cli.write_context import WriteSession, drop_unset, report_new_people, write_session
from tui.i18n.translate import _

PLACE_OPTION = click.option("--place", type=CLEAN_TEXT, help=_("Where."))
WHO_OPTION = click.option("--who", type=CLEAN_TEXT, metavar='"A;B"', help=_("Who took part."))
TEXT_OPTION = click.option("--text", type=CLEAN_TEXT, help=_("What was seen and said."))
RAISED_OPTION = click.option(
    "--raised", multiple=True, type=CLEAN_TEXT, metavar="ISSUE", help=_("An issue that came up; repeatable.")
)
MOVED_OPTION = click.option(
    "--moved", multiple=True, type=CLEAN_TEXT, metavar="ISSUE", help=_("An issue moved on; repeatable.")
)


def _parse_moves(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> list[dict[str, str]]:
    """``ISSUE=TEXT`` as what is done on the issue."""
    moves = []
    for one in values:
        issue, equals, text = one.partition("=")
        if not equals or not issue.strip() or not text.strip():
            raise click.BadParameter(_("“{given}” is not of the form ISSUE=TEXT.").format(given=one))
        moves.append({"issue": issue.strip(), "text": text.strip()})
    return moves


def _parse_titles(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> list[dict[str, str]]:
    """Titles as new issues."""
    return [{"title": title} for title in values]


RAISE_OPTION = click.option(
    "--raise", "raising", multiple=True, type=CLEAN_TEXT, metavar="TITLE", callback=_parse_titles,
    help=_("Record a new issue that came up there; repeatable."),
)  # fmt: skip
MOVE_OPTION = click.option(
    "--move", "moving", multiple=True, type=CLEAN_TEXT, metavar="ISSUE=TEXT", callback=_parse_moves,
    help=_("Write this progress on an issue; repeatable."),
)  # fmt: skip


@click.command(cls=Command, help=_("Log a visit, a call, a talk."))
@click.option("--project", required=True, type=CLEAN_TEXT, help=_("The project: number, name or id."))
@click.option(
    "--at", type=CLEAN_TEXT, metavar="TIME", help=_("When, such as “昨天 14:30” or 2026-03-05T14:30; now if not given.")
)
@click.option("--how", type=click.Choice(HOW), default="visit", show_default=True, help=_("In which way."))
@PLACE_OPTION
@WHO_OPTION
@TEXT_OPTION
@RAISED_OPTION
@MOVED_OPTION
@RAISE_OPTION
@MOVE_OPTION
@click.pass_obj
def add(run: CommandContext, /, **options: Any) -> None:
    """Log a visit and print it."""
    with write_session(run) as writing:
        _print(run, writing, register.log(writing.ledger, **options))


@click.command(cls=Command, help=_("Correct a visit; an empty text removes a field. The version before is kept."))
@click.argument("visit", metavar="ID", type=CLEAN_TEXT)
@click.option("--at", type=CLEAN_TEXT, metavar="TIME", help=_("When."))
@click.option("--how", type=click.Choice(HOW), help=_("In which way."))
@PLACE_OPTION
@WHO_OPTION
@TEXT_OPTION
@RAISED_OPTION
@MOVED_OPTION
@RAISE_OPTION
@MOVE_OPTION
@click.pass_obj
def edit(run: CommandContext, /, visit: str, **options: Any) -> None:
    """Change a visit and print it."""
    changes = {name: value for name, value in drop_unset(options).items() if value not in ((), [])}
    with write_session(run) as writing:
        _print(run, writing, register.edit(writing.ledger, visit, **changes))


def _print(run: CommandContext, writing: WriteSession, result: WriteResult) -> None:
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        emit(run.output_format, visit_json(connection, result.id), show_visit)
