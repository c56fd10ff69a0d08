"""A slow line on loopback that breaks: a proxy with so many bytes a second, which counts what it has delivered."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator

from tests.bench.tap import listening

_CHUNK = 4_096


class SlowLine:
    """The line to a ``target`` port, of ``rate`` bytes a second. ``up`` and ``down`` are the bytes delivered to it and
    from it; after ``cut_after`` more of them, where that is set, every connection breaks, once."""

    def __init__(self, target: int, bytes_a_second: int) -> None:
        self._target = target
        self._moved = threading.Condition()
        self._open: dict[asyncio.Task[None], asyncio.AbstractEventLoop] = {}
        self.rate = bytes_a_second
        self.port = 0
        self.up, self.down = 0, 0
        self.cut_after: int | None = None

    @contextlib.contextmanager
    def carrying(self) -> Iterator[SlowLine]:
        """While the block runs, its ``port`` leads to the target."""
        with listening(self._connected) as self.port:
            yield self

    def wait_until(self, is_reached: Callable[[], bool], most_seconds: float) -> bool:
        """Wait until this holds of what was delivered; asked whenever something was. Gives whether it does."""
        with self._moved:
            return self._moved.wait_for(is_reached, most_seconds)

    def drop(self, most_seconds: float) -> None:
        """Break all connections, with what is still on its way in them, and wait until that is so."""
        with self._moved:
            for task, loop in self._open.items():
                loop.call_soon_threadsafe(task.cancel)
        assert self.wait_until(lambda: not self._open, most_seconds)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        with self._moved:
            self._open[task] = asyncio.get_running_loop()
        try:
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await self._connect(reader, writer)
        finally:
            writer.transport.abort()
            with self._moved:
                del self._open[task]
                self._moved.notify_all()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection("127.0.0.1", self._target)
        ways = [
            asyncio.ensure_future(self._carry(reader, out, is_up=True)),
            asyncio.ensure_future(self._carry(there, writer, is_up=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            out.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_up: bool) -> None:
        while data := await reader.read(_CHUNK):
            await asyncio.sleep(len(data) / self.rate)
            if self._is_cut(len(data)):
                return
            writer.write(data)
            await writer.drain()
            with self._moved:
                self.up += len(data) * is_up
                self.down += len(data) * (not is_up)
                self._moved.notify_all()

    def _is_cut(self, count: int) -> bool:
        if self.cut_after is None:
            return False
        self.cut_after -= count
        if self.cut_after > 0:
            return False
        self.cut_after = None
        return True
