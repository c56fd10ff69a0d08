"""The bytes of attachments travel after a round, so that no text waits for them.

Each call moves a few parts and leaves both sides consistent; whatever is killed or cut off, the next time goes on at
the part where it was. On a good line small files travel abreast, together no more than one call may carry: while the
central brings one to its disk, the next is on its way. What the central already has in that bucket is not sent.
`move_blobs` stops where its budget
ends, where it is told to, since lines are to go first, and where the central cannot be reached.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from store.domain.limits import read_limits
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.budget import QueueBudget, QueueStop, Spent, queue_budget, room_left
from store.home.blobs.exceptions import BlobDamaged, BlobMissing
from store.home.blobs.sealed_file import BlobFacts, SealedWriter
from store.home.blobs.transfers import Transfers
from store.home.settings import Settings
from store.queries.blob_queue import QueuedBlob, blob_queue, has_attachments
from store.values.times import district_time
from store.writer.stray_blobs import remove_if_unnamed, remove_strays
from sync.device.device import LOG, Device
from sync.exceptions import CentralUnreachable, NotTheCentral, RequestDeclined
from sync.protocol.blobs import (
    BLOB_STATES,
    MAX_WANTED,
    OTHER_BYTES,
    PART_BYTES,
    BlobName,
    BlobState,
    BlobStatesAnswer,
    BlobStatesRequest,
)
from sync.protocol.calls import Central
from sync.round.part_calls import PartCalls

ABREAST, _ABREAST_FROM = 2, 8
"""So many files travel at a time, once calls are so quick that one carries so many parts."""
UNREADABLE = "unreadable"
"""Why bytes do not travel: the file here is damaged."""


@dataclass
class BlobBudget:
    """What may travel now: for so many ``seconds``, within the device's ``limits`` and those of the district."""

    seconds: float
    limits: QueueBudget = field(default_factory=QueueBudget)
    stopped: Callable[[], bool] = lambda: False


def blob_budget(settings: Settings, seconds: float, stopped: Callable[[], bool] = lambda: False) -> BlobBudget:
    """The budget that the settings of this device give."""
    return BlobBudget(seconds, queue_budget(settings), stopped)


@dataclass
class BlobResult:
    """What has travelled: files that were ``sent`` or ``received``, bytes of them, and how many are ``left`` that could
    travel at once (``more``: some would have, had there been time; ``stop``: what kept them)."""

    sent: int = 0
    received: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    left: int = 0
    more: bool = False
    stop: QueueStop | None = None
    failure: str | None = None


async def move_blobs(device: Device, central: Central, budget: BlobBudget) -> BlobResult:
    """Delete bytes of lines that have left, then send and fetch what waits, as far as the budget goes. Raises errors of
    the store alone: a central that cannot be reached, or that takes no bytes, is in the result."""
    await device.run_in_store(remove_strays, device.ledger.database)
    work = _Moving(device, central, budget)
    try:
        if await work.begin():
            await work.run()
    except (CentralUnreachable, RequestDeclined) as error:
        work.result.failure = error.code
        LOG.info("attachments wait (%s)", error.code)
    finally:
        await work.end()
    return work.result


class _Outcome(Enum):
    """What came of a download: all its bytes, bytes that are others than the line names, or not everything yet."""

    WHOLE = auto()
    OTHER = auto()
    LATER = auto()


