"""What all screens share: the two lines that frame them, reading in a thread, and hearing of changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label
from textual.worker import get_current_worker

from store import queries
from tui.app.app import GuanjiaApp
from tui.app.undo_confirmation import WRITE_GROUP
from tui.data.messages import ErrorReported, LedgerChanged, ResultReady
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import _, value_label
from tui.presenters.copying import copy_choices
from tui.screens.bars import KeyBar, TopBar
from tui.widgets.background import blank_strips
from tui.widgets.cells import plain_content
from tui.widgets.error_boundary import ErrorBoundary
from tui.widgets.long_list import LongList
from tui.widgets.page import PageView

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from store.queries.saved_views import SavedViewRow
    from tui.data.reader import Reader

T = TypeVar("T")
RECORD_SCOPES = ("project", "issue", "line", "register_line")
"""The screens that show the page of one record."""


class DataWorkerMixin(ErrorBoundary, Widget):
    """Runs reads and writes in threads and shows their results; for any kind of screen."""

    app = getters.app(GuanjiaApp)
    _pending_result: tuple[object] | None = None
    _latest_reads: Mapping[str, object] = MappingProxyType({})

    def read_in_thread(self, job: Callable[[Reader], T], take: Callable[[T], None], group: str = "read") -> None:
        """Run ``job`` in a thread, then ``take`` its result. A later read of the same group cancels this one. Does
        nothing before the store is open."""
        reader = self.app.reader
        if reader is not None:
            question = object()
            self._latest_reads = {**self._latest_reads, group: question}
            run = partial(self._run_job, reader, job, take, lambda: self._latest_reads.get(group) is question)
            self.run_worker(run, thread=True, exclusive=True, group=group)

    def discard_read(self, group: str) -> None:
        """Ignore the result of the last read of this group."""
        self._latest_reads = {name: question for name, question in self._latest_reads.items() if name != group}
        self.workers.cancel_group(self, group)

    def write_in_thread(self, job: Callable[[Reader], T], take: Callable[[T], None]) -> None:
        """As `read_in_thread`, for writing: no result is ignored, and an error is shown by the app where the screen has
        closed. The app's own worker runs it: a screen's would be cancelled when the screen closes, even before it
        began."""
        reader = self.app.reader
        if reader is not None:
            run = partial(self._run_job, reader, job, take, lambda: True, self.app)
            self.app.run_worker(run, thread=True, group=WRITE_GROUP)

    def _run_job(
        self,
        reader: Reader,
        job: Callable[[Reader], T],
        take: Callable[[T], None],
        is_current: Callable[[], bool],
        app: GuanjiaApp | None = None,
    ) -> None:
        worker = get_current_worker()
        try:
            found = job(reader)
        except Exception as error:
            failed = ErrorReported(to_guanjia_error(error, reader.home))
            if not self.post_message(failed) and app is not None:
                app.post_message(failed)
            return
        if not worker.is_cancelled:
            self.post_message(ResultReady(partial(take, found), is_current))

    def on_result_ready(self, message: ResultReady) -> None:
        """Show the result, unless a later read replaced it."""
        if message.is_current():
            message.apply()
            self.app.release_painting(self)

    def can_dismiss_now(self, result: object) -> bool:
        """Whether a screen that is to close is in front; else it closes, with ``result``, as soon as it is. Textual
        closes whatever screen is in front: a form that is saved would close the help opened over it."""
        stack: Sequence[Widget] = self.app.screen_stack
        in_front = bool(stack) and stack[-1] is self
        is_open = isinstance(self, Screen) and self in self.app.all_screens()
        self._pending_result = (result,) if is_open and not in_front else None
        return in_front

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """In front, perhaps again: a screen that was to close meanwhile closes."""
        if self._pending_result is not None and isinstance(self, Screen):
            self.dismiss(*self._pending_result)


class MessageLineMixin(Widget):
    """Has a label ``said`` for messages."""

    def show_message(self, text: str, *, bad: bool = False) -> None:
        """Show this message until the next one."""
        label = self.query_one("#said", Label)
        label.update(plain_content(text))
        label.set_class(bad, "-bad")
        label.display = bool(text)


class BaseScreen(Screen[Any], DataWorkerMixin):
    """A full screen, framed by the top bar and the key bar. It reads its data in `reload`, which is called when the
    store opens, when the ledger has changed, and when the screen becomes visible again."""

    key_scope: ClassVar[str]
    row_actions: ClassVar[frozenset[str]] = frozenset()
    """Acts on the line under the cursor of the screen's ``rows``, or on those selected: without a line they are not
    offered."""

    def __init__(self) -> None:
        super().__init__()
        self._stale = True
        self._had_row = False

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield TopBar(self.key_scope)
        yield from self.body()
        yield KeyBar(self.key_scope)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank: the screen's widgets cover it."""
        return blank_strips(self, crop)

    def body(self) -> Iterable[Widget]:
        """What is between the two lines."""
        raise LookupError(f"{type(self).__name__} shows nothing")

    def reload(self) -> None:
        """Read what the screen shows."""

    def written_kinds(self) -> Mapping[str, tuple[str, Verb]]:
        """What this screen's actions write, by action: which kind of line, and whether a new one or a change."""
        return {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What this person's roles may not write is not offered, nor what is done to a line where there is none; only a
        bureau approves."""
        if action in self.row_actions and self.is_mounted and not self._has_row:
            return False
        if action in ("approvals", "waiting") and not self.app.has_role("bureau"):
            return False
        if action == "bureau_seat" and not (self.app.has_role("bureau") or self.app.has_role("auditor")):
            return False
        status, write = self.app.sync_status, self.written_kinds().get(action)
        if action == "import_table":
            write = ("project", "create")
        if write and status is not None and not status.may_write(*write):
            return False
        return super().check_action(action, parameters)

    @property
    def _has_row(self) -> bool:
        rows = getattr(self, "rows", None)
        return isinstance(rows, LongList) and bool(rows.target_rows)

    @on(LongList.RowsLoaded)
    def _offer_row_actions(self) -> None:
        """The list is empty now, or no longer: what can be done with a line."""
        if self.row_actions and self._has_row != self._had_row:
            self._had_row = self._has_row
            self.refresh_bindings()

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """Read again, now or when in view."""
        self._stale = True
        self._reload_if_stale()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """Back in view: the frame may have missed something meanwhile."""
        for bar in self.query(TopBar):
            bar.refresh()
        self._reload_if_stale()

    def refresh_behind(self) -> None:
        """Read now, before the screen becomes visible; painted when the data is there."""
        self._stale = False
        self.app.hold_painting(self)
        self.reload()

    def _reload_if_stale(self) -> None:
        if self._stale and self in self.app.visible_screens() and self.app.reader is not None:
            self._stale = False
            self.reload()

    def dismiss(self, result: object = None) -> AwaitComplete:
        """Close, once this screen is in front (`DataWorkerMixin.can_dismiss_now`)."""
        return super().dismiss(result) if self.can_dismiss_now(result) else AwaitComplete()

    async def recompose(self) -> None:
        """Composed again, in another language: the focus stays on its widget, so that the next key does the same."""
        name = self.focused.id if self.focused else None
        await super().recompose()
        chain = self.focus_chain
        self.set_focus(next((one for one in chain if one.id == name), chain[0] if chain else None))

    def action_back(self) -> Awaitable[None] | None:
        """Back to where we came from."""
        self.dismiss()
        return None

    async def action_import_table(self) -> None:
        """Take in a responsibility table; on the screens that the table names."""
        await self.app.open_screen("import_table")

    async def action_conflicts(self) -> None:
        """The versions that lost; on the screens that the table names."""
        await self.app.open_screen("conflicts")

    async def action_bin(self) -> None:
        """What was deleted or taken back; on the screens that the table names."""
        await self.app.open_screen("bin")

    async def action_rejected(self) -> None:
        """The lines that the central refused; on the screens that the table names."""
        await self.app.open_screen("rejected")

    async def action_bureau_seat(self) -> None:
        """Who is let in at the central, and what was done there, which is all that an auditor reads; on the screens
        that the table names."""
        await self.app.open_screen("seat" if self.app.has_role("bureau") else "audit")

    async def action_waiting(self) -> None:
        """What waits for the bureau's decision; on the screens that the table names."""
        await self.app.open_screen("waiting")

    async def action_approvals(self) -> None:
        """What waits for the bureau's approval; on the screens that the table names."""
        await self.app.open_screen("approvals")

    @property
    def record_in_view(self) -> str | None:
        """The line whose files are shown, on the screens that have the key for them."""
        return None

    async def action_attachments(self) -> None:
        """The files of the record in view; on the screens that the table names."""
        if self.record_in_view:
            project = getattr(self, "project_in_view", None)
            await self.app.open_screen("attachments", self.record_in_view, project)

    async def action_copy(self) -> None:
        """Copy the line under the cursor; on a record's page ask which phone, where there are some."""
        line = next((text for each in self._lists_in_view if (text := each.cursor_text())), "")
        pages = self.query(PageView) if self.key_scope in RECORD_SCOPES else ()
        choices = copy_choices(line, [text for page in pages if page.display for text in page.texts()])
        if len(choices) > 1:
            await self.app.open_screen("copy_menu", choices)
        elif choices:
            self.app.copy_text(choices[0].text)
        else:
            self.app.show_message(_("There is nothing to copy here."))

    @property
    def _lists_in_view(self) -> Sequence[LongList[Any]]:
        """The list that has the focus, or else those that are on the screen."""
        focused = self.focused
        return [focused] if isinstance(focused, LongList) else [each for each in self.query(LongList) if each.display]

    @property
    def list_title(self) -> str:
        """What a list of this screen is called in a file."""
        return value_label("place", self.key_scope)

    @property
    def list_words(self) -> str:
        """How it is filtered and sorted, in words that stand three blanks apart; empty where everything is listed."""
        return ""

    @property
    def view_place(self) -> str:
        """Which list's views are offered here; empty where none can be saved."""
        return ""

    def view_choices(self) -> Mapping[str, str]:
        """How the list is filtered and sorted now, by name."""
        return {}

    def apply_view(self, choices: Mapping[str, str]) -> None:
        """Filter and sort the list like this."""
        raise LookupError(f"{type(self).__name__} has no views: {', '.join(choices)}")

    @property
    def line_at_cursor(self) -> str | None:
        """The id of the row under the cursor of the first list; None where there is none."""
        return next((each.row.id for each in self._lists_in_view[:1] if each.row is not None), None)

    def return_to(self, choices: Mapping[str, str], at: str | None) -> None:
        """Filter and sort the list as it was when the screens were cut off, with the cursor on the line ``at``."""
        self._stale = False  # this is the read that the screen waits for
        if choices and self.view_place:
            self.apply_view(choices)
        else:
            self.reload()
        for each in self._lists_in_view[:1]:
            each.show(each.source, at=at)

    def action_views(self) -> None:
        """The saved views of this list; on the screens that the table names."""
        self._read_views(self._open_views)

    def on_key(self, event: events.Key) -> None:
        """Alt and a digit: the saved view of that digit at once."""
        digit = event.key.removeprefix("alt+")
        if self.view_place and digit != event.key and digit in set("123456789"):
            event.stop()
            self._read_views(partial(self._show_view, number=int(digit)))

    def _read_views(self, then: Callable[[Sequence[SavedViewRow]], None]) -> None:
        place = self.view_place
        self.read_in_thread(lambda reader: reader.run(queries.saved_views.saved_views, place), then, "views")

    def _show_view(self, views: Sequence[SavedViewRow], number: int) -> None:
        if number <= len(views):
            self.apply_view(views[number - 1].choices)
        else:
            text = _("No view of this list has the number {n}; ; lists them, and s there saves one.")
            self.app.show_message(text.format(n=number), warning=True)

    def _open_views(self, views: Sequence[SavedViewRow]) -> None:
        self.app.call_later(self.app.open_screen, "view_menu", self, views)

    async def action_list_out(self) -> None:
        """The list as a file or as text, or a part of it; on the screens that the table names."""
        from tui.presenters.list_files import ListInView  # noqa: PLC0415 - only who takes a list out waits for it

        for each in self._lists_in_view[:1]:
            shown = ListInView(self.list_title, self.list_words, each.columns, each.source)
            await self.app.open_screen("list_menu", self, shown, each.row)


class Panel(ModalScreen[Any], DataWorkerMixin):
    """A small screen on top of another. Bindings of the app do not reach through it."""

    key_scope: str

    def dismiss(self, result: object = None) -> AwaitComplete:
        """Close, once this panel is in front (`DataWorkerMixin.can_dismiss_now`)."""
        return super().dismiss(result) if self.can_dismiss_now(result) else AwaitComplete()

    async def action_jump(self) -> None:
        """Labels on the panel's own controls."""
        await self.app.action_jump()

    def action_back(self) -> None:
        """Close it; nothing is chosen."""
        self.dismiss(None)
