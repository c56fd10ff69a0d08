"""Bodies of requests and answers: requests are read with a bound, compressed or not; long answers are compressed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import orjson
import zstandard
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sync.central.api.admission import Appointments
from sync.central.exceptions import Refusal
from sync.protocol import COMPRESS_MIN_BYTES, PAGE_BYTES
from sync.protocol.blobs import MAX_HEAD_BYTES, MAX_PARTS, MAX_RAW_PARTS, PART_BYTES
from sync.protocol.carried import MAX_CARRIED_BYTES

MAX_REQUEST_BYTES = 2 * PAGE_BYTES
"""Bytes of a request, compressed and decompressed: more than a full page and one line."""
COSTLY_BYTES = 4_096
"""A body that is longer, compressed or of unknown length is read once its token is known to be good."""
JSON, ZSTD, RAW = "application/json", "zstd", "application/octet-stream"


class RequestBounds(NamedTuple):
    """What a call may need: bytes of its body, compressed and decompressed, and JSON values in it. A value takes two
    bytes in a body and 60 in memory."""

    size: int = 1 << 14
    values: int = 500


SMALL = RequestBounds()
BUCKET_NAMES = RequestBounds(1 << 17, 4_000)
CHECKSUMS = RequestBounds(PAGE_BYTES, 300_000)
LINES = RequestBounds(MAX_REQUEST_BYTES, 300_000)
FILES = RequestBounds(MAX_CARRIED_BYTES * 4 // 3 + SMALL.size, SMALL.values)
RAW_PARTS = RequestBounds(MAX_RAW_PARTS * PART_BYTES + MAX_HEAD_BYTES, 0)
PARTS = RequestBounds((MAX_PARTS * PART_BYTES + 2) // 3 * 4 + SMALL.size, SMALL.values)
MAX_BODIES_BYTES = 256 << 20
"""Bytes of all bodies that a process has at a time; beyond that devices are asked to come back."""


class BodyBudget:
    """The bytes that bodies which are not answered yet may take in this process; used in the event loop only."""

    def __init__(self, size: int = MAX_BODIES_BYTES, appointments: Appointments | None = None) -> None:
        self._left = size
        self._appointments = appointments or Appointments()

    @contextlib.contextmanager
    def reserve(self, request: Request, bounds: RequestBounds, who: str = "") -> Iterator[None]:
        """Hold what this body, which ``who`` sends, may take until it is answered. Raises `Refusal` (503) when there is
        no room."""
        length = announced_length(request)
        size = bounds.size if length is None else min(length, bounds.size)
        if size > self._left:
            raise self._appointments.refusal(who)
        self._left -= size
        try:
            yield
        finally:
            self._left += size


def announced_length(request: Request) -> int | None:
    """How long the body is, where the request says so. Raises `Refusal` (400) when it is said to be chunked too: a
    proxy may believe the one and this server the other, and the rest would be taken for another request."""
    length = request.headers.get("content-length")
    if length is not None and "transfer-encoding" in request.headers:
        raise Refusal(400, "bad_request", "the body has a length and is chunked")
    return int(length) if length is not None and length.isdecimal() else None


def is_costly(request: Request) -> bool:
    """Whether reading or decoding this body costs more than looking up its token."""
    length = announced_length(request)
    return "content-encoding" in request.headers or length is None or length > COSTLY_BYTES


async def read_body(request: Request, bounds: RequestBounds, *, keeps_cut: bool = False) -> bytes:
    """The body as it was sent; where it ``keeps_cut`` ones what came of it. Raises `Refusal`: 413 as soon as it is too
    long, before any of it is read if it says so, 400 when the device disconnects."""
    parts, size = [], 0
    if (announced_length(request) or 0) > bounds.size:
        raise too_large(bounds)
    try:
        async for part in request.stream():
            size += len(part)
            if size > bounds.size:
                raise too_large(bounds)
            parts.append(part)
    except ClientDisconnect:
        if keeps_cut:
            return b"".join(parts)
        raise Refusal(400, "cut_short", "the device hung up") from None
    return b"".join(parts)


def decode_body(body: bytes, encoding: str, bounds: RequestBounds) -> bytes:
    """The body decompressed, and fit to be parsed. Raises `Refusal`: 413 when it gets too long or has more values than
    the call may need, 415 for an unknown encoding, 400 for invalid data."""
    plain = body if encoding in ("", "identity") else _decompress(body, encoding, bounds)
    if plain.count(b",") + plain.count(b"[") + plain.count(b"{") > bounds.values:
        raise too_large(bounds)
    return plain


def _decompress(body: bytes, encoding: str, bounds: RequestBounds) -> bytes:
    if encoding != ZSTD:
        raise Refusal(415, "encoding", "bodies come plain or as zstd")
    try:
        with zstandard.ZstdDecompressor(max_window_size=MAX_REQUEST_BYTES).stream_reader(body) as reader:
            plain: bytes = reader.read(bounds.size + 1)
    except zstandard.ZstdError:
        raise Refusal(400, "bad_request", "the body is not zstd") from None
    if len(plain) > bounds.size:
        raise too_large(bounds)
    return plain


def too_large(bounds: RequestBounds) -> Refusal:
    """The refusal of a body beyond the bounds of its call."""
    return Refusal(413, "too_large", f"this request may have {bounds.size} bytes and {bounds.values} values")


def json_response(content: bytes, accepts: str) -> Response:
    """A 200 with this JSON, compressed when it is long and the device accepts zstd."""
    if len(content) < COMPRESS_MIN_BYTES or ZSTD not in accepts:
        return Response(content, media_type=JSON)
    compressed = zstandard.ZstdCompressor().compress(content)
    return Response(compressed, media_type=JSON, headers={"content-encoding": ZSTD, "vary": "accept-encoding"})


def raw_response(content: bytes) -> Response:
    """A 200 with these bytes as they are: what is attached is compressed already."""
    return Response(content, media_type=RAW)


def refusal_response(refusal: Refusal) -> Response:
    """The HTTP answer of a refusal."""
    body = orjson.dumps({"code": refusal.code, "detail": refusal.detail, **refusal.extra})
    headers = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
    if refusal.status == 400:  # what follows on this connection may be no request
        headers["connection"] = "close"
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(body, refusal.status, media_type=JSON, headers=headers)
