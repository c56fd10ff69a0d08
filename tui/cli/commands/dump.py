"""``guanjia dump``: every line in canonical order, so that equal scopes that agree print equal bytes."""

from __future__ import annotations

from collections.abc import Iterator

import click

from store.queries import lines
from tui.cli.groups import Command, CommandContext
from tui.cli.output import OutputFormat, emit_raw
from tui.cli.read_context import home_session
from tui.i18n.translate import _


@click.command(cls=Command, help=_("Every line, one a line of JSON, in an order that depends on nothing else."))
@click.pass_obj
def dump(run: CommandContext) -> None:
    """Print the whole ledger, streamed from one snapshot; without ``--json`` as with ``--ndjson``."""
    with home_session(run.home) as desk, desk.database.read() as connection:
        found = lines.dump(connection)
        emit_raw(_as_array(found) if run.output_format is OutputFormat.JSON else found)


def _as_array(items: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of one JSON array, an item a line."""
    held = b"[" + next(items, b"")
    for item in items:
        yield held + b","
        held = item
    yield held + b"]"
