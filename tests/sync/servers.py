"""Real servers on port 0 with scripted answers, byte by byte: portals, drip feeds, lost replies; and a counting
proxy."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import orjson
import zstandard


class ReceivedRequest(NamedTuple):
    """One HTTP request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        packed = self.headers.get("content-encoding") == "zstd"
        return orjson.loads(zstandard.decompress(self.raw) if packed else self.raw)


Answering = Callable[[ReceivedRequest, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(answering: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server on port 0 that gives each request to ``answering``; yields its address. A connection ends when
    ``answering`` closes the writer or the other side leaves."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                await answering(await read_request(reader), writer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.close()


async def read_request(reader: asyncio.StreamReader) -> ReceivedRequest:
    """The next request on a connection."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    return ReceivedRequest(
        head[0].split()[1], headers, await reader.readexactly(int(headers.get("content-length", "0")))
    )


def answer(status: int, body: bytes, kind: str = "application/json", **headers: str) -> bytes:
    """A whole HTTP answer; header names are written with ``_`` for ``-``."""
    lines = [f"HTTP/1.1 {status} Whatever", f"content-type: {kind}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def answering_with(*answers: bytes, asked: list[ReceivedRequest] | None = None) -> Answering:
    """Give these answers in turn, the last one from then on; an empty one closes the connection."""
    left = list(answers)

    async def answering(request: ReceivedRequest, writer: asyncio.StreamWriter) -> None:
        if asked is not None:
            asked.append(request)
        now = left.pop(0) if len(left) > 1 else left[0]
        writer.write(now)
        if not now:
            writer.close()

    return answering


class Traffic:
    """Bytes and requests that went through `counting`."""

    def __init__(self) -> None:
        self.up = 0
        self.down = 0
        self.requests: list[str] = []

    def reset(self) -> None:
        """Count from nothing again."""
        self.up = self.down = 0
        self.requests.clear()


@contextlib.asynccontextmanager
async def counting(host: str, port: int) -> AsyncIterator[tuple[str, Traffic]]:
    """A plain TCP forwarder to ``host``; yields its address and what went through it, headers and all."""
    traffic = Traffic()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection(host, port)

        async def up() -> None:
            while part := await reader.read(65_536):
                traffic.up += len(part)
                traffic.requests += [p.split()[1].decode() for p in part.split(b"\r\n") if p.endswith(b" HTTP/1.1")]
                there.write(part)
            there.close()

        async def down() -> None:
            while part := await there_reader.read(65_536):
                traffic.down += len(part)
                writer.write(part)
            writer.close()

        with contextlib.suppress(ConnectionError):
            await asyncio.gather(up(), down())

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", traffic
    finally:
        server.close()
