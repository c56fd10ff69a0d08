"""``guanjia losers restore`` and ``dismiss``: what a person decides about versions that lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from store.commands import conflicts as register
from tui.cli.commands.conflicts import select_conflicts
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, show
from tui.cli.write_context import write_session
from tui.i18n.translate import _, ngettext


def conflict_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments by which both say which versions are meant."""
    options = (
        click.argument("lines", nargs=-1, metavar="[ID]…", type=CLEAN_TEXT),
        click.option("--version", type=click.IntRange(min=1), help=_("Only the one with this number in the history.")),
        click.option("--all", "everything", is_flag=True, help=_("All that the list shows.")),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(cls=Command, help=_("Let lines say again what was lost, as new versions; the rest of them stays."))
@conflict_arguments
@click.pass_obj
def restore(run: CommandContext, lines: tuple[str, ...], version: int | None, everything: bool) -> None:
    """Bring versions back."""
    with write_session(run) as (desk, ledger):
        found = select_conflicts(desk.database.connection(), lines, version, everything)
        count = len(register.restore_conflicts(ledger, found))
    told = ngettext("Brought back, in {n} line.", "Brought back, in {n} lines.", count)
    emit(run.output_format, {"restored": len(found), "lines": count}, lambda _value: show(told.format(n=count)))


@click.command(cls=Command, help=_("Put versions away on this device; they stay in their lines’ history."))
@conflict_arguments
@click.pass_obj
def dismiss(run: CommandContext, lines: tuple[str, ...], version: int | None, everything: bool) -> None:
    """Put versions away."""
    with write_session(run) as (desk, ledger):
        count = register.dismiss_conflicts(
            ledger, select_conflicts(desk.database.connection(), lines, version, everything)
        )
    told = ngettext(
        "{n} put away. It stays in its line’s history.", "{n} put away. They stay in their lines’ history.", count
    )
    emit(run.output_format, {"dismissed": count}, lambda _value: show(told.format(n=count)))
