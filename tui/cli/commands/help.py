"""``guanjia help``: the help of the program or of one of its commands."""

from __future__ import annotations

import click

from tui.cli.groups import CLEAN_TEXT, Command
from tui.i18n.translate import _


@click.command("help", cls=Command, help=_("Help on the program, or on the command that is named."))
@click.argument("names", nargs=-1, metavar="[COMMAND]…", type=CLEAN_TEXT)
@click.pass_context
def help_(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Print the help of a command, named with the groups that it is in."""
    context = ctx.parent or ctx
    for name in names:
        group = context.command
        command = group.get_command(context, name) if isinstance(group, click.Group) else None
        if command is None:
            raise click.NoSuchCommand(name, ctx=context)
        context = command.context_class(command, info_name=name, parent=context)
    click.echo(context.get_help())
