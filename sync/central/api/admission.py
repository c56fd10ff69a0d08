"""Admission: what a process takes on at a time when more devices come than it can serve.

Ordinary rounds go ahead. Pages for devices that read from the beginning are made one at a time, in the order in which
they were asked for, so that a batch of new laptops holds up nobody. Whoever finds too many waiting is told when to come
back: each a moment after the one before, so that they do not all return at once. One token has a few places only, and
keeps the time that it was told however often it asks before, so that no device holds up the others. Used in the event
loop only; none of it is more than a saving, since a process that knows nothing of it gives the same answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from typing import NamedTuple, TypeVar

from anyio import to_thread

from sync.central.exceptions import FirstSyncWaits, Refusal
from sync.central.metrics import FIRST_SYNCS_WAITING, IN_PROGRESS
from sync.central.request import RequestContext
from sync.protocol import BUSY

FIRST_RETURN_S, LAST_RETURN_S = 1.0, 300
"""When who is told to come back should, at the earliest and at the latest."""
MAX_KEPT, KEPT_LENGTH = 10_000, 128
"""So many of those who were told to come back are remembered, and so much of a token, which may be anything."""
WorkResult = TypeVar("WorkResult")


class AdmissionLimits(NamedTuple):
    """Of one process: requests that have begun and are not answered (``requests``), of one token (``own``), and of
    these for pages of first syncs (``first_own``: one, and one whose answer was lost); pages of first syncs that are
    made at a time (``first_pages``), and that wait for it (``first_waiting``), for so many seconds
    (``first_patience_s``: less than after what silence a device hangs up and asks again, when the page would be made
    for nobody); how many of those who were told to come back do so in a second, with an ordinary request (``returns``)
    and with a first sync (``first_returns``)."""

    requests: int = 500
    own: int = 8
    first_own: int = 2
    first_pages: int = 1
    first_waiting: int = 40
    first_patience_s: float = 15.0
    returns: float = 50.0
    first_returns: float = 10.0


class Appointments:
    """When those who were told to come back should: one after the other, so many a second."""

    def __init__(
        self, a_second: float = AdmissionLimits().returns, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._apart_s = 1 / a_second
        self._monotonic = monotonic
        self._latest = 0.0
        self._kept: dict[str, float] = {}

    def refusal(self, who: str = "") -> Refusal:
        """The answer to one more; to somebody who comes again before the time that they were told, that time."""
        now, who = self._monotonic(), who[:KEPT_LENGTH]
        due = self._kept.get(who, 0.0)
        if due <= now:
            self._latest = due = min(max(self._latest, now + FIRST_RETURN_S) + self._apart_s, now + LAST_RETURN_S)
            self._keep(who, due)
        seconds = math.ceil(due - now)
        return Refusal(503, BUSY, "more devices at a time than this central can serve", retry_after=seconds)

    def _keep(self, who: str, due: float) -> None:
        """Remember whom it was told; those who were told first are forgotten first."""
        self._kept.pop(who, None)
        if who:
            self._kept[who] = due
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]


class Admission:
    """Who is admitted to one process, and in which order."""

    def __init__(
        self,
        limits: AdmissionLimits = AdmissionLimits(),  # noqa: B008 - immutable
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._requests = self._first_waiting = 0
        self._own, self._first_own = Counter[str](), Counter[str]()
        self._first_pages = asyncio.Semaphore(limits.first_pages)
        self.appointments = Appointments(limits.returns, monotonic)
        self._first_appointments = Appointments(limits.first_returns, monotonic)

    @contextlib.contextmanager
    def place(self, token: str | None, who: str = "") -> Iterator[None]:
        """A place for a request with this token, until it is answered; ``who`` asks, where that is not the token.
        Raises `Refusal` (503) where too many requests have begun already, or too many of this token."""
        if self._requests >= self._limits.requests:
            raise self.appointments.refusal(token or who)
        with self._one_of(token, self._own, self._limits.own, self.appointments):
            yield

    @staticmethod
    @contextlib.contextmanager
    def _one_of(token: str | None, places: Counter[str], most: int, appointments: Appointments) -> Iterator[None]:
        """One of the places that a token has. Raises `Refusal` (503) where it has none left."""
        key = token or ""
        if key and places[key] >= most:
            raise appointments.refusal(key)
        places[key] += 1
        try:
            yield
        finally:
            places[key] -= 1
            if not places[key]:
                del places[key]

    async def run(self, work: Callable[[], WorkResult]) -> WorkResult:
        """Do the work in a thread, after what came before it."""
        self._requests += 1
        try:
            with IN_PROGRESS.track_inprogress():
                return await to_thread.run_sync(work)
        finally:
            self._requests -= 1

    async def answer(self, context: RequestContext, work: Callable[[], WorkResult]) -> WorkResult:
        """The same; work that turns out to make a page of a first sync is done again in its turn, without a thread or a
        connection to the database until then. Raises `Refusal` (503) where too many wait for theirs, or for
        too long."""
        with contextlib.suppress(FirstSyncWaits):
            return await self.run(work)
        async with self._turn(context.token):
            context.first_syncs_wait = False
            return await self.run(work)

    @contextlib.asynccontextmanager
    async def _turn(self, token: str | None) -> AsyncIterator[None]:
        if self._first_waiting >= self._limits.first_waiting:
            raise self._first_appointments.refusal(token or "")
        with self._one_of(token, self._first_own, self._limits.first_own, self._first_appointments):
            self._first_waiting += 1
            try:
                with FIRST_SYNCS_WAITING.track_inprogress():
                    async with asyncio.timeout(self._limits.first_patience_s):
                        await self._first_pages.acquire()
            except TimeoutError:
                raise self._first_appointments.refusal(token or "") from None
            finally:
                self._first_waiting -= 1
            try:
                yield
            finally:
                self._first_pages.release()
