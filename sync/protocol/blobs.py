"""The bytes of attachments on the wire: what the central has of them, and parts of them in either direction.

Bytes are named by a line that the central has (its id) and their SHA-256, which that line must say: so who may write
the line may send its bytes, who reads the line reads them, and nobody learns of bytes of other buckets. Parts travel as
they are (`BLOB_SEND`, `BLOB_READ`), many in one call on a good line: a request is a head in JSON, a line feed and the
bytes, an answer says in eight bytes how many there are in all. What is cut off on the way counts up to its last whole
part. Where something on the way, or the other side, does not take that, they are base64 in JSON, a few in a call
(`BLOB_PUT`, `BLOB_GET`). Every rule of other calls (deadlines, bounds, what is no answer of a central) holds. Next:
``sync/round/blobs.py`` (the device), ``sync/central/steps/blobs.py`` (the central).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sync.protocol import Code, Key, Uuid, WireMessage

BLOB_STATES, BLOB_PUT, BLOB_GET = "/v1/blobs/states", "/v1/blobs/put", "/v1/blobs/get"
BLOB_SEND, BLOB_READ = "/v1/blobs/send", "/v1/blobs/read"
PART_BYTES = 64 << 10
"""Parts begin at multiples of this; what was interrupted goes on at one."""
MAX_PARTS = 4
"""The most of them in one call in which they are base64."""
MAX_RAW_PARTS = 64
"""The most of them in one call in which they are as they are."""
MAX_HEAD_BYTES = 1_024
"""The most bytes of the head of such a request."""
_SIZE_BYTES = 8
MAX_WANTED = 200
"""The most bytes that are asked about in one call."""
MAX_BLOB_BYTES = 1 << 40
_MAX_TEXT = (MAX_PARTS * PART_BYTES + 2) // 3 * 4

Bytes = Annotated[int, Field(ge=0, le=MAX_BLOB_BYTES)]
Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=_MAX_TEXT)]

OTHER_BYTES, UNKNOWN_TYPE, ERASED_BYTES = "other_bytes", "unknown_type", "erased"
TOO_LARGE, NOT_TAKEN = "too_large", "not_taken"
"""Why bytes are refused: not those that the line names, of no type that is known, erased for good; longer than the
district allows, of a sort that it does not take (`store.domain.limits.FileFault`)."""


class BlobName(WireMessage):
    """Bytes: a line that names them, and their SHA-256."""

    line: Uuid
    sha256: Key


class BlobStatesRequest(WireMessage):
    """What does the central have of these?"""

    wanted: list[BlobName] = Field(max_length=MAX_WANTED)


class BlobState(WireMessage):
    """Whether the line is in the caller's scope and names the bytes (``known``), whether they are here whole, and
    how many bytes there are of them. What is out of scope looks like what is not there."""

    known: bool
    whole: bool = False
    received: Bytes = 0


class BlobStatesAnswer(WireMessage):
    """In the order of the request."""

    states: list[BlobState] = Field(max_length=MAX_WANTED)


class BlobPutRequest(BlobName):
    """The bytes from ``offset`` on, a multiple of `PART_BYTES`; a last part may be shorter. Nothing is written where
    ``offset`` is not what has been received."""

    offset: Bytes
    data: Base64


class BlobPutAnswer(WireMessage):
    """What there is now; ``refused`` is why nothing is."""

    state: BlobState
    refused: Code | None = None


class BlobGetRequest(BlobName):
    """The bytes from ``offset`` on, at most so many parts."""

    offset: Bytes
    parts: int = Field(default=1, ge=1, le=MAX_PARTS)


class BlobGetAnswer(WireMessage):
    """A part of the bytes, and how many there are in all; None where they are not here, or not in scope."""

    size: Bytes | None = None
    data: Base64 = ""


class BlobSendHead(BlobName):
    """The head of a request with bytes: they are those from ``offset`` on, as in `BlobPutRequest`."""

    offset: Bytes


class BlobReadRequest(BlobName):
    """The bytes from ``offset`` on as they are, at most so many parts."""

    offset: Bytes
    parts: int = Field(default=1, ge=1, le=MAX_RAW_PARTS)


def join_head(head: BlobSendHead, content: bytes) -> bytes:
    """The body of a request with bytes."""
    return head.model_dump_json().encode() + b"\n" + content


def split_head(body: bytes) -> tuple[bytes, bytes]:
    """The head of a request with bytes, in JSON, and the bytes. Raises `ValueError`."""
    end = body.index(b"\n", 0, MAX_HEAD_BYTES)
    return body[:end], body[end + 1 :]


def join_size(size: int, content: bytes) -> bytes:
    """The body of an answer with bytes, of which there are ``size`` in all."""
    return size.to_bytes(_SIZE_BYTES, "big") + content


def split_size(body: bytes) -> tuple[int | None, bytes]:
    """How many bytes there are in all, and those of an answer; None where it was cut off before it said so."""
    return (int.from_bytes(body[:_SIZE_BYTES], "big") if len(body) >= _SIZE_BYTES else None), body[_SIZE_BYTES:]
