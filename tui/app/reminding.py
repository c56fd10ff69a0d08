"""Shows what the daemon reminds of while the screens are open, and calls attention to it by the terminal.

The daemon touches a file after each message (``Home.reminders_told``); the screens look at it and read the device's own
log. Text that reaches the terminal outside the screens has no control characters, and nothing but a count where a PIN
is set: a window's title is seen by whoever passes by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work

from store.home.paths import Home
from store.home.settings import load_settings
from store.values.text import sanitize
from tui.app.locking import LockingApp
from tui.data.messages import RemindersTold

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.told_reminders import ShownReminders

LOOK_S = 1.0
"""How often it is looked whether something was told: one call of the file system."""
SHOWN_S = 60
"""So long a message stays, unless it is sent away."""
_KEEP_TITLE, _FORMER_TITLE = "\x1b[22;2t", "\x1b[23;2t"


class RemindingApp(LockingApp):
    """An app that shows reminders."""

    reader: Reader | None
    _told_mark: int = 0
    _told_at: int = 0
    _has_title: bool = False

    def follow_reminders(self) -> None:
        """From now on show what is told; what was told before is in ``guanjia reminders``."""
        self._told_mark = self._mark()
        self.set_interval(LOOK_S, self.look_for_reminders)

    def _mark(self) -> int:
        """Another number after each message that is told."""
        try:
            return Home(self.home).reminders_told.stat().st_mtime_ns
        except OSError:
            return 0

    def look_for_reminders(self) -> None:
        """Read what was told since the last look, where something was."""
        if self.reader is not None and (mark := self._mark()) != self._told_mark:
            self._told_mark = mark
            self.read_told_reminders(self.reader)

    @work(thread=True, exclusive=True, group="reminders")
    def read_told_reminders(self, reader: Reader) -> None:
        """Read the messages in a thread, and post them."""
        from tui.data.told_reminders import told_since  # noqa: PLC0415 - not before the first paint

        since = self._told_at or reader.corrected_now_ms() - round(10 * LOOK_S * 1000)
        if messages := told_since(reader, since):
            self._told_at = messages[-1].at
            self.post_message(RemindersTold(messages, load_settings(Home(self.home)).remind_terminal))

    def on_reminders_told(self, message: RemindersTold) -> None:
        """Show the messages; while the screens are locked they wait for the PIN."""
        for told in message.messages:
            self.notify(told.text, title=told.title, timeout=SHOWN_S, markup=False)
        self.call_attention(message.how, message.messages)

    def call_attention(self, how: str, messages: Sequence[ShownReminders]) -> None:
        """Call for attention by what the setting ``remind_terminal`` says."""
        if how == "bell":
            self.bell()
        elif how != "none" and self._driver is not None:
            self._driver.write(attention_sequence(how, messages, hides=self._has_pin, keeps_title=not self._has_title))
            self._has_title = self._has_title or how == "title"

    def note_activity(self) -> None:
        """Somebody is there: the window has its former title again."""
        super().note_activity()
        if self._has_title and self._driver is not None:
            self._has_title = False
            self._driver.write(_FORMER_TITLE)


def attention_sequence(
    how: str, messages: Sequence[ShownReminders], *, hides: bool = False, keeps_title: bool = True
) -> str:
    """What is written to the terminal: a title (the former one is kept by the terminal), or a notification of its
    own."""
    count = sum(told.reminders for told in messages)
    title = _plain(messages[-1].title) if len(messages) == 1 else str(count)
    if how == "title":
        return f"{_KEEP_TITLE if keeps_title else ''}\x1b]2;({count}) guanjia\x07"
    text = "" if hides else _plain(messages[-1].text)
    if how == "osc9":
        return f"\x1b]9;{title}{': ' if text else ''}{text}\x07"
    return f"\x1b]777;notify;{title};{text}\x07"


def _plain(text: str) -> str:
    """One line that ends no sequence early and begins no other part of one."""
    return " ".join(sanitize(text).split()).replace(";", "；")
