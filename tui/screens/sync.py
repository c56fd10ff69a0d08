"""Agreement with the central: when both sides were last found equal, what waits, and what was refused and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.actions import bindings
from tui.dates import moment_shown
from tui.screens.base import Place
from tui.screens.panels import Confirm
from tui.screens.visit import form_for
from tui.sheets.lines import rejected_columns, rejected_page
from tui.standing import standing_spans
from tui.widgets.long_list import LongList
from tui.widgets.paper import Block, Facts, Heading, Paper, Passage, Title, Words
from tui.widgets.rows import Few
from tui.words import N_, _, ngettext, word

if TYPE_CHECKING:
    from store.queries.lines import Rejected
    from store.queries.status import Notice, Status


class SyncScreen(Place):
    """The facts, and the refused lines."""

    place = "sync"
    CSS_PATH = "sync.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sync")]

    def body(self) -> Iterable[Widget]:
        """Facts above, refused lines below; beside each other where there is room."""
        with Container(id="split"):
            yield Paper(id="facts")
            with Vertical(id="refused"):
                yield Label(Content(" " + _("Refused lines")), id="refused-title")
                yield LongList["Rejected"](rejected_columns(self.app.now_ms), empty=N_("None was refused."), id="list")
                yield Paper(id="page")

    @property
    def rows(self) -> LongList[Rejected]:
        """The refused lines."""
        return self.query_one("#list", LongList)

    def on_mount(self) -> None:
        """Start in the list; follow the standing."""
        self.set_focus(self.rows)

    def reload(self) -> None:
        """Read facts and refused lines again."""
        self.ask(lambda desk: (desk.status(), desk.rejected()), self._show)

    def _show(self, found: tuple[tuple[Status, list[Notice]], list[Rejected]]) -> None:
        (status, notices), rejected = found
        standing = standing_spans(self.app.standing, self.app.now_ms())
        blocks = facts_of(status, notices, self.app.now_ms())
        parts = [part for text, style in standing for part in ((text, _INK.get(style, "")), ("   ", ""))]
        self.query_one("#facts", Paper).show([Title(_("Agreement with the central")), Words(tuple(parts)), *blocks])
        at = self.rows.row.id if self.rows.row else None
        self.rows.show(Few(rejected), at=at)
        self.refresh_bindings()

    @on(LongList.Moved)
    def show_line(self, message: LongList.Moved) -> None:
        """What the refused line says, and why it was refused."""
        self.refresh_bindings()
        self.query_one("#page", Paper).show(rejected_page(message.row) if message.row else [], top=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to a refused line needs one."""
        if action in ("retry", "drop", "edit", "history") and self.is_mounted and self.rows.row is None:
            return False
        return super().check_action(action, parameters)

    def action_retry(self) -> None:
        """Send the line again with the next round."""
        if (row := self.rows.row) is not None:
            self.do(lambda desk: desk.pen.retry(row.id), self._retried)

    def _retried(self, _nothing: None) -> None:
        self.app.say(_("It is sent again with the next round."))

    def action_drop(self) -> None:
        """Ask, then give the line up."""
        if (row := self.rows.row) is None:
            return
        question: list[Block] = [
            Title(_("Give up this line?")),
            Passage(_("What it says stays in its history here, but is sent to nobody.")),
            *rejected_page(row),
        ]
        self.app.push_screen(Confirm(question, lambda: self._drop(row.id), danger=True))

    def _drop(self, line_id: str) -> None:
        self.do(lambda desk: desk.pen.drop(line_id), lambda _nothing: self.app.say(_("Given up.")))

    async def action_edit(self) -> None:
        """Correct the line: an edited line is sent again."""
        if (row := self.rows.row) is not None and (form := form_for(row.kind, row.id)):
            await self.app.go(*form)

    async def action_history(self) -> None:
        """All versions of the line."""
        if (row := self.rows.row) is not None:
            await self.app.go("history", row.id)


_INK = {"$muted": "muted", "$warning": "warn", "b $error": "bad", "$success": "good", "b $primary": "accent"}


def facts_of(status: Status, notices: list[Notice], now_ms: int) -> list[Block]:
    """What this home knows of itself and of its last round."""
    last: dict[str, Any] = status.last_round or {}
    counts = _("sent {pushed}, received {pulled}").format(pushed=last.get("pushed", 0), pulled=last.get("pulled", 0))
    outcome = counts if last.get("outcome") == "done" else _("not reached or refused")
    facts = Facts(
        (
            (_("Person"), status.person_name),
            (_("District"), f"{status.district_name} ({status.district})"),
            (_("Central"), status.central or _("none: this device works alone")),
            (_("Last round"), f"{_at(last.get('at'), now_ms)}  {outcome}" if last else _("never")),
            (_("Found equal"), _at(status.verified_at, now_ms) or _("never")),
            (_("Lines here"), str(status.lines)),
            (_("Unsent"), str(status.pending)),
            (_("Refused"), str(status.rejected)),
            (_("Clock"), _("corrected by {n} s").format(n=round(status.clock_offset_ms / 1000))),
            (_("Device"), status.device),
        )
    )
    told = [(moment_shown(notice.at, now_ms), notice_text(notice)) for notice in notices]
    return [facts, Heading(_("Notices")), Facts(told)] if told else [facts]


def _at(moment: Any, now_ms: int) -> str:
    return moment_shown(datetime.fromisoformat(moment).isoformat(), now_ms) if isinstance(moment, str) else ""


def notice_text(notice: Notice) -> str:
    """A notice in words."""
    lines = int(notice.detail.get("lines") or 0)
    counted = ngettext("{n} line", "{n} lines", lines).format(n=lines)
    return f"{word('notice', notice.code)}  {counted}"
