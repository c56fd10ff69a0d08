"""``guanjia rejected``: lines that the central refused; they stay here, editable, until a person decides."""

from __future__ import annotations

from typing import Any

import click

from store.queries.lines import RejectedLine, rejected_lines
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CommandContext, LazyCommand, LazyGroup
from tui.cli.output import emit, show_table
from tui.cli.read_context import HomeSession, home_session
from tui.i18n.translate import _, value_label

ENTRIES = (
    LazyCommand(
        "retry", "tui.cli.commands.rejected_acts:retry", _("Send them again with the next round: all, or those named.")
    ),
    LazyCommand("drop", "tui.cli.commands.rejected_acts:drop", _("Give them up; each stays in its line’s history.")),
)


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Lines that the central refused: list, retry, drop."),
)
@click.pass_context
def rejected(ctx: click.Context) -> int | None:
    """The list, unless something is to be done."""
    return None if ctx.invoked_subcommand is not None else print_rejected(ctx.ensure_object(CommandContext))


@rejected.command("list", help=_("What was refused, with code and reason."))
@click.pass_obj
def list_(run: CommandContext) -> int:
    """The list, by its own name."""
    return print_rejected(run)


def print_rejected(run: CommandContext) -> int:
    """Print what was refused; exits 3 while there is anything."""
    with home_session(run.home) as desk:
        found = read_rejected(desk)
    emit(run.output_format, [one.to_json() for one in found], show_rejected)
    return NEEDS_ATTENTION if found else OK


def read_rejected(session: HomeSession) -> list[RejectedLine]:
    """The refused lines of a home."""
    with session.database.read() as connection:
        return rejected_lines(connection)


def show_rejected(lines: list[dict[str, Any]]) -> None:
    """Refused lines for people."""
    rows = (
        (
            one["id"],
            value_label("kind", one["kind"]),
            one["project"],
            value_label("rejection", one["code"] or ""),
            one["reason"],
            one["at"],
        )
        for one in lines
    )
    show_table(("ID", _("Kind"), _("Project"), _("Refused as"), _("Reason"), _("When")), rows)
