"""Likely doubles, for the bureau to work through: one key makes two records one, another keeps them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from store import commands, queries
from tui.data.rows import DoubleRow
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.contacts import double_columns, double_page
from tui.screens.master_detail import MasterDetailScreen
from tui.widgets.columns import ListColumn
from tui.widgets.page import PageBlock

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.doubles import LikelyDouble
    from store.queries.people import ContactKind
    from tui.data.reader import Reader


class DoublesScreen(MasterDetailScreen[DoubleRow]):
    """The pairs, the surest first; both records of the one under the cursor. Nothing is asked: u takes it back."""

    key_scope = "doubles"
    empty = N_("No records look like one and the same. esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("doubles")]

    def __init__(self, kind: ContactKind = "person") -> None:
        super().__init__()
        self.kind: ContactKind = kind
        self._pairs: Sequence[LikelyDouble] = ()

    def columns(self) -> Sequence[ListColumn[DoubleRow]]:
        """Who would stay, who would be merged, why."""
        return double_columns()

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"merge_records": ("merge", "create"), "keep_apart": ("distinction", "create")}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to a pair needs one."""
        if action in ("merge_records", "keep_apart") and self.is_mounted and self.rows.row is None:
            return False
        return super().check_action(action, parameters)

    def reload(self) -> None:
        """Look for doubles again."""
        kind = self.kind
        self.read_in_thread(
            lambda reader: reader.run(queries.doubles.doubles, kind, reader.thresholds().today), self._list
        )

    def _list(self, pairs: Sequence[LikelyDouble]) -> None:
        self._pairs = pairs
        self.update_rows([DoubleRow(pair) for pair in pairs])

    def page_of(self, reader: Reader, row: DoubleRow, now_ms: int) -> Sequence[PageBlock]:
        """Both records."""
        del reader
        return double_page(row, now_ms)

    def action_merge_records(self) -> None:
        """They are one: the first stays. Of several selected pairs each."""
        self._settle(_("Merged: shown as one from now on. u takes it back."), same=True)

    def action_keep_apart(self) -> None:
        """They are two, and are not proposed again."""
        self._settle(_("Kept apart: not proposed again. u takes it back."), same=False)

    def _settle(self, said: str, *, same: bool) -> None:
        """Settle the pairs under the cursor or selected. They leave the list at once, so that the next key is for the
        next pair; whatever could not be written comes back with the next reading."""
        settled = {row.id for row in self.rows.target_rows}
        pairs = [row.double for row in self.rows.target_rows]
        if pairs:
            self.rows.deselect()
            self._list([pair for pair in self._pairs if DoubleRow(pair).id not in settled])
            job = partial(_settle, kind=self.kind, pairs=pairs, same=same)
            self.write_in_thread(job, lambda _nothing: self.app.show_message(said))


def _settle(reader: Reader, kind: ContactKind, pairs: Sequence[LikelyDouble], same: bool) -> None:
    """Merge these pairs or keep them apart, as one step that can be undone."""
    ids = [(pair.first.id, pair.second.id) for pair in pairs]
    if same:
        reader.writer.run(lambda ledger: commands.address_book.merge_pairs(ledger, kind, ids))
    else:
        reader.writer.run(lambda ledger: [commands.address_book.keep_apart(ledger, kind, *pair) for pair in ids])
