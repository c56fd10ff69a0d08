"""Lines that the central rejected, and why; correct them, send them again, or discard them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType

from store import queries
from tui.data import readers
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.keys.actions import bindings_in
from tui.presenters.lines import line_summary, rejected_columns
from tui.presenters.rejected import rejected_group_page, rejected_page
from tui.screens.master_detail import MasterDetailScreen, named_lines
from tui.screens.panels import Confirm
from tui.screens.visit import form_for
from tui.widgets.columns import ListColumn
from tui.widgets.long_list import LongList
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.queries.lines import RejectedGroup, RejectedLine
    from tui.data.reader import Reader


class RejectedScreen(MasterDetailScreen["RejectedGroup"]):
    """The rejected lines, those of one kind and reason in one row; of the one under the cursor the reason, and what it
    says. Enter lists the lines of a row one by one."""

    key_scope = "rejected"
    empty = N_("The central has refused nothing. esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("rejected")]

    def __init__(self, at: str | None = None) -> None:
        super().__init__(at)
        self._opened: str | None = None

    def columns(self) -> Sequence[ListColumn[RejectedGroup]]:
        """When, what, why."""
        return rejected_columns(self.app.now_ms)

    def reload(self) -> None:
        """Read the refused lines again."""
        self.read_in_thread(lambda reader: reader.run(queries.lines.rejected_lines), self._show_lines)

    def _show_lines(self, lines: Sequence[RejectedLine]) -> None:
        """A row a group; the lines of the group that was opened, or that the wanted line is in, one by one."""
        groups = queries.lines.group_rejected(lines)
        wanted = next((group.id for group in groups if self._at in {line.id for line in group.lines}), self._opened)
        opened = next((group for group in groups if group.id == wanted and len(group.lines) > 1), None)
        self._opened = opened.id if opened else None
        self.update_rows([queries.lines.RejectedGroup((line,)) for line in opened.lines] if opened else groups)

    @on(LongList.RowOpened)
    def list_lines(self, message: LongList.RowOpened) -> None:
        """Enter: the lines of a row; of a line its page, as in every such list."""
        if self._open_row():
            message.prevent_default()

    def _open_row(self) -> bool:
        """List the lines of the row under the cursor one by one, if it has several."""
        row = self.rows.row
        if row is None or len(row.lines) < 2:
            return False
        self._opened = row.id
        self.reload()
        return True

    def action_back(self) -> None:
        """From the lines of a row back to the rows."""
        if self._opened and not self.has_class("-reading"):
            self._opened = None
            self.reload()
        else:
            super().action_back()

    def page_of(self, reader: Reader, row: RejectedGroup, now_ms: int) -> Sequence[PageBlock]:
        """Several lines in short; a line by itself, with the names that it mentions."""
        if len(row.lines) > 1:
            return rejected_group_page(row)
        return rejected_page(row.lines[0], reader.run(readers.lines.line_with_names, row.id)[1], now_ms)

    async def action_edit(self) -> None:
        """Correct the line in the form of its kind: an edited line is sent again."""
        if (row := self.rows.row) is None:
            return
        if self._open_row():
            return
        if form := form_for(row.lines[0].kind, row.id):
            await self.app.open_screen(*form)
        else:
            kind = value_label("kind", row.lines[0].kind)
            self.app.show_message(
                _("{kind}: no form corrects this. Send it again, or give it up.").format(kind=kind), warning=True
            )

    def action_retry(self) -> None:
        """Send the lines again with the next round."""
        if ids := [line.id for line in self._targets()]:
            message = ngettext("{n} line goes with the next round.", "{n} lines go with the next round.", len(ids))
            self._write(lambda reader: reader.writer.ledger.retry_rejected(ids), message.format(n=len(ids)))

    def action_drop(self) -> None:
        """Confirm, then discard the lines."""
        if chosen := self._targets():
            ids = [line.id for line in chosen]
            self.app.push_screen(Confirm(_question(chosen), lambda: self._drop(ids), danger=True))

    def _targets(self) -> list[RejectedLine]:
        """The lines of the selected rows, or of the row under the cursor."""
        return [line for row in self.rows.target_rows for line in row.lines]

    def _drop(self, ids: Sequence[str]) -> None:
        message = ngettext("{n} line given up.", "{n} lines given up.", len(ids))
        self._write(lambda reader: _discard(reader, ids), message.format(n=len(ids)))

    def _write(self, job: Callable[[Reader], object], message: str) -> None:
        self.write_in_thread(job, lambda _nothing: self._handle_written(message))

    def _handle_written(self, message: str) -> None:
        self.rows.deselect()
        self.app.show_message(message)


def _discard(reader: Reader, line_ids: Sequence[str]) -> None:
    for line_id in line_ids:
        reader.writer.ledger.discard_rejected(line_id)


def _question(lines: Sequence[RejectedLine]) -> list[PageBlock]:
    count = len(lines)
    asked = _("Give up this line?") if count == 1 else ngettext("Give up {n} line?", "Give up {n} lines?", count)
    names = [f"{value_label('kind', row.kind)}  {line_summary(row.kind, row.body)}" for row in lines]
    cached = _("What it says stays in its history here, but is sent to nobody.")
    return [PageTitle(asked.format(n=count)), Passage(cached), BlankLine(), *named_lines(names)]
