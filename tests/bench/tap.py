"""A tap on the wire: forwards HTTP/1.1 on loopback and writes down every exchange, its bytes counted with the heads."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple


class Exchange(NamedTuple):
    """One request and its answer; ``sent`` and ``received`` are whole messages as they crossed the wire, the others
    the bytes of their heads among them."""

    path: str
    sent: int
    received: int
    sent_head: int
    received_head: int


class Tap(NamedTuple):
    """Where the tap listens, and what has crossed it so far."""

    port: int
    exchanges: list[Exchange]


Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.contextmanager
def listening(connected: Connected) -> Iterator[int]:
    """While the block runs, a thread handles the connections to the free port on loopback that this gives; those that
    are open at its end are dropped."""
    ports: list[int] = []
    ready, done = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await done.wait()
        server.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@contextlib.contextmanager
def tapped(target: int) -> Iterator[Tap]:
    """While the block runs, a free port on loopback leads to ``target``, and the list grows."""
    exchanges: list[Exchange] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _forward(reader, writer, target, exchanges)

    with listening(connected) as port:
        yield Tap(port, exchanges)


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: int, exchanges: list[Exchange]
) -> None:
    there, out = await asyncio.open_connection("127.0.0.1", target)
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionResetError):
        while True:
            head, body = await _message(reader)
            out.write(head + body)
            await out.drain()
            their_head, their_body = await _message(there)
            sent, received = len(head) + len(body), len(their_head) + len(their_body)
            path = head.split(b" ", 2)[1].decode()
            exchanges.append(Exchange(path, sent, received, len(head), len(their_head)))
            writer.write(their_head + their_body)
            await writer.drain()
    out.close()
    writer.close()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of a request or an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    return head, await reader.readexactly(length)
