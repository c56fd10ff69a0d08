"""``guanjia help``: the help of the program or of one of its commands, or a page of the guides."""

from __future__ import annotations

import click

from tui.cli.groups import CLEAN_TEXT, Command
from tui.i18n.translate import _


@click.command(
    "help",
    cls=Command,
    help=_("Help on the program, on the command that is named, or a page of the guide by its topic."),
)
@click.argument("names", nargs=-1, metavar="[COMMAND|TOPIC]…", type=CLEAN_TEXT)
@click.pass_context
def help_(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Print the help of a command, named with the groups that it is in; where none has the name, the page of a
    topic."""
    context = ctx.parent or ctx
    for name in names:
        group = context.command
        command = group.get_command(context, name) if isinstance(group, click.Group) else None
        if command is None:
            if context is (ctx.parent or ctx) and _show_pages(" ".join(names)):
                return
            raise click.NoSuchCommand(name, ctx=context)
        context = command.context_class(command, info_name=name, parent=context)
    click.echo(context.get_help())
    if not names:
        _list_topics()


def _show_pages(topic: str) -> bool:
    """Print the pages of a topic; gives whether there are any."""
    from tui.i18n.guide import find_pages

    pages = find_pages(topic)
    for number, page in enumerate(pages):
        click.echo(("\n" if number else "") + page.title)
        for kind, text, is_apart in page.parts():
            if is_apart:
                click.echo()
            click.echo(f"    {text}" if kind == "command" else "\n".join(_wrapped(text)))
    return bool(pages)


def _wrapped(text: str) -> list[str]:
    from tui.cli.help_layout import wrap_cells

    return list(wrap_cells(text, 78))


def _list_topics() -> None:
    from tui.cli.help_layout import WideFormatter
    from tui.i18n.guide import guide_pages

    formatter = WideFormatter(width=80)
    with formatter.section(_("Topics (“guanjia help TOPIC”)")):
        formatter.write_dl([(page.topic, page.title) for page in guide_pages()])
    click.echo("\n" + formatter.getvalue().rstrip())
