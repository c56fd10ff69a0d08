"""Approvals: the issues that wait for the bureau, and the settlement now beside what it was when it was last returned.

An approval names the versions that were read here. Where one of them changes while it is being read, it is shown again,
and the next press of the key approves nothing: nothing is approved that was not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import queries
from store.home.paths import Home
from store.home.settings import load_settings
from store.queries.attachments import attachments_of
from tui.data import readers
from tui.data.attached_files import ShownFile, by_line, preview_of, shown_files
from tui.data.issue_acts import approve_issues
from tui.data.messages import ErrorReported
from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.approvals import (
    EvidenceBlocks,
    approval_columns,
    approval_pages,
    bulk_approval_page,
    returned_settlement,
)
from tui.presenters.attachments import file_section
from tui.screens.base import BaseScreen
from tui.screens.panels import Confirm
from tui.screens.picker import PREVIEWS
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageView
from tui.widgets.picture import PictureRow, PictureStyle, picture_style

if TYPE_CHECKING:
    from store.queries.approvals import ApprovalDetail, ApprovalRow, VersionRef
    from tui.data.issue_acts import IssueActResult
    from tui.data.reader import Reader
    from tui.presenters.approvals import ApprovalPages


MOST_PICTURES = 3
"""So many pictures of each settlement are drawn; the key for its files shows all."""
PICTURE_PIXELS = (26, 28)
"""The size of each: columns, and two for each line."""


class ApprovalView(NamedTuple):
    """One approval with its pages, which may lack the pictures of its files yet."""

    approval: ApprovalDetail
    pages: ApprovalPages
    lacks_pictures: bool


class ApprovalsScreen(BaseScreen):
    """The list, and what is under the cursor: both sides and what happened since, beside or below each other."""

    key_scope = "approvals"
    CSS_PATH = "approvals.tcss"
    row_actions = frozenset({"open", "approve", "send_back", "history", "attachments"})
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("approvals")]

    def __init__(self) -> None:
        super().__init__()
        self._preview_data: ApprovalView | None = None
        self._changed_since_read = False
        self._busy = False

    def body(self) -> Iterable[Widget]:
        """How many wait, the list, and the pages."""
        yield Label(id="count", markup=False)
        with Container(id="split"):
            empty = N_("Nothing waits for approval. esc leads back; 3 shows the ledger.")
            yield LongList["ApprovalRow"](approval_columns(self.app.now_ms), empty=empty, selecting=True, id="list")
            with Vertical(id="read"):
                with Container(id="sides"):
                    yield PageView(id="now")
                    yield PageView(id="before")
                yield PageView(id="since")
                yield PageView(id="whole")

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

    @property
    def record_in_view(self) -> str | None:
        """The issue under the cursor."""
        return self.rows.row.id if self.rows.row else None

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Read the list again; the cursor stays where it is, so after an approval it is on the next."""
        self.read_in_thread(_read_waiting, self._handle_listed)

    def _handle_listed(self, rows: list[ApprovalRow]) -> None:
        self.rows.replace_source(InMemorySource(rows))
        text = ngettext("{n} waits for approval", "{n} wait for approval", len(rows)).format(n=len(rows))
        self.query_one("#count", Label).update(Content(f" {text}"))

    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _preview(self) -> None:
        row = self.rows.row
        if row is None:
            self._show(None)
            return
        issue_id = row.id
        self.read_in_thread(
            lambda reader: _read_approval(reader, issue_id),
            self._show,
            "preview",
        )

    def _show(self, preview: ApprovalView | None) -> None:
        before, self._preview_data = self._preview_data, preview
        same = (
            before is not None
            and preview is not None
            and before.approval.detail.row.id == preview.approval.detail.row.id
        )
        if same and before and preview and before.approval.read != preview.approval.read:
            self._changed_since_read = True
            self.app.show_message(_("It was changed while you read it; this is how it stands now."), warning=True)
        elif not same:
            self._changed_since_read = False
        pages, about = (preview.pages, preview.approval.detail.row.id) if preview else (None, None)
        for name in ("now", "before", "since", "whole"):
            self.query_one(f"#{name}", PageView).show(getattr(pages, name) if pages else [], subject=about)

        if preview is not None and preview.lacks_pictures and about is not None:
            self._draw_pictures(about)

    def _draw_pictures(self, issue_id: str) -> None:
        """The texts are there; their pictures follow as soon as they are decoded."""

        def draw(reader: Reader) -> ApprovalView | None:
            setting = load_settings(Home(reader.home)).picture_preview
            return _read_approval(reader, issue_id, picture_style(self.app, setting))

        self.read_in_thread(draw, self._show, "preview")

    # ── approving and returning ─────────────────────────────────────────────────────────────────────────────────

    def action_approve(self) -> None:
        """Approve what was read; of several selected, those that the question lists."""
        targets = self.rows.target_rows
        if self._busy or not targets:
            return
        if self.rows.selected:
            self.app.push_screen(
                Confirm(bulk_approval_page(targets), lambda: self._approve_each({r.id: r.read for r in targets}))
            )
            return
        read = self._preview_data
        if read is None or read.approval.detail.row.id != targets[0].id:
            self.app.show_message(_("It is still being read; once more, please."))
        elif self._changed_since_read:
            self._changed_since_read = False
            self.app.show_message(
                _("It was changed while you read it; read it as it is now, then once more."), warning=True
            )
        else:
            self._approve_each({targets[0].id: read.approval.read})

    def _approve_each(self, read_versions: dict[str, tuple[VersionRef, VersionRef]]) -> None:
        self._busy = True
        self.write_in_thread(lambda reader: approve_issues(reader.writer, read_versions), self._handle_approved)

    def _handle_approved(self, outcomes: list[IssueActResult]) -> None:
        self._busy = False
        self.rows.deselect()
        done = [one.number for one in outcomes if one.error is None]
        if done:
            self.app.show_message(_("Approved: {numbers}.").format(numbers=_(", ").join(done)))
        for one in outcomes:
            if one.error is not None:
                self.app.show_error(one.error)
        self.reload()

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show the error; the screen stays usable."""
        message.stop()
        self._busy = False
        self.app.show_error(message.error)

    async def action_send_back(self) -> None:
        """Return the issue under the cursor; the form asks for the reason."""
        if self.rows.row is not None:
            await self.app.open_screen("act_form", self.rows.row.id, "return")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a bureau approves and returns."""
        if action in ("approve", "send_back"):
            return self.app.has_role("bureau") and super().check_action(action, parameters)
        return super().check_action(action, parameters)

    @on(LongList.RowOpened)
    def open_issue(self, message: LongList.RowOpened) -> None:
        """Enter: the issue itself."""
        self.app.open_screen("issue", message.row.id)

    async def action_history(self) -> None:
        """All versions of the issue's line."""
        if self.rows.row is not None:
            await self.app.open_screen("history", self.rows.row.id)


