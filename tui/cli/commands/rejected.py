"""``guanjia rejected``: lines that the central refused; they stay here, editable, until a person decides."""

from __future__ import annotations

from typing import Any

import click

from store.queries.lines import Rejected
from store.queries.lines import rejected as read_rejected
from tui.cli.errors import LOOK, OK
from tui.cli.groups import Entry, Group, Run
from tui.cli.output import emit, show_table
from tui.cli.read_context import Desk, at_desk
from tui.i18n.translate import _, word

ENTRIES = (
    Entry(
        "retry", "tui.cli.commands.rejected_acts:retry", _("Send them again with the next round: all, or those named.")
    ),
    Entry("drop", "tui.cli.commands.rejected_acts:drop", _("Give them up; each stays in its line’s history.")),
)


@click.group(
    cls=Group,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Lines that the central refused: list, retry, drop."),
)
@click.pass_context
def rejected(ctx: click.Context) -> int | None:
    """The list, unless something is to be done."""
    return None if ctx.invoked_subcommand is not None else print_list(ctx.ensure_object(Run))


@rejected.command("list", help=_("What was refused, with code and reason."))
@click.pass_obj
def list_(run: Run) -> int:
    """The list, by its own name."""
    return print_list(run)


def print_list(run: Run) -> int:
    """Print what was refused; exits 3 while there is anything."""
    with at_desk(run.home) as desk:
        found = refused(desk)
    emit(run.form, [one.to_json() for one in found], show_refused)
    return LOOK if found else OK


def refused(desk: Desk) -> list[Rejected]:
    """The refused lines of a home."""
    with desk.database.read() as connection:
        return read_rejected(connection)


def show_refused(found: list[dict[str, Any]]) -> None:
    """Refused lines for people."""
    rows = (
        (
            one["id"],
            word("kind", one["kind"]),
            one["project"],
            word("rejection", one["code"] or ""),
            one["reason"],
            one["at"],
        )
        for one in found
    )
    show_table(("ID", _("Kind"), _("Project"), _("Refused as"), _("Reason"), _("When")), rows)
