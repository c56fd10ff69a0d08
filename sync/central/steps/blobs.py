"""The bytes of attachments at the central: what there is of them, a part that comes, a part that is asked for."""

from __future__ import annotations

import base64
import binascii
import logging

from store.domain.limits import file_fault
from store.ledger.models.attachment import MAX_FILE_BYTES
from sync.central.db.object_store import ObjectStore, object_name
from sync.central.db.tables import BlobRow
from sync.central.exceptions import Refusal
from sync.central.reads.blobs import BlobReads, NamedBlob
from sync.central.request import RequestContext
from sync.central.writes.blobs import Sender, receive_part
from sync.exceptions import SyncError
from sync.protocol.blobs import (
    PART_BYTES,
    TOO_LARGE,
    BlobGetAnswer,
    BlobGetRequest,
    BlobName,
    BlobPutAnswer,
    BlobPutRequest,
    BlobReadRequest,
    BlobSendHead,
    BlobState,
    BlobStatesAnswer,
    BlobStatesRequest,
    join_size,
)

UNKNOWN = BlobState(known=False)
_LOG = logging.getLogger("guanjia.central")


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
    """Take in parts in base64. Raises `Refusal` (401, 422)."""
    return answer_send(context, request, _decoded(request.data))


def answer_send(context: RequestContext, request: BlobPutRequest | BlobSendHead, content: bytes) -> BlobPutAnswer:
    """Take in parts, if the line is in the caller's scope and names the bytes; what does not end with the file and is
    no whole part was cut off, and counts up to the last whole one. Raises `Refusal` (401)."""
    with context.write_bytes() as (connection, reads):
        blob = reads.blobs().named([_name(request)])[0]
        if blob is None:
            return BlobPutAnswer(state=UNKNOWN)
        fault = _fault(reads.blobs(), blob)
        if fault is not None:
            return BlobPutAnswer(state=BlobState(known=True), refused=fault)
        sender = Sender(reads.caller.district, reads.caller.device)
        done = receive_part(connection, sender, blob, request.offset, content, context.now_ms())
    return BlobPutAnswer(state=_state(blob, done.row), refused=done.refused)


def _fault(reads: BlobReads, blob: NamedBlob) -> str | None:
    """Why bytes are refused before any of them is kept."""
    return TOO_LARGE if blob.size > MAX_FILE_BYTES else file_fault(reads.limits(), blob.media_type, blob.size)


def answer_get(context: RequestContext, request: BlobGetRequest) -> BlobGetAnswer:
    """Parts of bytes that are here whole, in base64. Raises `Refusal` (401)."""
    if (found := _read(context, request)) is None:
        return BlobGetAnswer()
    return BlobGetAnswer(size=found[0], data=base64.b64encode(found[1]).decode())


def answer_read(context: RequestContext, request: BlobReadRequest) -> bytes | BlobGetAnswer:
    """Parts of bytes that are here whole, as they are. Raises `Refusal` (401)."""
    found = _read(context, request)
    return BlobGetAnswer() if found is None else join_size(*found)


def _read(context: RequestContext, request: BlobGetRequest | BlobReadRequest) -> tuple[int, bytes] | None:
    """How many bytes there are, and those that are asked for; None where they are not here, or not in scope."""
    begin = request.offset // PART_BYTES * PART_BYTES
    with context.read() as reads:
        blob = reads.blobs().named([_name(request)])[0]
        rows = {} if blob is None else reads.blobs().rows([blob], reads.caller.device)
        row = None if blob is None else rows.get((blob.bucket, blob.sha256))
        if blob is None or row is None or row.whole_at is None:
            return None
        if row.stored_at is None:
            return row.size, reads.blobs().parts(blob, begin, request.parts)
    content = _read_outside(context.objects, row, begin, request.parts * PART_BYTES)
    return None if content is None else (row.size, content)


def _read_outside(objects: ObjectStore | None, row: BlobRow, begin: int, count: int) -> bytes | None:
    """Bytes that the outside store has; None while they cannot be had, which the log says: to the device they have
    still to come, and others of its queue travel meanwhile."""
    if objects is None:
        _LOG.error("an attached file lies in an outside store, and central.toml names none (blobs)")
        return None
    try:
        content = objects.read(object_name(row.district, row.bucket, row.sha256), begin, count)
    except SyncError:  # the store has logged it
        return None
    if content is None:
        _LOG.error("an attached file is not in the outside store: %s", row.sha256)
    return content


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise Refusal(422, "bad_request", "the bytes are not base64") from None
