"""A list that the central has and this device does not keep: read by a command, as a child process."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from tui.data.messages import LedgerChanged
from tui.i18n.translate import N_
from tui.screens.master_detail import MasterDetailScreen, R
from tui.screens.settings import FileWorkerMixin

if TYPE_CHECKING:
    from tui.data.subprocess import CommandResult

ASKING = N_("Asking the central …")


def outcome_text(done: str, result: CommandResult) -> str:
    """What is told of an act at the central: ``done``, or why not."""
    return "\n".join(filter(None, result.error or (done,)))


class CentralListScreen(MasterDetailScreen[R], FileWorkerMixin):
    """The list and the page of its row; what the central answered instead stands in the list where it is empty.
    ``nothing`` is said where it answered that there is nothing, ``empty`` while it is asked."""

    nothing: ClassVar[str]

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """What is listed here is not in the ledger."""

    def has_failed(self, result: CommandResult) -> bool:
        """Whether the command failed, which is then shown: as a message, and in the list where it is empty."""
        if result.error is None:
            self.rows.empty = self.nothing
            return False
        told = [part for part in result.error if part]
        if self.rows.total == 0:
            self.rows.empty = told[0]
            self.rows.refresh()
        self.app.show_message("\n".join(told), warning=True)
        return True

    def action_reload_list(self) -> None:
        """Ask the central again."""
        self.reload()
