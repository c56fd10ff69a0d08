"""``--for NAME``: in whose place a command writes. The bureau enters for an office without a laptop (受 … 委托录入); a
stand-in names whom they stand in for, where that does not follow from the project."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import click

from tui.cli.groups import CLEAN_TEXT, CommandContext
from tui.cli.session import WriteSession
from tui.i18n.translate import _


def _name_principal(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    context.ensure_object(CommandContext).principal = value


def principal_option() -> click.Option:
    """The option, for commands made from tables."""
    return click.Option(
        ["--for"], type=CLEAN_TEXT, metavar="NAME", callback=_name_principal, expose_value=False,
        help=_("In whose place it is written: whom you stand in for or, by the bureau, anybody."),
    )  # fmt: skip


takes_principal = click.option(
    "--for", type=CLEAN_TEXT, metavar="NAME", callback=_name_principal, expose_value=False,
    help=_("In whose place it is written: whom you stand in for or, by the bureau, anybody."),
)  # fmt: skip
"""The option as a decorator."""


@contextlib.contextmanager
def in_place_of(run: CommandContext, writing: WriteSession) -> Iterator[None]:
    """Write in the place of whom ``--for`` names while it lasts. Raises `NoStandIn`, and what `resolve` raises."""
    if run.principal is None:
        yield
        return
    from store.commands.stand_ins import principal_named

    with writing.ledger.acting_for(principal_named(writing.ledger, run.principal)):
        yield
