"""Lines that the central refused: why, how to mend them; correct, send again, or give up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from tui.i18n.translate import N_, _, ngettext, word
from tui.keys.actions import bindings
from tui.presenters.lines import rejected_columns, summary
from tui.presenters.rejected import refused_page
from tui.screens.master_detail import PairScreen, named_lines
from tui.screens.panels import Confirm
from tui.screens.visit import form_for
from tui.widgets.columns import Column
from tui.widgets.page import Block, Gap, Passage, Title

if TYPE_CHECKING:
    from store.queries.lines import Rejected
    from tui.data.reader import Desk


class RejectedScreen(PairScreen["Rejected"]):
    """The refused lines; of the one under the cursor why, and what it says."""

    place = "rejected"
    empty = N_("The central has refused nothing. esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rejected")]

    def columns(self) -> Sequence[Column[Rejected]]:
        """When, what, why."""
        return rejected_columns(self.app.now_ms)

    def reload(self) -> None:
        """Read the refused lines again."""
        self.ask(lambda desk: desk.rejected(), self.list_rows)

    def show_page(self) -> None:
        """Read the names that the line mentions, then show it."""
        row = self.rows.row
        if row is None:
            self.put_page([], None)
        else:
            now_ms = self.app.now_ms()
            self.ask(
                lambda desk: refused_page(row, desk.named_line(row.id)[1], now_ms),
                lambda page: self.put_page(page, row.id),
                "page",
            )

    async def action_edit(self) -> None:
        """Correct the line in the form of its kind: an edited line is sent again."""
        if (row := self.rows.row) is None:
            return
        if form := form_for(row.kind, row.id):
            await self.app.go(*form)
        else:
            kind = word("kind", row.kind)
            self.app.say(
                _("{kind}: no form corrects this. Send it again, or give it up.").format(kind=kind), warning=True
            )

    def action_retry(self) -> None:
        """Send the lines again with the next round."""
        if ids := [row.id for row in self.rows.meant]:
            told = ngettext("{n} line goes with the next round.", "{n} lines go with the next round.", len(ids))
            self._write(lambda desk: desk.pen.retry(*ids), told.format(n=len(ids)))

    def action_drop(self) -> None:
        """Ask, then give the lines up."""
        if chosen := self.rows.meant:
            ids = [row.id for row in chosen]
            self.app.push_screen(Confirm(_question(chosen), lambda: self._drop(ids), danger=True))

    def _drop(self, ids: Sequence[str]) -> None:
        told = ngettext("{n} line given up.", "{n} lines given up.", len(ids))
        self._write(lambda desk: desk.pen.drop(*ids), told.format(n=len(ids)))

    def _write(self, job: Callable[[Desk], None], said: str) -> None:
        self.do(job, lambda _nothing: self._written(said))

    def _written(self, said: str) -> None:
        self.rows.deselect()
        self.app.say(said)


def _question(chosen: Sequence[Rejected]) -> list[Block]:
    count = len(chosen)
    asked = _("Give up this line?") if count == 1 else ngettext("Give up {n} line?", "Give up {n} lines?", count)
    names = [f"{word('kind', row.kind)}  {summary(row.kind, row.body)}" for row in chosen]
    kept = _("What it says stays in its history here, but is sent to nobody.")
    return [Title(asked.format(n=count)), Passage(kept), Gap(), *named_lines(names)]
