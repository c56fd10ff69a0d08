"""The daemon: rounds until SIGTERM, one daemon a home. It communicates with the store and the central only.

A round is triggered by unsent lines (it watches the store's marker file), the central's live hint, the interval, and
waking from suspend. The daemon's own writes touch the marker too and trigger nothing, since after a touch it compares
the unsent lines with those of the last round. Next: ``sync/daemon/schedule.py`` (when), ``sync/daemon/services`` (how
it is started).
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
from pathlib import Path

from watchfiles import awatch

from store.db.database import file_identity
from store.exceptions import GuanjiaError, HomeNotFound, StoreError
from store.home.error_log import UNEXPECTED, log_traceback
from store.home.paths import Home
from store.home.settings import Settings
from store.home.sync_progress import ProgressWriter
from store.queries.outbox import OutboxSnapshot, outbox_snapshot
from store.writer.checksums import has_checksum_mismatch
from sync.daemon.bundle_folder import BundleFolder
from sync.daemon.errands import Errands
from sync.daemon.json_log import configure_json_logging, log_event
from sync.daemon.schedule import MAX_BACKOFF_S, MIN_RETRY_S, RoundSchedule
from sync.device.device import Device
from sync.exceptions import CentralUnreachable
from sync.round import BLOB_SECONDS, connect_central, open_central, round_lock, run_round
from sync.round.blobs import blob_budget, move_blobs
from sync.round_stats import RoundResult, RoundStats
from sync.transport.client import HttpCentral

POLL_S = 60
"""The store is checked at least this often, since file watchers miss events."""
MAX_SLEEP_S = 15.0
"""The longest single sleep; the monotonic clock stands still while a laptop is suspended."""
SUSPEND_GAP_S = 10.0
"""When the wall clock advanced by so much more than the monotonic one, the machine was suspended."""
WATCH_DEBOUNCE_MS = 250
HINT_JITTER_S = 0.3
"""A hint reaches all devices of a district at once; their rounds are spread over this time."""
COMPARISON_FRESH_S = 2.0
"""When the live connection opens no longer than this after a comparison, no round is needed."""
STOP_TIMEOUT_S = 1.2
"""How long a running step may take to end after SIGTERM."""
INTEGRITY_CHECK_EVERY_S = 24 * 3_600


class Daemon:
    """Runs rounds of one device when they are due."""

    def __init__(
        self,
        device: Device,
        errands: Errands | None = None,
        *,
        wall_clock: Callable[[], float] = time.time,
        max_sleep_s: float = MAX_SLEEP_S,
    ) -> None:
        self.device = device
        self._errands = errands
        self._wall_clock = wall_clock
        self._max_sleep_s = max_sleep_s
        self.schedule = RoundSchedule(device.settings.sync_interval_s)
        self._woken = asyncio.Event()
        self._central_reached = asyncio.Event()
        self._file = file_identity(device.home.database)
        self._last_unsent: OutboxSnapshot | None = None
        self._compared_at = 0.0
        self._integrity_checked_at = time.monotonic()

    async def serve(self) -> None:
        """Run until cancelled. Raises errors of the store and unexpected ones: the home is then opened anew."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._rounds())
            group.create_task(self._watch_commits())
            # after the watch has begun, so that no commit falls between
            group.create_task(self._check_unsent())
            if self.device.settings.bundle_folder:
                folder = Path(self.device.settings.bundle_folder)
                group.create_task(BundleFolder(self.device, folder, self._request_round).serve())
            if self.device.settings.live:
                group.create_task(self._follow_live_events())

    # Rounds

    async def _rounds(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            central: HttpCentral | None = None
            while True:
                await self._until_due()
                self._last_unsent = await self._unsent()
                try:
                    if central is None:
                        central = await stack.enter_async_context(await open_central(self.device, "daemon"))
                    self._round_succeeded(await self._round(central), central.request_id)
                    await self._move_blobs(central)
                except GuanjiaError as error:
                    self._round_failed(error, central.request_id if central else "")
                    await stack.aclose()
                    central = None
                await self._check_unsent()

    async def _connect(self) -> HttpCentral:
        joined = (await self.device.facts()).central
        return await self.device.run_in_store(connect_central, self.device, joined)

    async def _round(self, central: HttpCentral) -> RoundResult:
        stats = RoundStats("daemon", ProgressWriter(self.device.home.round_progress), byte_counts=central.byte_counts)
        try:
            return await run_round(self.device, central, stats)
        finally:
            self._compared_at = stats.compared_at

    async def _move_blobs(self, central: HttpCentral) -> None:
        """Let bytes of attachments travel until the next round is due or called for; what is left then goes on after
        it. A disk that keeps them from it is logged: the round itself has not failed."""
        budget = blob_budget(
            self.device.settings, min(self.device.settings.sync_interval_s, BLOB_SECONDS), self._woken.is_set
        )
        try:
            moved = await move_blobs(self.device, central, budget)
        except StoreError as error:
            log_event("attachments_failed", logging.WARNING, code=error.code, what=str(error))
            return
        if moved.sent or moved.received:
            log_event("attachments", sent=moved.sent, received=moved.received, left=moved.left)
        if moved.more:
            self._request_round("attachments")

    def _round_succeeded(self, result: RoundResult, request: str) -> None:
        self.schedule.record_success(time.monotonic())
        self._central_reached.set()
        moved = result.pushed or result.pulled or result.superseded
        if moved and self._errands is not None:
            self._errands.wake()
        level = logging.INFO if moved or not result.needs_no_attention else logging.DEBUG
        log_event("round", level, **result.to_json(), request=request)

    def _round_failed(self, error: GuanjiaError, request: str) -> None:
        """``request`` is the id of the latest request, which the central's log names too."""
        wait = _back_off(self.schedule, error)
        level = logging.INFO if isinstance(error, CentralUnreachable) else logging.WARNING
        log_event("round_failed", level, code=error.code, what=str(error), next_in_s=round(wait, 1), request=request)

    # Triggers of a round

    def _request_round(self, reason: str) -> None:
        log_event("called", logging.DEBUG, by=reason)
        self.schedule.expedite(time.monotonic())
        self._woken.set()

    async def _until_due(self) -> None:
        """Sleep until a round is due, in pieces short enough to notice that the machine was suspended."""
        while (left := self.schedule.seconds_until_due(time.monotonic())) > 0:
            monotonic_before, wall_before = time.monotonic(), self._wall_clock()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), min(left, self._max_sleep_s))
            self._woken.clear()
            if self._wall_clock() - wall_before - (time.monotonic() - monotonic_before) > SUSPEND_GAP_S:
                self._request_round("waking up")

    async def _unsent(self) -> OutboxSnapshot:
        if file_identity(self.device.home.database) != self._file:  # unmounted, removed or replaced: not ours any more
            raise HomeNotFound(home=self.device.home.path)
        return await self.device.run_in_store(lambda: outbox_snapshot(self.device.ledger.database.connection()))

    async def _check_unsent(self) -> None:
        """Trigger a round if other lines are unsent than when the last one began."""
        now = await self._unsent()
        if now.needs_round(self._last_unsent):
            self._last_unsent = now
            self._request_round("commit")
            if self._errands is not None:
                self._errands.wake(worked=True)

    async def _watch_commits(self) -> None:
        try:
            self.device.home.change_marker.touch(mode=0o600)
        except OSError as error:  # a full or read-only disk: the store is looked at every minute all the same
            log_event("not_watching", logging.WARNING, detail=str(error))
        async for _ in _marker_touches(self.device.home):
            await self._check_unsent()
            await self._check_integrity()

    async def _check_integrity(self) -> None:
        """Once a day, compare the rows with their checksums; if they differ, the comparison of a round repairs them."""
        if time.monotonic() - self._integrity_checked_at < INTEGRITY_CHECK_EVERY_S:
            return
        self._integrity_checked_at = time.monotonic()
        if await self.device.run_in_store(lambda: has_checksum_mismatch(self.device.ledger.database.connection())):
            log_event(
                "damage",
                logging.WARNING,
                buckets=await self.device.run_in_store(self.device.ledger.recompute_checksums),
            )
            self._request_round("damage")

    async def _follow_live_events(self) -> None:
        """Follow the central's live events while there is a connection, and reconnect with backoff."""
        reconnects = RoundSchedule(MIN_RETRY_S)
        while True:
            self._central_reached.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(
                    self._central_reached.wait(), reconnects.seconds_until_due(time.monotonic()) or None
                )
            try:
                async with await self._connect() as central, contextlib.aclosing(central.live_events()) as events:
                    async for name in events:
                        reconnects.record_success(time.monotonic())
                        await self._on_live_event(name)
            except GuanjiaError as error:
                _back_off(reconnects, error)

    async def _on_live_event(self, name: str) -> None:
        received_at = time.monotonic()
        if name == "open":
            log_event("listening", logging.DEBUG)
        if name == "open" and received_at - self._compared_at > COMPARISON_FRESH_S:
            self._request_round("connection")
        elif name == "hint":
            await asyncio.sleep(random.uniform(0, HINT_JITTER_S))
            if received_at > self._compared_at:
                self._request_round("hint")


