"""A client that is slow, idle or one of too many holds no connection, and who comes next is served."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import httpx
import pytest
import uvicorn
from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from sync.central.api.connections import BoundedProtocol, ConnectionLimits
from sync.central.api.serve import ListenAddress, bind_socket

HEAD = b"POST /x HTTP/1.1\r\nHost: central\r\nContent-Length: 4000\r\n\r\n"
QUICK = ConnectionLimits(
    connections=12, per_address=8, head_s=0.1, body_s=0.1, answer_s=0.1, minimum_rate=100_000, look_every_s=0.02
)
ANSWER = b"x" * (8 << 20)


class Quick(BoundedProtocol):
    """Limits that a test need not wait for."""

    limits = QUICK


async def echo(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Reads the body and answers with as much as the path asks for."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        continue
    body = ANSWER if scope["path"] == "/long" else b"{}"
    await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@contextlib.contextmanager
def serving(proxies: Sequence[str] = ()) -> Iterator[int]:
    """The echo under quick limits, in a thread; gives its port."""
    listening = bind_socket(ListenAddress(port=0))
    config = uvicorn.Config(
        echo, http=Quick, log_config=None, lifespan="off", proxy_headers=False, forwarded_allow_ips=list(proxies)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that serves all tests of this file but those of proxies."""
    with serving() as served:
        yield served


def is_served(port: int) -> bool:
    """Whether an ordinary client gets its answer."""
    return httpx.get(f"http://127.0.0.1:{port}/", timeout=10).status_code == 200


def ended(connection: socket.socket) -> bool:
    """Whether the other side ends this connection."""
    connection.settimeout(10)
    try:
        while connection.recv(65_536):
            continue
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize("sent", [b"", b"GET / HT", HEAD, HEAD + b"{" * 100], ids=["nothing", "head", "body", "part"])
def test_a_request_that_does_not_come_is_ended(port: int, sent: bytes) -> None:
    """A connection without a request, with half a head or with half a body is closed at its deadline."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(sent)
        assert ended(slow)
        assert is_served(port)


def test_a_drip_feed_is_ended(port: int) -> None:
    """A body that comes, but below the lowest rate, is not waited for."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(HEAD)
        with pytest.raises(ConnectionError):
            for _ in range(1_000):
                slow.sendall(b"{")
                time.sleep(0.01)


def test_a_second_request_has_its_own_deadline(port: int) -> None:
    """A connection that was served once has no leave to send half a request afterwards."""
    with socket.create_connection(("127.0.0.1", port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: central\r\n\r\n")
        assert slow.recv(4_096).startswith(b"HTTP/1.1 200")
        slow.sendall(b"GET / HT")
        assert ended(slow)


def test_an_answer_that_is_not_read_is_given_up(port: int) -> None:
    """A client that asks for much and reads nothing does not keep its answer in memory."""
    with socket.create_connection(("127.0.0.1", port)) as deaf:
        deaf.sendall(b"GET /long HTTP/1.1\r\nHost: central\r\n\r\n")
        time.sleep(0.3)
        deaf.settimeout(10)
        received = 0
        with contextlib.suppress(ConnectionError):
            while part := deaf.recv(1 << 20):
                received += len(part)
        assert received < len(ANSWER)


def test_a_crowd_of_half_open_requests_shuts_nobody_out(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """With more half-open requests than an address may have, new ones are closed at once; when the old ones have ended
    all are served again."""
    with contextlib.ExitStack() as stack:
        caplog.set_level(logging.WARNING)
        crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(QUICK.per_address)]
        for connection in crowd:
            connection.sendall(b"GET / HT")
        one_more = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        assert ended(one_more)
        assert "too many connections" in caplog.text
        assert all(ended(connection) for connection in crowd)
        assert is_served(port)


def test_a_named_proxy_stands_for_many(caplog: pytest.LogCaptureFixture) -> None:
    """The reverse proxy that the operator named is not one client; the limit of all connections holds for it too."""
    with serving(proxies=["127.0.0.0/8"]) as port, contextlib.ExitStack() as stack:
        caplog.set_level(logging.WARNING)
        crowd = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(QUICK.connections)]
        time.sleep(0.02)
        assert "too many connections" not in caplog.text
        assert ended(stack.enter_context(socket.create_connection(("127.0.0.1", port))))
        assert "too many connections" in caplog.text
        assert all(map(ended, crowd))
