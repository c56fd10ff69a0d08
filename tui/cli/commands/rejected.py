"""``guanjia rejected``: lines that the central refused; they stay here, editable, until a person decides."""

from __future__ import annotations

from collections.abc import Sequence

import click

from store.exceptions import LineNotFound
from store.queries.lines import RejectedGroup, RejectedLine, group_rejected, rejected_lines
from store.values.text import normalize_name
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyCommand, LazyGroup
from tui.cli.output import emit, rows_json, say, show, show_table
from tui.cli.param_types import ALL
from tui.cli.session import HomeSession, home_session, write_session
from tui.i18n.fault_text import is_fault, reason_text
from tui.i18n.translate import _, ngettext, value_label

_SAYING = ("title", "name", "text", "number", "role")
"""The fields of which the first one says what a line is about."""
ENTRIES = (
    LazyCommand("retry", f"{__name__}:retry", _("Send them again with the next round: all, or those named.")),
    LazyCommand("drop", f"{__name__}:drop", _("Give them up, or all; each stays in its line’s history.")),
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
@click.option("--each", is_flag=True, help=_("Every line by itself, with its ID."))
@click.pass_obj
def list_(run: CommandContext, each: bool) -> int:
    """List the refused lines."""
    return print_rejected(run, each=each)


def print_rejected(run: CommandContext, *, each: bool = False) -> int:
    """Print the refused lines, for people a row a kind and reason unless ``each`` is asked for; gives exit code 3 while
    there are any."""
    with home_session(run.home) as session:
        lines = _read_rejected(session)
    emit(run.output_format, lines, _show_each if each else _show_groups, rows_json)
    return NEEDS_ATTENTION if lines else OK


@click.command(cls=Command, help=_("Send refused lines again with the next round: all, or those named."))
@click.argument("ids", nargs=-1, metavar="[ID]…", type=CLEAN_TEXT)
@click.pass_obj
def retry(run: CommandContext, ids: tuple[str, ...]) -> None:
    """Put refused lines back among the unsent."""
    with write_session(run.home) as (session, ledger):
        selected = _select_rejected(session, ids or ("all",))
        count = ledger.retry_rejected(selected)
    text = ngettext("{n} line will be sent again.", "{n} lines will be sent again.", count).format(n=count)
    emit(run.output_format, {"retried": count}, lambda _value: show(text))


@click.command(cls=Command, help=_("Give up refused lines, or all; what they said stays in the line’s history."))
@click.argument("ids", nargs=-1, required=True, metavar="ID…|all", type=CLEAN_TEXT)
@click.pass_obj
def drop(run: CommandContext, ids: tuple[str, ...]) -> None:
    """Discard refused lines, each named, or all where that is said; each can be restored from its history."""
    with write_session(run.home) as (session, ledger):
        count = sum(ledger.discard_rejected(line_id) for line_id in _select_rejected(session, ids))
    text = ngettext("{n} line given up.", "{n} lines given up.", count).format(n=count)
    emit(run.output_format, {"dropped": count}, lambda _value: show(text))


def _read_rejected(session: HomeSession) -> list[RejectedLine]:
    with session.database.read() as connection:
        return rejected_lines(connection)


def _select_rejected(session: HomeSession, ids: Sequence[str]) -> list[str]:
    """The named lines, or all. Raises `LineNotFound` for one that was not refused, before anything is changed."""
    known = [line.id for line in _read_rejected(session)]
    if len(ids) == 1 and normalize_name(ids[0]) in ALL:
        return known
    for line_id in ids:
        if line_id not in known:
            raise LineNotFound(id=line_id)
    return list(ids)


def _show_groups(lines: list[RejectedLine]) -> None:
    groups = group_rejected(lines)
    show_table((_("Refused as"), _("Kind"), _("Lines"), _("Project"), _("When")), map(_group_cells, groups))
    if groups:
        say(_("Send again: guanjia rejected retry all. Give up: guanjia rejected drop all. One by one: list --each"))
    if any(line.code == "proposed" for line in lines):
        say(_("What is proposed to the bureau waits for its decision; there is nothing to do here."))


def _group_cells(group: RejectedGroup) -> tuple[object, ...]:
    first = group.lines[0]
    projects = dict.fromkeys(line.project for line in group.lines if line.project)
    named = ngettext("{n} project", "{n} projects", len(projects)).format(n=len(projects))
    if len(projects) < 2:
        named = "".join(projects)[:30]
    code, kind = value_label("rejection", first.code or ""), value_label("kind", first.kind)
    return code, kind, len(group.lines), named, group.lines[-1].at


def _show_each(lines: list[RejectedLine]) -> None:
    columns = ("ID", _("Kind"), _("What it says"), _("Project"), _("Refused as"), _("When"))
    show_table(columns, map(_cells, lines))


def _cells(line: RejectedLine) -> tuple[object, ...]:
    kind, code = value_label("kind", line.kind), value_label("rejection", line.code or "")
    fault = reason_text(line.reason) if is_fault(line.reason) else ""
    said = next((str(line.body[name]) for name in _SAYING if line.body.get(name)), "")
    return line.id, kind, said[:40], line.project, f"{code} {fault}".rstrip(), line.at