def _read_waiting(reader: Reader) -> list[ApprovalRow]:
    thresholds = reader.thresholds()
    return reader.run(queries.approvals.approvals, thresholds, reader.run(queries.stand_ins.own_side, thresholds.today))


def _read_approval(reader: Reader, issue_id: str, style: PictureStyle | None = None) -> ApprovalView | None:
    """One approval with its pages, worked out in the thread; None where nothing is to be approved any more. With
    ``style`` its pictures are decoded, which takes longer."""
    detail = reader.run(queries.approvals.approval, issue_id, reader.thresholds())
    if detail is None:
        return None
    steps = (detail.settlement.id, returned_settlement(detail))
    files = by_line(shown_files(reader, reader.run(attachments_of, [step for step in steps if step])))
    now, before = (_evidence(reader, files.get(step or "", []), style) for step in steps)
    person = reader.run(readers.device.read_person_id)
    return ApprovalView(
        detail,
        approval_pages(detail, person, reader.now_ms(), EvidenceBlocks(now, before)),
        style is None and any(file.has_picture for of_step in files.values() for file in of_step),
    )


def _evidence(reader: Reader, files: list[ShownFile], style: PictureStyle | None) -> list[PageBlock]:
    """The files of a settlement, the first of them as pictures where ``style`` says how these are drawn."""
    blocks = file_section(files, reader.now_ms())
    if style is None or style.name == "none":
        return blocks
    drawn = [
        (file.row.name, made)
        for file in files[:MOST_PICTURES]
        if (made := preview_of(reader, file, PREVIEWS, *PICTURE_PIXELS)) is not None
    ]
    return [*blocks, PictureRow(drawn, style)] if drawn else blocks