def _back_off(schedule: RoundSchedule, error: GuanjiaError) -> float:
    retry_after = error.values.get("retry_after", 0) if isinstance(error, CentralUnreachable) else 0
    return schedule.record_failure(
        time.monotonic(),
        retry_after_s=float(str(retry_after)),
        permanent=not isinstance(error, CentralUnreachable),
    )


async def _marker_touches(home: Home) -> AsyncIterator[None]:
    """Yields after each touch of the marker file, and every `POLL_S` anyway."""
    try:
        async for _ in awatch(
            home.change_marker,
            watch_filter=None,  # the default one ignores everything below folders named .git, .venv and such
            debounce=WATCH_DEBOUNCE_MS,
            step=WATCH_DEBOUNCE_MS,
            rust_timeout=POLL_S * 1_000,
            yield_on_timeout=True,
            recursive=False,
        ):
            yield
    except (OSError, RuntimeError) as error:
        log_event("not_watching", logging.WARNING, detail=str(error))
    while True:
        await asyncio.sleep(POLL_S)
        yield


def _stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)
    return stop


async def _serve_until_signal(device: Device, errands: Errands | None) -> None:
    stop = _stop_signal()
    work, stopped = asyncio.create_task(Daemon(device, errands).serve()), asyncio.create_task(stop.wait())
    await asyncio.wait((work, stopped), return_when=asyncio.FIRST_COMPLETED)
    if stopped.done():
        work.cancel()
        await asyncio.wait((work,), timeout=STOP_TIMEOUT_S)
    else:
        stopped.cancel()
        work.result()


