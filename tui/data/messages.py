"""What threads tell the screens. Slow work runs in a thread and reports by one of these; handlers change widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from store.exceptions import GuanjiaError

if TYPE_CHECKING:
    from textual.css.stylesheet import Stylesheet

    from store.home.sync_progress import Progress
    from tui.data.reader import Desk
    from tui.data.round_process import Outcome
    from tui.data.sync_status import Standing


class DeskOpened(Message):
    """The store is open."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk


class NotOpened(Message):
    """The store could not be opened."""

    def __init__(self, error: GuanjiaError) -> None:
        super().__init__()
        self.error = error


class Said(Message):
    """Something was done that a person should be told of in a few words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class LedgerChanged(Message, bubble=False):
    """Somebody, this process or another, has committed to the ledger."""


class StandingRead(Message):
    """How the device stands now."""

    def __init__(self, standing: Standing) -> None:
        super().__init__()
        self.standing = standing


class RoundMoved(Message):
    """A round has come further, whoever runs it; ``progress`` is None when none runs."""

    def __init__(self, progress: Progress | None) -> None:
        super().__init__()
        self.progress = progress


class SyncEnded(Message):
    """The round that was started from here has ended."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Answer(Message, bubble=False):
    """What a screen asked the desk for has come; ``take`` puts it on the screen, where it is ``wanted`` still."""

    def __init__(self, take: Callable[[], None], wanted: Callable[[], bool] = lambda: True) -> None:
        super().__init__()
        self.take = take
        self.wanted = wanted


class Troubled(Message):
    """A thread met an error; the app finds words for it."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


class Failed(Message):
    """Something could not be done; the app says so in the person's language."""

    def __init__(self, error: GuanjiaError) -> None:
        super().__init__()
        self.error = error


class Warmed(Message, bubble=False):
    """Something that a screen will need can be read; ``piece`` reads it into the style sheet."""

    def __init__(self, piece: Callable[[Stylesheet], None]) -> None:
        super().__init__()
        self.piece = piece
