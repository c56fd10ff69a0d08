"""What was told is kept in the device's own file, bounded, and without what it was called."""

from __future__ import annotations

from pathlib import Path

from store.home.reminder_log import (
    MAX_KNOWN,
    MAX_QUEUED,
    MAX_TOLD,
    ReminderLog,
    ToldMessage,
    ToldReminder,
    read_reminder_log,
    write_reminder_log,
)
from tests.store.devices import device


def message(at: int) -> ToldMessage:
    """A message of this moment."""
    return ToldMessage(at, (ToldReminder("i", "l", "due", "2026-09-11", 0, "l"),), (("desktop", "sent"),))


def test_what_was_told_comes_back_as_it_was_and_is_bounded(tmp_path: Path) -> None:
    """Nothing was looked at before the first look; what is kept is the latest, and a message that is told on another
    channel later stays one."""
    state = device(tmp_path, "a").device_state
    assert read_reminder_log(state).known is None
    log = ReminderLog().with_known([str(n) for n in range(MAX_KNOWN + 1)])._replace(held=("h",))
    for at in range(MAX_TOLD + 2):
        log = log.with_message(message(at))
    log = log.with_message(message(MAX_TOLD + 1)._replace(channels=(("hook", "sent"),)))
    with state.write() as connection:
        write_reminder_log(connection, log._replace(queued=tuple(map(message, range(MAX_QUEUED + 5)))))
    read = read_reminder_log(state)
    assert read == log._replace(queued=tuple(map(message, range(5, MAX_QUEUED + 5))))
    assert (len(read.known or ()), read.known and read.known[0]) == (MAX_KNOWN, "1")
    assert (len(read.told), read.told[0].channels) == (MAX_TOLD, (("hook", "sent"),))
    assert log.with_known(["h"]).held == ()
