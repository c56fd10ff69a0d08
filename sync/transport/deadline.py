"""How long a call may take: a base time, and what its bytes take at the lowest accepted rate.

A fixed total would end every page on a slow line, and a timeout between two reads never fires on a drip feed. Bytes
that have moved extend the deadline, up to as many as the call may need; so a call that moves slower than the lowest
rate ends, and one that never ends does too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator


class CallDeadline:
    """The deadline of a running call. Times are in seconds, ``minimum_rate`` in bytes a second."""

    def __init__(self, timer: asyncio.Timeout, base_s: float, expected_bytes: int, minimum_rate: float) -> None:
        self._timer = timer
        self._base = asyncio.get_running_loop().time() + base_s
        self._expected = expected_bytes
        self._minimum_rate = minimum_rate
        self._moved = 0
        self._answer_bytes = self._arrived_bytes = 0

    @property
    def arrived(self) -> float:
        """Which part of the answer has arrived, from 0 to 1; 0 where its length is not known."""
        return min(self._arrived_bytes / self._answer_bytes, 1.0) if self._answer_bytes else 0.0

    def begin_answer(self, announced: str) -> None:
        """An answer begins; ``announced`` is its length as its header says it."""
        self._arrived_bytes, self._answer_bytes = 0, int(announced) if announced.isdecimal() else 0

    def receive(self, size: int) -> None:
        """Count bytes of the answer."""
        self._arrived_bytes += size
        self.extend(size)

    def extend(self, size: int) -> None:
        """Count bytes that have moved, in either direction."""
        self._moved += size
        self._timer.reschedule(self._base + min(self._moved, self._expected) / self._minimum_rate)


@contextlib.asynccontextmanager
async def deadline(base_s: float, expected_bytes: int, minimum_rate: float) -> AsyncIterator[CallDeadline]:
    """Run the block with a deadline that `CallDeadline.extend` moves. Raises `TimeoutError` when it has passed."""
    async with asyncio.timeout(base_s) as timer:
        yield CallDeadline(timer, base_s, expected_bytes, minimum_rate)
