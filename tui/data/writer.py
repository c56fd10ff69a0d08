"""Write commands of the screens, with undo.

``writer.run(lambda ledger: commands.visits.log(ledger, **values))`` runs a command of ``store.commands`` as one step
that can be undone. What cannot be undone runs by `Writer.run_final`; `tui.data.undo.NOT_UNDOABLE` says why.
Imported in a thread when a form opens: the ledger loads the models (half a second). Next: ``tui/data/undo.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from store.db.database import Database
from store.writer.scrubbing import scrub_if_due
from store.writer.sync_writes import SyncLedger
from tui.data.undo import UndoHistory, describe_write

T = TypeVar("T")


class Writer:
    """Writes into one opened home. ``now_ms`` is this machine's clock in ms since 1970."""

    def __init__(self, database: Database, now_ms: Callable[[], int]) -> None:
        self.ledger = SyncLedger(database, wall_clock=now_ms, within_roles=True)
        self.undo_history = UndoHistory(self.ledger)

    def run(self, command: Callable[[SyncLedger], T]) -> T:
        """Run a write command as one step that can be undone; returns what it returns."""
        return self.undo_history.record(lambda: command(self.ledger))

    def run_final(self, command: Callable[[SyncLedger], T]) -> T:
        """Run a write command that cannot be undone (`tui.data.undo.NOT_UNDOABLE`); returns what it returns."""
        return command(self.ledger)

    def scrub(self) -> bool:
        """Write the files anew after an erasure; gives whether nothing of it is left in them
        (`store.writer.scrubbing`)."""
        return scrub_if_due(self.ledger.database)

    def peek_undo(self) -> tuple[object, str, str]:
        """What `undo` would take back: a token of that write, the kind of line, and its name. Raises
        `NothingToUndo`."""
        changes = self.undo_history.peek()
        return changes, *describe_write(changes)

    def undo(self) -> tuple[str, str]:
        """Undo the last write; returns the kind of line that it was about, and its name."""
        return describe_write(self.undo_history.undo())

    def redo(self) -> tuple[str, str]:
        """Redo what was undone last; returns as `undo`."""
        return describe_write(self.undo_history.redo())
