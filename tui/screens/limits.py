"""The district's limits: every day count and switch, what it is, and a form to set one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from store.domain.limits import LIMIT_DESCRIPTIONS, Limits
from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.register_lines import LimitRow, limit_columns, limit_rows
from tui.screens.base import BaseScreen
from tui.screens.form import Form, FormState
from tui.widgets.fields import FormField, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from tui.data.reader import Reader


class LimitsScreen(BaseScreen):
    """The list of limits. Anybody may offer a value; the central takes it from the bureau."""

    key_scope = "limits"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("limits")]

    def body(self) -> Iterable[Widget]:
        """The list."""
        yield LongList[LimitRow](limit_columns(), id="list")

    @property
    def rows(self) -> LongList[LimitRow]:
        """The list of limits."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Read the limits again; the cursor stays."""
        self.read_in_thread(lambda desk: desk.limits(), self._show)

    def _show(self, limits_and_set_names: tuple[Limits, frozenset[str]]) -> None:
        self.rows.show(
            InMemorySource(limit_rows(*limits_and_set_names)), at=self.rows.row.id if self.rows.row else None
        )

    @on(LongList.RowOpened)
    async def action_edit(self) -> None:
        """Enter or e: set the limit under the cursor."""
        if self.rows.row is not None:
            await self.app.open_screen("limit_form", self.rows.row.id)


class LimitForm(Form):
    """One limit's value. ``name`` is the limit's own."""

    first_field = "value"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.limit = name

    @property
    def heading(self) -> str:
        """What the limit is."""
        return _(LIMIT_DESCRIPTIONS[self.limit])

    @property
    def draft_key(self) -> str:
        """One draft for each limit."""
        return f"limit:{self.limit}"

    def make_fields(self) -> Sequence[FormField]:
        """The value."""
        return (TextField("value", N_("Value"), hint=N_("a whole number; it holds for the whole district")),)

    def load_state(self, reader: Reader) -> FormState:
        """The value as it is."""
        values, _said = reader.limits()
        return FormState({"value": str(getattr(values, self.limit))})

    def save(self, reader: Reader, values: Mapping[str, Any]) -> str:
        """Set it."""
        return reader.writer.set_limit(self.limit, str(values["value"]))
