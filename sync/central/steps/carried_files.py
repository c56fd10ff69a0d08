"""Attached files that came as a bundle: taken in by the rules of parts over a network, and answered with what the
device has asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sync.central.db.failures import retry_conflicts
from sync.central.request import RequestContext
from sync.central.steps.blobs import answer_read, answer_send
from sync.protocol.blobs import (
    PART_BYTES,
    BlobName,
    BlobReadRequest,
    BlobSendHead,
    join_head,
    split_head,
    split_size,
)
from sync.protocol.carried import CARRIED_PARTS, CarriedBlobState, FiledOpening, WantedBlob

USUAL_ROOM = 1 << 30
"""So many bytes of files an answer carries at most, where nothing else is said."""


def take_files(context: RequestContext, documents: Iterator[bytes]) -> FiledOpening:
    """Take the parts in, each as if it had come over a network; gives what there is of each afterwards. Raises
    `Refusal`, and `ValueError` for what is no document of parts."""
    states: dict[tuple[str, str], CarriedBlobState] = {}
    for document in documents:
        written, content = split_head(document)
        head = BlobSendHead.model_validate_json(written)
        answer = retry_conflicts(partial(answer_send, context, head, content))
        key = head.line, head.sha256
        states[key] = CarriedBlobState(line=head.line, sha256=head.sha256, state=answer.state, refused=answer.refused)
    return FiledOpening(time=context.now_ms(), epoch=context.caller().epoch, states=list(states.values()))


def wanted_files(context: RequestContext, wanted: list[WantedBlob], room: int) -> Iterator[bytes]:
    """The documents of what a device has asked for, as far as it may read it and there is room, one file after the
    other. Raises `Refusal`."""
    for each in wanted:
        offset = each.offset // PART_BYTES * PART_BYTES
        while room > 0:
            data = _read(context, each, offset)
            if not data:
                break
            yield join_head(BlobSendHead(line=each.line, sha256=each.sha256, offset=offset), data)
            offset, room = offset + len(data), room - len(data)
            if len(data) < CARRIED_PARTS * PART_BYTES:
                break


def _read(context: RequestContext, name: BlobName, offset: int) -> bytes:
    request = BlobReadRequest(line=name.line, sha256=name.sha256, offset=offset, parts=CARRIED_PARTS)
    answer = answer_read(context, request)
    return split_size(answer)[1] if isinstance(answer, bytes) else b""
