"""Waiting for a central that is there and has too much to do at the moment: it says when to come back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from sync.exceptions import CentralBusy

PATIENCE_S = 300.0
"""How long a round waits in all; beyond it the round fails, and the daemon's next one comes when the central said."""


class CentralLoaded(CentralBusy):
    """The central has more to do than it can at the moment, and has begun nothing; its database is there."""


class BusyWait:
    """The waiting of one round or call; ``on_wait`` gets the seconds of each wait as it begins, and 0 when it is over.
    ``sleep`` and ``jitter`` are arguments of tests."""

    def __init__(
        self,
        patience_s: float = PATIENCE_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
        on_wait: Callable[[float], None] | None = None,
    ) -> None:
        self._left_s = patience_s
        self._sleep = sleep
        self._jitter = jitter
        self._tell = on_wait or (lambda _seconds: None)

    async def wait(self, error: CentralLoaded) -> None:
        """Wait as long as the central said, and a little longer by chance: who was told the same second comes at
        different times. Raises the error where that is too long."""
        asked_s = float(str(error.values.get("retry_after", 0)))
        wait_s = asked_s + self._jitter(0.0, max(1.0, asked_s / 10))
        if wait_s > self._left_s:
            raise error
        self._left_s -= wait_s
        self._tell(wait_s)
        await self._sleep(wait_s)
        self._tell(0)
