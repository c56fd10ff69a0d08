"""One issue: its conversation, the deadlines that run on it, and the acts that are possible now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from tui.data import readers
from tui.data.attached_files import by_line, files_of_line
from tui.i18n.translate import _
from tui.keys.actions import bindings_in, format_key
from tui.presenters.issues import issue_conversation_page, issue_side_page, issue_whole_page
from tui.screens.acts import likely_items
from tui.screens.base import BaseScreen
from tui.screens.panels import MenuItem
from tui.widgets.background import PreviewSplit
from tui.widgets.cells import Span
from tui.widgets.page import PageView, Passage, PreviewPane

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from tui.data.attached_files import FilesByLine
    from tui.data.reader import Reader
    from tui.data.readers.issue import IssueView


class IssueScreen(BaseScreen):
    """The conversation; facts and deadlines beside it, or above it where the screen is narrow; below, the likeliest
    acts."""

    key_scope = "issue"
    CSS_PATH = "issue.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("issue")]

    def __init__(self, issue_id: str) -> None:
        super().__init__()
        self._reset(issue_id)

    def _reset(self, issue_id: str) -> None:
        self.issue_id = issue_id
        self.project_in_view: str | None = None
        self._story: IssueView | None = None
        self._files: FilesByLine = {}
        self._steps = 0

    def reuse_for(self, issue_id: str) -> None:
        """Another issue, from its beginning."""
        self._reset(issue_id)
        self._blank()
        self.set_focus(self.query_one("#page", PageView))
        self.refresh_behind()

    def body(self) -> Iterable[Widget]:
        """Two pages, of which a narrow screen shows one, and the line of acts."""
        with PreviewSplit():
            yield PageView(id="page")
            yield PreviewPane(id="side")
        yield Label(id="offers", markup=False)

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What the keys of this screen write."""
        return {"new": ("issue", "create"), "edit": ("issue", "change")}

    def reload(self) -> None:
        """Read the issue again; the reader stays where they are, unless a step was added."""
        self.read_in_thread(self._read, self._show)

    def _read(self, reader: Reader) -> tuple[IssueView | None, FilesByLine]:
        view = reader.run(readers.issue.issue_view, self.issue_id, reader.thresholds())
        return view, by_line(files_of_line(reader, self.issue_id)) if view else {}

    def _show(self, read: tuple[IssueView | None, FilesByLine]) -> None:
        view, self._files = read
        self._story = view
        page = self.query_one("#page", PageView)
        if view is None:
            self._blank()
            page.show([Passage(_("This line is not here, or no longer yours to see."), "warn")])
            return
        self.project_in_view = view.detail.row.project_id
        self._lay()
        if self._steps and len(view.detail.steps) > self._steps:
            page.scroll_end(animate=False)
        self._steps = len(view.detail.steps)

    def _blank(self) -> None:
        for page_view in self.query(PageView):
            page_view.show([], top=True)
        self._show_acts(Content(""))

    def _show_acts(self, acts: Content) -> None:
        """The layout is computed again only where the acts take more lines, or fewer."""
        label = self.query_one("#offers", Label)
        lines = 1 if acts.cell_length <= label.content_size.width else 2
        label.update(acts, layout=lines != label.size.height)

    def _lay(self) -> None:
        """Two pages or one, as there is room."""
        view, now_ms = self._story, self.app.now_ms()
        if view is None:
            return
        wide = self.has_class("-wide")
        self.query_one("#page", PageView).show(
            issue_conversation_page(view, self._files, now_ms) if wide else issue_whole_page(view, self._files, now_ms)
        )
        self.query_one("#side", PreviewPane).show(issue_side_page(view, self._files, now_ms) if wide else [])
        self._show_acts(likely_acts_line(likely_items(view)))

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self.call_after_refresh(self._lay)

    @property
    def record_in_view(self) -> str | None:
        """What the screen shows."""
        return self.issue_id

    async def action_acts(self) -> None:
        """Do something on this issue."""
        await self.app.open_screen("acts", self.issue_id)

    async def action_new(self) -> None:
        """A new issue of the project in view."""
        await self.app.action_record_issue()

    async def action_edit(self) -> None:
        """Edit what was recorded."""
        await self.app.open_screen("issue_form", self.issue_id)

    async def action_explain(self) -> None:
        """Why the issue has its light."""
        await self.app.open_screen("light_proof", self.issue_id)

    async def action_history(self) -> None:
        """All versions of the issue's line."""
        await self.app.open_screen("history", self.issue_id)


def likely_acts_line(choices: Iterable[MenuItem]) -> Content:
    """The likeliest acts in a line, each with the two keys that do it."""
    spans: list[Span] = []
    for one in choices:
        spans += [(f"{format_key('a')} {one.key}", "b $primary"), (f" {one.label}   ", "")]
    return Content.assemble(*(spans or [(_("Nothing is to be done here by you now; a lists every act."), "$muted")]))
