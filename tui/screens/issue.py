"""One issue: everything that was said and done about it, the clocks that run on it, and what can be done now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.i18n.translate import _
from tui.keys.actions import bindings, key_name
from tui.presenters.issues import story_page, story_side, story_whole
from tui.screens.acts import likely
from tui.screens.base import Place
from tui.screens.panels import Choice
from tui.widgets.background import Beside
from tui.widgets.cells import Span
from tui.widgets.page import Paper, Passage, Side

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from tui.data.reader import Desk
    from tui.data.readers.issue import Story


class IssueScreen(Place):
    """The conversation; facts and clocks beside it, or above it where it is narrow; below, the likeliest acts."""

    place = "issue"
    CSS_PATH = "issue.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("issue")]

    def __init__(self, issue_id: str) -> None:
        super().__init__()
        self._begin(issue_id)

    def _begin(self, issue_id: str) -> None:
        self.issue_id = issue_id
        self.project_in_view: str | None = None
        self._story: Story | None = None
        self._steps = 0

    def turn_to(self, issue_id: str) -> None:
        """Another issue, from its beginning."""
        self._begin(issue_id)
        self._blank()
        self.set_focus(self.query_one("#page", Paper))
        self.read_again()

    def body(self) -> Iterable[Widget]:
        """Two pages, of which a narrow screen shows one, and the line of acts."""
        with Beside():
            yield Paper(id="page")
            yield Side(id="side")
        yield Label(id="offers", markup=False)

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"new": ("issue", "create"), "edit": ("issue", "change")}

    def reload(self) -> None:
        """Read the issue again; the reader stays where they are, unless a step was added."""
        self.ask(self._read, self._show)

    def _read(self, desk: Desk) -> Story | None:
        found: Story | None = import_module("tui.data.readers.issue").story(desk, self.issue_id)
        return found

    def _show(self, story: Story | None) -> None:
        self._story = story
        page = self.query_one("#page", Paper)
        if story is None:
            self._blank()
            page.show([Passage(_("This line is not here, or no longer yours to see."), "warn")])
            return
        self.project_in_view = story.detail.row.project_id
        self._lay()
        if self._steps and len(story.detail.steps) > self._steps:
            page.scroll_end(animate=False)
        self._steps = len(story.detail.steps)

    def _blank(self) -> None:
        for paper in self.query(Paper):
            paper.show([], top=True)
        self._offer(Content(""))

    def _offer(self, acts: Content) -> None:
        """All is laid out anew only where these take more lines, or fewer."""
        label = self.query_one("#offers", Label)
        lines = 1 if acts.cell_length <= label.content_size.width else 2
        label.update(acts, layout=lines != label.size.height)

    def _lay(self) -> None:
        """Two pages or one, as there is room."""
        story, now_ms = self._story, self.app.now_ms()
        if story is None:
            return
        wide = self.has_class("-wide")
        self.query_one("#page", Paper).show(story_page(story, now_ms) if wide else story_whole(story, now_ms))
        self.query_one("#side", Side).show(story_side(story, now_ms) if wide else [])
        self._offer(offers(likely(story)))

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self._lay)

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


def offers(choices: Iterable[Choice]) -> Content:
    """The likeliest acts in a line, each with the two keys that do it."""
    spans: list[Span] = []
    for one in choices:
        spans += [(f"{key_name('a')} {one.key}", "b $primary"), (f" {one.label}   ", "")]
    return Content.assemble(*(spans or [(_("Nothing is to be done here by you now; a lists every act."), "$muted")]))
