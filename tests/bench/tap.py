"""A tap on the wire: forwards HTTP/1.1 on loopback and writes down every exchange, its bytes counted with the heads."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from typing import NamedTuple


class Exchange(NamedTuple):
    """One request and its answer; ``sent`` and ``received`` are whole messages as they crossed the wire."""

    path: str
    sent: int
    received: int


@contextlib.contextmanager
def tapped(listen: int, target: int) -> Iterator[list[Exchange]]:
    """While the block runs, ``listen`` leads to ``target`` (both ports on loopback) and the list grows."""
    exchanges: list[Exchange] = []
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _forward(reader, writer, target, exchanges)

        server = await asyncio.start_server(forward, "127.0.0.1", listen, reuse_address=True)
        ready.set()
        await done.wait()
        server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield exchanges
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int, exchanges: list[Exchange]
) -> None:
    there, out = await asyncio.open_connection("127.0.0.1", target)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionResetError):
        while True:
            request = await _message(reader)
            out.write(request)
            await out.drain()
            answer = await _message(there)
            exchanges.append(Exchange(request.split(b" ", 2)[1].decode(), len(request), len(answer)))
            writer.write(answer)
            await writer.drain()
    out.close()
    writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return head + await reader.readexactly(length)
