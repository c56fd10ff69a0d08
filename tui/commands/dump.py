"""``guanjia dump``: every line in canonical order, so that equal scopes that agree print equal bytes."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

import click

from store.agreement import all_lines
from store.database import Connection
from store.lines import canonical
from tui.commands.desk import at_desk
from tui.commands.frame import Command, Run
from tui.commands.output import Form, emit_raw
from tui.words import _


@click.command(cls=Command, help=_("Every line, one a line of JSON, in an order that depends on nothing else."))
@click.pass_obj
def dump(run: Run) -> None:
    """Print the whole ledger; without ``--json`` as with ``--ndjson``."""
    with at_desk(run.home) as desk, desk.database.read() as connection:
        lines = in_order(connection)
        emit_raw(_as_list(lines) if run.form is Form.JSON else lines)


def in_order(connection: Connection) -> Iterator[bytes]:
    """The canonical bytes of every line, by id: an id is made once, so the order is everywhere the same."""
    return map(canonical, sorted(all_lines(connection), key=attrgetter("id")))


def _as_list(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of one JSON array, an item a line."""
    first = next(lines, b"")
    previous = b"[" + first
    for line in lines:
        yield previous + b","
        previous = line
    yield previous + b"]"
