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


class Tap(NamedTuple):
    """Where the tap listens, and what has crossed it so far."""

    port: int
    exchanges: list[Exchange]


@contextlib.contextmanager
def tapped(target: int) -> Iterator[Tap]:
    """While the block runs, a free port on loopback leads to ``target``, and the list grows."""
    exchanges: list[Exchange] = []
    ports: list[int] = []
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _forward(reader, writer, target, exchanges)

        server = await asyncio.start_server(forward, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await done.wait()
        server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield Tap(ports[0], exchanges)
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
