"""Connections of the central's clients: how many there may be, and how long each part of a request may take.

uvicorn ends connections that are idle between two requests and nothing else: a request whose head or body never ends,
and an answer that is never read, would hold a connection for ever. Here each has a base time and a lowest rate. A
connection beyond the limits is closed as soon as it is there. Addresses of the reverse proxies that the operator named
have no limit of their own, since they stand for many clients.
"""

from __future__ import annotations

import asyncio
import asyncio.constants
import logging
import sys
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import ClassVar, NamedTuple

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

TLS_HANDSHAKE_S = 15.0
"""How long a TLS handshake may take; asyncio's own limit is a minute."""
SPARE_FILES = 256
"""Open files that are left to the database, the log and what else is not a connection."""
_LOG = logging.getLogger("guanjia.central")


class ConnectionLimits(NamedTuple):
    """Connections of a process, in all and of one address; seconds for the head of a request, and for its body and its
    answer beyond what they take at ``minimum_rate`` bytes a second; and how often a connection is looked at."""

    connections: int = 2_000
    per_address: int = 500
    head_s: float = 15.0
    body_s: float = 60.0
    answer_s: float = 60.0
    minimum_rate: float = 250.0
    look_every_s: float = 2.0


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with deadlines. ``limits`` may be replaced in a subclass."""

    limits: ClassVar[ConnectionLimits] = ConnectionLimits()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it at once when there are too many."""
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self._began = self._read_at = self.loop.time()
        self._received = self._unread = 0
        self._look: asyncio.TimerHandle | None = None
        if self._is_over_limit():
            _LOG.warning("too many connections: closed a new one")
            self._end()
            return
        self._look = self.loop.call_later(self.limits.look_every_s, self._check_progress)

    def data_received(self, data: bytes) -> None:
        """Count what comes; a new request begins with the first byte after a pause."""
        if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is not None:
            self._began, self._received = self.loop.time(), 0
        self._received += len(data)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the looks along with the connection."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _is_over_limit(self) -> bool:
        if len(self.connections) > min(self.limits.connections, _file_limit()):
            return True
        host = self.client[0] if self.client else ""
        named = self.config.forwarded_allow_ips
        if _is_named_proxy(host, named if isinstance(named, list) else ()):
            return False
        return sum(_host(other) == host for other in self.connections) > self.limits.per_address

    def _check_progress(self) -> None:
        """End the connection if its client is too slow; else look again later."""
        if self.transport.is_closing() and not self.transport.get_write_buffer_size():
            return
        if self._is_request_overdue() or self._is_answer_overdue():
            _LOG.warning("a client was too slow: closed its connection")
            self._end()
            return
        self._look = self.loop.call_later(self.limits.look_every_s, self._check_progress)

    def _is_request_overdue(self) -> bool:
        elapsed = self.loop.time() - self._began
        if self.conn.their_state is h11.IDLE:
            return self.timeout_keep_alive_task is None and elapsed > self.limits.head_s
        allowed = self.limits.body_s + self._received / self.limits.minimum_rate
        return self.conn.their_state is h11.SEND_BODY and elapsed > allowed

    def _is_answer_overdue(self) -> bool:
        """Whether the client reads less of its answer than the lowest rate: what is unread shrinks too slowly."""
        unread, now = self.transport.get_write_buffer_size(), self.loop.time()
        least = self.limits.minimum_rate * self.limits.look_every_s
        if 0 in (unread, self._unread) or unread <= self._unread - least:
            self._read_at = now
        self._unread = unread
        return now - self._read_at > self.limits.answer_s

    def _end(self) -> None:
        self.transport.abort()


def _host(protocol: object) -> str:
    client = getattr(protocol, "client", None)
    return client[0] if client else ""


def _is_named_proxy(host: str, proxies: Sequence[str]) -> bool:
    return bool(host) and any(ip_address(host) in ip_network(proxy, strict=False) for proxy in proxies)


if sys.platform == "win32":

    def _file_limit() -> int:
        return sys.maxsize

    def _raise_file_limit() -> None:
        """Sockets are no files there, and there is no limit to raise."""

else:
    import resource

    def _file_limit() -> int:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return sys.maxsize if soft == resource.RLIM_INFINITY else max(soft - SPARE_FILES, 16)

    def _raise_file_limit() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def prepare_process() -> None:
    """Let this process open as many files as the system allows, and end TLS handshakes that take too long. asyncio
    takes no handshake timeout from uvicorn, and a listening socket without free files fills the log."""
    _raise_file_limit()
    asyncio.constants.SSL_HANDSHAKE_TIMEOUT = TLS_HANDSHAKE_S
