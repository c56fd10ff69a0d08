"""``guanjia restore``: bring a version back, as a new version that beats the present one everywhere."""

from __future__ import annotations

import click

from store.exceptions import GuanjiaError
from tui.cli.commands.history import show_versions, versions_of
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.name_lookup import find_line
from tui.cli.output import emit
from tui.cli.write_context import write_session
from tui.i18n.translate import _


class NoSuchVersion(GuanjiaError):
    """A number that the line's history does not have."""

    code = "not_found"
    what = "This line has no version {number}; it has {count}."
    data = "Nothing was changed."
    remedy = "See them with “guanjia history”."


@click.command(cls=Command, help=_("Make a version of a line current again, as a new version: nothing is lost by it."))
@click.argument("line", metavar="ID", type=CLEAN_TEXT)
@click.option("--version", "number", required=True, type=click.IntRange(min=1), help=_("Its number in the history."))
@click.pass_obj
def restore(run: CommandContext, line: str, number: int) -> None:
    """Write the chosen version anew and print the line's history as it is then."""
    with write_session(run) as (desk, ledger):
        with desk.database.read() as connection:
            wanted = find_line(connection, line)
            found = versions_of(connection, wanted)
        if number > len(found):
            raise NoSuchVersion(number=number, count=len(found))
        if not found[number - 1].current:
            ledger.restore(wanted, found[number - 1].stamp, found[number - 1].device)
        with desk.database.read() as connection:
            found = versions_of(connection, wanted)
    emit(run.output_format, [version.to_json() for version in found], show_versions)
