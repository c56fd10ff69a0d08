"""The district's limits: every day count and switch, what it is, and a form to set one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from store import commands
from store.domain.limits import LIMIT_DESCRIPTIONS, SWITCHES, Limits, read_configured_limits, read_limits
from tui.data.form_values import FormValues
from tui.data.rows import InMemorySource
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings_in
from tui.presenters.register_lines import LimitRow, limit_columns, limit_rows, limit_value_text
from tui.screens.base import BaseScreen
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.widgets.fields import ChoiceField, FormField, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from store.db.connection import Connection
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
        self.read_in_thread(lambda reader: reader.run(read_limits_and_configured), self._show)

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
        """The value: yes or no, or a number."""
        if self.limit in SWITCHES:
            return (
                ChoiceField("value", N_("Value"), ("1", "0"), lambda each: limit_value_text(self.limit, int(each))),
            )
        return (TextField("value", N_("Value"), hint=N_("a whole number; it holds for the whole district")),)

    def load_state(self, reader: Reader) -> FormState:
        """The value as it is."""
        values = reader.run(read_limits)
        return FormState({"value": str(getattr(values, self.limit))})

    def save(self, reader: Reader, values: FormValues) -> str:
        """Set it."""
        value = str(values["value"])
        reader.writer.run(lambda ledger: commands.limits.set_limit(ledger, self.limit, value))
        return self.limit


def read_limits_and_configured(connection: Connection) -> tuple[Limits, frozenset[str]]:
    """The district's limits, and the names of those that it has set itself."""
    return read_limits(connection), frozenset(read_configured_limits(connection))
