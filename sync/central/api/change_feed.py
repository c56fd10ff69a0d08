"""The change feed (``/v1/live``): hints that something in a device's scope has changed, as server-sent events.

A hint carries no data: the device runs a round. Each process reads the counters of its subscribers' districts while
it has any, and checks scopes only where a counter moved: at once where PostgreSQL tells it of a write
(``listening.py``), and now and then all the same; twice a second where nobody tells it. Tokens are checked again with
each hint and each look at all, and where a write brings nobody news, so the stream of a revoked device ends. When a
day begins, the roles that begin or end with it are applied though nobody asks, so that who loses or gains a scope is
told. Streams end when the central stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import compress
from typing import NamedTuple

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from store.values.times import district_time
from sync.central.accounts import authentication
from sync.central.accounts.authentication import Caller
from sync.central.api.listening import RECONNECT_S, DistrictListener
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT
from sync.central.exceptions import Refusal
from sync.central.metrics import STREAMS
from sync.central.reads.news import Listener, who_has_news

GATHER_SECONDS = 0.05
"""Writes that are told within so long are looked at together."""
HEARTBEAT_SECONDS = 15.0
STREAMS_PER_TOKEN = 4
"""The most open streams of one device in a process; a daemon has one."""
HINT, HEARTBEAT = b"event: hint\ndata: {}\n\n", b": here\n\n"
_LOG = logging.getLogger("guanjia.central")


class FeedTimes(NamedTuple):
    """Seconds between two polls, where nobody tells of writes and where PostgreSQL does (``told_poll``), and until a
    lost connection to it is made again."""

    poll: float = 0.5
    told_poll: float = 5.0
    reconnect: float = RECONNECT_S


@dataclass(eq=False)
class Subscriber:
    """One open stream: its caller, the counter up to which it was notified, and the event that wakes it."""

    token: str
    caller: Caller
    last_seq: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False


class ChangeFeed:
    """The subscribers of one process, and the one task that polls for all of them."""

    def __init__(
        self,
        database: CentralDatabase,
        clock_ms: Callable[[], int],
        begin_day: Callable[[str], None],
        times: FeedTimes = FeedTimes(),  # noqa: B008 - immutable
    ) -> None:
        """``begin_day`` applies what changes in a district with the day, in nobody's name: a subscriber's token may
        have been replaced since, and would be refused as a copy's."""
        self._database = database
        self._clock_ms = clock_ms
        self._begin_day = begin_day
        self._days_begun: dict[str, str] = {}
        self._subscribers: dict[Subscriber, None] = {}
        self._poll_task: asyncio.Task[None] | None = None
        self._closed = False
        self._written: set[str] = set()
        self._polled_all_at = 0.0
        self._told = asyncio.Event()
        self._times = times
        self.listener = DistrictListener(database, self._hear, times.reconnect)
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind_loop(self) -> None:
        """Store the running event loop, for `close_threadsafe`; called in it when the central starts."""
        self._loop = asyncio.get_running_loop()

    def close_threadsafe(self) -> None:
        """End every stream; may be called from a signal handler or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.close)

    def subscribe(self, token: str | None) -> Subscriber:
        """A subscriber for the caller of this token, from the present counter on. Raises `Refusal` (401)."""
        with self._database.read() as connection:
            caller = authentication.authenticate(connection, token)
            return Subscriber(token or "", caller, caller.seq)

    async def stream(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        """The bytes of one device's stream: a hint after a change, a comment as heartbeat. One too many of a device
        ends its oldest, which may be one that a suspended laptop has left behind."""
        self._end_oldest(subscriber.caller)
        self._subscribers[subscriber] = None
        if self.listener.is_listening:  # what was told since its counter was read may have been told too early
            self._hear(subscriber.caller.district)
        if self._poll_task is None or self._poll_task.done():
            self._poll_task = asyncio.create_task(self._poll())
        STREAMS.inc()
        try:
            yield HEARTBEAT
            while not (subscriber.closed or self._closed):
                yield await self._next_event(subscriber)
        finally:
            STREAMS.dec()
            self._subscribers.pop(subscriber, None)

    def _end_oldest(self, caller: Caller) -> None:
        """Make room for one more stream of this token."""
        own = [each for each in self._subscribers if each.caller.token_hash == caller.token_hash and not each.closed]
        for subscriber in own[: len(own) + 1 - STREAMS_PER_TOKEN]:
            subscriber.closed = True
            subscriber.wake.set()

    def close(self) -> None:
        """End every stream; called in the event loop."""
        self._closed = True
        for subscriber in self._subscribers:
            subscriber.closed = True
            subscriber.wake.set()
        if self._poll_task is not None:
            self._poll_task.cancel()

    @staticmethod
    async def _next_event(subscriber: Subscriber) -> bytes:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await subscriber.wake.wait()
        event = HINT if subscriber.wake.is_set() and not subscriber.closed else HEARTBEAT
        subscriber.wake.clear()
        return event

    async def _poll(self) -> None:
        """Poll while there are subscribers. While the database is not available nobody is notified. Its thread is not
        one of those that requests wait for."""
        listening, limiter = asyncio.create_task(self.listener.run()), CapacityLimiter(1)
        try:
            await self._poll_by(limiter)
        finally:
            listening.cancel()

    async def _poll_by(self, limiter: CapacityLimiter) -> None:
        while self._subscribers:
            concerned, is_whole = await self._until_due()
            try:
                notified, ended = await to_thread.run_sync(self._poll_once, concerned, is_whole, limiter=limiter)
            except SQLAlchemyError as error:
                _LOG.warning("live: the database does not answer (%s)", type(error).__name__)
                continue
            for subscriber in notified + ended:
                subscriber.closed = subscriber in ended
                subscriber.wake.set()

    async def _until_due(self) -> tuple[list[Subscriber], bool]:
        """Wait for the next poll; gives the subscribers that it is for, and whether these are all: those of districts
        that were told to have been written to, else all, and all from time to time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._times.told_poll if self.listener.is_listening else self._times.poll):
                await self._told.wait()
            await asyncio.sleep(GATHER_SECONDS)
        self._told.clear()
        written, self._written = self._written, set()
        now = asyncio.get_running_loop().time()
        if now - self._polled_all_at >= self._times.told_poll or not written or "" in written:
            self._polled_all_at = now
            return list(self._subscribers), True
        return [each for each in self._subscribers if each.caller.district in written], False

    def _hear(self, district: str) -> None:
        self._written.add(district)
        self._told.set()

    def _poll_once(self, subscribers: list[Subscriber], is_whole: bool) -> tuple[list[Subscriber], list[Subscriber]]:
        """The subscribers to notify, and those whose token is no longer valid. To read the tokens of thousands takes
        longer than to find who has news: that waits where a write brings some of them news."""
        self._begin_days(subscribers)
        with self._database.read() as connection:
            counters = self._counters(connection, subscribers)
            behind = [each for each in subscribers if counters[each.caller.district] > each.last_seq]
            notified = self._with_news(connection, behind)
            checked = subscribers if is_whole or not notified else notified
            active = authentication.active_devices(connection, [subscriber.caller for subscriber in checked])
            ended = [each for each in checked if (each.caller.district, each.caller.device) not in active]
            for subscriber in behind:
                subscriber.last_seq = counters[subscriber.caller.district]
        gone = set(ended)
        return [each for each in notified if each not in gone], ended

    def _begin_days(self, subscribers: list[Subscriber]) -> None:
        """Once a day for each district; where the central's clock is not believed then, the next request of a device
        begins the day."""
        today = district_time(self._clock_ms()).date().isoformat()
        for district in {each.caller.district for each in subscribers}:
            if self._days_begun.get(district) != today:
                with contextlib.suppress(Refusal):
                    self._begin_day(district)
                self._days_begun[district] = today

    @staticmethod
    def _counters(connection: Connection, subscribers: list[Subscriber]) -> dict[str, int]:
        districts = {subscriber.caller.district for subscriber in subscribers}
        counters = select(DISTRICT.c.code, DISTRICT.c.seq).where(DISTRICT.c.code.in_(districts))
        return {code: seq for code, seq in connection.execute(counters)}

    @staticmethod
    def _with_news(connection: Connection, behind: list[Subscriber]) -> list[Subscriber]:
        """Those whose account's present scope has something of what happened since."""
        found: list[Subscriber] = []
        for district in sorted({each.caller.district for each in behind}):
            here = [each for each in behind if each.caller.district == district]
            listeners = [Listener(each.caller.account, each.caller.device, each.last_seq) for each in here]
            found += compress(here, who_has_news(connection, district, listeners))
        return found
