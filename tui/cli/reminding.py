"""Tells a person of this home what they are to be reminded of, for the daemon: decides, notes, then tells.

What is told is noted before it is told, in one transaction of the device's file: a daemon that is killed in between
tells it never rather than twice; the lists have it all the same. Of a person's devices the one tells at which the
person worked last (`reminding_device`); the others note it as told. Rules: ``store/domain/reminders.py``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from store.db.connection import Connection
from store.db.device_facts import FIRST_READ, DeviceFacts, read_device_facts
from store.domain.limits import read_limits
from store.domain.reminders import Reminder, TellingTimes, reminders_of, tell_now, telling_times
from store.domain.status_lights import light_thresholds
from store.home.device_state import DeviceState
from store.home.exceptions import LedgerLocked
from store.home.paths import Home
from store.home.reminder_log import (
    ReminderLog,
    ToldMessage,
    ToldReminder,
    change_reminder_log,
    read_reminder_log,
    write_reminder_log,
)
from store.queries.reminders import ReminderDeviceRow, has_unsent_work, own_occasions, reminding_device, told_occasions
from tui.cli.reminder_channels import ReminderChannels, tell_gateway, tell_locally
from tui.cli.session import HomeSession, home_session
from tui.i18n.translate import set_language

Facts = Mapping[str, object]
FIRST_RETRY_MS, LONGEST_RETRY_MS, GIVEN_UP_MS = 30_000, 3_600_000, 86_400_000
"""A gateway that did not take a message is asked again after so long, each time after twice as long; after a day a
message is given up."""
LOOK_AGAIN = timedelta(hours=1)
"""So long after a look there is another, though nothing has changed and nothing falls due."""


class Outlook(NamedTuple):
    """What a home's person is to be reminded of, as of ``now``; ``said`` is the device that reminds, as the ledger has
    it, ``tells_here`` whether this one does."""

    now: datetime
    times: TellingTimes
    reminders: Sequence[Reminder]
    facts: DeviceFacts
    said: ReminderDeviceRow | None
    tells_here: bool

    @property
    def now_ms(self) -> int:
        """The same moment in milliseconds since 1970."""
        return int(self.now.timestamp() * 1000)


class Reminders:
    """The errand of one home; called again and again. ``worked`` says that somebody wrote lines here since."""

    def __init__(self, home: Home, channels: ReminderChannels, worked: threading.Event | None = None) -> None:
        self._home, self._channels = home, channels
        self._worked = worked or threading.Event()
        self._seen: object = None
        self._looked_at = self._look_at = _now()

    def __call__(self) -> Iterator[Facts]:
        """Tell what is to be told now, and give for the log how many reminders there were and what came of each
        channel: never what they say. Raises what keeps the home from opening; a home whose PIN leaves no key for the
        daemon tells nothing."""
        seen = [_modified(path) for path in (self._home.change_marker, self._home.settings)]
        now = _now()
        is_early = self._looked_at <= now < self._look_at  # a clock that went back since says nothing of what is due
        if seen == self._seen and is_early and not self._worked.is_set():
            return
        self._looked_at, self._look_at = now, now + LOOK_AGAIN
        try:
            with home_session(self._home.path, unattended=True) as session:
                yield from self._look(session)
        except LedgerLocked:
            self._worked.clear()
        self._seen = seen

    def _look(self, session: HomeSession) -> Iterator[Facts]:
        worked = self._worked.is_set()
        with session.database.read() as connection:
            if not is_ready(read_device_facts(connection)):
                return
            outlook = outlook_of(session, connection, worked=worked)
        self._worked.clear()
        set_language(session.settings.language)
        if _is_claimed(session, outlook):
            remind_here(session, outlook.now_ms)
        state = DeviceState(session.database)
        if (message := note(state, outlook, queue=session.settings.remind_hook is not None)) is not None:
            yield self._tell(session, state, outlook, message)
        yield from self._send_queued(session, state, outlook)
        self._look_at = _now() + (_next_look(outlook, read_reminder_log(state)) - outlook.now)

    def _tell(self, session: HomeSession, state: DeviceState, outlook: Outlook, message: ToldMessage) -> Facts:
        """Tell a message that is noted on this machine, and let the open screens know of it."""
        ids = {each.id for each in message.reminders}
        occasions = [each.occasion for each in outlook.reminders if each.id in ids]
        came = tell_locally(self._home, session.settings, self._channels, message, occasions, outlook.facts)
        with state.write() as connection:
            log = change_reminder_log(connection)
            write_reminder_log(connection, log.with_message(message._replace(channels=tuple(came))))
        self._home.reminders_told.touch(mode=0o600)
        return {"told": len(occasions), **dict(came)}

    def _send_queued(self, session: HomeSession, state: DeviceState, outlook: Outlook) -> Iterator[Facts]:
        """Give the gateway what it has not taken, oldest first, until one fails."""
        log, settings = read_reminder_log(state), session.settings
        if not log.queued or log.not_before > outlook.now_ms or not settings.remind_hook:
            return
        for message in log.queued:
            with session.database.read() as connection:
                occasions = told_occasions(connection, message)
            now_ms = outlook.now_ms
            came = tell_gateway(self._home, settings, self._channels, message, occasions, outlook.facts, now_ms)
            with state.write() as writing:
                write_reminder_log(writing, sent(change_reminder_log(writing), message, came, now_ms))
            yield {"told": len(occasions), "hook": came}
            if came != "sent":
                return


def is_ready(facts: DeviceFacts) -> bool:
    """Whether this home has what it needs to remind: its own lines, or a central's once they have all come."""
    return facts.central is None or bool(facts.get("verified_at") and not facts.get(FIRST_READ))


