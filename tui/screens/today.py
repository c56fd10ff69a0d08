"""Today: what needs the person now, most pressing first, and their own projects. The program opens here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.data import readers
from tui.data.rows import InMemorySource
from tui.exceptions import to_guanjia_error
from tui.i18n.dates import format_full_moment
from tui.i18n.provisional_text import provisional_text
from tui.i18n.translate import N_, error_text, ngettext
from tui.keys.actions import bindings_in
from tui.presenters.notices import changed_hands_heads, stand_in_text
from tui.presenters.today import (
    OwnProjectRow,
    TodayRow,
    getting_started_blocks,
    own_project_columns,
    own_project_rows,
    sync_summary_spans,
    today_columns,
    today_rows,
)
from tui.screens.base import BaseScreen
from tui.screens.stand_in_menu import end_stand_in, may_be_ended
from tui.widgets.cells import Span, single_line
from tui.widgets.grouped_list import GroupedList, GroupedSource
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageView, PreviewPane

if TYPE_CHECKING:
    from store.queries.stand_ins import StandInRow
    from store.queries.today import Today, TodayEntry
    from tui.data.reader import Reader
    from tui.data.readers.today import DayNotices, TodayReading

_SCREENS = {"refused": "rejected", "lost": "conflicts", "approval": "approvals", "waiting": "waiting"}
"""The screen that has the whole of a group, where it is not the issue ledger."""

MAX_NOTICES = 3
"""At most so many lines tell what changed hands and who acts for whom."""


class TodayScreen(BaseScreen):
    """The day as one list; below it the person's own projects, beside both what is under the cursor."""

    key_scope = "today"
    CSS_PATH = "today.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("today")]

    def __init__(self) -> None:
        super().__init__()
        self._today: Today | None = None
        self._reported_code: str | None = None
        self._acting: Sequence[StandInRow] = ()

    def body(self) -> Iterable[Widget]:
        """The head line, the list of the day, the own projects; or how to begin."""
        now = self.app.now_ms
        yield Label(id="head", markup=False)
        yield Label(id="notices", markup=False)
        with Container(id="split"):
            empty = N_("Nothing needs you now. v logs a visit, / looks anything up, 2 shows the projects.")
            with Vertical(id="lists"):
                yield GroupedList[TodayRow](today_columns(now), empty=empty, id="list")
                yield LongList[OwnProjectRow](
                    own_project_columns(now), empty=N_("No project is yours yet. 2 shows all."), id="own"
                )
            yield PreviewPane(id="side")
        yield PageView(id="begin", classes="reading")

    @property
    def rows(self) -> GroupedList[TodayRow]:
        """The day."""
        return self.query_one("#list", GroupedList)

    @property
    def own_projects(self) -> LongList[OwnProjectRow]:
        """The person's projects."""
        return self.query_one("#own", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project that the line under the cursor is about."""
        if self.own_projects.has_focus:
            row = self.own_projects.row
            return row.project.id if row and row.project else None
        return self.rows.row.entry.project_id if self.rows.row and self.rows.row.entry else None

    def on_mount(self) -> None:
        """Focus the list; follow the sync status."""
        self.set_focus(self.rows)
        self.watch(self.app, "sync_status", self._update_head, init=False)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Visible again: a form may have saved a draft, which is no change of the ledger."""
        self._stale = True
        super().on_screen_resume(event)

    def reload(self) -> None:
        """Read the day again."""
        self.read_in_thread(
            lambda reader: reader.run(readers.today.read_today, reader.device_state, reader.thresholds()),
            self._handle_read,
        )

    def _handle_read(self, reading: TodayReading) -> None:
        error = reading.drafts_error
        if error is not None and error.code != self._reported_code:
            self.app.show_message("\n".join(error_text(to_guanjia_error(error, self.app.home))), warning=True)
        self._reported_code = error.code if error else None
        self._show_notices(reading.notices, reading.today.provisional)
        self._show(reading.today)

    def _show_notices(self, notices: DayNotices, provisional: int) -> None:
        """What changed hands, who acts for whom and what waits from meetings: the first lines, and how many more there
        are."""
        self._acting, now_ms = notices.acting, self.app.now_ms()
        lines = [stand_in_text(row, now_ms) for row in notices.acting]
        lines += changed_hands_heads(notices.taken, notices.left, now_ms)
        lines += filter(None, [provisional_text(provisional)])
        more = len(lines) - MAX_NOTICES
        if more > 0:
            lines = [*lines[:MAX_NOTICES], ngettext("and {n} more", "and {n} more", more).format(n=more)]
        label = self.query_one("#notices", Label)
        label.update(Content("\n".join(single_line(line) for line in lines)))
        label.display = bool(lines)

    def _show(self, today: Today) -> None:
        begun = today.any_project or bool(today.groups)
        if not begun:
            status = self.app.sync_status
            alone = status is None or status.central is None
            blocks = getting_started_blocks(
                works_alone=alone, enters_projects=self._enters_projects, lets_others_in=self.app.has_role("bureau")
            )
            self.query_one("#begin", PageView).show(blocks)
        self.set_class(not begun, "-beginning")
        if begun and (self._today is None or self.focused is None):
            self.set_focus(self.rows)
        self._today = today
        self.rows.replace_source(GroupedSource(today_rows(today)))
        self.own_projects.replace_source(InMemorySource(own_project_rows(today)))
        self._update_head()
        self.refresh_bindings()

    def _update_head(self) -> None:
        """The head line: the day, how much needs the person, what is unsent, when both sides were last equal."""
        count = sum(group.count for group in self._today.groups) if self._today else 0
        told: list[Span] = [(format_full_moment(self.app.now_ms())[:10], "b")]
        if self._today is not None and not self.has_class("-beginning"):
            told.append(
                (ngettext("{n} needs you", "{n} need you", count).format(n=count), "b" if count else "$success")
            )
        told += sync_summary_spans(self.app.sync_status, self.app.now_ms())
        parts = [part for text, style in told for part in ((" ", ""), (text, style), ("  ", ""))]
        self.query_one("#head", Label).update(Content.assemble(*parts))

    # ── beside the lists ────────────────────────────────────────────────────────────────────────────────────────

    def on_resize(self) -> None:
        """Where there is room now, the preview is read."""
        self.call_after_refresh(self._preview)

    @on(events.DescendantFocus)
    @on(LongList.CursorMoved)
    @on(LongList.RowsLoaded)
    def _preview(self) -> None:
        """Show what is under the cursor of the list that has the focus, where there is room for it."""
        if not self.has_class("-wide") or self.has_class("-beginning"):
            return
        row = (self.own_projects if self.focused is self.own_projects else self.rows).row
        if row is None:
            self.discard_read("preview")
            self.query_one("#side", PreviewPane).show(())
        else:
            self.read_in_thread(
                partial(_read_preview, row=row, now_ms=self.app.now_ms()), partial(self._show_beside, row.id), "preview"
            )

    def _show_beside(self, row_id: str, blocks: Sequence[PageBlock]) -> None:
        self.query_one("#side", PreviewPane).show(blocks, subject=row_id)

    # ── going ───────────────────────────────────────────────────────────────────────────────────────────────────

    @on(LongList.RowOpened, "#list")
    async def open_row(self, message: LongList.RowOpened) -> None:
        """Enter: to what needs the person, or to the whole of a group."""
        row: TodayRow = message.row
        target = self._target(row.entry) if row.entry else self._open_group(row.why)
        if target[0] == "projects":
            await self.app.action_show_projects()
        elif target[0] == "meeting_mode":
            await self.app.action_meeting_mode()
        else:
            self.app.open_screen(*target)

    def _target(self, entry: TodayEntry) -> tuple[str, *tuple[object, ...]]:
        if entry.why in ("refused", "lost"):
            return _SCREENS[entry.why], entry.line
        if entry.why == "waiting" or (entry.why == "approval" and self._approves):
            return (_SCREENS[entry.why],)
        if entry.why == "draft":
            from tui.screens.drafts import form_for_draft  # noqa: PLC0415 - no form is imported before the first paint

            return form_for_draft(entry)
        return entry.kind, entry.line

    def _open_group(self, why: str) -> tuple[str, *tuple[object, ...]]:
        if why in ("refused", "lost") or (why == "approval" and self._approves):
            return (_SCREENS[why],)
        if why == "silent" or self._today is None:
            return ("projects",)
        from store.queries.own_work import IssueNeed  # noqa: PLC0415 - the store is not imported before the first paint
        from tui.screens.filters import IssueFilterValues  # noqa: PLC0415 - nor are fields

        return "issues", IssueFilterValues(need=IssueNeed(why, self._today.responsibilities))  # type: ignore[arg-type]

    @on(LongList.RowOpened, "#own")
    async def open_own(self, message: LongList.RowOpened) -> None:
        """Enter: to the project."""
        row: OwnProjectRow = message.row
        if row.project:
            self.app.open_screen("project", row.project.id)
        else:
            await self.app.action_show_projects()

    @property
    def _enters_projects(self) -> bool:
        status = self.app.sync_status
        return status is None or status.may_write("project", "create")

    @property
    def _approves(self) -> bool:
        return self._today is not None and "bureau" in self._today.responsibilities.roles

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a bureau approves; without any project only adding one is offered."""
        if action == "new":
            return self.has_class("-beginning") and self._enters_projects
        if action in ("open", "next_part", "previous_part", "conflicts", "rejected") and self.has_class("-beginning"):
            return False
        if action == "end_stand_in":
            return bool(may_be_ended(self.app, self._acting))
        if action == "approvals":
            return self._approves
        return super().check_action(action, parameters)

    async def action_new(self) -> None:
        """The first project, by hand."""
        await self.app.open_screen("project_form", None)

    async def action_end_stand_in(self) -> None:
        """End the stand-in that is told of; which, where there are several."""
        await end_stand_in(self, self._acting)

    def action_next_part(self) -> None:
        """From the day to the projects, and back."""
        self.set_focus(self.rows if self.own_projects.has_focus else self.own_projects)
        self.refresh_bindings()

    def action_previous_part(self) -> None:
        """As `action_next_part`: there are two."""
        self.action_next_part()


def _read_preview(reader: Reader, row: TodayRow | OwnProjectRow, now_ms: int) -> list[PageBlock]:
    """What is shown beside the lists; read in a thread."""
    from tui.screens.preview import EntryTarget, entry_blocks, preview_blocks  # noqa: PLC0415 - not before the first paint

    if isinstance(row, TodayRow):
        return entry_blocks(reader, row.entry, now_ms)
    if row.project is None:
        return entry_blocks(reader, None, now_ms)
    return preview_blocks(reader, EntryTarget("project", row.project.id, row.project.name), now_ms)
