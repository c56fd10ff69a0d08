"""Messages of reminders that the daemon has told, for the open screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store.home.reminder_log import read_reminder_log
from store.queries.reminders import told_occasions
from tui.i18n.reminder_text import message_lines, message_title

if TYPE_CHECKING:
    from tui.data.reader import Reader


class ShownReminders(NamedTuple):
    """A message: how many ``reminders`` it has, and its first lines. ``at`` is when it was told (ms since 1970)."""

    at: int
    reminders: int
    title: str
    text: str


def told_since(reader: Reader, at: int) -> list[ShownReminders]:
    """The messages that were told after this moment (ms since 1970), oldest first."""
    log = read_reminder_log(reader.device_state)
    later = [message for message in reversed(log.told) if message.at > at]
    return [
        ShownReminders(
            message.at,
            len(message.reminders),
            message_title(len(message.reminders)),
            message_lines(reader.run(told_occasions, message), message.at),
        )
        for message in later
    ]
