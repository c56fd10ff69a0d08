"""The bureau's seat: who is let in with which devices, and the one-time codes that wait.

All of it is the central's: ``guanjia admin …`` reads and changes it, as a child process (``tui/data/bureau_seat.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.data.bureau_seat import SeatRow, filtered_rows, run_admin, seat_rows, typed_days
from tui.i18n.translate import N_, _, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.seat import seat_columns, seat_page
from tui.screens.central_list import ASKING, CentralListScreen, outcome_text
from tui.screens.filters import ListFilterPanel
from tui.screens.panels import Confirm
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn
from tui.widgets.fields import TextField
from tui.widgets.page import PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.subprocess import CommandResult

NOBODY_SUCH = N_("Nobody such. f changes the filter.")
_ACTS = {"withdraw_code": ("code",), "stop_device": ("device",), "stop_person": ("device", "account")}
"""The acts on a row, and the kinds of rows that they are for."""


class SeatScreen(CentralListScreen[SeatRow]):
    """Codes, then people with their devices; beside them the row under the cursor."""

    key_scope = "seat"
    empty = ASKING
    nothing = N_("Nobody has joined yet. n makes a code.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("seat")]

    def __init__(self) -> None:
        super().__init__()
        self._all: Sequence[SeatRow] = ()
        self.filter_values: Mapping[str, str | None] = {}

    def columns(self) -> Sequence[ListColumn[SeatRow]]:
        """Who, on which device, seen when."""
        return seat_columns(self.app.now_ms)

    def body(self) -> Iterable[Widget]:
        """What is listed, list and page."""
        yield Label(id="chosen", markup=False)
        yield from super().body()

    def reload(self) -> None:
        """Ask the central again; the cursor stays."""
        if self.rows.total == 0:
            self.update_rows([])  # an empty list says why it is empty once it has been read
        self.run_file_job(partial(run_admin, self.app.program_command, self.app.home, "overview"), self._show)

    def _show(self, result: CommandResult) -> None:
        if self.has_failed(result):
            return
        self._all = seat_rows(result.value)
        self._list()

    def _list(self) -> None:
        """List who passes the filter; the cursor stays."""
        self._at = self.rows.row.id if self.rows.row else self._at
        words, days = self.filter_values.get("person") or "", typed_days(self.filter_values.get("unseen") or "")
        rows = filtered_rows(self._all, words, days, self.app.now_ms())
        self.rows.empty = NOBODY_SUCH if self._all and not rows else self.nothing
        self.update_rows(rows)
        unseen = ngettext("not synced for {n} day", "not synced for {n} days", days).format(n=days) if days else ""
        parts = (_("Accounts"), str(len(rows)), words, unseen)
        self.query_one("#chosen", Label).update(Content(" " + single_line("   ".join(filter(None, parts)))))

    def page_of(self, reader: Reader, row: SeatRow, now_ms: int) -> Sequence[PageBlock]:
        """What is known of a row; nothing is read for it."""
        return seat_page(row, now_ms)

    async def action_filter(self) -> None:
        """List only who is called so, or has not synced for so many days."""
        fields = (
            TextField("person", N_("Person"), hint=N_("a part of the name")),
            TextField("unseen", N_("Not synced"), hint=N_("for how many days")),
        )
        panel = ListFilterPanel(_("Who?"), fields, self.filter_values)
        await self.app.push_screen(panel, self._apply)

    def _apply(self, chosen: Mapping[str, str | None] | None) -> None:
        if chosen is not None:
            self.filter_values = chosen
            self._list()
            unseen = (chosen.get("unseen") or "").strip()
            if unseen and not typed_days(unseen):
                text = _("“{text}” is no number of days: devices are listed whenever they last synced.")
                self.app.show_message(text.format(text=unseen), warning=True)

    async def action_audit(self) -> None:
        """Who did what when."""
        await self.app.open_screen("audit")

    # ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A code can be withdrawn, a device or person stopped once."""
        if action in _ACTS and self.is_mounted:
            row = self.rows.row
            is_stopped = row is None or (row.text("revoked_at") and row.text("stopped_why") != "unseen")
            return row is not None and row.kind in _ACTS[action] and not is_stopped
        if action == "readmit":
            row = self.rows.row if self.is_mounted else None
            return row is not None and bool(row.text("expired_at"))
        return super().check_action(action, parameters)

    async def action_invite(self) -> None:
        """Make a code for a person."""
        self._stale = True  # when one comes back there is one more
        await self.app.open_screen("invite_form")

    def action_readmit(self) -> None:
        """Let the device under the cursor in again."""
        if (row := self.rows.row) is not None and row.text("expired_at"):
            done = _("{device} of {name} is let in again.").format(device=row.text("name"), name=row.name)
            self._act("readmit", row.id, done)

    def action_withdraw_code(self) -> None:
        """End the code under the cursor."""
        if (row := self.rows.row) is not None and row.kind == "code":
            done = _("The code for {name} enrols nobody any more.").format(name=row.name or _("nobody by name"))
            self._act("withdraw", row.id, done)

    def action_stop_device(self) -> None:
        """Confirm, then stop the device under the cursor."""
        if (row := self.rows.row) is not None and row.kind == "device":
            asked = _("Stop {device} of {name}?").format(device=row.text("name"), name=row.name)
            self._confirm_stop(asked, row.id)

    def action_stop_person(self) -> None:
        """Confirm, then stop all devices of the person under the cursor."""
        if (row := self.rows.row) is not None and row.kind in _ACTS["stop_person"]:
            account = row.text("account_id") or row.id
            self._confirm_stop(_("Stop all devices of {name}?").format(name=row.name), account)

    def _confirm_stop(self, asked: str, name: str) -> None:
        means = _(
            "The central refuses it from its next call on. What it has sent stays. What it has not sent yet stays on "
            "it, and comes in when the person joins again with a new code."
        )
        blocks: list[PageBlock] = [PageTitle(asked), Passage(means)]
        stop = partial(self._act, "revoke", name, _("Stopped: the central refuses it from now on."))
        self.app.push_screen(Confirm(blocks, stop, danger=True))

    def _act(self, command: str, name: str, done: str) -> None:
        """Run the command, and tell ``done`` or why not, also where this screen has closed meanwhile: who stops a lost
        device must know whether it is stopped."""
        job = partial(run_admin, self.app.program_command, self.app.home, command, name)
        self.run_file_job(job, partial(self._handle_done, done), partial(outcome_text, done))

    def _handle_done(self, message: str, result: CommandResult) -> None:
        if not self.has_failed(result):
            self.app.show_message(message)
            self.reload()
