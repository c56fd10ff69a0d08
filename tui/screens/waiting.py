"""What waits for the bureau's decision at the central: read line by line with what each would change, and accepted or
declined, a line, a home, or all.

Exactly the lines that are listed are decided, never what came since. ``guanjia admin waiting`` reads and decides, as a
child process.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from tui.data.bureau_seat import run_admin
from tui.data.waiting_lines import WaitingRow, WaitingVersion, waiting_names, waiting_rows, waiting_versions
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.waiting import counted_lines, waiting_columns, waiting_page, waiting_summary
from tui.screens.central_list import ASKING, CentralListScreen, outcome_text
from tui.screens.panels import Confirm
from tui.widgets.columns import ListColumn
from tui.widgets.page import PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.subprocess import CommandResult


class WaitingScreen(CentralListScreen[WaitingRow]):
    """Homes with their lines; beside them the line under the cursor."""

    key_scope = "waiting"
    empty = ASKING
    nothing = N_("Nothing waits for a decision.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("waiting")]

    def __init__(self) -> None:
        super().__init__()
        self._says: dict[int, str] = {}
        self._busy = False

    def columns(self) -> Sequence[ListColumn[WaitingRow]]:
        """Who sent it, what it says, and what it would do."""
        return waiting_columns(self.app.now_ms)

    def reload(self) -> None:
        """Ask the central; the cursor stays."""
        if self.rows.total == 0:
            self.update_rows([])
        self.run_file_job(partial(run_admin, self.app.program_command, self.app.home, "waiting"), self._handle_answer)

    def _handle_answer(self, result: CommandResult) -> None:
        if self.has_failed(result):
            return
        versions = waiting_versions(result.value)
        self.read_in_thread(lambda reader: _summaries(reader, versions), partial(self._show, versions))

    def _show(self, versions: Sequence[WaitingVersion], says: dict[int, str]) -> None:
        self._says = says
        self._at = self.rows.row.id if self.rows.row else self._at
        self.update_rows(waiting_rows(versions, says))

    def page_of(self, reader: Reader, row: WaitingRow, now_ms: int) -> Sequence[PageBlock]:
        """The line, with the names that it mentions; of several, what they say."""
        names = reader.run(waiting_names, row.versions) if row.is_line else {}
        return waiting_page(row, [self._says[each.number] for each in row.versions], names, now_ms)

    # ── deciding ────────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Something listed can be decided."""
        if action in ("accept_lines", "decline_lines") and self.is_mounted:
            return bool(self.rows.target_rows)
        return super().check_action(action, parameters)

    def action_accept_lines(self) -> None:
        """Take in the lines under the cursor or selected, after a question where there are several."""
        numbers = self._numbers()
        if len(numbers) == 1:
            self._decide("--accept", numbers)
        elif numbers:
            means = _(
                "They become lines of the ledger, of their authors and times, and reach everybody whom they concern."
            )
            self._ask(_("Take in {lines}?"), means, "--accept", numbers)

    def action_decline_lines(self) -> None:
        """Decline the lines under the cursor or selected, after a question."""
        if numbers := self._numbers():
            means = _("They are not proposed again. On the devices of their authors they stay, as refused.")
            self._ask(_("Decline {lines}?"), means, "--reject", numbers)

    def _numbers(self) -> list[str]:
        """What is to be decided; nothing while the central is asked about the decision before."""
        if self._busy:
            self.app.show_message(_("The central is asked already; once more in a moment."))
            return []
        versions = [version for row in self.rows.target_rows for version in row.versions]
        return list(dict.fromkeys(str(version.number) for version in versions))

    def _ask(self, question: str, means: str, option: str, numbers: Sequence[str]) -> None:
        blocks: list[PageBlock] = [PageTitle(question.format(lines=counted_lines(len(numbers)))), Passage(means)]
        decide = partial(self._decide, option, numbers)
        self.app.push_screen(Confirm(blocks, decide, danger=option == "--reject"))

    def _decide(self, option: str, numbers: Sequence[str]) -> None:
        """Decide about these, however many they are, and tell it, also where this screen has closed meanwhile."""
        self._busy = True
        named = "\n".join(numbers)
        job = partial(run_admin, self.app.program_command, self.app.home, "waiting", option, "-", typed=named)
        self.run_file_job(job, self._handle_decided, _decided_text)

    def _handle_decided(self, result: CommandResult) -> None:
        self._busy = False
        self.rows.deselect()
        if result.error is None:
            self.app.show_message(_decided_text(result))
            self.app.sync_after_deciding()
        self._handle_answer(result)


def _decided_text(result: CommandResult) -> str:
    return outcome_text(result.stderr.strip() or _("Decided."), result)


def _summaries(reader: Reader, versions: Sequence[WaitingVersion]) -> dict[int, str]:
    names = reader.run(waiting_names, versions)
    return {each.number: waiting_summary(each, names) for each in versions}
