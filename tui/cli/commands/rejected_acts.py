"""``guanjia rejected retry`` and ``drop``: what a person decides about refused lines."""

from __future__ import annotations

from collections.abc import Sequence

import click

from store.exceptions import LineNotFound
from store.queries.lines import Rejected
from tui.cli.commands.rejected import refused
from tui.cli.groups import PHRASE, Command, Run
from tui.cli.output import emit, show
from tui.cli.write_context import Writing, ready_to_write
from tui.i18n.translate import _, ngettext


@click.command(cls=Command, help=_("Send refused lines again with the next round: all, or those named."))
@click.argument("ids", nargs=-1, metavar="[ID]…", type=PHRASE)
@click.pass_obj
def retry(run: Run, ids: tuple[str, ...]) -> None:
    """Put refused lines back among the unsent."""
    with ready_to_write(run) as writing:
        chosen = _chosen(writing, ids) if ids else [one.id for one in refused(writing.desk)]
        count = writing.ledger.retry(chosen)
    told = ngettext("{n} line will be sent again.", "{n} lines will be sent again.", count)
    emit(run.form, {"retried": count}, lambda _value: show(told.format(n=count)))


@click.command(cls=Command, help=_("Give up refused lines; what they said stays in the line’s history."))
@click.argument("ids", nargs=-1, required=True, metavar="ID…", type=PHRASE)
@click.pass_obj
def drop(run: Run, ids: tuple[str, ...]) -> None:
    """Give up refused lines, each named, since this cannot be meant for all at once."""
    with ready_to_write(run) as writing:
        count = sum(writing.ledger.drop_rejected(line_id) for line_id in _chosen(writing, ids))
    told = ngettext("{n} line given up.", "{n} lines given up.", count)
    emit(run.form, {"dropped": count}, lambda _value: show(told.format(n=count)))


def _chosen(writing: Writing, ids: Sequence[str]) -> list[str]:
    """The named lines. Raises `LineNotFound` for one that was not refused, before anything is changed."""
    known: dict[str, Rejected] = {one.id: one for one in refused(writing.desk)}
    for line_id in ids:
        if line_id not in known:
            raise LineNotFound(id=line_id)
    return list(ids)
