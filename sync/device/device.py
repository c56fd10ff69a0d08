"""A device as a round sees it: one opened home, its ledger, its clock, and one thread for all its work on the store.

The store is worked on in a thread so that deadlines and signals are served meanwhile; in one thread, so that the steps
of a round follow each other on one connection. Cancelling a round never cuts a transaction: the one that runs ends.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import platform
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, Self, TypeVar

import orjson

from store.db.meta import read_device_state
from store.exceptions import BadLine
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home, require_home
from store.home.settings import Settings
from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, canonical_json, parse_line
from store.queries.status import outbox_counts
from store.values.text import is_surely_clean, sanitize, sanitize_deep
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from sync.protocol import WireLine

LOG = logging.getLogger("guanjia.sync")
DoParams = ParamSpec("DoParams")
DoResult = TypeVar("DoResult")


class Device:
    """One home at work. A context manager; leaving it waits for the transaction that runs and closes the store."""

    def __init__(self, home: Home, settings: Settings, credentials: Credentials, exchange: SyncLedger) -> None:
        self.home = home
        self.settings = settings
        self.credentials = credentials
        self.exchange = exchange
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._running: set[Future[Any]] = set()

    @classmethod
    def open(cls, home: Home, settings: Settings) -> Self:
        """The device whose home this is. Raises what keeps a home, its credentials or its store from opening."""
        require_home(home)
        credentials = open_credentials(home, settings.credentials)
        database = open_store(home.database, credentials.key())
        return cls(home, settings, credentials, SyncLedger(database, wall_clock=device_clock(settings)))

    def now_ms(self) -> int:
        """This machine's clock in milliseconds, as wrong as it is."""
        return self.exchange.wall_clock()

    async def run_in_store(
        self, operation: Callable[DoParams, DoResult], *args: DoParams.args, **named: DoParams.kwargs
    ) -> DoResult:
        """What ``act`` gives, done in the store's thread after all that was asked before."""
        work = self._worker.submit(operation, *args, **named)
        self._running.add(work)
        work.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(work)

    async def meta(self) -> Mapping[str, str]:
        """What the device knows of itself (``store/db/meta.py``)."""
        return await self.run_in_store(lambda: read_device_state(self.exchange.database.connection()))

    async def outbox_counts(self) -> Mapping[str, int]:
        """How many lines are ``pending`` and how many ``rejected``."""
        return await self.run_in_store(lambda: outbox_counts(self.exchange.database.connection()))

    @property
    def idle(self) -> bool:
        """Whether the store's thread has nothing to do."""
        return not self._running

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exit_info: object) -> None:
        self._worker.shutdown()
        self.exchange.database.close()


def device_clock(settings: Settings) -> Callable[[], int]:
    """This machine's clock, with the offset that tests may set."""
    return lambda: system_clock_ms() + settings.test_clock_offset_ms


def device_name() -> str:
    """What people may know this device by: the machine's own name."""
    return sanitize(platform.node())[:80] or "?"


def store_fingerprint(database: Path) -> str:
    """Where this store file lies: differs for a copy, on this machine or another. Says nothing else."""
    machine = b""
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        if os.path.exists(path):
            machine = Path(path).read_bytes()
            break
    facts = (machine or uuid.getnode().to_bytes(8, "big"), str(database.stat().st_ino).encode())
    return hashlib.blake2b(b"\0".join(facts), digest_size=16).hexdigest()


def is_copy(meta: Mapping[str, str], database: Path) -> bool:
    """Whether this store was copied or restored since it last spoke to its central, and must become its own device."""
    place = store_fingerprint(database)
    return meta.get("renew") == "1" or (meta.get("place") or place) != place


def parse_lines(values: Sequence[WireLine]) -> list[Line]:
    """The lines of a page. One that is malformed, or has text that must not reach a terminal, is left out and logged,
    so that it never holds up the others; the sums then differ, and nobody is told that all is well."""
    suspicious = not is_surely_clean(orjson.dumps(values))
    found = []
    for value in values:
        try:
            line = parse_line(value)
        except BadLine as error:
            LOG.warning("a line from the central cannot be read: %s", error.values.get("detail"))
            continue
        if suspicious and not (is_surely_clean(canonical_json(line)) or sanitize_deep(dict(line.body)) == line.body):
            LOG.warning("line %s from the central has unclean text", line.id)
            continue
        found.append(line)
    return found
