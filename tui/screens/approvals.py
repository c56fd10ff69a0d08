"""Approvals: what waits for the bureau, what its settlement says now and what it said when it was last returned.

An approval names the versions that were read here. Where one of them changes while it is being read, it is shown anew,
and the next press of the key approves nothing: nobody approves what they have not seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.data.messages import Failed
from tui.data.rows import Few
from tui.i18n.translate import N_, _, ngettext
from tui.keys.actions import bindings
from tui.presenters.approvals import approval_columns, many_page
from tui.screens.base import Place
from tui.screens.panels import Confirm
from tui.widgets.long_list import LongList
from tui.widgets.page import Paper

if TYPE_CHECKING:
    from store.queries.approvals import ApprovalRow, Read
    from tui.data.reader import Desk
    from tui.data.readers.approvals import Shown
    from tui.data.writer import Outcome


class ApprovalsScreen(Place):
    """The list, and what is under the cursor: both sides and what happened since, beside or below each other."""

    place = "approvals"
    CSS_PATH = "approvals.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("approvals")]

    def __init__(self) -> None:
        super().__init__()
        self._read: Shown | None = None
        self._shown_anew = False
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """How many wait, the list, and the pages."""
        yield Label(id="count", markup=False)
        with Container(id="split"):
            empty = N_("Nothing waits for approval. esc leads back; 3 shows the ledger.")
            yield LongList["ApprovalRow"](
                approval_columns(self.app.now_ms), empty=empty, heading=False, selecting=True, id="list"
            )
            with Vertical(id="read"):
                with Container(id="sides"):
                    yield Paper(id="now")
                    yield Paper(id="before")
                yield Paper(id="since")
                yield Paper(id="whole")

    def on_mount(self) -> None:
        """Start in the list."""
        self.set_focus(self.rows)

    @property
    def rows(self) -> LongList[ApprovalRow]:
        """What waits."""
        return self.query_one("#list", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project of the issue under the cursor."""
        return self.rows.row.project_id if self.rows.row else None

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Read the list again; the cursor stays where it is, so after an approval it is on the next."""
        self.ask(_waiting, self._list)

    def _list(self, found: list[ApprovalRow]) -> None:
        self.rows.update(Few(found))
        said = ngettext("{n} waits for approval", "{n} wait for approval", len(found)).format(n=len(found))
        self.query_one("#count", Label).update(Content(f" {said}"))

    @on(LongList.Moved)
    @on(LongList.Counted)
    def _preview(self) -> None:
        row = self.rows.row
        if row is None:
            self._show(None)
            return
        issue_id = row.id
        self.ask(lambda desk: import_module("tui.data.readers.approvals").shown(desk, issue_id), self._show, "preview")

    def _show(self, found: Shown | None) -> None:
        before, self._read = self._read, found
        same = (
            before is not None and found is not None and before.approval.detail.row.id == found.approval.detail.row.id
        )
        if same and before and found and before.approval.read != found.approval.read:
            self._shown_anew = True
            self.app.say(_("It was changed while you read it; this is how it stands now."), warning=True)
        elif not same:
            self._shown_anew = False
        pages, about = (found.pages, found.approval.detail.row.id) if found else (None, None)
        for name in ("now", "before", "since", "whole"):
            self.query_one(f"#{name}", Paper).show(getattr(pages, name) if pages else [], about=about)

    # ── approving and returning ─────────────────────────────────────────────────────────────────────────────────

    def action_approve(self) -> None:
        """Approve what was read; of several selected, those that the question lists."""
        meant = self.rows.meant
        if self._busy or not meant:
            return
        if self.rows.selected:
            self.app.push_screen(Confirm(many_page(meant), lambda: self._approve_each({r.id: r.read for r in meant})))
            return
        read = self._read
        if read is None or read.approval.detail.row.id != meant[0].id:
            self.app.say(_("It is still being read; once more, please."))
        elif self._shown_anew:
            self._shown_anew = False
            self.app.say(_("It was changed while you read it; read it as it is now, then once more."), warning=True)
        else:
            self._approve_each({meant[0].id: read.approval.read})

    def _approve_each(self, read: dict[str, tuple[Read, Read]]) -> None:
        self._busy = True
        self.do(lambda desk: desk.pen.approve_each(read), self._approved)

    def _approved(self, outcomes: list[Outcome]) -> None:
        self._busy = False
        self.rows.deselect()
        done = [one.number for one in outcomes if one.error is None]
        if done:
            self.app.say(_("Approved: {numbers}.").format(numbers=_(", ").join(done)))
        for one in outcomes:
            if one.error is not None:
                self.app.tell(one.error)
        self.reload()

    def on_failed(self, message: Failed) -> None:
        """Say what could not be done, and go on."""
        message.stop()
        self._busy = False
        self.app.tell(message.error)

    async def action_send_back(self) -> None:
        """Return the one under the cursor; the form asks for the reason."""
        if self.rows.row is not None:
            await self.app.go("act_form", self.rows.row.id, "return")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a bureau approves and returns."""
        if action in ("approve", "send_back"):
            return self.app.holds("bureau")
        return super().check_action(action, parameters)

    @on(LongList.Opened)
    def open_issue(self, message: LongList.Opened) -> None:
        """Enter: the issue itself."""
        self.app.go("issue", message.row.id)

    async def action_history(self) -> None:
        """All versions of the issue's line."""
        if self.rows.row is not None:
            await self.app.go("history", self.rows.row.id)


def _waiting(desk: Desk) -> list[ApprovalRow]:
    found: list[ApprovalRow] = import_module("tui.data.readers.approvals").waiting(desk)
    return found
