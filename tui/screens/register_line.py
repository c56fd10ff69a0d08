"""One line of a register, to read: all its fields, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from store.domain.registers import BOOKS, DELIVERY, POLICY
from tui.keys.actions import bindings
from tui.presenters.register_lines import book_page, gone_page
from tui.screens.base import Place
from tui.widgets.page import Paper

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.register_lines import Row


class BookLineScreen(Place):
    """The line as a page."""

    place = "book_line"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("book_line")]

    def __init__(self, book: str, line_id: str) -> None:
        super().__init__()
        self.book = BOOKS[book]
        self.line_id = line_id
        self.project_in_view: str | None = None

    def body(self) -> Iterable[Widget]:
        """The page."""
        yield Paper(id="page", classes="reading")

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write: the line, or a delivery of the policy that it is."""
        return {"new": (DELIVERY.kind, "create"), "edit": (self.book.kind, "change")}

    def reload(self) -> None:
        """Read the line again."""
        self.ask(lambda desk: desk.book_line(self.book, self.line_id), self._show)

    def _show(self, found: Row | None) -> None:
        self.project_in_view = found["project_id"] if found else None
        self.query_one(Paper).show(book_page(self.book, found) if found else gone_page())

    async def action_new(self) -> None:
        """Note that a project was told of this policy."""
        await self.app.go("book_form", DELIVERY.name, None, None, ("policy", self.line_id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only policies are delivered."""
        if action == "new" and self.book is not POLICY:
            return False
        return super().check_action(action, parameters)

    async def action_edit(self) -> None:
        """Edit the line."""
        await self.app.go("book_form", self.book.name, self.line_id)

    async def action_history(self) -> None:
        """All versions of the line."""
        await self.app.go("history", self.line_id)
