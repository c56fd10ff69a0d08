"""The address book: people and units with their phones, what they serve, what is open with them.

Everything that is entered or corrected here holds in every list and on every device; merging is the bureau's. Next:
``store/commands/address_book.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import commands
from tui.data import readers
from tui.data.lists import contact_list
from tui.data.rows import ContactRow
from tui.i18n.contact_text import ROLES
from tui.i18n.filter_text import value_or_all_label
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.keys.actions import bindings_in
from tui.presenters.contacts import contact_columns, contact_page
from tui.presenters.seat import account_blocks
from tui.screens.filters import ListFilterPanel
from tui.screens.master_detail import MasterDetailScreen, named_lines
from tui.screens.panels import Confirm, Menu, MenuItem
from tui.screens.seat_snapshot import SeatSnapshotMixin
from tui.screens.stand_in_menu import end_stand_in
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn
from tui.widgets.fields import ChoiceField, TextField
from tui.widgets.long_list import LongList
from tui.widgets.page import PageBlock, PageTitle, PageView

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.people import ContactFilter, ContactKind
    from store.queries.stand_ins import StandInRow
    from tui.data.reader import Reader
    from tui.data.readers.contacts import ContactPage

NOBODY = N_("Nobody here yet. n enters somebody; a table that is taken in brings its people.")
NOBODY_SUCH = N_("Nobody such. f changes the filter, tab shows the units or the people.")
_MORE_THAN_LINE = (
    "hand_over",
    "stand_in",
    "end_stand_in",
    "edit",
    "merge_records",
    "take_out",
    "retire",
    "erase_person",
    "history",
    "copy",
)

_OF_PEOPLE = ("hand_over", "stand_in", "end_stand_in", "erase_person")
"""What is done to people, not to units."""


class AddressBookScreen(MasterDetailScreen[ContactRow], SeatSnapshotMixin):
    """People, and with tab units; the page of the one under the cursor. ``at`` is the one to begin on."""

    key_scope = "address_book"
    empty = NOBODY
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("address_book")]

    def __init__(self, kind: ContactKind = "person", at: str | None = None) -> None:
        super().__init__(at)
        self.kind: ContactKind = kind
        self.filter_values: Mapping[str, str | None] = {}

    def columns(self) -> Sequence[ListColumn[ContactRow]]:
        """Name, unit, phone, what is served, open issues."""
        return contact_columns()

    def body(self) -> Iterable[Widget]:
        """What is listed, list and page."""
        yield Label(id="chosen", markup=False)
        with Container(id="split"):
            yield LongList(contact_columns(), empty=self.empty, selecting=True, id="list")
            yield PageView(id="page")

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {
            "new": (self.kind, "create"), "edit": (self.kind, "change"), "retire": (self.kind, "change"),
            "hand_over": ("assignment", "create"), "erase_person": ("erasure", "create"),
            "merge_records": ("merge", "create"), "take_out": ("merge", "delete"), "doubles": ("merge", "create"),
        }  # fmt: skip

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done to an entry needs one."""
        if action in _MORE_THAN_LINE and self.is_mounted and self.rows.row is None:
            return False
        if action in _OF_PEOPLE and self.kind != "person":
            return False
        return super().check_action(action, parameters)

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        """Start in the list; meanwhile the bureau's central is asked for accounts and devices."""
        super().on_mount()
        self.ask_for_accounts(self.show_page)

    def reload(self) -> None:
        """Read the list again; the cursor stays."""
        if self.rows.total and self._at is None:
            self.rows.reread()
        else:
            self.apply(self.filter_values)

    def apply(self, values: Mapping[str, str | None]) -> None:
        """List what these filters leave."""
        self.filter_values, kind = values, self.kind
        self.read_in_thread(lambda reader: reader.run(readers.contacts.contact_filter, kind, values), self._list)

    def _list(self, wanted: ContactFilter) -> None:
        if self.app.reader is None:
            return
        at, self._at = self._at or (self.rows.row.id if self.rows.row else None), None
        self.rows.empty = NOBODY_SUCH if any(self.filter_values.values()) else NOBODY
        self.rows.show(self.app.reader.paged(contact_list(self.kind, wanted)), at=at)

    @on(LongList.RowsLoaded)
    def _update_head(self) -> None:
        parts = [self.list_title, str(self.rows.total), *self._filter_texts()]
        self.query_one("#chosen", Label).update(Content(" " + single_line("   ".join(parts))))

    def _filter_texts(self) -> list[str]:
        values = self.filter_values
        role = values.get("role") and value_label("assignment.role", values["role"] or "")
        everybody = _("also retired ones") if values.get("retired") else None
        return [text for text in (values.get("words"), values.get("unit"), role, everybody) if text]

    @property
    def list_title(self) -> str:
        """People or units."""
        return _("People") if self.kind == "person" else _("Units")

    @property
    def list_words(self) -> str:
        """The filter."""
        return "   ".join(self._filter_texts())

    @property
    def view_place(self) -> str:
        """The views of people or of units."""
        return f"address_book:{self.kind}"

    def view_choices(self) -> Mapping[str, str]:
        """The filter's values."""
        return {name: value for name, value in self.filter_values.items() if value}

    def apply_view(self, choices: Mapping[str, str]) -> None:
        """List what these leave."""
        self.apply(choices)

    def page_of(self, reader: Reader, row: ContactRow, now_ms: int) -> Sequence[PageBlock]:
        """The entry's page."""
        page = _read_page(reader, self.kind, row.id)
        if page is None:
            return []
        shows = self.kind == "person" and self.sees_accounts
        accounts = account_blocks(self.app.seat_snapshot, page.ids, now_ms) if shows else []
        return contact_page(page, now_ms, accounts)

    # ── what can be done ────────────────────────────────────────────────────────────────────────────────────────

    def action_next_part(self) -> None:
        """People or units."""
        self.kind = "unit" if self.kind == "person" else "person"
        self.remove_class("-reading")
        self.set_focus(self.rows)
        self.apply({})

    async def action_filter(self) -> None:
        """Choose who is listed."""
        fields = [
            TextField("words", N_("Words"), hint=N_("name, pinyin, phone")),
            ChoiceField("role", N_("Role"), ("", *ROLES), lambda each: value_or_all_label("assignment.role", each)),
            ChoiceField("retired", N_("Retired"), ("", "yes"), lambda each: _("also") if each else _("not listed")),
        ]
        if self.kind == "person":
            fields.insert(1, NameField("unit", N_("Unit"), "unit"))
        panel = ListFilterPanel(_("Who?"), fields, self.filter_values)
        await self.app.push_screen(panel, lambda chosen: self.apply(chosen) if chosen is not None else None)

    async def action_new(self) -> None:
        """Enter somebody."""
        await self.app.open_screen("contact_form", self.kind, None)

    async def action_edit(self) -> None:
        """Correct the one under the cursor, beginning with the phone."""
        if self.rows.row is not None:
            await self.app.open_screen("contact_form", self.kind, self.rows.row.id)

    async def action_copy(self) -> None:
        """Copy the main phone of the one under the cursor, as it is now; without one, the line."""
        row, kind, line = self.rows.row, self.kind, self.rows.cursor_text()
        if row is not None:
            line_id = row.id
            self.read_in_thread(
                partial(_read_page, kind=kind, line_id=line_id),
                lambda page: self.app.copy_text((page.entry.phone if page else None) or line),
                "copy",
            )

    async def action_hand_over(self) -> None:
        """The projects of the butler under the cursor, to be handed over."""
        if self.rows.row is not None:
            await self.app.open_screen("hand_over", self.rows.row.id, self.rows.row.entry.name)

    async def action_erase_person(self) -> None:
        """Erase what is held on the person under the cursor, after two questions."""
        if self.rows.row is not None:
            await self.app.open_screen("erasure_form", self.rows.row.id)

    async def action_stand_in(self) -> None:
        """Let the person under the cursor act for the officer of this device."""
        if self.rows.row is not None:
            await self.app.open_screen("stand_in_form", self.rows.row.id)

    def action_end_stand_in(self) -> None:
        """End a stand-in of the person under the cursor."""
        row, kind = self.rows.row, self.kind
        if row is not None:
            line_id = row.id
            self.read_in_thread(
                partial(_read_page, kind=kind, line_id=line_id),
                lambda page: self._end_stand_in(page.stand_ins if page else ()),
                "stand_ins",
            )

    def _end_stand_in(self, rows: Sequence[StandInRow]) -> None:
        self.app.call_later(end_stand_in, self, rows)

    async def action_doubles(self) -> None:
        """Records that may be one."""
        await self.app.open_screen("doubles", self.kind)

    def action_retire(self) -> None:
        """No longer offer the one under the cursor, or offer them again."""
        row, kind = self.rows.row, self.kind
        if row is not None:
            back = row.entry.retired_on is not None
            said = _("{name} is offered again.") if back else _("{name} is no longer offered; u takes it back.")
            self.write_in_thread(
                lambda reader: reader.writer.run(
                    lambda ledger: commands.address_book.retire(ledger, kind, row.id, back=back)
                ),
                lambda _id: self.app.show_message(said.format(name=row.entry.name)),
            )

    async def action_merge_records(self) -> None:
        """Make the selected records one with that under the cursor, after a question."""
        row = self.rows.row
        others = [each for each in self.rows.selected if row is not None and each.id != row.id]
        if row is None or not others:
            self.app.show_message(
                _("Select the others with the space bar, then w on the one that stays; d proposes doubles.")
            )
            return
        question = _("Show these as {name} from now on, on all devices?").format(name=row.entry.name)
        blocks = [PageTitle(question), *named_lines([each.entry.name for each in others])]
        job = partial(_merge, kind=self.kind, keep=row.id, others=[each.id for each in others])
        await self.app.push_screen(Confirm(blocks, lambda: self.write_in_thread(job, self._report_merged)))

    def _report_merged(self, count: int) -> None:
        self.rows.deselect()
        said = ngettext("{n} record merged; u takes it back.", "{n} records merged; u takes it back.", count)
        self.app.show_message(said.format(n=count))

    def action_take_out(self) -> None:
        """Take a merged record out of the one under the cursor: which, where there are several."""
        row, kind = self.rows.row, self.kind
        if row is not None:
            line_id = row.id
            self.read_in_thread(
                partial(_read_page, kind=kind, line_id=line_id),
                lambda page: self._ask_which(page.merged if page else ()),
                "merged",
            )

    def _ask_which(self, merged: Sequence[tuple[str, str]]) -> None:
        if not merged:
            self.app.show_message(_("Nothing was merged into this one."))
            return
        self.app.push_screen(_MergedMenu(self, merged))

    def take_out(self, record: str, name: str) -> None:
        """Take this record out."""
        kind = self.kind
        self.write_in_thread(
            lambda reader: reader.writer.run(lambda ledger: commands.address_book.unmerge(ledger, kind, record)),
            lambda _id: self.app.show_message(_("{name} stands for itself again.").format(name=name)),
        )


class _MergedMenu(Menu):
    """The records that were merged into one, to take one out."""

    def __init__(self, book: AddressBookScreen, merged: Sequence[tuple[str, str]]) -> None:
        items = [
            MenuItem(record, name, str(number) if number < 10 else "")
            for number, (record, name) in enumerate(merged, 1)
        ]
        super().__init__(_("Take which one out?"), items)
        self._book = book

    async def run_item(self, item: MenuItem) -> None:
        """Take it out."""
        self._book.take_out(item.id, item.label)


def _read_page(reader: Reader, kind: ContactKind, line_id: str) -> ContactPage | None:
    return reader.run(readers.contacts.contact_with_issues, kind, line_id, reader.thresholds())


def _merge(reader: Reader, kind: ContactKind, keep: str, others: Sequence[str]) -> int:
    """Merge these records, as one step that can be undone; returns how many."""
    pairs = [(keep, other) for other in others]
    reader.writer.run(lambda ledger: commands.address_book.merge_pairs(ledger, kind, pairs))
    return len(others)
