"""``guanjia dump``: every line in canonical order, so that two homes of one scope that agree print equal bytes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from store.queries import lines
from tui.cli.export_note import note_export
from tui.cli.groups import Command, CommandContext
from tui.cli.output import OutputFormat, emit_raw
from tui.cli.progress import counted, progress_bar
from tui.cli.session import home_session
from tui.i18n.translate import _


@click.command(cls=Command, help=_("Every line, one a line of JSON, in an order that depends on nothing else."))
@click.pass_obj
def dump(run: CommandContext) -> None:
    """Print the whole ledger, streamed from one snapshot; without ``--json`` as with ``--ndjson``."""
    with home_session(run.home) as session, session.database.read() as connection:
        is_array, count = run.output_format is OutputFormat.JSON, lines.count(connection)
        note_export(session, "dump", "json" if is_array else "ndjson", count)
        with progress_bar(_("Writing"), count, shown=not sys.stdout.isatty()) as advance:
            encoded = counted(lines.dump(connection), advance)
            emit_raw(_as_array(encoded) if is_array else encoded)


def _as_array(items: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of one JSON array, an item a line."""
    previous = b"[" + next(items, b"")
    for item in items:
        yield previous + b","
        previous = item
    yield previous + b"]"
