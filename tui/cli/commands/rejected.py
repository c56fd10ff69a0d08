"""``guanjia rejected``: lines that the central refused; they stay here, editable, until a person decides."""

from __future__ import annotations

from collections.abc import Sequence

import click

from store.exceptions import LineNotFound
from store.queries.lines import RejectedLine, rejected_lines
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyCommand, LazyGroup
from tui.cli.output import emit, rows_json, show, show_table
from tui.cli.session import HomeSession, home_session, write_session
from tui.i18n.fault_text import reason_text
from tui.i18n.translate import _, ngettext, value_label

ENTRIES = (
    LazyCommand("retry", f"{__name__}:retry", _("Send them again with the next round: all, or those named.")),
    LazyCommand("drop", f"{__name__}:drop", _("Give them up; each stays in its line’s history.")),
)


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("Lines that the central refused: list, retry, drop."),
)
@click.pass_context
def rejected(ctx: click.Context) -> int | None:
    """List the refused lines, unless a command is named."""
    return None if ctx.invoked_subcommand is not None else print_rejected(ctx.ensure_object(CommandContext))


@rejected.command("list", help=_("What was refused, with code and reason."))
@click.pass_obj
def list_(run: CommandContext) -> int:
    """List the refused lines."""
    return print_rejected(run)


def print_rejected(run: CommandContext) -> int:
    """Print the refused lines; gives exit code 3 while there are any."""
    with home_session(run.home) as session:
        lines = _read_rejected(session)
    emit(run.output_format, lines, _show_rejected, rows_json)
    return NEEDS_ATTENTION if lines else OK


@click.command(cls=Command, help=_("Send refused lines again with the next round: all, or those named."))
@click.argument("ids", nargs=-1, metavar="[ID]…", type=CLEAN_TEXT)
@click.pass_obj
def retry(run: CommandContext, ids: tuple[str, ...]) -> None:
    """Put refused lines back among the unsent."""
    with write_session(run.home) as (session, ledger):
        selected = _select_rejected(session, ids) if ids else [line.id for line in _read_rejected(session)]
        count = ledger.retry_rejected(selected)
    text = ngettext("{n} line will be sent again.", "{n} lines will be sent again.", count).format(n=count)
    emit(run.output_format, {"retried": count}, lambda _value: show(text))


@click.command(cls=Command, help=_("Give up refused lines; what they said stays in the line’s history."))
@click.argument("ids", nargs=-1, required=True, metavar="ID…", type=CLEAN_TEXT)
@click.pass_obj
def drop(run: CommandContext, ids: tuple[str, ...]) -> None:
    """Discard refused lines, each named, since discarding all at once is never meant."""
    with write_session(run.home) as (session, ledger):
        count = sum(ledger.discard_rejected(line_id) for line_id in _select_rejected(session, ids))
    text = ngettext("{n} line given up.", "{n} lines given up.", count).format(n=count)
    emit(run.output_format, {"dropped": count}, lambda _value: show(text))


def _read_rejected(session: HomeSession) -> list[RejectedLine]:
    with session.database.read() as connection:
        return rejected_lines(connection)


def _select_rejected(session: HomeSession, ids: Sequence[str]) -> list[str]:
    """The named lines. Raises `LineNotFound` for one that was not refused, before anything is changed."""
    known = {line.id for line in _read_rejected(session)}
    for line_id in ids:
        if line_id not in known:
            raise LineNotFound(id=line_id)
    return list(ids)


def _show_rejected(lines: list[RejectedLine]) -> None:
    columns = ("ID", _("Kind"), _("Project"), _("Refused as"), _("Reason"), _("When"))
    show_table(columns, map(_cells, lines))


def _cells(line: RejectedLine) -> tuple[object, ...]:
    kind, code = value_label("kind", line.kind), value_label("rejection", line.code or "")
    return line.id, kind, line.project, code, reason_text(line.reason), line.at
