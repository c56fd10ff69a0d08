"""The daemon: rounds until SIGTERM, one daemon a home. It talks to nobody but the store and the central.

What calls for a round: something unsent (the store's marker file, watched), the central's live hint, the slow tick, and
waking from sleep. The daemon's own writes touch the marker too and call for nothing, since a touch only makes it look
whether other lines wait than at the last round. Next: ``sync/daemon/schedule.py`` (when), ``sync/daemon/services``
(how it is started).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable

from watchfiles import awatch

from store.exceptions import GuanjiaError
from store.home.paths import Home
from store.home.settings import Settings
from store.home.sync_progress import Teller
from store.queries.waiting import Mark, is_damaged, unsent_mark
from sync.daemon.json_log import log_as_json, say
from sync.daemon.schedule import BREATH_S, Pace
from sync.device.device import Device
from sync.exceptions import TooMany, Unreachable
from sync.round import connect, holding, run_round
from sync.round_stats import Result, Tally
from sync.transport.client import HttpCentral

LOOK_S = 60
"""The store is looked at this often although the watcher said nothing: watchers miss things."""
NAP_S = 15.0
"""The longest the daemon sleeps at a stretch; the clock that it sleeps by stands still while a laptop does."""
SLEPT_S = 10.0
WATCH_MS = 250
HINT_SPREAD_S = 0.3
"""A hint reaches all of a district's devices at once; their rounds spread over this."""
FRESH_S = 2.0
"""What was compared no longer ago than this needs no new look when the live connection opens."""
STOP_S = 1.2
COUNT_EVERY_S = 24 * 3_600


class Daemon:
    """Rounds of one device, by turns asleep and at work."""

    def __init__(self, device: Device, *, wall: Callable[[], float] = time.time, nap_s: float = NAP_S) -> None:
        self.device = device
        self._wall = wall
        self._nap_s = nap_s
        self.pace = Pace(device.settings.sync_interval_s)
        self._woken = asyncio.Event()
        self._reached = asyncio.Event()
        self._before: Mark | None = None
        self._looked_at = 0.0
        self._counted_at = time.monotonic()

    async def serve(self) -> None:
        """Work until cancelled. Raises only what nobody foresaw."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._rounds())
            group.create_task(self._watch_commits())
            group.create_task(self._look())  # begins when the watch has begun, so it sees what was committed before
            if self.device.settings.live:
                group.create_task(self._listen())

    # Rounds

    async def _rounds(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            central: HttpCentral | None = None
            while True:
                await self._until_due()
                self._before = await self._unsent()
                try:
                    if central is None:
                        central = await stack.enter_async_context(await self._connect())
                    self._ended(await self._round(central))
                except GuanjiaError as error:
                    await stack.aclose()
                    central = None
                    self._failed(error)
                await self._look()

    async def _connect(self) -> HttpCentral:
        joined = (await self.device.meta()).get("central")
        return await self.device.do(connect, self.device, joined)

    async def _round(self, central: HttpCentral) -> Result:
        tally = Tally("daemon", Teller(self.device.home.progress), wire=central.wire)
        try:
            return await run_round(self.device, central, tally)
        finally:
            self._looked_at = tally.looked_at

    def _ended(self, result: Result) -> None:
        self.pace.succeeded(time.monotonic())
        self._reached.set()
        moved = result.pushed or result.pulled or result.superseded
        say("round", logging.INFO if moved or not result.well else logging.DEBUG, **result.to_json())

    def _failed(self, error: GuanjiaError) -> None:
        wait = _put_off(self.pace, error)
        level = logging.INFO if isinstance(error, Unreachable) else logging.WARNING
        say("round_failed", level, code=error.code, what=str(error), next_in_s=round(wait, 1))

    # What calls for a round

    def _call(self, by: str) -> None:
        say("called", logging.DEBUG, by=by)
        self.pace.hurry(time.monotonic())
        self._woken.set()

    async def _until_due(self) -> None:
        """Sleep until a round is due, in naps short enough to notice that the whole machine slept."""
        while (left := self.pace.left(time.monotonic())) > 0:
            ticked, walled = time.monotonic(), self._wall()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), min(left, self._nap_s))
            self._woken.clear()
            if self._wall() - walled - (time.monotonic() - ticked) > SLEPT_S:
                self._call("waking up")

    async def _unsent(self) -> Mark:
        return await self.device.do(lambda: unsent_mark(self.device.exchange.database.connection()))

    async def _look(self) -> None:
        """Call for a round if other lines wait than when the last one began."""
        now = await self._unsent()
        if now.calls(self._before):
            self._before = now
            self._call("commit")

    async def _watch_commits(self) -> None:
        self.device.home.mark.touch(mode=0o600)
        async for _ in _touches(self.device.home):
            await self._look()
            await self._count()

    async def _count(self) -> None:
        """Once a day, see whether the rows are still what was stored; if not, the round's comparison mends them."""
        if time.monotonic() - self._counted_at < COUNT_EVERY_S:
            return
        self._counted_at = time.monotonic()
        if await self.device.do(lambda: is_damaged(self.device.exchange.database.connection())):
            say("damage", logging.WARNING, buckets=await self.device.do(self.device.exchange.recount))
            self._call("damage")

    async def _listen(self) -> None:
        """Follow the central's live hints, for as long as there is a connection, and come back when there is none."""
        pace = Pace(BREATH_S)
        while True:
            self._reached.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._reached.wait(), pace.left(time.monotonic()) or None)
            try:
                async with await self._connect() as central, contextlib.aclosing(central.hints()) as hints:
                    async for name in hints:
                        pace.succeeded(time.monotonic())
                        await self._hinted(name)
            except GuanjiaError as error:
                _put_off(pace, error)

    async def _hinted(self, name: str) -> None:
        heard_at = time.monotonic()
        if name == "open":
            say("listening", logging.DEBUG)
        if name == "open" and heard_at - self._looked_at > FRESH_S:
            self._call("connection")
        elif name == "hint":
            await asyncio.sleep(random.uniform(0, HINT_SPREAD_S))
            if heard_at > self._looked_at:
                self._call("hint")


