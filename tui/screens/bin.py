"""The bin: what was deleted or taken back; one key brings it back, on every device."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from store import commands, queries
from tui.data import readers
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.bin import bin_columns, bin_page
from tui.screens.master_detail import MasterDetailScreen
from tui.widgets.columns import ListColumn
from tui.widgets.page import PageBlock

if TYPE_CHECKING:
    from store.queries.bin import BinEntry
    from tui.data.reader import Reader


SHOWN = 1000
"""So many entries are listed, the latest: nobody looks further back on a screen."""


class BinScreen(MasterDetailScreen["BinEntry"]):
    """The entries; of the one under the cursor what it says. Restoring asks nothing: u takes it back."""

    key_scope = "bin"
    empty = N_("The bin is empty: nothing was deleted or taken back. esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("bin")]

    def columns(self) -> Sequence[ListColumn[BinEntry]]:
        """When, what happened, to what, by whom."""
        return bin_columns(self.app.now_ms)

    def line_id_of(self, row: BinEntry) -> str:
        """The line that the entry is of."""
        return row.line

    def reload(self) -> None:
        """Read the bin again: the latest `SHOWN`."""
        self.read_in_thread(lambda reader: reader.run(queries.bin.bin_entries, SHOWN + 1), self._show_latest)

    def _show_latest(self, entries: list[BinEntry]) -> None:
        if len(entries) > SHOWN:
            text = _("The latest {n} are shown; “guanjia bin list” has all.")
            self.app.show_message(text.format(n=SHOWN))
        self.update_rows(entries[:SHOWN])

    def page_of(self, reader: Reader, row: BinEntry, now_ms: int) -> Sequence[PageBlock]:
        """The entry, with the names that it mentions."""
        return bin_page(row, reader.run(readers.lines.bin_names, row), now_ms)

    def action_restore(self) -> None:
        """Bring back the lines under the cursor or selected."""
        if chosen := self.rows.target_rows:
            self.write_in_thread(partial(_restore, entries=chosen), self.report_restored)


def _restore(reader: Reader, entries: Sequence[BinEntry]) -> int:
    """Restore entries of the bin; returns how many lines were written."""
    return len(reader.writer.run(lambda ledger: commands.bin.restore_binned(ledger, entries)))
