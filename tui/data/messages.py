"""What threads tell the screens. Slow work runs in a thread and reports by one of these; handlers change widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from store.exceptions import GuanjiaError

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

    from store.home.sync_progress import RoundProgress
    from tui.data.reader import Reader
    from tui.data.round_process import SyncCommandResult
    from tui.data.sync_status import SyncStatus


class StoreOpened(Message):
    """The store is open."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader


class StoreOpenFailed(Message):
    """The store could not be opened."""

    def __init__(self, error: GuanjiaError) -> None:
        super().__init__()
        self.error = error


class ToastRequested(Message):
    """Something was done that a person should be told of in a few words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class LedgerChanged(Message, bubble=False):
    """Somebody, this process or another, has committed to the ledger."""


class SyncStatusRead(Message):
    """How the device stands now."""

    def __init__(self, status: SyncStatus) -> None:
        super().__init__()
        self.status = status


class RoundProgressed(Message):
    """A round has come further, whoever runs it; ``progress`` is None when none runs."""

    def __init__(self, progress: RoundProgress | None) -> None:
        super().__init__()
        self.progress = progress


class SyncEnded(Message):
    """The round that was started from here has ended."""

    def __init__(self, outcome: SyncCommandResult) -> None:
        super().__init__()
        self.outcome = outcome


class ResultReady(Message, bubble=False):
    """What a screen asked the desk for has come; ``take`` puts it on the screen, where it is ``wanted`` still."""

    def __init__(self, apply: Callable[[], None], is_current: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self.apply = apply
        self.is_current = is_current


class ExceptionRaised(Message):
    """A thread met an error; the app finds words for it."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class ErrorReported(Message):
    """Something could not be done; the app says so in the person's language."""

    def __init__(self, error: GuanjiaError) -> None:
        super().__init__()
        self.error = error


class StyleLoaderReady(Message, bubble=False):
    """Something that a screen will need can be read; ``piece`` reads it into the style sheet."""

    def __init__(self, load_styles: Callable[[Stylesheet], None]) -> None:
        super().__init__()
        self.load_styles = load_styles