def outlook_of(session: HomeSession, connection: Connection, *, worked: bool = False) -> Outlook:
    """What the person of this home is to be reminded of, and whether on this device. ``worked``: somebody has just
    written lines here."""
    facts, now, limits = read_device_facts(connection), session.district_now(connection), read_limits(connection)
    settings = session.settings
    times = telling_times(settings.remind_morning, settings.remind_quiet, settings.remind_days, limits)
    occasions = own_occasions(connection, light_thresholds(now, limits), int(now.timestamp() * 1000), limits.silence)
    said = reminding_device(connection)
    here = said is None or said.device == facts.device or worked or has_unsent_work(connection)
    tells = settings.remind == "always" or (settings.remind == "auto" and here)
    return Outlook(now, times, reminders_of(occasions, times), facts, said, tells)


def _is_claimed(session: HomeSession, outlook: Outlook) -> bool:
    """Whether this device is to say that it reminds from now on: of a person at a central, who may have others."""
    is_said = outlook.said is not None and outlook.said.device == outlook.facts.device
    return session.settings.remind == "auto" and outlook.tells_here and not is_said and bool(outlook.facts.central)


def remind_here(session: HomeSession, now_ms: int) -> None:
    """Say that from now on this device reminds its person, and no other of theirs."""
    from store.commands import reminders
    from store.writer.sync_writes import SyncLedger

    reminders.remind_here(SyncLedger(session.database, wall_clock=session.wall_clock_ms), now_ms)


def note(state: DeviceState, outlook: Outlook, *, queue: bool) -> ToldMessage | None:
    """Note what is told now, and give it as a message; None where there is nothing. What is here at the first look, and
    what another device of the person tells, is noted and not told."""
    with state.write() as connection:
        before = change_reminder_log(connection)
        log, message = _decided(before, outlook)
        if message is not None:
            log = log.with_message(message)
            log = log._replace(queued=(*log.queued, message)) if queue else log
        if log != before:
            write_reminder_log(connection, log)
        return message


def _decided(log: ReminderLog, outlook: Outlook) -> tuple[ReminderLog, ToldMessage | None]:
    if log.known is None:
        come = [each.id for each in outlook.reminders if each.moment <= outlook.now]
        return log.with_known(come), None
    telling = tell_now(outlook.reminders, set(log.known), set(log.held), outlook.now, outlook.times)
    passed = [each.id for each in (*telling.tell, *telling.passed)]
    if not outlook.tells_here:
        return log.with_known([*passed, *(each.id for each in telling.held)]), None
    log = log.with_known(passed)._replace(held=tuple(each.id for each in telling.held))
    told = tuple(_told(each) for each in telling.tell)
    return log, ToldMessage(outlook.now_ms, told) if told else None


def _told(reminder: Reminder) -> ToldReminder:
    occasion = reminder.occasion
    return ToldReminder(reminder.id, occasion.line, occasion.rule, occasion.at, reminder.offset, occasion.about)


def sent(log: ReminderLog, message: ToldMessage, came: str, now_ms: int) -> ReminderLog:
    """The log after the gateway was asked to take a message: what it took, or what is a day old, waits no more."""
    told = next((each for each in log.told if each.at == message.at), message)
    channels = (*(each for each in told.channels if each[0] != "hook"), ("hook", came))
    log = log.with_channels(told.at, channels)
    kept = tuple(each for each in log.queued if each.at != message.at)
    if came == "sent":
        return log._replace(queued=kept, failures=0, not_before=0)
    wait = min(LONGEST_RETRY_MS, FIRST_RETRY_MS << min(log.failures, 10))
    kept = tuple(each for each in log.queued if now_ms - each.at < GIVEN_UP_MS)
    return log._replace(queued=kept, failures=log.failures + 1, not_before=now_ms + wait)


def _next_look(outlook: Outlook, log: ReminderLog) -> datetime:
    """When something is to be told or sent next, though nothing changes."""
    times, now = outlook.times, outlook.now
    morning = now.replace(hour=times.morning.hour, minute=times.morning.minute, second=0, microsecond=0)
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    coming = [each.moment for each in outlook.reminders] + [morning, hour, now + LOOK_AGAIN]
    if log.queued:
        coming.append(datetime.fromtimestamp(log.not_before / 1000, now.tzinfo))
    return min(each for each in coming if each > now)


def _now() -> datetime:
    return datetime.now().astimezone()


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
