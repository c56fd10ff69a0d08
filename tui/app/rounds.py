"""Rounds with the central from the screens: by a key, and by themselves where no daemon runs them.

A round is the command ``guanjia sync`` as a process, under the same lock as every other round. Without a daemon the app
runs one when it opens, and after something was saved; those say nothing unless a person should look, and one that
failed is not repeated until something is saved again. Next: ``tui/data/subprocess.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.reactive import reactive
from textual.timer import Timer

from tui.app.undo_confirmation import UndoApp
from tui.data.messages import SyncEnded
from tui.i18n.translate import _

if TYPE_CHECKING:
    from store.home.sync_progress import RoundProgress
    from tui.data.sync_status import SyncStatus

SAVE_DELAY_S = 2.0
"""A round follows a save after so long: several saves in a row make one round."""
AGE_INTERVAL_S = 30.0
"""How often the top line is drawn anew while nothing happens: what it says of the picture's age stays true."""


class RoundsApp(UndoApp):
    """Runs rounds. ``sync`` is the command line of one, empty where there is none; with ``auto_sync`` they run by
    themselves, too."""

    sync_status: reactive[SyncStatus | None] = reactive(None)
    syncing: reactive[bool] = reactive(False)
    round: reactive[RoundProgress | None] = reactive(None)
    sync: Sequence[str] = ()
    auto_sync: bool = False
    save_delay_s: float = SAVE_DELAY_S
    _synced_unsent: int = 0
    _round_timer: Timer | None = None
    _is_quiet: bool = False

    def action_sync_now(self) -> None:
        """One round with the central, by the command that does it for everybody."""
        if not self.sync or self.syncing:
            self.show_message(
                _("A round is running already.") if self.syncing else _("This device cannot sync from here.")
            )
            return
        self._is_quiet = False
        self._begin_round()

    def sync_after_opening(self) -> None:
        """The ledger was opened: look what others wrote meanwhile."""
        if self._runs_rounds():
            self._is_quiet = True
            self._begin_round()

    def sync_after_deciding(self) -> None:
        """The bureau decided at the central: what it took in comes here."""
        self.sync_after_opening()

    def sync_after_saving(self, before: SyncStatus | None, status: SyncStatus) -> None:
        """The status has changed: where more waits than did, a round follows soon."""
        if before is not None and status.unsent > before.unsent and self._runs_rounds():
            if self._round_timer is not None:
                self._round_timer.stop()
            self._round_timer = self.set_timer(self.save_delay_s, self._sync_quietly)

    def _sync_quietly(self) -> None:
        self._round_timer = None
        if self.syncing or self.round is not None:  # the round that runs may not take what was just saved
            self._round_timer = self.set_timer(self.save_delay_s, self._sync_quietly)
        elif self._runs_rounds():
            self._is_quiet = True
            self._begin_round()

    def _runs_rounds(self) -> bool:
        status = self.sync_status
        return bool(self.auto_sync and self.sync and status and status.central and not status.daemon)

    def _begin_round(self) -> None:
        self.syncing = True
        self.run_round()

    @work(thread=True, exclusive=True, group="sync")
    def run_round(self) -> None:
        """Run the command in a thread and post the outcome."""
        from tui.data.subprocess import run_round  # noqa: PLC0415 - only a round waits for it

        self.post_message(SyncEnded(run_round(self.sync, self.home)))

    def on_sync_ended(self, message: SyncEnded) -> None:
        """Show the outcome; lines that came in are noticed by watching the ledger. A round that nobody asked for speaks
        only of what was overtaken or refused; the top line says the rest."""
        self.syncing = False
        outcome = message.outcome
        if not self._is_quiet or outcome.superseded or outcome.rejected:
            self.show_message(outcome.text(), warning=not outcome.succeeded)
