"""live: hints that something in a device's scope has changed, over server-sent events.

A hint only says "look": what changed travels in a round. Each process asks for the counters of the districts it has
listeners from, twice a second while it has any, and looks further only where a counter moved. At every look the token
is judged anew, so a revoked device's stream ends. Streams end by themselves when the central stops.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from anyio import to_thread
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from store.ledger.hlc import system_clock_ms
from sync.central.accounts import accounts
from sync.central.accounts.accounts import Caller
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT
from sync.central.reads.cursor import Cursor
from sync.central.reads.snapshot import ScopedReads

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
HINT, HEARTBEAT = b"event: hint\ndata: {}\n\n", b": here\n\n"
_LOG = logging.getLogger("guanjia.central")


@dataclass(eq=False)
class Subscriber:
    """One open stream: whose it is, up to where it has been told, and its bell."""

    token: str
    caller: Caller
    last_seq: int
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False


class ChangeFeed:
    """The listeners of one process, and the one task that looks for all of them."""

    def __init__(self, database: CentralDatabase, clock_ms: Callable[[], int] = system_clock_ms) -> None:
        self._database = database
        self._clock_ms = clock_ms
        self._subscribers: set[Subscriber] = set()
        self._poll_task: asyncio.Task[None] | None = None
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind_loop(self) -> None:
        """Remember the event loop that the streams run in; called in it when the central starts."""
        self._loop = asyncio.get_running_loop()

    def close_threadsafe(self) -> None:
        """End every stream; called from anywhere, a signal handler or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.close)

    def subscribe(self, token: str | None) -> Subscriber:
        """A listener for who holds this token, told of what happens from now on. Raises `Refusal` (401)."""
        with self._database.read() as connection:
            caller = accounts.authenticate(connection, token)
            return Subscriber(token or "", caller, caller.seq)

    async def stream(self, subscriber: Subscriber) -> AsyncIterator[bytes]:
        """The bytes of one device's stream."""
        self._subscribers.add(subscriber)
        if self._poll_task is None or self._poll_task.done():
            self._poll_task = asyncio.create_task(self._poll())
        try:
            yield HEARTBEAT
            while not (subscriber.closed or self._closed):
                yield await self._next_event(subscriber)
        finally:
            self._subscribers.discard(subscriber)

    def close(self) -> None:
        """End every stream; called in the event loop."""
        self._closed = True
        for listener in self._subscribers:
            listener.closed = True
            listener.wake.set()
        if self._poll_task is not None:
            self._poll_task.cancel()

    @staticmethod
    async def _next_event(subscriber: Subscriber) -> bytes:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await subscriber.wake.wait()
        told = HINT if subscriber.wake.is_set() and not subscriber.closed else HEARTBEAT
        subscriber.wake.clear()
        return told

    async def _poll(self) -> None:
        """Look until there are no listeners. The database may be away for a while; listeners are then told nothing."""
        while self._subscribers:
            await asyncio.sleep(POLL_SECONDS)
            try:
                rung, ended = await to_thread.run_sync(self._poll_once, list(self._subscribers))
            except SQLAlchemyError as error:
                _LOG.warning("live: the database does not answer (%s)", type(error).__name__)
                continue
            for listener in rung + ended:
                listener.closed = listener in ended
                listener.wake.set()

    def _poll_once(self, subscribers: list[Subscriber]) -> tuple[list[Subscriber], list[Subscriber]]:
        """The listeners to ring, and those whose token is no longer good."""
        with self._database.read() as connection:
            good = accounts.active_devices(connection, [listener.caller for listener in subscribers])
            ended = [one for one in subscribers if (one.caller.district, one.caller.device) not in good]
            counters = self._counters(connection, subscribers)
            moved = [one for one in subscribers if one not in ended and counters[one.caller.district] > one.last_seq]
            rung = [one for one in moved if self._has_news(connection, one)]
            for listener in moved:
                listener.last_seq = counters[listener.caller.district]
        return rung, ended

    @staticmethod
    def _counters(connection: Connection, subscribers: list[Subscriber]) -> dict[str, int]:
        districts = {listener.caller.district for listener in subscribers}
        found = select(DISTRICT.c.code, DISTRICT.c.seq).where(DISTRICT.c.code.in_(districts))
        return {row[0]: row[1] for row in connection.execute(found)}

    def _has_news(self, connection: Connection, subscriber: Subscriber) -> bool:
        """Whether what happened since is in this account's scope as it is now."""
        caller = accounts.authenticate(connection, subscriber.token)
        return ScopedReads(connection, caller, self._clock_ms()).has_news(
            Cursor(subscriber.last_seq, subscriber.last_seq)
        )
