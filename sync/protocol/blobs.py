"""The bytes of attachments on the wire: what the central has of them, and parts of them in either direction.

Bytes are named by a line that the central has (its id) and their SHA-256, which that line must say: so who may write
the line may send its bytes, who reads the line reads them, and nobody learns of bytes of other buckets. Parts are
base64 in JSON: what travels is compressed where nothing on the way refuses that, which takes base64's third off again,
and every rule of other calls (deadlines, bounds, what is no answer of a central) holds. Next: ``sync/round/blobs.py``
(the device), ``sync/central/steps/blobs.py`` (the central).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sync.protocol import Code, Key, Uuid, WireMessage

BLOB_STATES, BLOB_PUT, BLOB_GET = "/v1/blobs/states", "/v1/blobs/put", "/v1/blobs/get"
PART_BYTES = 64 << 10
"""Parts begin at multiples of this; what was interrupted goes on at one."""
MAX_PARTS = 4
"""The most of them in one call."""
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
