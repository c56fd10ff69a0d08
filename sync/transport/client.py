"""The central over HTTP: `HttpCentral` implements `sync.protocol.Central`.

Only JSON of the expected shape is accepted (a hotel's login page answers everything with 200); every call has a total
deadline (a read timeout never fires on a drip feed); the decompressed size of an answer is bounded; redirects are not
followed. A call whose answer was lost is resent a few times, which is safe since all calls that are resent are
idempotent. The token is in one header and nowhere else. http:// is for this machine only; proxies of the environment
are used for https:// only, where they see no more than the host name.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, AsyncIterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson
import zstandard
from pydantic import BaseModel, ValidationError

from store.values.text import sanitize
from sync import protocol
from sync.exceptions import (
    BadInvite,
    CentralUnreachable,
    DeviceRefused,
    DistrictMismatch,
    JoinDelayed,
    NotTheCentral,
    RequestDeclined,
    TooManyRequests,
    UpgradeRequired,
)
from sync.round_stats import ByteCounts
from sync.transport.endpoint import check_address, check_token, ssl_context

MAX_ANSWER_BYTES = 64 << 20
"""The largest decompressed answer; a page of lines is about `protocol.PAGE_BYTES`."""
DEFAULT_RETRY_AFTER_S = 60
"""How long to wait when the central does not say how long."""
MAX_RETRY_AFTER_S = 3_600
JSON, ZSTD, EVENTS = "application/json", "zstd", "text/event-stream"
_HEADERS = {"accept": JSON, "accept-encoding": ZSTD, "content-type": JSON, "user-agent": "guanjia"}
_RETRYABLE = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)

JsonAnswer = dict[str, object]
AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Timeouts(NamedTuple):
    """Deadlines in seconds: of a small call, of a page of lines, of connecting, between two reads; and how often to
    resend."""

    call: float = 30.0
    page: float = 120.0
    connect: float = 10.0
    read: float = 30.0
    live_read: float = 90.0
    max_retries: int = 2


class HttpCentral:
    """The central at ``address``, called with this device's token. An async context manager. ``transport`` replaces the
    sockets in tests.

    Calls raise `CentralUnreachable` (or `NotTheCentral`, `TooManyRequests`), `DeviceRefused`, `UpgradeRequired` or
    `RequestDeclined`."""

    def __init__(
        self,
        address: str,
        token: str | None,
        *,
        ca_file: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - immutable
        transport: httpx.AsyncBaseTransport | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self.address = check_address(address)
        self._max_answer_bytes = max_answer_bytes
        self._timeouts = timeouts
        self.byte_counts = ByteCounts()
        secure = self.address.startswith("https:")
        self._client = httpx.AsyncClient(
            base_url=self.address,
            headers={**_HEADERS, **({"authorization": f"Bearer {check_token(token)}"} if token else {})},
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            verify=ssl_context(ca_file) if secure else False,
            trust_env=secure,
            follow_redirects=False,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    # The calls, in wire order

    async def join(self, request: protocol.JoinRequest) -> protocol.JoinAnswer:
        """Trade a one-time code for a token. Never resent, since a code is valid once. Raises `BadInvite` too."""
        try:
            answer = await self._call(protocol.JOIN, _body(request), self._timeouts.call, max_retries=0)
        except TooManyRequests as error:
            raise JoinDelayed(**error.values) from None
        return self._validate_answer(protocol.JoinAnswer, answer)

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """Send the device's state."""
        return self._validate_answer(protocol.HelloAnswer, await self._call(protocol.HELLO, _body(request)))

    async def push(self, lines: list[bytes]) -> protocol.PushAnswer:
        """Send canonical lines."""
        body = b'{"lines":[' + b",".join(lines) + b"]}"
        return self._validate_answer(protocol.PushAnswer, await self._call(protocol.PUSH, body, self._timeouts.page))

    async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
        """The page after a cursor."""
        answer = await self._call(protocol.PULL, _body(request), self._timeouts.page)
        return self._validate_page(protocol.PullAnswer, answer)

    async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
        """Whole buckets."""
        answer = await self._call(protocol.FETCH, _body(request), self._timeouts.page)
        return self._validate_page(protocol.FetchAnswer, answer)

    async def verify(self, request: protocol.VerifyRequest) -> protocol.VerifyAnswer:
        """Compare checksums."""
        return self._validate_answer(protocol.VerifyAnswer, await self._call(protocol.VERIFY, _body(request)))

    async def renew(self, request: protocol.RenewRequest) -> protocol.RenewAnswer:
        """Enrol as a device of its own, and use its token from then on. Never resent, so that a lost answer leaves at
        most one orphan."""
        answer = await self._call(protocol.RENEW, _body(request), self._timeouts.call, max_retries=0)
        renewed = self._validate_answer(protocol.RenewAnswer, answer)
        self._client.headers["authorization"] = f"Bearer {check_token(renewed.token)}"
        return renewed

    async def live_events(self) -> AsyncGenerator[str, None]:
        """The names of the central's live events, ``hint`` among them, until the connection ends; a silence longer than
        the central's heartbeat ends it. The first is ``open``, yielded here once the answer is accepted as a stream."""
        timeout = httpx.Timeout(self._timeouts.live_read, connect=self._timeouts.connect)
        headers = {"accept": EVENTS}
        try:
            async with self._client.stream("GET", protocol.LIVE, headers=headers, timeout=timeout) as response:
                if response.status_code != HTTPStatus.OK or _content_type(response) != EVENTS:
                    self._check_response(response, await self._read_bounded(response))
                    raise self._not_the_central("no event stream")
                yield "open"
                async for name in _event_names(response):
                    yield name
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    # One call

    async def _call(
        self, path: str, body: bytes, deadline: float | None = None, max_retries: int | None = None
    ) -> JsonAnswer:
        deadline = deadline or self._timeouts.call
        compressed = zstandard.ZstdCompressor().compress(body) if len(body) >= protocol.COMPRESS_MIN_BYTES else None
        headers = {"content-encoding": ZSTD} if compressed else {}
        try:
            async with asyncio.timeout(deadline):
                return await self._send_with_retries(path, compressed or body, headers, max_retries)
        except TimeoutError:
            raise CentralUnreachable(central=self.address, detail=f"no whole answer in {deadline:g} seconds") from None

    async def _send_with_retries(
        self, path: str, body: bytes, headers: dict[str, str], max_retries: int | None
    ) -> JsonAnswer:
        left = self._timeouts.max_retries if max_retries is None else max_retries
        while True:
            self.byte_counts.up += len(body)
            try:
                async with self._client.stream("POST", path, content=body, headers=headers) as response:
                    return self._check_response(response, await self._read_bounded(response))
            except httpx.TransportError as error:
                if not (left and isinstance(error, _RETRYABLE)):
                    raise self._unreachable(error) from None
            left -= 1
            await asyncio.sleep(random.uniform(0, 0.5))

    async def _read_bounded(self, response: httpx.Response) -> bytes:
        """The body as it was sent: httpx would decompress it without a bound."""
        parts, size = [], 0
        async for part in response.aiter_raw():
            parts.append(part)
            size += len(part)
            self.byte_counts.down += len(part)
            if size > self._max_answer_bytes:
                raise self._not_the_central("its answer is too long")
        return b"".join(parts)

    # Checking answers

    def _check_response(self, response: httpx.Response, raw: bytes) -> JsonAnswer:
        """The decoded JSON object of a 200. Raises the error of any other answer."""
        status = response.status_code
        if response.is_redirect:
            raise self._not_the_central(
                f"it sends us on to {urlsplit(response.headers.get('location', '')).netloc or '?'}"
            )
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            raise TooManyRequests(central=self.address, retry_after=_retry_after(response))
        if _content_type(response) != JSON:
            raise self._not_the_central(f"HTTP {status}, {_content_type(response) or 'no type'}")
        answer = self._decode_body(response, raw)
        if status == HTTPStatus.OK:
            return answer
        code = answer.get("code")
        if not isinstance(code, str):
            raise self._not_the_central(f"HTTP {status} without a code")
        raise self._error_of(status, code, answer)

    def _decode_body(self, response: httpx.Response, raw: bytes) -> JsonAnswer:
        encoding = response.headers.get("content-encoding", "identity")
        if encoding not in (ZSTD, "identity"):
            raise self._not_the_central(f"encoding {encoding}")
        try:
            plain = (
                zstandard.ZstdDecompressor().stream_reader(raw).read(self._max_answer_bytes + 1)
                if encoding == ZSTD
                else raw
            )
            answer = orjson.loads(plain) if len(plain) <= self._max_answer_bytes else None
        except (zstandard.ZstdError, orjson.JSONDecodeError):
            answer = None
        if not isinstance(answer, dict):
            raise self._not_the_central("its answer cannot be read")
        return answer

    def _error_of(self, status: int, code: str, answer: JsonAnswer) -> Exception:
        if status == HTTPStatus.UNAUTHORIZED:
            return DeviceRefused(detail=_truncated(code))
        if status == HTTPStatus.UPGRADE_REQUIRED:
            versions = {"min": _truncated(answer.get("min", "?")), "max": _truncated(answer.get("max", "?"))}
            return UpgradeRequired(ours=protocol.PROTOCOL, **versions)
        if code == BadInvite.code:
            return BadInvite()
        if code == DistrictMismatch.code:
            return DistrictMismatch(
                ours=_truncated(answer.get("ours", "?")), theirs=_truncated(answer.get("theirs", "?"))
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return CentralUnreachable(central=self.address, detail=f"HTTP {status}, {_truncated(code)}")
        return RequestDeclined(detail=f"{_truncated(code)}: {_truncated(answer.get('detail', ''))}")

    def _validate_answer(self, model: type[AnswerT], answer: JsonAnswer) -> AnswerT:
        try:
            return model.model_validate(answer)
        except ValidationError:
            raise self._not_the_central(f"its answer is no {model.__name__}") from None

    def _validate_page(self, model: type[AnswerT], answer: JsonAnswer) -> AnswerT:
        """As `_validate_answer`, but without validating the lines: the merge checks them one by one."""
        lines = answer.pop("lines", None)
        if not isinstance(lines, list):
            raise self._not_the_central(f"its answer is no {model.__name__}")
        page = self._validate_answer(model, {**answer, "lines": []})
        return page.model_copy(update={"lines": lines})

    def _not_the_central(self, detail: str) -> NotTheCentral:
        return NotTheCentral(central=self.address, detail=_truncated(detail))

    def _unreachable(self, error: httpx.TransportError) -> CentralUnreachable:
        if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
            return self._not_the_central("its certificate is not trusted here")
        return CentralUnreachable(central=self.address, detail=_truncated(f"{type(error).__name__} {error}".strip()))


def _body(request: BaseModel) -> bytes:
    return orjson.dumps(request.model_dump(exclude_none=True))


def _content_type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _truncated(text: object) -> str:
    return sanitize(str(text))[:200]


def _retry_after(response: httpx.Response) -> int:
    """Seconds to wait, at least one and at most an hour. A date is relative to the answer's own, since our clock may be
    wrong."""
    value = response.headers.get("retry-after", "")
    seconds: float = DEFAULT_RETRY_AFTER_S
    if value.isascii() and value.isdigit():
        seconds = int(value)
    elif value:
        with contextlib.suppress(ValueError, TypeError):
            until, now = (parsedate_to_datetime(text) for text in (value, response.headers.get("date", "")))
            seconds = (until - now).total_seconds()
    return int(min(max(seconds, 1), MAX_RETRY_AFTER_S))


async def _event_names(response: httpx.Response) -> AsyncIterator[str]:
    """Event names of a server-sent stream. Comments keep it alive; data is not read, since a hint carries none."""
    rest = b""
    async for part in response.aiter_raw():
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"event:"):
                yield line.removeprefix(b"event:").strip().decode("ascii", "replace")
        rest = rest[-1_000:]
