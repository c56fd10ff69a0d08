"""What all screens share: the two lines that frame them, reading in a thread, and hearing of changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events, getters
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Label
from textual.worker import get_current_worker

from tui.app.app import WRITING, GuanjiaApp
from tui.data.messages import Answer, Failed, LedgerChanged
from tui.exceptions import foreseen
from tui.screens.bars import KeyLine, TopBar
from tui.widgets.background import blank
from tui.widgets.cells import plain

if TYPE_CHECKING:
    from store.domain.permissions import Verb
    from tui.data.reader import Desk

T = TypeVar("T")


class Reading(Widget):
    """Asks the desk in a thread and takes the answer on the screen; for any kind of screen."""

    app = getters.app(GuanjiaApp)
    _to_give: tuple[Any] | None = None
    _questions: Mapping[str, object] = MappingProxyType({})

    def ask(self, job: Callable[[Desk], T], take: Callable[[T], None], group: str = "read") -> None:
        """Do ``job`` at the desk in a thread, then ``take`` what it gives. A later question of the same group makes
        the answer to an earlier one go unheard. Nothing happens before the desk is open."""
        desk = self.app.desk
        if desk is not None:
            question = object()
            self._questions = {**self._questions, group: question}
            run = partial(self._answer, desk, job, take, lambda: self._questions.get(group) is question)
            self.run_worker(run, thread=True, exclusive=True, group=group)

    def unask(self, group: str) -> None:
        """The answer to the last question of this group goes unheard."""
        self._questions = {name: question for name, question in self._questions.items() if name != group}
        self.workers.cancel_group(self, group)

    def do(self, job: Callable[[Desk], T], take: Callable[[T], None]) -> None:
        """As `ask`, for writing: every answer is heard, and what went wrong is told by the app where the screen has
        closed. The app's own worker does it: a screen's would be called off when the screen closes, be it before it
        began."""
        desk = self.app.desk
        if desk is not None:
            run = partial(self._answer, desk, job, take, lambda: True, self.app)
            self.app.run_worker(run, thread=True, group=WRITING)

    def _answer(
        self,
        desk: Desk,
        job: Callable[[Desk], T],
        take: Callable[[T], None],
        wanted: Callable[[], bool],
        app: GuanjiaApp | None = None,
    ) -> None:
        worker = get_current_worker()
        try:
            found = job(desk)
        except Exception as error:
            failed = Failed(foreseen(error, desk.home))
            if not self.post_message(failed) and app is not None:
                app.post_message(failed)
            return
        if not worker.is_cancelled:
            self.post_message(Answer(partial(take, found), wanted))

    def on_answer(self, message: Answer) -> None:
        """Put the answer on the screen, unless another question has been asked meanwhile."""
        if message.wanted():
            message.take()
            self.app.data_came(self)

    def closes_now(self, result: Any) -> bool:
        """Whether a screen that is to close is in front; else it closes, with ``result``, as soon as it is. Textual
        closes whatever is in front, whoever asks: a form that is saved would close the help that was opened over it."""
        stack: Sequence[Widget] = self.app.screen_stack
        in_front = bool(stack) and stack[-1] is self
        is_open = isinstance(self, Screen) and self in self.app.every_screen()
        self._to_give = (result,) if is_open and not in_front else None
        return in_front

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """In front, perhaps again: a screen that was to close meanwhile closes."""
        if self._to_give is not None and isinstance(self, Screen):
            self.dismiss(*self._to_give)


class Saying(Widget):
    """Has a label ``said`` for what it has to say."""

    def said(self, text: str, *, bad: bool = False) -> None:
        """What there is to say, until there is something else."""
        label = self.query_one("#said", Label)
        label.update(plain(text))
        label.set_class(bad, "-bad")
        label.display = bool(text)


class Place(Screen[Any], Reading):
    """A screen of its own, framed by the top bar and the key line. Reads what it shows in `reload`, which is called
    when the desk opens, when the ledger has changed, and when the screen comes back to view."""

    place: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._stale = True

    def compose(self) -> ComposeResult:
        """The frame around the body."""
        yield TopBar(self.place)
        yield from self.body()
        yield KeyLine(self.place)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Blank: what the screen holds covers it."""
        return blank(self, crop)

    def body(self) -> Iterable[Widget]:
        """What is between the two lines."""
        raise LookupError(f"{type(self).__name__} shows nothing")

    def reload(self) -> None:
        """Read what the screen shows."""

    def writes(self) -> Mapping[str, tuple[str, Verb]]:
        """What this screen's actions write, by action: which kind of line, and whether a new one or a change."""
        return {}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What this person's roles may not write is not offered; only a bureau approves."""
        if action == "approvals" and not self.app.holds("bureau"):
            return False
        standing, write = self.app.standing, self.writes().get(action)
        if write and standing is not None and not standing.may(*write):
            return False
        return super().check_action(action, parameters)

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """Read again, now or when in view."""
        self._stale = True
        self._freshen()

    def on_screen_resume(self, _event: events.ScreenResume) -> None:
        """Back in view: the frame may have missed something meanwhile."""
        for bar in self.query(TopBar):
            bar.refresh()
        self._freshen()

    def read_again(self) -> None:
        """Read what this screen shows now, before it comes into view; painted when it has been read."""
        self._stale = False
        self.app.await_data(self)
        self.reload()

    def _freshen(self) -> None:
        if self._stale and self in self.app.in_view() and self.app.desk is not None:
            self._stale = False
            self.reload()

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close, once this screen is in front (`Reading.closes_now`)."""
        return super().dismiss(result) if self.closes_now(result) else AwaitComplete()

    async def recompose(self) -> None:
        """Made anew, in another language: the focus is where it was, so that the next key does what it did."""
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
        await self.app.go("import_table")

    async def action_losers(self) -> None:
        """The versions that lost; on the screens that the table names."""
        await self.app.go("losers")

    async def action_rejected(self) -> None:
        """The lines that the central refused; on the screens that the table names."""
        await self.app.go("rejected")

    async def action_approvals(self) -> None:
        """What waits for the bureau's approval; on the screens that the table names."""
        await self.app.go("approvals")


class Panel(ModalScreen[Any], Reading):
    """A small screen on top of another. Bindings of the app do not reach through it."""

    place: str

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Close, once this panel is in front (`Reading.closes_now`)."""
        return super().dismiss(result) if self.closes_now(result) else AwaitComplete()

    async def action_jump(self) -> None:
        """Labels on the panel's own controls."""
        await self.app.action_jump()

    def action_back(self) -> None:
        """Close it; nothing is chosen."""
        self.dismiss(None)
