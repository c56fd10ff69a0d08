"""The device of a round: one opened home with its ledger and clock, and one thread for all work on the store.

The store is used in a thread, so that deadlines and signals are handled meanwhile; in one thread, so that the steps of
a round follow one another on one connection. Cancelling a round never interrupts a transaction: the running one ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, ParamSpec, Self, TypeVar

import orjson

from store.db.device_facts import DeviceFacts, read_device_facts
from store.exceptions import BadLine
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home, require_home
from store.home.settings import Settings
from store.ledger.hlc import ms_from_hlc, system_clock_ms
from store.ledger.line import Line, RandomBytes, new_id, parse_line
from store.queries.status import outbox_counts
from store.values.plausible_time import LATEST_MS
from store.values.text import sanitize
from store.writer.healing import HealingLedger
from store.writer.upgrade import open_store
from sync.device.fingerprint import StoreFingerprint, store_fingerprint
from sync.protocol import PAGE_LINES, WireLine
from sync.transport.page_limits import PageLimits

LOG = logging.getLogger("guanjia.sync")
DoParams = ParamSpec("DoParams")
DoResult = TypeVar("DoResult")


class DeviceChance(NamedTuple):
    """What differs when the same is done again: ``monotonic`` seconds, by which calls are timed, and random bytes."""

    monotonic: Callable[[], float] = time.monotonic
    random_bytes: RandomBytes = os.urandom


class Device:
    """One opened home. A context manager; leaving it waits for the running transaction and closes the store.
    ``page_lines`` is how many lines a page has at most, ``page_limits`` what the next one may have, ``chance`` what is
    not decided by what is stored."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        credentials: Credentials,
        ledger: HealingLedger,
        page_lines: int = PAGE_LINES,
        chance: DeviceChance | None = None,
    ) -> None:
        self.chance = chance or DeviceChance()
        self.page_limits = PageLimits(page_lines)
        self.home = home
        self.settings = settings
        self.credentials = credentials
        self.ledger = ledger
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._running: set[object] = set()
        self._fingerprint: tuple[tuple[int, int], StoreFingerprint] | None = None

    @classmethod
    def open(cls, home: Home, settings: Settings, page_lines: int = PAGE_LINES) -> Self:
        """Open the home, its credentials and its store. Raises what keeps one of them from opening."""
        require_home(home)
        credentials = open_credentials(home, settings.credentials, unattended=True)
        database = open_store(home.database, credentials.key())
        return cls(home, settings, credentials, HealingLedger(database, wall_clock=device_clock(settings)), page_lines)

    def now_ms(self) -> int:
        """This machine's clock in milliseconds since 1970, uncorrected."""
        return self.ledger.wall_clock()

    def new_id(self) -> str:
        """A fresh id."""
        return new_id(self.now_ms(), self.chance.random_bytes)

    async def run_in_store(
        self, operation: Callable[DoParams, DoResult], *args: DoParams.args, **named: DoParams.kwargs
    ) -> DoResult:
        """Run the operation in the store's thread, after all that were submitted before; gives its result."""
        work = self._worker.submit(operation, *args, **named)
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(work)

    async def facts(self) -> DeviceFacts:
        """The device facts: identity, cursor, clock offset, central (``store/db/device_facts.py``)."""
        return await self.run_in_store(lambda: read_device_facts(self.ledger.database.connection()))

    async def outbox_counts(self) -> Mapping[str, int]:
        """How many lines are ``pending`` and how many ``rejected``."""
        return await self.run_in_store(lambda: outbox_counts(self.ledger.database.connection()))

    def fingerprint(self) -> StoreFingerprint:
        """The fingerprint of the store's file where it lies; worked out anew only for another file."""
        status = self.home.database.stat()
        file = (status.st_dev, status.st_ino)
        if self._fingerprint is None or self._fingerprint[0] != file:
            self._fingerprint = file, store_fingerprint(self.home.database)
        return self._fingerprint[1]

    @property
    def idle(self) -> bool:
        """Whether the store's thread has no work."""
        return not self._running

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exit_info: object) -> None:
        self._worker.shutdown()
        self.ledger.database.close()


def device_clock(settings: Settings) -> Callable[[], int]:
    """This machine's clock in milliseconds since 1970, plus the offset that tests may set."""
    return lambda: system_clock_ms() + settings.test_clock_offset_ms


def device_name() -> str:
    """A name of this device for people: the machine's host name."""
    return sanitize(platform.node())[:80] or "?"


def parse_lines(values: Sequence[WireLine]) -> list[Line]:
    """The lines of a page. What is no line at all, is stamped after any possible time, or cannot be written as
    canonical JSON (no central can hold it either), is left out and logged, so that it never blocks the others; the
    checksums then differ, so the round does not end as verified. Any other line is kept, valid or not
    (``store/writer/quarantine.py``)."""
    whole_page = _is_writable(values)
    lines = []
    for value in values:
        try:
            line = parse_line(value)
            if ms_from_hlc(line.stamp) >= LATEST_MS:
                raise BadLine(detail="stamp")
        except BadLine as error:
            LOG.warning("a line from the central cannot be read: %s", error.values.get("detail"))
            continue
        if whole_page or _is_writable(value):
            lines.append(line)
        else:
            LOG.warning("line %s from the central has values that JSON cannot carry", line.id)
    return lines


def _is_writable(value: object) -> bool:
    """Whether JSON can carry the value: its numbers are within 64 bits, and it is not nested without end."""
    try:
        orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError):
        return False
    return True