def run_daemon(home: Home, settings: Settings, errands: Errands | None = None) -> None:
    """Run rounds of ``home`` until SIGTERM or SIGINT; then end within two seconds: a round is interrupted between
    transactions. Raises `RoundRunning` when another process syncs the home, or an error of opening it. Once it has
    begun, nothing but a signal ends it: what fails (a disk that is gone, a mistake of this program) is logged, and the
    home is opened again. ``errands`` are run beside it."""
    configure_json_logging(settings.log_level)
    retries = RoundSchedule(MIN_RETRY_S)
    opened = False

    def serve() -> None:
        nonlocal opened
        with Device.open(home, settings) as device, round_lock(home, "daemon"):
            if errands is not None and not opened:
                errands.start()
            opened = True
            log_event("started", pid=os.getpid(), home=str(home.path))
            asyncio.run(_serve_until_signal(device, errands))
            log_event("stopped")
            if not device.idle:
                # Its thread waits for another writer, or writes: as after a crash, that is whole or absent.
                logging.shutdown()
                os._exit(0)

    while True:
        began = time.monotonic()
        try:
            return serve()
        except Exception as error:
            if not opened:
                raise
            if time.monotonic() - began > MAX_BACKOFF_S:
                retries = RoundSchedule(MIN_RETRY_S)
            wait = failed_serving(home, retries, error)
        if asyncio.run(_stopped_within(wait)):
            return log_event("stopped")


def failed_serving(home: Home, retries: RoundSchedule, error: Exception) -> float:
    """Log what ended the serving, with its traceback where nobody foresaw it; gives the seconds until the next try."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    wait = max(MIN_RETRY_S, retries.record_failure(time.monotonic()))
    facts: dict[str, object] = {"what": str(error), "next_in_s": round(wait, 1)}
    if isinstance(error, GuanjiaError):
        log_event("failed", logging.WARNING, code=error.code, **facts)
    else:
        facts["log"] = log_traceback(error, home.log)
        log_event("failed", logging.ERROR, code=UNEXPECTED, error=type(error).__name__, **facts)
    return wait


async def _stopped_within(seconds: float) -> bool:
    """Whether a signal to end came within so long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_stop_signal().wait(), seconds)
        return True
    return False