def _put_off(pace: Pace, error: GuanjiaError) -> float:
    asked = error.values.get("retry_after", 0) if isinstance(error, TooMany) else 0
    return pace.failed(time.monotonic(), retry_after_s=float(str(asked)), hopeless=not isinstance(error, Unreachable))


async def _touches(home: Home) -> AsyncIterator[None]:
    """After each touch of the marker file, and every minute all the same."""
    try:
        async for _ in awatch(
            home.mark,
            watch_filter=None,  # the usual one leaves out whatever lies below folders named .git, .venv and such
            debounce=WATCH_MS,
            step=WATCH_MS,
            rust_timeout=LOOK_S * 1_000,
            yield_on_timeout=True,
            recursive=False,
        ):
            yield
    except (OSError, RuntimeError) as error:
        say("not_watching", logging.WARNING, detail=str(error))
    while True:
        await asyncio.sleep(LOOK_S)
        yield


async def _serve_until_signal(device: Device) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)
    work, told = asyncio.create_task(Daemon(device).serve()), asyncio.create_task(stop.wait())
    await asyncio.wait((work, told), return_when=asyncio.FIRST_COMPLETED)
    if told.done():
        work.cancel()
        await asyncio.wait((work,), timeout=STOP_S)
    else:
        told.cancel()
        work.result()


def run_daemon(home: Home, settings: Settings) -> None:
    """Serve ``home`` until SIGTERM or SIGINT; then end within two seconds, with nothing half done: a round is cut
    between transactions. Raises `RoundRunning` when the home is served already, or what keeps it from opening."""
    log_as_json(settings.log_level)
    with Device.open(home, settings) as device, holding(home, "daemon"):
        say("started", pid=os.getpid(), home=str(home.path))
        asyncio.run(_serve_until_signal(device))
        say("stopped")
        if not device.idle:
            # Its thread waits for another writer, or writes: as after a crash, all of that transaction is or nothing.
            logging.shutdown()
            os._exit(0)
