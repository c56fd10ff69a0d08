"""Why no answer came: which side of which connection failed, in one of the family ``network_cause``."""

from __future__ import annotations

import errno
import socket
import ssl
from urllib.parse import urlsplit

import httpx

from sync.exceptions import CentralUnreachable, NotTheCentral, ProxyRefused, ProxyUnreachable, SlowConnection
from sync.transport.answers import truncated
from sync.transport.certificates import causes, certificate_error
from sync.transport.proxy import ProxySetting

_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


async def connection_error(error: httpx.TransportError, address: str, proxy: ProxySetting | None) -> CentralUnreachable:
    """The error for people of a call that failed before or while an answer came."""
    tls = next((cause for cause in causes(error) if isinstance(cause, ssl.SSLError)), None)
    if isinstance(tls, ssl.SSLCertVerificationError):
        return await certificate_error(address, tls, proxy)
    is_unreadable = isinstance(error, httpx.RemoteProtocolError) and not _is_end(error)
    if tls is not None or is_unreadable:
        detail = "it does not speak TLS as this machine does" if tls else "its answer is not HTTP"
        return NotTheCentral(central=address, detail=detail)
    if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout):
        return SlowConnection(central=address, detail="nothing came for too long")
    if proxy is not None and isinstance(error, httpx.ProxyError):
        return ProxyRefused(**_names(address, proxy), detail=truncated(error))
    cause = _cause(error)
    if proxy is not None and isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return ProxyUnreachable(**_names(address, proxy), detail=cause)
    return CentralUnreachable(central=address, detail=cause)


def _names(address: str, proxy: ProxySetting) -> dict[str, str]:
    return {"central": urlsplit(address).netloc, "proxy": proxy.shown, "origin": proxy.origin}


def _is_end(error: httpx.TransportError) -> bool:
    """Whether the other side only hung up: the HTTP library has one class for that and for what it cannot read."""
    return any(word in str(error) for word in ("disconnected", "closed connection", "ConnectionTerminated"))


def _cause(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection within the time"
    for cause in causes(error):
        if isinstance(cause, socket.gaierror):
            return "its name is not known on this network"
        if isinstance(cause, ConnectionRefusedError):
            return "nothing answers there"
        if isinstance(cause, OSError) and cause.errno in _NO_ROUTE:
            return "no way leads there from this network"
    if isinstance(error, httpx.ConnectError):
        return "nothing answers there"
    return "the connection broke off"