@dataclass
class _Moving:
    device: Device
    central: Central
    budget: BlobBudget
    result: BlobResult = field(default_factory=BlobResult)

    def __post_init__(self) -> None:
        database = self.device.ledger.database
        self.blobs, self.transfers = BlobStore(database), Transfers(database)
        self._ends_at = time.monotonic() + self.budget.seconds
        self._calls, self._spent, self._counted, self._paused = PartCalls(self.central), Spent(), 0, False
        self._limits = self.budget.limits
        self._queue: list[QueuedBlob] = []

    async def begin(self) -> bool:
        """Whether anything waits that may travel now."""
        epoch = (await self.device.facts()).get("epoch") or ""
        self._queue = await self.device.run_in_store(self._read_queue, epoch)
        self.result.stop = self._stop()
        if self.result.stop is not None:
            self.result.left = len(self._queue)
        return bool(self._queue) and self.result.stop is None

    def _read_queue(self, epoch: str) -> list[QueuedBlob]:
        with self.device.ledger.database.read() as connection:
            if not has_attachments(connection):
                return []
            self.transfers.enter_epoch(epoch)
            marks = self.transfers.marks()
            self._spent = self.transfers.spend(0, self.device.now_ms())
            self._limits = self.budget.limits.within(read_limits(connection).file_mb_day)
            room = room_left(self.blobs.folder, self._limits.reserve_bytes)
            queue = [] if marks.paused else blob_queue(connection, self.blobs, marks, self.device.now_ms(), room)
        return [item for item in queue if item.hold is None and self._limits.carries(item.ref.size)]

    async def run(self) -> None:
        """Move what waits, in its order; of those that go up the central is asked first what it has."""
        states = await self._states([item for item in self._queue if item.direction == "up"])
        waiting = deque(item for item in self._queue if item.direction == "down" or not states[item.key].whole)
        while waiting:
            if not await self._may_go_on():
                self.result.left = len(waiting)
                self.result.stop = self._stop()
                self.result.more = self.result.stop is None and not self._paused
                return
            abreast = [self._move(item, states.get(item.key)) for item in self._next(waiting)]
            for failure in await asyncio.gather(*abreast, return_exceptions=True):
                if failure is not None:
                    raise failure

    def _next(self, waiting: deque[QueuedBlob]) -> list[QueuedBlob]:
        """What travels next: one file, on a good line as many as one call would carry together."""
        chosen, room = [waiting.popleft()], self._calls.parts * PART_BYTES
        while waiting and len(chosen) < ABREAST and self._calls.count >= _ABREAST_FROM:
            if sum(item.ref.size for item in (*chosen, waiting[0])) > room:
                break
            chosen.append(waiting.popleft())
        return chosen

    async def _move(self, item: QueuedBlob, state: BlobState | None) -> None:
        await (self._fetch(item) if state is None else self._send(item, state))

    async def _may_go_on(self) -> bool:
        if time.monotonic() >= self._ends_at or self.budget.stopped() or self._stop() is not None:
            return False
        self._paused = await self.device.run_in_store(self._count_and_ask)
        return not self._paused

    def _count_and_ask(self) -> bool:
        """Whether bytes are to wait, since somebody may have said so meanwhile."""
        self._count()
        return self.transfers.is_paused()

    def _uncounted(self) -> int:
        return self._calls.up + self._calls.down - self._counted

    def _count(self) -> None:
        """Write down what has travelled, before more does: this process may be killed."""
        if moved := self._uncounted():
            self._spent = self.transfers.spend(moved, self.device.now_ms())
            self._counted += moved

    def _stop(self) -> QueueStop | None:
        moved = self._uncounted()
        spent = Spent(self._spent.hour + moved, self._spent.day + moved)
        return self._limits.stop(spent, district_time(self.device.now_ms()))

    async def _states(self, queue: Sequence[QueuedBlob]) -> dict[tuple[str, str], BlobState]:
        states: dict[tuple[str, str], BlobState] = {}
        for start in range(0, len(queue), MAX_WANTED):
            page = queue[start : start + MAX_WANTED]
            request = BlobStatesRequest(wanted=[BlobName(line=item.line, sha256=item.ref.sha256) for item in page])
            answer = await self.central.ask(BLOB_STATES, request, BlobStatesAnswer)
            if len(answer.states) != len(page):
                raise NotTheCentral(central="", detail="its answer has another form")
            states |= {item.key: state for item, state in zip(page, answer.states, strict=True)}
        there = [key for key, state in states.items() if state.whole]
        if there:
            await self.device.run_in_store(self.transfers.confirm, there)
        return states

    # Up

    async def _send(self, item: QueuedBlob, state: BlobState) -> None:
        while not state.whole:
            if not state.known or not await self._may_go_on():  # the line may be on its way back to a central set back
                return
            if state.received % PART_BYTES:
                raise NotTheCentral(central="", detail="its answer has another form")
            try:
                data = await self.device.run_in_store(self._read, item, state.received)
            except (BlobDamaged, BlobMissing):
                await self._refuse(item, UNREADABLE)
                return
            answer = await self._calls.put(_name(item), state.received, data)
            if answer is None:
                continue
            if answer.refused is not None:
                await self._refuse(item, answer.refused)
                return
            if answer.state.received == state.received and not answer.state.whole:
                return
            state = answer.state
            if not state.whole:
                await self.device.run_in_store(self.transfers.progress, item.key, state.received)
        await self.device.run_in_store(self.transfers.confirm, [item.key])
        self.result.sent += 1

    def _read(self, item: QueuedBlob, offset: int) -> bytes:
        with self.blobs.open(*item.key, item.name) as reader:
            return b"".join(reader.chunk_at(offset + number * PART_BYTES) for number in range(self._calls.parts))

    # Down

    async def _fetch(self, item: QueuedBlob) -> None:
        store = self.device.run_in_store
        if item.ref.size > await store(room_left, self.blobs.folder, self._limits.reserve_bytes):
            return  # what came before it took the room
        with contextlib.ExitStack() as opened:  # over all parts: to open it reads what has come
            writer = await store(opened.enter_context, self.blobs.receiving(*item.key))
            outcome = await self._receive(item, writer)
            facts = await store(writer.finish) if outcome is _Outcome.WHOLE else None
        if await store(self._keep, item, facts, outcome):
            await self._refuse(item, OTHER_BYTES)

    def _keep(self, item: QueuedBlob, facts: BlobFacts | None, outcome: _Outcome) -> bool:
        """Let what has come be the file, or throw it away; gives whether it was other bytes than the line names."""
        ledger = self.device.ledger.database
        if remove_if_unnamed(ledger, item.line, item.key):  # erased while it came
            return False
        if facts is not None and self.blobs.complete(*item.key, facts):
            self.transfers.arrived(item.key)
            self.result.received += 1
            remove_if_unnamed(ledger, item.line, item.key)  # or in this moment
            return False
        if outcome is not _Outcome.LATER:
            self.blobs.forget_partial(*item.key)
        return outcome is not _Outcome.LATER

    async def _receive(self, item: QueuedBlob, writer: SealedWriter) -> _Outcome:
        while await self._may_go_on():
            parts = await self._calls.get(_name(item), writer.size)
            if parts is None:
                continue
            if parts.size is None:
                return _Outcome.LATER  # its author has still to send it
            left = item.ref.size - writer.size - len(parts.data)
            if parts.size != item.ref.size or left < 0:
                return _Outcome.OTHER
            if left and (not parts.data or len(parts.data) % PART_BYTES):
                return _Outcome.LATER
            await self.device.run_in_store(_append, writer, parts.data)
            if not left:
                return _Outcome.WHOLE
            await self.device.run_in_store(self.transfers.progress, item.key, writer.size)
            if parts.failure is not None:
                raise parts.failure
        return _Outcome.LATER

    # Both

    async def _refuse(self, item: QueuedBlob, code: str) -> None:
        LOG.warning("attachment %s does not travel (%s)", item.line, code)
        await self.device.run_in_store(self.transfers.refuse, item.key, code, self.device.now_ms())

    async def end(self) -> None:
        """Write down what was spent, and close."""
        self.result.bytes_up, self.result.bytes_down = self._calls.up, self._calls.down
        try:
            await self.device.run_in_store(self._count)
        finally:
            await self.device.run_in_store(self.transfers.close)


def _name(item: QueuedBlob) -> BlobName:
    return BlobName(line=item.line, sha256=item.ref.sha256)


def _append(writer: SealedWriter, data: bytes) -> None:
    for start in range(0, len(data), PART_BYTES):
        writer.append(data[start : start + PART_BYTES])
