"""The desk of a command that writes: loads the ledger, and with it the kinds and their models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from store.commands.people import Newcomer
from store.writer.sync_writes import SyncLedger
from tui.cli.groups import CommandContext
from tui.cli.output import OutputFormat, say
from tui.cli.read_context import HomeSession, home_session
from tui.i18n.translate import _


class WriteSession(NamedTuple):
    """A desk and the ledger on it."""

    session: HomeSession
    ledger: SyncLedger


@contextlib.contextmanager
def write_session(run: CommandContext) -> Iterator[WriteSession]:
    """The desk with its ledger."""
    with home_session(run.home) as desk:
        yield WriteSession(desk, SyncLedger(desk.database, wall_clock=desk.wall_clock_ms))


def report_new_people(run: CommandContext, added: Sequence[Newcomer]) -> None:
    """Say who was written down because nobody had named them before: a slip of the pen shows here."""
    if run.output_format is OutputFormat.TEXT:
        for one in added:
            known = _("New person: {name}") if one.kind == "person" else _("New department: {name}")
            say(known.format(name=one.name))


def drop_unset(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}
