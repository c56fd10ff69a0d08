"""One line of a register, to read: all its fields, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from store.domain.registers import DELIVERY_REGISTER, POLICY_REGISTER, REGISTERS
from tui.data import readers
from tui.data.attached_files import ShownFile, files_of_line
from tui.keys.actions import bindings_in
from tui.presenters.attachments import file_section
from tui.presenters.register_lines import missing_line_page, register_line_page
from tui.screens.base import BaseScreen
from tui.widgets.page import PageView

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.register_lines import RegisterRecord
    from tui.data.reader import Reader


class RegisterLineScreen(BaseScreen):
    """The line as a page."""

    key_scope = "register_line"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("register_line")]

    def __init__(self, register: str, line_id: str) -> None:
        super().__init__()
        self.register = REGISTERS[register]
        self.line_id = line_id
        self.project_in_view: str | None = None

    def body(self) -> Iterable[Widget]:
        """The page."""
        yield PageView(id="page", classes="reading")

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write: the line, or a delivery of the policy that it is."""
        return {"new": (DELIVERY_REGISTER.kind, "create"), "edit": (self.register.kind, "change")}

    def reload(self) -> None:
        """Read the line again."""
        self.read_in_thread(self._read, self._show)

    def _read(self, reader: Reader) -> tuple[RegisterRecord | None, list[ShownFile]]:
        record = reader.run(readers.lines.register_record, self.register, self.line_id, reader.thresholds())
        return record, files_of_line(reader, self.line_id)

    def _show(self, read: tuple[RegisterRecord | None, list[ShownFile]]) -> None:
        line, files = read
        self.project_in_view = line["project_id"] if line else None
        section = file_section(files, self.app.now_ms())
        page = [*register_line_page(self.register, line), *section] if line else missing_line_page()
        self.query_one(PageView).show(page)

    @property
    def record_in_view(self) -> str | None:
        """What the screen shows."""
        return self.line_id

    async def action_new(self) -> None:
        """Record that a project was informed of this policy."""
        await self.app.open_screen("register_form", DELIVERY_REGISTER.name, None, None, ("policy", self.line_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only policies are delivered."""
        if action == "new" and self.register is not POLICY_REGISTER:
            return False
        return super().check_action(action, parameters)

    async def action_edit(self) -> None:
        """Edit the line."""
        await self.app.open_screen("register_form", self.register.name, self.line_id)

    async def action_history(self) -> None:
        """All versions of the line."""
        await self.app.open_screen("history", self.line_id)
