"""The district's limits: every day count and switch, what it is, and a form to set one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from store.domain.limits import MEANINGS, Limits
from tui.data.rows import Few
from tui.i18n.translate import N_, _
from tui.keys.actions import bindings
from tui.presenters.register_lines import LimitRow, limit_columns, limit_rows
from tui.screens.base import Place
from tui.screens.form import Filling, Form
from tui.widgets.fields import Field, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from tui.data.reader import Desk


class LimitsScreen(Place):
    """The list of limits. Anybody may offer a value; the central takes it from the bureau."""

    place = "limits"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("limits")]

    def body(self) -> Iterable[Widget]:
        """The list."""
        yield LongList[LimitRow](limit_columns(), id="list")

    @property
    def rows(self) -> LongList[LimitRow]:
        """The list of limits."""
        return self.query_one("#list", LongList)

    def reload(self) -> None:
        """Read the limits again; the cursor stays."""
        self.ask(lambda desk: desk.limits(), self._show)

    def _show(self, found: tuple[Limits, frozenset[str]]) -> None:
        self.rows.show(Few(limit_rows(*found)), at=self.rows.row.id if self.rows.row else None)

    @on(LongList.Opened)
    async def action_edit(self) -> None:
        """Enter or e: set the limit under the cursor."""
        if self.rows.row is not None:
            await self.app.go("limit_form", self.rows.row.id)


class LimitForm(Form):
    """One limit's value. ``name`` is the limit's own."""

    first = "value"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.limit = name

    @property
    def heading(self) -> str:
        """What the limit is."""
        return _(MEANINGS[self.limit])

    @property
    def draft_key(self) -> str:
        """One draft for each limit."""
        return f"limit:{self.limit}"

    def make_fields(self) -> Sequence[Field]:
        """The value."""
        return (TextField("value", N_("Value"), hint=N_("a whole number; it holds for the whole district")),)

    def begin(self, desk: Desk) -> Filling:
        """The value as it is."""
        values, _said = desk.limits()
        return Filling({"value": str(getattr(values, self.limit))})

    def save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        """Set it."""
        return desk.pen.set_limit(self.limit, str(values["value"]))
