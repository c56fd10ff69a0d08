"""Around every request: its id in the log, and the counts of requests by call, status and time."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Collection
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync import protocol
from sync.central.metrics import REQUESTS, SECONDS
from sync.protocol.calls import REQUEST_ID

OTHER = "other"
"""The call of a path that is none of ours: what anybody may ask for is no label."""
_ID = re.compile(rb"[0-9A-Za-z-]{1,40}")
_request_id: ContextVar[str] = ContextVar("request_id", default="")


class Measuring:
    """Middleware that counts requests of the known ``calls`` (paths). The id is the device's own where it sends a
    fit one, so that both logs name it."""

    def __init__(self, app: ASGIApp, calls: Collection[str]) -> None:
        self._app = app
        self._calls = frozenset(calls)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _request_id.set(_id_of(scope))  # not reset: what fails is logged outside, and each request has its own context
        path = scope["path"]
        call = path if path in self._calls else OTHER
        status, began = 500, time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            REQUESTS.labels(call, str(status)).inc()
            if call != protocol.LIVE:  # which lasts as long as its device is there
                SECONDS.labels(call).observe(time.perf_counter() - began)


def _id_of(scope: Scope) -> str:
    wanted = REQUEST_ID.encode()
    sent = next((value for name, value in scope["headers"] if name == wanted), b"")
    return sent.decode() if _ID.fullmatch(sent) else secrets.token_hex(6)


class RequestIdFilter(logging.Filter):
    """Adds the id of the request to what is logged while it is served, where the log is JSON."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record."""
        if request := _request_id.get():
            record.__dict__["facts"] = {**getattr(record, "facts", {}), "request": request}
        return True
