"""Accounts and devices on screens that only mention them: asked of the central once in a while, by the bureau alone.

The answer is kept by the app (`tui.data.bureau_seat.SeatSnapshot`), so that it is there offline too, with its age. The
screen of accounts itself asks anew each time (``tui/screens/seat.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from textual import getters

from tui.app.app import GuanjiaApp
from tui.data.bureau_seat import FRESH_MS, SeatSnapshot, run_admin
from tui.screens.settings import FileWorkerMixin

if TYPE_CHECKING:
    from tui.data.subprocess import CommandResult


class SeatSnapshotMixin(FileWorkerMixin):
    """Asks the central who is let in with which devices."""

    app = getters.app(GuanjiaApp)

    @property
    def sees_accounts(self) -> bool:
        """Whether this device may ask: its person is of the bureau of a central."""
        status = self.app.sync_status
        return status is not None and status.central is not None and "bureau" in status.roles

    def ask_for_accounts(self, told: Callable[[], None]) -> None:
        """Ask unless the last answer is recent; ``told`` is called when the central has answered, or failed to."""
        known, now_ms = self.app.seat_snapshot, self.app.now_ms()
        if not self.sees_accounts or (known and known.read_ms and 0 <= now_ms - known.read_ms < FRESH_MS):
            return

        def take(result: CommandResult) -> None:
            self.app.seat_snapshot = (self.app.seat_snapshot or SeatSnapshot()).updated(result, self.app.now_ms())
            told()

        self.run_file_job(partial(run_admin, self.app.program_command, self.app.home, "overview"), take)
