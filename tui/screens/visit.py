"""One visit, to read; and any other line that has no screen of its own: people, units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual.binding import BindingType
from textual.widget import Widget

from store import queries
from tui.data import readers
from tui.data.attached_files import ShownFile, files_of_line
from tui.i18n.register_text import register_of
from tui.i18n.translate import _, value_label
from tui.keys.actions import bindings_in
from tui.presenters.lines import body_facts, line_summary
from tui.presenters.visits import visit_page
from tui.screens.base import BaseScreen
from tui.widgets.page import BlankLine, PageBlock, PageTitle, PageView, Passage

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.ledger.line import Line
    from store.queries.visits import VisitRow

FORM_BY_KIND = {"visit": "visit_form", "issue": "issue_form", "project": "project_form"}
"""The form that edits a kind of line."""
CONTACT_KINDS = ("person", "unit")
"""The kinds of lines of the address book, which one form edits."""


def form_for(kind: str, line_id: str) -> tuple[str, ...] | None:
    """The form that edits a line of this kind, and its arguments; None where none does."""
    if kind in FORM_BY_KIND:
        return FORM_BY_KIND[kind], line_id
    if kind in CONTACT_KINDS:
        return "contact_form", kind, line_id
    register = register_of(kind)
    return ("register_form", register.name, line_id) if register else None


class VisitScreen(BaseScreen):
    """The visit as a page."""

    key_scope = "line"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("line")]

    def __init__(self, line_id: str) -> None:
        super().__init__()
        self.line_id = line_id
        self.project_in_view: str | None = None

    def body(self) -> Iterable[Widget]:
        """The page."""
        yield PageView(id="page", classes="reading")

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"edit": ("visit", "change")}

    def reload(self) -> None:
        """Read the line again."""
        self.read_in_thread(
            lambda reader: (reader.run(queries.visits.visit, self.line_id), files_of_line(reader, self.line_id)),
            self._show,
        )

    def _show(self, read: tuple[VisitRow | None, list[ShownFile]]) -> None:
        row, files = read
        if row is None:
            self._show_missing()
            return
        self.project_in_view = row.project_id
        self.query_one(PageView).show(visit_page(row, files, self.app.now_ms()))

    def _show_missing(self) -> None:
        self.query_one(PageView).show([Passage(_("This line is not here, or no longer yours to see."), "warn")])

    @property
    def record_in_view(self) -> str | None:
        """What the screen shows."""
        return self.line_id

    async def action_edit(self) -> None:
        """Edit the visit."""
        await self.app.open_screen("visit_form", self.line_id)

    async def action_history(self) -> None:
        """All versions of the line."""
        await self.app.open_screen("history", self.line_id)


class LineScreen(VisitScreen):
    """A line of whatever kind, by its fields."""

    def reload(self) -> None:
        """Read the line again."""
        self.read_in_thread(lambda reader: reader.run(readers.lines.line_with_names, self.line_id), self._show_line)

    def _show_line(self, line_and_names: tuple[Line | None, dict[str, str]]) -> None:
        line, names = line_and_names
        if line is None:
            self._show_missing()
            return
        blocks: list[PageBlock] = [
            PageTitle(f"{value_label('kind', line.kind)}  {line_summary(line.kind, line.body)}"),
            BlankLine(),
        ]
        self.query_one(PageView).show([*blocks, body_facts(line.kind, line.body, names)])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No form edits such a line yet."""
        return False if action == "edit" else super().check_action(action, parameters)


class LineTarget(Protocol):
    """What must be known of a line to open or preview it."""

    @property
    def title(self) -> str:
        """Its name."""
        ...

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def kind(self) -> str:
        """Its kind."""
        ...

    @property
    def root(self) -> str | None:
        """The line that it belongs to: the issue of a step."""
        ...


def screen_for(hit: LineTarget) -> tuple[str, ...]:
    """The screen that shows a line, and its arguments: the line's id comes last."""
    if hit.kind in ("project", "issue", "visit"):
        return hit.kind, hit.id
    if hit.kind == "issue_step" and hit.root:
        return "issue", hit.root
    if hit.kind in CONTACT_KINDS:
        return "address_book", hit.kind, hit.id
    if register := register_of(hit.kind):
        return "register_line", register.name, hit.id
    return "line", hit.id
