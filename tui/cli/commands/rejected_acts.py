"""``guanjia rejected retry`` and ``drop``: what a person decides about refused lines."""

from __future__ import annotations

from collections.abc import Sequence

import click

from store.exceptions import LineNotFound
from store.queries.lines import RejectedLine
from tui.cli.commands.rejected import read_rejected
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, show
from tui.cli.write_context import WriteSession, write_session
from tui.i18n.translate import _, ngettext


@click.command(cls=Command, help=_("Send refused lines again with the next round: all, or those named."))
@click.argument("ids", nargs=-1, metavar="[ID]…", type=CLEAN_TEXT)
@click.pass_obj
def retry(run: CommandContext, ids: tuple[str, ...]) -> None:
    """Put refused lines back among the unsent."""
    with write_session(run) as writing:
        chosen = _select_rejected(writing, ids) if ids else [one.id for one in read_rejected(writing.session)]
        count = writing.ledger.retry_rejected(chosen)
    told = ngettext("{n} line will be sent again.", "{n} lines will be sent again.", count)
    emit(run.output_format, {"retried": count}, lambda _value: show(told.format(n=count)))


@click.command(cls=Command, help=_("Give up refused lines; what they said stays in the line’s history."))
@click.argument("ids", nargs=-1, required=True, metavar="ID…", type=CLEAN_TEXT)
@click.pass_obj
def drop(run: CommandContext, ids: tuple[str, ...]) -> None:
    """Give up refused lines, each named, since this cannot be meant for all at once."""
    with write_session(run) as writing:
        count = sum(writing.ledger.discard_rejected(line_id) for line_id in _select_rejected(writing, ids))
    told = ngettext("{n} line given up.", "{n} lines given up.", count)
    emit(run.output_format, {"dropped": count}, lambda _value: show(told.format(n=count)))


def _select_rejected(writing: WriteSession, ids: Sequence[str]) -> list[str]:
    """The named lines. Raises `LineNotFound` for one that was not refused, before anything is changed."""
    known: dict[str, RejectedLine] = {one.id: one for one in read_rejected(writing.session)}
    for line_id in ids:
        if line_id not in known:
            raise LineNotFound(id=line_id)
    return list(ids)
