"""Bodies of requests and answers: requests are read with a bound, compressed or not; long answers are compressed."""

from __future__ import annotations

import orjson
import zstandard
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from sync.central.exceptions import Refusal
from sync.protocol import COMPRESS_MIN_BYTES, PAGE_BYTES

MAX_REQUEST_BYTES = 2 * PAGE_BYTES
"""Bytes of a request, compressed and decompressed: more than a full page and one line."""
JSON, ZSTD = "application/json", "zstd"


async def read_body(request: Request) -> bytes:
    """The body as it was sent. Raises `Refusal`: 413 as soon as it is too long, 400 when the device disconnects."""
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_REQUEST_BYTES:
                raise too_large()
            parts.append(part)
    except ClientDisconnect:
        raise Refusal(400, "cut_short", "the device hung up") from None
    return b"".join(parts)


def decompress_body(body: bytes, encoding: str) -> bytes:
    """The body decompressed. Raises `Refusal`: 413 when it gets too long, 415 for an unknown encoding, 400 for invalid
    data."""
    if encoding in ("", "identity"):
        return body
    if encoding != ZSTD:
        raise Refusal(415, "encoding", "bodies come plain or as zstd")
    try:
        with zstandard.ZstdDecompressor(max_window_size=MAX_REQUEST_BYTES).stream_reader(body) as reader:
            plain: bytes = reader.read(MAX_REQUEST_BYTES + 1)
    except zstandard.ZstdError:
        raise Refusal(400, "bad_request", "the body is not zstd") from None
    if len(plain) > MAX_REQUEST_BYTES:
        raise too_large()
    return plain


def too_large() -> Refusal:
    """The refusal of a body beyond `MAX_REQUEST_BYTES`."""
    return Refusal(413, "too_large", f"a request may have {MAX_REQUEST_BYTES} bytes")


def json_response(content: bytes, accepts: str) -> Response:
    """A 200 with this JSON, compressed when it is long and the device accepts zstd."""
    if len(content) < COMPRESS_MIN_BYTES or ZSTD not in accepts:
        return Response(content, media_type=JSON)
    compressed = zstandard.ZstdCompressor().compress(content)
    return Response(compressed, media_type=JSON, headers={"content-encoding": ZSTD, "vary": "accept-encoding"})


def refusal_response(refusal: Refusal) -> Response:
    """The HTTP answer of a refusal."""
    body = orjson.dumps({"code": refusal.code, "detail": refusal.detail, **refusal.extra})
    headers = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
    if refusal.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(body, refusal.status, media_type=JSON, headers=headers)
