"""Phrases of the person and of the district, put where the cursor is: a part or the initials of one narrow them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Input, TextArea

from store import queries
from store.queries.phrases import PhraseRow
from tui.i18n.translate import N_, _
from tui.screens.panels import Menu, MenuItem
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn

NONE_YET = N_("No phrase yet: the register of phrases (4) takes them, or “guanjia phrase add”.")


class PhraseMenu(Menu):
    """The phrases; ``field`` is the control that the chosen one is put into."""

    def __init__(self, field: Input | TextArea) -> None:
        super().__init__(_("Which phrase?"), [], typing=True)
        self._field = field
        self._texts: dict[str, str] = {}

    def columns(self) -> Sequence[ListColumn[MenuItem]]:
        """The text, as much as there is room for, and whose it is."""
        return (
            ListColumn("", 20, lambda each: each.label, grow_share=1),
            ListColumn("", 9, lambda each: ((each.note, "muted"),), align_right=True),
        )

    def on_mount(self) -> None:
        """Read them."""
        super().on_mount()
        self.read_in_thread(lambda reader: reader.run(queries.phrases.phrases), self._list)

    def _list(self, rows: Sequence[PhraseRow]) -> None:
        self._texts = {row.id: row.text for row in rows}
        self.choices.empty = NONE_YET if not rows else self.choices.empty
        self.set_items([MenuItem(row.id, single_line(row.text), note="" if row.own else _("district")) for row in rows])
        self.narrow_to(self.query_one(Input).value)

    async def run_item(self, item: MenuItem) -> None:
        """Put it where the cursor is, instead of what is selected."""
        text = self._texts[item.id]
        if isinstance(self._field, TextArea):
            self._field.replace(text, *self._field.selection)
        else:
            self._field.insert_text_at_cursor(single_line(text))
