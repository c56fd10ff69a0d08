"""Messages from threads to the screens: slow work runs in a thread and reports by one of these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from store.exceptions import GuanjiaError

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet
    from textual.events import Key

    from store.home.last_place import LastPlace
    from store.home.sync_progress import RoundProgress
    from tui.data.reader import Reader
    from tui.data.subprocess import SyncCommandResult
    from tui.data.sync_status import SyncStatus
    from tui.data.told_reminders import ShownReminders


class StoreOpened(Message):
    """The store is open."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader


class LastPlaceRead(Message):
    """Where somebody was when the screens were cut off; None where there is nothing to go back to."""

    def __init__(self, place: LastPlace | None) -> None:
        super().__init__()
        self.place = place


class StoreOpenFailed(Message):
    """The store could not be opened."""

    def __init__(self, error: GuanjiaError) -> None:
        super().__init__()
        self.error = error


class ToastRequested(Message):
    """A short message for the person."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class RemindersTold(Message):
    """The daemon has told ``messages``; ``how`` the terminal calls attention to them."""

    def __init__(self, messages: Sequence[ShownReminders], how: str) -> None:
        super().__init__()
        self.messages = messages
        self.how = how


class LedgerChanged(Message, bubble=False):
    """This process or another has committed to the ledger."""


class SyncStatusRead(Message):
    """The sync status was read."""

    def __init__(self, status: SyncStatus) -> None:
        super().__init__()
        self.status = status


class RoundProgressed(Message):
    """A round of any process has made progress; ``progress`` is None when none runs."""

    def __init__(self, progress: RoundProgress | None) -> None:
        super().__init__()
        self.progress = progress


class SyncEnded(Message):
    """The round that was started from here has ended."""

    def __init__(self, outcome: SyncCommandResult) -> None:
        super().__init__()
        self.outcome = outcome


class ResultReady(Message, bubble=False):
    """The result of a screen's read or write; ``apply`` shows it, unless ``is_current`` says that a later one replaced
    it."""

    def __init__(self, apply: Callable[[], None], is_current: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self.apply = apply
        self.is_current = is_current


class ExceptionRaised(Message):
    """A thread raised an exception; the app translates it."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class ErrorReported(Message):
    """An error to show in the person's language."""

    def __init__(self, error: GuanjiaError) -> None:
        super().__init__()
        self.error = error


class StyleLoaderReady(Message, bubble=False):
    """Styles of a screen can be preloaded; ``load_styles`` parses them into the style sheet."""

    def __init__(self, load_styles: Callable[[Stylesheet], None]) -> None:
        super().__init__()
        self.load_styles = load_styles


class AltKeyPressed(Message):
    """A key was pressed with alt, or escape and a key in quick succession: terminals send the same for both."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key


class UnreadableInput(Message):
    """The terminal sent bytes that are not UTF-8; they were skipped."""


class TerminalClosed(Message):
    """The terminal is gone: nothing can be typed any more."""
