"""The desk of a command that writes: loads the ledger, and with it the kinds and their models."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from store.exchange import Exchange
from tui.commands.desk import Desk, at_desk
from tui.commands.frame import Run


class Writing(NamedTuple):
    """A desk and the ledger on it."""

    desk: Desk
    ledger: Exchange


@contextlib.contextmanager
def ready_to_write(run: Run) -> Iterator[Writing]:
    """The desk with its ledger."""
    with at_desk(run.home) as desk:
        yield Writing(desk, Exchange(desk.database, wall=desk.wall))
