"""``guanjia bin``: what was deleted or taken back; list it, and bring it back."""

from __future__ import annotations

from collections.abc import Iterable

import click

from store.db.connection import Connection
from store.queries.bin import BinEntry, bin_entries
from store.values.text import sanitize
from tui.cli.errors import BadUsage
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LazyCommand, LazyGroup, WholeNumber
from tui.cli.output import emit, rows_json, show, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import _, ngettext, value_label

ENTRIES = (
    LazyCommand("restore", f"{__name__}:restore", _("Bring it back, as a new version that everybody receives.")),
)


@click.group(
    cls=LazyGroup,
    name="bin",
    entries=ENTRIES,
    invoke_without_command=True,
    help=_("What was deleted or taken back: list, restore."),
)
@click.pass_context
def bin_(ctx: click.Context) -> None:
    """List the bin, unless a command is named."""
    if ctx.invoked_subcommand is None:
        print_bin(ctx.ensure_object(CommandContext), None)


@bin_.command("list", help=_("What was deleted or taken back, the latest first."))
@click.option("--limit", type=WholeNumber(min=1), help=_("At most so many."))
@click.pass_obj
def list_(run: CommandContext, limit: int | None) -> None:
    """List the bin."""
    print_bin(run, limit)


def print_bin(run: CommandContext, limit: int | None) -> None:
    """Print the entries of the bin."""
    with home_session(run.home) as session, session.database.read() as connection:
        entries = bin_entries(connection, limit or -1)
    emit(run.output_format, entries, _show, rows_json)


@click.command(cls=Command, help=_("Bring lines back from the bin: named by id, number or what they say; or all."))
@click.argument("lines", nargs=-1, metavar="[ID]…", type=CLEAN_TEXT)
@click.option("--all", "everything", is_flag=True, help=_("All that the list shows."))
@click.pass_obj
def restore(run: CommandContext, lines: tuple[str, ...], everything: bool) -> None:
    """Restore what was named."""
    from store.commands.bin import restore_binned

    with write_session(run.home) as (session, ledger):
        entries = _select(session.database.connection(), lines, everything)
        written = restore_binned(ledger, entries)
    text = ngettext("Brought back, in {n} line.", "Brought back, in {n} lines.", len(written)).format(n=len(written))
    value = {"restored": len(entries), "lines": [line.id for line in written]}
    emit(run.output_format, value, lambda _value: show(text))


def _select(connection: Connection, names: Iterable[str], everything: bool) -> list[BinEntry]:
    """The named entries, or all. Raises `BadUsage` where neither or both were typed, or a name fits none or several
    lines."""
    names = list(names)
    if everything == bool(names):
        raise BadUsage(detail=_("Name lines, or say --all."), command="guanjia bin")
    entries = bin_entries(connection)
    return entries if everything else [entry for name in names for entry in _named(entries, name)]


def _named(entries: Iterable[BinEntry], name: str) -> list[BinEntry]:
    """The entries of the one line that ``name`` means: its id or the end of it, its number, or what it says."""
    wanted = name.strip()
    fitting = [entry for entry in entries if _is_named(entry, wanted)]
    lines = {entry.line for entry in fitting}
    if len(lines) != 1:
        detail = _("“{name}” is not in the bin.") if not lines else _("“{name}” fits several lines in the bin.")
        raise BadUsage(detail=detail.format(name=name), command="guanjia bin")
    return fitting


def _is_named(entry: BinEntry, name: str) -> bool:
    if entry.line == name or (len(name) >= 6 and entry.line.endswith(name)):
        return True
    return name in {str(entry.body[field]) for field in ("number", "title", "name", "text") if entry.body.get(field)}


def _show(entries: list[BinEntry]) -> None:
    columns = (_("When"), _("What happened"), _("Kind"), _("What it says"), _("Project"), _("By"), "ID")
    show_table(columns, map(_cells, entries))


def _cells(entry: BinEntry) -> tuple[object, ...]:
    said = next((str(entry.body[field]) for field in ("title", "name", "text") if entry.body.get(field)), "")
    if "act" in entry.body and entry.kind == "issue_step":
        said = f"{value_label('issue_step.act', str(entry.body['act']))} {said}"
    if entry.is_here:
        said = " · ".join(value_label("field", difference.field) for difference in entry.differs)
    at, what = entry.at[:16].replace("T", " "), value_label("bin", entry.what)
    return at, what, value_label("kind", entry.kind), sanitize(said), entry.project, entry.author, entry.line
