"""What of reminders was told on this device: in the device's own file, so that nothing is told twice.

It keeps ids and no titles: what a reminder is called is read from the ledger when it is shown, so that an erased person
is not left here. Encrypted as that file is, never replicated.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from store.db.connection import Connection
from store.home.device_state import DeviceState

_SELECT = "SELECT entries FROM recent WHERE list = 'reminders'"
_REPLACE = "INSERT OR REPLACE INTO recent (list, entries) VALUES ('reminders', ?)"
MAX_KNOWN = 20_000
MAX_TOLD = 50
MAX_QUEUED = 100
"""So many tellings wait for an office's gateway at most; the oldest are given up."""


class ToldReminder(NamedTuple):
    """A reminder as it was told: its id, the line, rule, date and distance that it follows from, what to open."""

    id: str
    line: str
    rule: str
    at: str
    offset: int | None
    about: str


class ToldMessage(NamedTuple):
    """One message: when (ms since 1970, by the corrected clock), of what, and what came of each channel: ``sent``, or
    why not."""

    at: int
    reminders: tuple[ToldReminder, ...]
    channels: tuple[tuple[str, str], ...] = ()


class ReminderLog(NamedTuple):
    """``known``: ids that are not told any more; None before the first look, which tells nothing of what is here
    already. ``held``: ids that a quiet hour holds back. ``told``: the last messages, newest first. ``queued``: messages
    that the office's gateway has not taken, oldest first; it failed ``failures`` times in a row and is not asked before
    ``not_before`` (ms since 1970)."""

    known: tuple[str, ...] | None = None
    held: tuple[str, ...] = ()
    told: tuple[ToldMessage, ...] = ()
    queued: tuple[ToldMessage, ...] = ()
    failures: int = 0
    not_before: int = 0

    def with_known(self, ids: Sequence[str]) -> ReminderLog:
        """The same, with these ids known and no longer held."""
        known = tuple(dict.fromkeys([*(self.known or ()), *ids]))[-MAX_KNOWN:]
        return self._replace(known=known, held=tuple(each for each in self.held if each not in ids))

    def with_channels(self, at: int, channels: tuple[tuple[str, str], ...]) -> ReminderLog:
        """The same, with what came of the message of this moment."""
        told = tuple(each._replace(channels=channels) if each.at == at else each for each in self.told)
        return self._replace(told=told)

    def with_message(self, message: ToldMessage) -> ReminderLog:
        """The same, with a message in place of the one of its moment, or before the others."""
        others = [each for each in self.told if each.at != message.at]
        return self._replace(told=(message, *others)[:MAX_TOLD])


def read_reminder_log(state: DeviceState) -> ReminderLog:
    """What was told on this device. Raises as `DeviceState.read`."""
    with state.read() as connection:
        return ReminderLog() if connection is None else _read(connection)


def change_reminder_log(connection: Connection) -> ReminderLog:
    """The log inside a write transaction of the device's file, for `write_reminder_log`."""
    return _read(connection)


def write_reminder_log(connection: Connection, log: ReminderLog) -> None:
    """Replace the log, in the same transaction."""
    queued = log._replace(queued=log.queued[-MAX_QUEUED:])
    connection.execute(_REPLACE, (json.dumps(queued),))


def _read(connection: Connection) -> ReminderLog:
    row = connection.execute(_SELECT).fetchone()
    if row is None:
        return ReminderLog()
    known, held, told, queued, failures, not_before = json.loads(row[0])
    return ReminderLog(
        None if known is None else tuple(known),
        tuple(held),
        tuple(map(_message, told)),
        tuple(map(_message, queued)),
        failures,
        not_before,
    )


def _message(stored: Sequence[object]) -> ToldMessage:
    at, reminders, channels = stored
    assert isinstance(at, int) and isinstance(reminders, list) and isinstance(channels, list)
    told = tuple(ToldReminder(*each) for each in reminders)
    return ToldMessage(at, told, tuple((str(name), str(came)) for name, came in channels))
