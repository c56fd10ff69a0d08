"""The desk of a command that writes: loads the ledger, and with it the kinds and their models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from store.commands.people import Added
from store.writer.sync_writes import Exchange
from tui.cli.groups import Run
from tui.cli.output import Form, say
from tui.cli.read_context import Desk, at_desk
from tui.i18n.translate import _


class Writing(NamedTuple):
    """A desk and the ledger on it."""

    desk: Desk
    ledger: Exchange


@contextlib.contextmanager
def ready_to_write(run: Run) -> Iterator[Writing]:
    """The desk with its ledger."""
    with at_desk(run.home) as desk:
        yield Writing(desk, Exchange(desk.database, wall=desk.wall))


def tell_newcomers(run: Run, added: Sequence[Added]) -> None:
    """Say who was written down because nobody had named them before: a slip of the pen shows here."""
    if run.form is Form.TEXT:
        for one in added:
            known = _("New person: {name}") if one.kind == "person" else _("New department: {name}")
            say(known.format(name=one.name))


def given_only(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}
