"""Today: what needs me now, most pressing first, and how my projects are doing. Where the program opens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.data.rows import Few
from tui.i18n.dates import full_moment
from tui.i18n.translate import N_, ngettext
from tui.keys.actions import bindings
from tui.presenters.today import (
    OwnRow,
    TodayRow,
    agreement_spans,
    beginning,
    own_columns,
    own_rows,
    today_columns,
    today_rows,
)
from tui.screens.base import Place
from tui.widgets.cells import Span
from tui.widgets.long_list import LongList
from tui.widgets.page import Paper

if TYPE_CHECKING:
    from store.queries.today import Entry, Today

_SCREENS = {"refused": "rejected", "lost": "losers", "approval": "approvals"}
"""The screen that has the whole of a group, where it is not the issue ledger."""


class TodayScreen(Place):
    """The day as one list; beside or below it the person's own projects."""

    place = "today"
    CSS_PATH = "today.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("today")]

    def __init__(self) -> None:
        super().__init__()
        self._today: Today | None = None

    def body(self) -> Iterable[Widget]:
        """How the day stands, the day, the projects; or how to begin."""
        now = self.app.now_ms
        yield Label(id="head", markup=False)
        with Container(id="split"):
            empty = N_("Nothing needs you now. v logs a visit, / looks anything up, 2 shows the projects.")
            yield LongList[TodayRow](today_columns(now), empty=empty, id="list")
            yield LongList[OwnRow](own_columns(now), empty=N_("No project is yours yet. 2 shows all."), id="own")
        yield Paper(id="begin", classes="reading")

    @property
    def rows(self) -> LongList[TodayRow]:
        """The day."""
        return self.query_one("#list", LongList)

    @property
    def own(self) -> LongList[OwnRow]:
        """The person's projects."""
        return self.query_one("#own", LongList)

    @property
    def project_in_view(self) -> str | None:
        """The project that the line under the cursor is about."""
        if self.own.has_focus:
            row = self.own.row
            return row.project.id if row and row.project else None
        return self.rows.row.entry.project_id if self.rows.row and self.rows.row.entry else None

    def on_mount(self) -> None:
        """Start in the day; follow the standing."""
        self.set_focus(self.rows)
        self.watch(self.app, "standing", self._tell, init=False)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Read the day again."""
        from tui.data.readers.today import read_today  # noqa: PLC0415 - loaded once the desk is open

        self.ask(read_today, self._show)

    def _show(self, found: Today) -> None:
        begun = found.any_project or bool(found.groups)
        if not begun:
            standing = self.app.standing
            self.query_one("#begin", Paper).show(beginning(standing is None or standing.central is None))
        self.set_class(not begun, "-beginning")
        if begun and (self._today is None or self.focused is None):
            self.set_focus(self.rows)
        self._today = found
        self.rows.update(Few(today_rows(found)))
        self.own.update(Few(own_rows(found)))
        self._tell()
        self.refresh_bindings()

    def _tell(self) -> None:
        """The head line: the day, how much needs the person, what is unsent, when both sides were last equal."""
        count = sum(group.count for group in self._today.groups) if self._today else 0
        told: list[Span] = [(full_moment(self.app.now_ms())[:10], "b")]
        if self._today is not None and not self.has_class("-beginning"):
            told.append(
                (ngettext("{n} needs you", "{n} need you", count).format(n=count), "b" if count else "$success")
            )
        told += agreement_spans(self.app.standing, self.app.now_ms())
        parts = [part for text, style in told for part in ((" ", ""), (text, style), ("  ", ""))]
        self.query_one("#head", Label).update(Content.assemble(*parts))

    # ── going ───────────────────────────────────────────────────────────────────────────────────────────────────

    @on(LongList.Opened, "#list")
    async def open_row(self, message: LongList.Opened) -> None:
        """Enter: to what needs the person, or to the whole of a group."""
        row: TodayRow = message.row
        target = self._target(row.entry) if row.entry else self._whole(row.why)
        if target[0] == "projects":
            await self.app.action_show_projects()
        elif target[0] == "meeting_mode":
            await self.app.action_meeting_mode()
        else:
            self.app.go(*target)

    def _target(self, entry: Entry) -> tuple[Any, ...]:
        if entry.why in ("refused", "lost"):
            return _SCREENS[entry.why], entry.line
        if entry.why == "approval" and self._approves:
            return ("approvals",)
        if entry.why == "draft":
            from tui.screens.drafts import form_of  # noqa: PLC0415 - no form is imported before the first paint

            return form_of(entry)
        return entry.kind, entry.line

    def _whole(self, why: str) -> tuple[Any, ...]:
        if why in ("refused", "lost") or (why == "approval" and self._approves):
            return (_SCREENS[why],)
        if why == "silent" or self._today is None:
            return ("projects",)
        from store.queries.own_work import Need  # noqa: PLC0415 - the store is not imported before the first paint
        from tui.screens.filters import Chosen  # noqa: PLC0415 - nor are fields

        return "issues", Chosen(need=Need(why, self._today.mine))  # type: ignore[arg-type]

    @on(LongList.Opened, "#own")
    async def open_own(self, message: LongList.Opened) -> None:
        """Enter: to the project."""
        row: OwnRow = message.row
        if row.project:
            self.app.go("project", row.project.id)
        else:
            await self.app.action_show_projects()

    @property
    def _approves(self) -> bool:
        return self._today is not None and "bureau" in self._today.mine.roles

    def check_action(self, action: str, parameters: tuple[Any, ...]) -> bool | None:
        """Only a bureau approves; where there is no project, one is added and there is nothing else to do."""
        if action == "new":
            return self.has_class("-beginning")
        if action in ("open", "next_part", "previous_part", "losers", "rejected") and self.has_class("-beginning"):
            return False
        if action == "approvals":
            return self._approves
        return super().check_action(action, parameters)

    async def action_new(self) -> None:
        """The first project, by hand."""
        await self.app.go("project_form", None)

    def action_next_part(self) -> None:
        """From the day to the projects, and back."""
        self.set_focus(self.rows if self.own.has_focus else self.own)
        self.refresh_bindings()

    def action_previous_part(self) -> None:
        """As `action_next_part`: there are two."""
        self.action_next_part()
