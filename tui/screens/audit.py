"""The audit of the central: who did what when, of a person, an act or a period; for the bureau and auditors.

``guanjia admin audit`` reads it, as a child process; reading it is in the audit, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store import queries
from tui.data.audit_entries import MAX_ENTRIES, AuditListRow, audit_arguments, audit_rows
from tui.data.bureau_seat import run_admin
from tui.i18n.filter_text import value_or_all_label
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.presenters.audit import audit_columns, audit_page
from tui.screens.central_list import ASKING, CentralListScreen
from tui.screens.filters import ListFilterPanel
from tui.widgets.cells import single_line
from tui.widgets.columns import ListColumn
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, TextField
from tui.widgets.page import PageBlock

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.subprocess import CommandResult

PERIOD_HINT = N_("yesterday, 5.1 or 2026-05-01")


class AuditScreen(CentralListScreen[AuditListRow]):
    """The newest entries that pass the filter; beside them the one under the cursor."""

    key_scope = "audit"
    empty = ASKING
    nothing = N_("Nothing such in the audit. f changes the filter.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("audit")]

    def __init__(self) -> None:
        super().__init__()
        self.filter_values: Mapping[str, str | None] = {}

    def columns(self) -> Sequence[ListColumn[AuditListRow]]:
        """When, who, what, of what."""
        return audit_columns(self.app.now_ms)

    def body(self) -> Iterable[Widget]:
        """What is listed, list and page."""
        yield Label(id="chosen", markup=False)
        yield from super().body()

    def reload(self) -> None:
        """Ask the central; the cursor stays."""
        if self.rows.total == 0:
            self.update_rows([])
        arguments = audit_arguments(self.filter_values)
        self.run_file_job(partial(run_admin, self.app.program_command, self.app.home, *arguments), self._handle_answer)

    def _handle_answer(self, result: CommandResult) -> None:
        if not self.has_failed(result):
            self.read_in_thread(lambda reader: reader.run(audit_rows, result.value), self._show)

    def _show(self, rows: Sequence[AuditListRow]) -> None:
        self._at = self.rows.row.id if self.rows.row else self._at
        self.update_rows(rows)
        count = _("the newest {n}").format(n=len(rows)) if len(rows) >= MAX_ENTRIES else str(len(rows))
        action = self.filter_values.get("action")
        chosen = [self.filter_values.get(name) for name in ("person", "since", "until")]
        parts = [_("Audit"), count, value_label("audit_action", action) if action else "", *chosen]
        text = "   ".join(part for part in parts if part)
        self.query_one("#chosen", Label).update(Content(" " + single_line(text)))

    def page_of(self, reader: Reader, row: AuditListRow, now_ms: int) -> Sequence[PageBlock]:
        """The entry, and what its line says now."""
        names = reader.run(queries.referenced_names.referenced_names, [row.line.body]) if row.line else {}
        return audit_page(row, names)

    def line_id_of(self, row: AuditListRow) -> str:
        """The line that an entry is about."""
        return row.line_id or ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A history is there for a line that this device has."""
        if action == "history" and self.is_mounted and (self.rows.row is None or self.rows.row.line is None):
            return False
        return super().check_action(action, parameters)

    async def action_filter(self) -> None:
        """Choose whose entries of which act and period are listed."""
        fields = (
            TextField("person", N_("Person"), hint=N_("full name")),
            ChoiceField(
                "action", N_("Act"), ("", *FAMILIES["audit_action"]),
                lambda each: value_or_all_label("audit_action", each),
            ),
            DayField("since", N_("From day"), hint=PERIOD_HINT, toward="past"),
            DayField("until", N_("To day"), hint=PERIOD_HINT, toward="past"),
        )  # fmt: skip
        panel = ListFilterPanel(_("Which entries?"), fields, self.filter_values)
        await self.app.push_screen(panel, self._apply)

    def _apply(self, chosen: Mapping[str, str | None] | None) -> None:
        if chosen is not None:
            self.filter_values = chosen
            self.reload()
