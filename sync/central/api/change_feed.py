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

from store.ledger.hlc import wall_ms
from sync.central.accounts import accounts
from sync.central.accounts.accounts import Caller
from sync.central.db.database import Database
from sync.central.db.tables import DISTRICT
from sync.central.reads.cursor import Cursor
from sync.central.reads.snapshot import View

LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
HINT, HEARTBEAT = b"event: hint\ndata: {}\n\n", b": here\n\n"
_LOG = logging.getLogger("guanjia.central")


@dataclass(eq=False)
class Listener:
    """One open stream: whose it is, up to where it has been told, and its bell."""

    token: str
    caller: Caller
    seen: int
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False


class Live:
    """The listeners of one process, and the one task that looks for all of them."""

    def __init__(self, database: Database, wall: Callable[[], int] = wall_ms) -> None:
        self._database = database
        self._wall = wall
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """Remember the event loop that the streams run in; called in it when the central starts."""
        self._loop = asyncio.get_running_loop()

    def close_soon(self) -> None:
        """End every stream; called from anywhere, a signal handler or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.close)

    def admit(self, token: str | None) -> Listener:
        """A listener for who holds this token, told of what happens from now on. Raises `Refusal` (401)."""
        with self._database.read() as connection:
            caller = accounts.caller_of(connection, token)
            return Listener(token or "", caller, caller.seq)

    async def stream(self, listener: Listener) -> AsyncIterator[bytes]:
        """The bytes of one device's stream."""
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield HEARTBEAT
            while not (listener.over or self._closed):
                yield await self._next(listener)
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End every stream; called in the event loop."""
        self._closed = True
        for listener in self._listeners:
            listener.over = True
            listener.bell.set()
        if self._looking is not None:
            self._looking.cancel()

    @staticmethod
    async def _next(listener: Listener) -> bytes:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                await listener.bell.wait()
        told = HINT if listener.bell.is_set() and not listener.over else HEARTBEAT
        listener.bell.clear()
        return told

    async def _look(self) -> None:
        """Look until there are no listeners. The database may be away for a while; listeners are then told nothing."""
        while self._listeners:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                rung, ended = await to_thread.run_sync(self._news, list(self._listeners))
            except SQLAlchemyError as error:
                _LOG.warning("live: the database does not answer (%s)", type(error).__name__)
                continue
            for listener in rung + ended:
                listener.over = listener in ended
                listener.bell.set()

    def _news(self, listeners: list[Listener]) -> tuple[list[Listener], list[Listener]]:
        """The listeners to ring, and those whose token is no longer good."""
        with self._database.read() as connection:
            good = accounts.in_force(connection, [listener.caller for listener in listeners])
            ended = [one for one in listeners if (one.caller.district, one.caller.device) not in good]
            counters = self._counters(connection, listeners)
            moved = [one for one in listeners if one not in ended and counters[one.caller.district] > one.seen]
            rung = [one for one in moved if self._concerns(connection, one)]
            for listener in moved:
                listener.seen = counters[listener.caller.district]
        return rung, ended

    @staticmethod
    def _counters(connection: Connection, listeners: list[Listener]) -> dict[str, int]:
        districts = {listener.caller.district for listener in listeners}
        found = select(DISTRICT.c.code, DISTRICT.c.seq).where(DISTRICT.c.code.in_(districts))
        return {row[0]: row[1] for row in connection.execute(found)}

    def _concerns(self, connection: Connection, listener: Listener) -> bool:
        """Whether what happened since is in this account's scope as it is now."""
        caller = accounts.caller_of(connection, listener.token)
        return View(connection, caller, self._wall()).has_news(Cursor(listener.seen, listener.seen))
