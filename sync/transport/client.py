"""The central over HTTP: `HttpCentral` implements `sync.protocol.calls.Central`.

Only JSON of the expected shape is accepted (a hotel's login page answers everything with 200). Every call ends: it may
be silent for so long and takes a base time plus what the bytes that have moved take at the lowest accepted rate, of
which no more count than the call may need (a read timeout never fires on a drip feed). The decompressed size of an
answer is bounded; redirects are not followed. A call whose answer was lost is resent a few times, which is safe since
all calls that are resent are idempotent. The token is in one header and nowhere else. http:// is for this machine only;
proxies of the environment are used for https:// only, where they see no more than the host name.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

import httpx
import orjson
import zstandard
from pydantic import BaseModel, ValidationError

from sync import protocol
from sync.exceptions import (
    AnotherCentral,
    ConnectionCut,
    DeviceRefused,
    FirewallRefusal,
    JoinDelayed,
    NotTheCentral,
    RequestDeclined,
    SlowConnection,
    TooManyRequests,
)
from sync.protocol import documents
from sync.protocol.blobs import (
    BLOB_READ,
    BLOB_SEND,
    MAX_HEAD_BYTES,
    PART_BYTES,
    BlobPutAnswer,
    BlobReadRequest,
    BlobSendHead,
    join_head,
)
from sync.protocol.calls import REQUEST_ID
from sync.round_stats import ByteCounts
from sync.transport.answers import JSON, RAW, ZSTD, JsonAnswer, content_type, read_answer, truncated
from sync.transport.busy import PATIENCE_S, BusyWait, CentralLoaded
from sync.transport.deadline import CallDeadline, deadline
from sync.transport.endpoint import check_address, check_token, ssl_context
from sync.transport.failures import connection_error
from sync.transport.identity import PinnedIdentity, identity_request, is_proof
from sync.transport.page_limits import PageLimits
from sync.transport.proxy import proxy_for

MAX_ANSWER_BYTES = 64 << 20
"""The largest decompressed answer; a page of lines is about `protocol.PAGE_BYTES`."""
SMALL_ANSWER_BYTES = 1 << 16
"""About the most bytes of an answer that has no lines."""
LONG_LINE_BYTES = 1 << 19
"""About the most bytes of one line."""
CHUNK_BYTES = 8_192
"""A request is sent in parts of this size, each with a deadline of its own."""
EVENTS = "text/event-stream"
_HEADERS = {"accept": JSON, "accept-encoding": ZSTD, "content-type": JSON, "user-agent": "guanjia"}
_RETRYABLE = (httpx.ReadError, httpx.WriteError, httpx.CloseError, httpx.RemoteProtocolError)

AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Timeouts(NamedTuple):
    """Deadlines in seconds: of a small call, of a page of lines (both before what bytes add), of connecting, between
    two reads; how long to wait for a central that has too much to do; the lowest accepted rate in bytes a second; how
    often to resend."""

    call: float = 30.0
    page: float = 120.0
    connect: float = 10.0
    read: float = 30.0
    live_read: float = 90.0
    busy: float = PATIENCE_S
    minimum_rate: float = 500.0
    max_retries: int = 2


class _Call(NamedTuple):
    """One call: ``page`` is about how many bytes of lines, or of files, it may move, 0 for a small call; ``is_raw``:
    its body is no JSON; ``sink``: where the bytes of an answer go that is none."""

    path: str
    body: bytes
    page: int = 0
    max_retries: int | None = None
    is_raw: bool = False
    sink: bytearray | None = None


class HttpCentral:
    """The central at ``address``, called with this device's token. An async context manager. ``transport`` replaces the
    sockets in tests. Long requests are sent compressed as long as ``page_limits`` says so, which is until a firewall
    refuses one that is compressed and lets it pass as it is. Where the central's key is ``pinned``, it has to prove who
    it is before the token is sent.

    Calls raise `CentralUnreachable` (or what derives from it), `DeviceRefused`, `UpgradeRequired` or
    `RequestDeclined`. Raises `BadAddress`, `InsecureAddress`, `BadProxy` or `BadSetting` itself."""

    def __init__(
        self,
        address: str,
        token: str | None,
        *,
        ca_file: str | None = None,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - immutable
        transport: httpx.AsyncBaseTransport | None = None,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        page_limits: PageLimits | None = None,
        pinned: PinnedIdentity | None = None,
    ) -> None:
        self.address = check_address(address)
        self._max_answer_bytes = max_answer_bytes
        self._timeouts = timeouts
        self.byte_counts = ByteCounts()
        self._page_limits = page_limits or PageLimits()
        self._proxy = proxy_for(self.address)
        secure = self.address.startswith("https:")
        self._client = httpx.AsyncClient(
            base_url=self.address,
            headers=_HEADERS,
            timeout=httpx.Timeout(timeouts.read, connect=timeouts.connect),
            verify=ssl_context(ca_file, pinned.authority if pinned else None) if secure else False,
            proxy=self._proxy.url if self._proxy else None,
            trust_env=False,
            follow_redirects=False,
            transport=transport,
        )
        self._token = check_token(token) if token else None
        self._pinned = pinned
        self._is_proven = False
        self.request_id = ""
        if pinned is None:
            self._use_token()

    def _use_token(self) -> None:
        """Send the token from now on: to the central that was joined, as far as that can be known."""
        self._pinned = None
        if self._token:
            self._client.headers["authorization"] = f"Bearer {self._token}"

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
            answer = await self._call(protocol.JOIN, _body(request), max_retries=0)
        except TooManyRequests as error:
            raise JoinDelayed(**error.values) from None
        return self._validate_answer(protocol.JoinAnswer, answer)

    async def invitation(self, request: protocol.InvitationRequest) -> protocol.InvitationAnswer | None:
        """Whom a one-time code is for; None where the central does not tell yet. Raises `BadInvite` too."""
        try:
            answer = await self._call(protocol.INVITATION, _body(request))
        except TooManyRequests as error:
            raise JoinDelayed(**error.values) from None
        except RequestDeclined:
            return None
        return self._validate_answer(protocol.InvitationAnswer, answer)

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """Send the device's state."""
        return self._validate_answer(
            protocol.HelloAnswer, await self._call(protocol.HELLO, _body(request), waits=False)
        )

    async def exchange(self, message: documents.ExchangeMessage, lines: list[bytes]) -> documents.ExchangeAnswer | None:
        """Send a message of protocol 2; None where it does not reach a central that speaks it."""
        body = documents.encode_message(message, lines)
        await self.check_identity()
        try:
            page = 3 * len(body) + _page_bytes(message.max_bytes)
            answer = await self._call(documents.EXCHANGE, body, page, waits=message.hello is None)
        except RequestDeclined:
            return None
        except NotTheCentral as error:
            if type(error) not in (NotTheCentral, FirewallRefusal):
                raise
            return None
        return self._validate_exchange(answer)

    async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
        """Send canonical lines."""
        link = b'"chain":' + orjson.dumps(chain.model_dump(exclude_none=True)) + b"," if chain else b""
        body = b"{" + link + b'"lines":[' + b",".join(lines) + b"]}"
        return self._validate_answer(protocol.PushAnswer, await self._call(protocol.PUSH, body, 3 * len(body)))

    async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
        """The page after a cursor."""
        answer = await self._call(protocol.PULL, _body(request), _page_bytes(request.max_bytes))
        return self._validate_page(protocol.PullAnswer, answer)

    async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
        """Whole buckets."""
        answer = await self._call(protocol.FETCH, _body(request), _page_bytes(request.max_bytes))
        return self._validate_page(protocol.FetchAnswer, answer)

    async def verify(self, request: protocol.VerifyRequest) -> protocol.VerifyAnswer:
        """Compare checksums."""
        return self._validate_answer(protocol.VerifyAnswer, await self._call(protocol.VERIFY, _body(request)))

    async def heal(self, request: protocol.HealRequest, lines: list[bytes]) -> protocol.HealAnswer:
        """Send canonical versions that a central which was set back may lack."""
        rest = orjson.dumps(request.model_dump(exclude={"lines"}, exclude_none=True))
        body = b'{"lines":[' + b",".join(lines) + b"]," + rest.removeprefix(b"{")
        return self._validate_answer(protocol.HealAnswer, await self._call(protocol.HEAL, body, 3 * len(body)))

    async def come_back(self, request: protocol.ReturnRequest) -> protocol.ReturnAnswer:
        """Show what the device keeps to a central that does not know it any more."""
        return self._validate_answer(protocol.ReturnAnswer, await self._call(protocol.RETURN, _body(request)))

    async def roster(self) -> protocol.RosterAnswer:
        """Get what the device keeps for a central that is set back."""
        answer = await self._call(protocol.ROSTER, b"{}", protocol.MAX_ROSTER_BYTES)
        return self._validate_answer(protocol.RosterAnswer, answer)

    async def renew(self, request: protocol.RenewRequest) -> protocol.RenewAnswer:
        """Enrol as a device of its own, and use its token from then on. Not resent: the next round
        asks again with the same id, which makes no second device."""
        answer = await self._call(protocol.RENEW, _body(request), max_retries=0)
        renewed = self._validate_answer(protocol.RenewAnswer, answer)
        self._token = check_token(renewed.token)
        self._use_token()
        return renewed

    async def rotate(self, keep: Callable[[str], Awaitable[None]]) -> None:
        """Get the successor of the token, and use it once it is kept. Not resent: the next round asks again, and the
        present token stays good until then."""
        answer = await self._call(protocol.ROTATE, b"{}", max_retries=0)
        token = check_token(self._validate_answer(protocol.RenewAnswer, answer).token)
        await keep(token)
        self._token = token
        self._use_token()

    async def ask(self, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
        """A call of the bureau's seat (``sync/admin_protocol.py``), or of exports. Not resent: a code that was made is
        told once."""
        return self._validate_answer(model, await self._call(path, _body(request), max_retries=0))

    async def send_bytes(self, head: BlobSendHead, content: bytes) -> BlobPutAnswer:
        """Send parts of bytes as they are. Not resent: what has arrived counts, so the next call begins after it."""
        await self.check_identity()
        call = _Call(BLOB_SEND, join_head(head, content), len(content), max_retries=0, is_raw=True)
        return self._validate_answer(BlobPutAnswer, await self._send_patiently(call))

    async def read_bytes(self, request: BlobReadRequest, received: bytearray) -> None:
        """Read parts of bytes as they are (`sync.protocol.calls.Central.read_bytes`)."""
        await self.check_identity()
        call = _Call(BLOB_READ, _body(request), request.parts * PART_BYTES, max_retries=0, sink=received)
        await self._send_patiently(call)

    async def live_events(self) -> AsyncGenerator[str, None]:
        """The names of the central's live events, ``hint`` among them, until the connection ends; a silence longer than
        the central's heartbeat ends it. The first is ``open``, yielded here once the answer is accepted as a stream."""
        await self.check_identity()
        timeout = httpx.Timeout(self._timeouts.live_read, connect=self._timeouts.connect)
        headers = {"accept": EVENTS}
        try:
            async with self._client.stream("GET", protocol.LIVE, headers=headers, timeout=timeout) as response:
                if response.status_code != HTTPStatus.OK or content_type(response) != EVENTS:
                    await self._read_answer(response, 0)
                    raise self._not_the_central("its answer has another form")
                yield "open"
                async for name in _event_names(response):
                    yield name
        except httpx.TransportError as error:
            raise await connection_error(error, self.address, self._proxy) from None

    async def check_identity(self) -> None:
        """Once in the life of this object, and before it sends the token: is this the central that was joined? Raises
        `AnotherCentral`."""
        if self._pinned is None:
            return
        request = identity_request(self._pinned, self.address)
        try:
            answer = await self._send_call(_Call(protocol.IDENTITY, _body(request)))
        except (RequestDeclined, DeviceRefused):  # it does not know the district, or the call
            raise AnotherCentral(central=self.address) from None
        if not is_proof(self._pinned, request, self._validate_answer(protocol.IdentityAnswer, answer)):
            raise AnotherCentral(central=self.address)
        self._use_token()

    # One call

    async def _call(
        self, path: str, body: bytes, page: int = 0, max_retries: int | None = None, *, waits: bool = True
    ) -> JsonAnswer:
        """One call to the central that was joined; `_send_call` says how. Where the central has too much to do it is
        sent again when the central said, unless what it says of the time would be wrong by then (``waits``)."""
        await self.check_identity()
        return await self._send_patiently(_Call(path, body, page, max_retries), waits=waits)

    async def _send_patiently(self, call: _Call, *, waits: bool = True) -> JsonAnswer:
        patience = BusyWait(self._timeouts.busy if waits else 0.0)
        while True:
            try:
                return await self._send_call(call)
            except CentralLoaded as error:
                await patience.wait(error)

    async def _send_call(self, call: _Call) -> JsonAnswer:
        """One call. A firewall may refuse what it cannot read: then the request is sent as it is, and so are those
        after it."""
        compressed = None
        if self._page_limits.compresses and not call.is_raw and len(call.body) >= protocol.COMPRESS_MIN_BYTES:
            compressed = zstandard.ZstdCompressor().compress(call.body)
        try:
            return await self._send_in_time(call._replace(body=compressed or call.body), packed=compressed is not None)
        except FirewallRefusal:
            if compressed is None:
                raise
        answer = await self._send_in_time(call, packed=False)
        self._page_limits.compresses = False
        return answer

    async def _send_in_time(self, call: _Call, *, packed: bool) -> JsonAnswer:
        base_s = self._timeouts.page if call.page else self._timeouts.call
        expected = len(call.body) + call.page + SMALL_ANSWER_BYTES
        self.request_id = secrets.token_hex(6)
        headers = {"content-length": str(len(call.body)), REQUEST_ID: self.request_id}
        if packed:
            headers["content-encoding"] = ZSTD
        if call.is_raw:
            headers["content-type"] = RAW
        if call.sink is not None:
            headers["accept"] = f"{RAW}, {JSON}"
        arrived = 0.0
        try:
            async with deadline(base_s, expected, self._timeouts.minimum_rate) as limit:
                try:
                    return await self._send_with_retries(call, headers, limit)
                finally:
                    arrived = limit.arrived
        except TimeoutError:
            detail = "less arrives than the slowest accepted line carries"
            raise SlowConnection(central=self.address, detail=detail, arrived=arrived) from None

    async def _send_with_retries(self, call: _Call, headers: dict[str, str], limit: CallDeadline) -> JsonAnswer:
        left = self._timeouts.max_retries if call.max_retries is None else call.max_retries
        wait = httpx.Timeout(
            self._timeouts.read + len(call.body) / self._timeouts.minimum_rate, connect=self._timeouts.connect
        )
        while True:
            has_begun = False
            try:
                body = self._parts(call.body, limit)
                async with self._client.stream("POST", call.path, content=body, headers=headers, timeout=wait) as reply:
                    has_begun = True
                    if call.sink is not None and content_type(reply) == RAW and reply.status_code == HTTPStatus.OK:
                        await self._read_raw(reply, call, call.sink, limit)
                        return {}
                    return await self._read_answer(reply, len(call.body), limit)
            except httpx.TransportError as error:
                if not (left and isinstance(error, _RETRYABLE)):
                    if has_begun and isinstance(error, _RETRYABLE):
                        raise ConnectionCut(central=self.address, arrived=limit.arrived) from None
                    if has_begun and isinstance(error, httpx.ReadTimeout):
                        detail = "nothing came for too long"
                        raise SlowConnection(central=self.address, detail=detail, arrived=limit.arrived) from None
                    raise await connection_error(error, self.address, self._proxy) from None
            left -= 1
            await asyncio.sleep(random.uniform(0, 0.5))

    async def _read_raw(self, reply: httpx.Response, call: _Call, sink: bytearray, limit: CallDeadline) -> None:
        """Put the bytes of an answer into the ``sink`` as they arrive, and no more than were asked for."""
        limit.begin_answer(reply.headers.get("content-length", ""))
        async for part in reply.aiter_raw():
            sink += part
            self.byte_counts.down += len(part)
            limit.receive(len(part))
            if len(sink) > call.page + MAX_HEAD_BYTES:
                raise self._not_the_central("its answer is too long")

    async def _parts(self, body: bytes, limit: CallDeadline) -> AsyncIterator[bytes]:
        """The body in parts: a timeout of writing is for one of them."""
        for start in range(0, len(body), CHUNK_BYTES):
            part = body[start : start + CHUNK_BYTES]
            self.byte_counts.up += len(part)
            yield part
            limit.extend(len(part))

    async def _read_answer(self, response: httpx.Response, sent: int, limit: CallDeadline | None = None) -> JsonAnswer:
        """The answer, as it was sent: httpx would decompress it without a bound."""
        parts, size = [], 0
        if limit is not None:
            limit.begin_answer(response.headers.get("content-length", ""))
        async for part in response.aiter_raw():
            parts.append(part)
            size += len(part)
            self.byte_counts.down += len(part)
            if limit is not None:
                limit.receive(len(part))
            if size > self._max_answer_bytes:
                raise self._not_the_central("its answer is too long")
        most, is_proven = self._max_answer_bytes, self._is_proven
        answer = read_answer(self.address, response, b"".join(parts), max_bytes=most, sent=sent, is_proven=is_proven)
        self._is_proven = True
        return answer

    # Checking answers

    def _validate_answer(self, model: type[AnswerT], answer: JsonAnswer) -> AnswerT:
        try:
            return model.model_validate(answer)
        except ValidationError:
            raise self._not_the_central("its answer has another form") from None

    def _validate_page(self, model: type[AnswerT], answer: JsonAnswer) -> AnswerT:
        """As `_validate_answer`, but without validating the lines: the merge checks them one by one."""
        lines = answer.pop("lines", None)
        if not isinstance(lines, list):
            raise self._not_the_central("its answer has another form")
        page = self._validate_answer(model, {**answer, "lines": []})
        return page.model_copy(update={"lines": lines})

    def _validate_exchange(self, answer: JsonAnswer) -> documents.ExchangeAnswer:
        try:
            return documents.parse_answer(answer)
        except ValueError:
            raise self._not_the_central("its answer has another form") from None

    def _not_the_central(self, detail: str) -> NotTheCentral:
        return NotTheCentral(central=self.address, detail=truncated(detail))


def _body(request: BaseModel) -> bytes:
    return orjson.dumps(request.model_dump(exclude_none=True))


def _page_bytes(asked: int | None) -> int:
    """About the most bytes of a page: one line more than was asked for."""
    return (asked or protocol.PAGE_BYTES) + LONG_LINE_BYTES


async def _event_names(response: httpx.Response) -> AsyncIterator[str]:
    """Event names of a server-sent stream. Comments keep it alive; data is not read, since a hint carries none."""
    rest = b""
    async for part in response.aiter_raw():
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"event:"):
                yield line.removeprefix(b"event:").strip().decode("ascii", "replace")
        rest = rest[-1_000:]
