"""A far line on loopback: a proxy that lets every byte arrive later, each way by the same time, in order.

It stands between a device and its central, as ``tests/bench/tap.py`` does. Only distance is imitated: no byte is lost,
and as many as like are on their way at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from tests.bench.tap import listening

_CHUNK = 1 << 16


@contextlib.contextmanager
def delayed(target: int, round_trip_s: float) -> Iterator[int]:
    """While the block runs, the port that this gives leads to ``target``, where an answer takes ``round_trip_s``
    seconds longer than it would; a new connection takes as long once more, for its handshake."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):  # at the end of the block; else the loop reports each
            await _forward(reader, writer, target, round_trip_s)

    with listening(connected) as port:
        yield port


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int, round_trip_s: float
) -> None:
    await asyncio.sleep(round_trip_s)
    there, out = await asyncio.open_connection("127.0.0.1", target)
    with contextlib.suppress(ConnectionError):
        await asyncio.gather(_carry(reader, out, round_trip_s / 2), _carry(there, writer, round_trip_s / 2))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float) -> None:
    """Bring everything that one side sends, until it hangs up, to the other, ``delay_s`` later."""
    loop = asyncio.get_running_loop()
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def depart() -> None:
        data = b"."
        while data:
            try:
                data = await reader.read(_CHUNK)
            except ConnectionError:
                data = b""
            on_the_way.put_nowait((loop.time() + delay_s, data))

    async def arrive() -> None:
        while True:
            at, data = await on_the_way.get()
            await asyncio.sleep(at - loop.time())
            if not data:
                return
            writer.write(data)
            await writer.drain()

    try:
        await asyncio.gather(depart(), arrive())
    finally:
        writer.close()
