"""The bytes of attachments at the central: what there is of them, a part that comes, a part that is asked for."""

from __future__ import annotations

import base64
import binascii

from store.domain.limits import file_fault
from store.ledger.models.attachment import MAX_FILE_BYTES
from sync.central.db.tables import BlobRow
from sync.central.exceptions import Refusal
from sync.central.reads.blobs import NamedBlob
from sync.central.request import RequestContext
from sync.central.writes.blobs import Sender, receive_part
from sync.protocol.blobs import (
    PART_BYTES,
    TOO_LARGE,
    BlobGetAnswer,
    BlobGetRequest,
    BlobName,
    BlobPutAnswer,
    BlobPutRequest,
    BlobState,
    BlobStatesAnswer,
    BlobStatesRequest,
)

UNKNOWN = BlobState(known=False)


def answer_states(context: RequestContext, request: BlobStatesRequest) -> BlobStatesAnswer:
    """What there is of the bytes that these lines name, as far as the caller reads the lines. Raises `Refusal`
    (401)."""
    with context.read() as reads:
        named = reads.blobs().named([_name(one) for one in request.wanted])
        rows = reads.blobs().rows([blob for blob in named if blob is not None], reads.caller.device)
    return BlobStatesAnswer(states=[_state(blob, blob and rows.get((blob.bucket, blob.sha256))) for blob in named])


def _name(request: BlobName) -> tuple[str, str]:
    return request.line, request.sha256


def _state(blob: NamedBlob | None, row: BlobRow | None) -> BlobState:
    if blob is None or row is None:
        return UNKNOWN if blob is None else BlobState(known=True)
    return BlobState(known=True, whole=row.whole_at is not None, received=row.received)


def answer_put(context: RequestContext, request: BlobPutRequest) -> BlobPutAnswer:
    """Take in a part, if the line is in the caller's scope and names the bytes. Raises `Refusal` (401, 422)."""
    content = _decoded(request.data)
    with context.write_bytes() as (connection, reads):
        blob = reads.blobs().named([_name(request)])[0]
        if blob is None:
            return BlobPutAnswer(state=UNKNOWN)
        fault = (
            TOO_LARGE if blob.size > MAX_FILE_BYTES else file_fault(reads.blobs().limits(), blob.media_type, blob.size)
        )
        if fault is not None:
            return BlobPutAnswer(state=BlobState(known=True), refused=fault)
        sender = Sender(reads.caller.district, reads.caller.device)
        done = receive_part(connection, sender, blob, request.offset, content, context.now_ms())
    return BlobPutAnswer(state=_state(blob, done.row), refused=done.refused)


def answer_get(context: RequestContext, request: BlobGetRequest) -> BlobGetAnswer:
    """A part of bytes that are here whole. Raises `Refusal` (401)."""
    with context.read() as reads:
        blob = reads.blobs().named([_name(request)])[0]
        rows = {} if blob is None else reads.blobs().rows([blob], reads.caller.device)
        row = None if blob is None else rows.get((blob.bucket, blob.sha256))
        if blob is None or row is None or row.whole_at is None:
            return BlobGetAnswer()
        content = reads.blobs().parts(blob, request.offset // PART_BYTES * PART_BYTES, request.parts)
    return BlobGetAnswer(size=row.size, data=base64.b64encode(content).decode())


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise Refusal(422, "bad_request", "the bytes are not base64") from None
