"""One issue: what was recorded, who has it, and everything that was done about it, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from tui.actions import bindings
from tui.screens.base import Place
from tui.sheets.issues import issue_page
from tui.widgets.paper import Paper, Passage
from tui.words import _

if TYPE_CHECKING:
    from store.authority import Verb
    from store.queries.issues import IssueDetail


class IssueScreen(Place):
    """The issue as a page; the acts are behind one key."""

    place = "issue"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("issue")]

    def __init__(self, issue_id: str) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.project_in_view: str | None = None
        self._steps = 0

    def body(self) -> Iterable[Widget]:
        """The page."""
        yield Paper(id="page", classes="reading")

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"new": ("issue", "create"), "edit": ("issue", "change")}

    def reload(self) -> None:
        """Read the issue again; the reader stays where they are, unless a step was added."""
        self.ask(lambda desk: desk.issue(self.issue_id), self._show)

    def _show(self, detail: IssueDetail | None) -> None:
        page = self.query_one("#page", Paper)
        if detail is None:
            page.show([Passage(_("This line is not here, or no longer yours to see."), "warn")])
            return
        self.project_in_view = detail.row.project_id
        page.show(issue_page(detail, self.app.now_ms()))
        if self._steps and len(detail.steps) > self._steps:
            page.scroll_end(animate=False)
        self._steps = len(detail.steps)

    async def action_acts(self) -> None:
        """Do something on this issue."""
        await self.app.go("acts", self.issue_id)

    async def action_new(self) -> None:
        """A new issue of the project in view."""
        await self.app.action_record_issue()

    async def action_edit(self) -> None:
        """Edit what was recorded."""
        await self.app.go("issue_form", self.issue_id)

    async def action_history(self) -> None:
        """All versions of the issue's line."""
        await self.app.go("history", self.issue_id)
