"""Moves parts of attachments between device and central: how, and how many in a call.

Parts travel as they are; where the other side or something on the way does not take that, in base64 for the rest of the
run. A call that was quick lets the next one carry twice as many, a slow one a quarter, and one that is refused for its
length half. A small file is quick on a slow line too: a call carries no more than twice what a quick one has.
"""

from __future__ import annotations

import base64
import binascii
import time
from typing import NamedTuple

from sync.exceptions import FirewallRefusal, NotTheCentral, RequestDeclined, RequestTooLarge, SyncError
from sync.protocol.blobs import (
    BLOB_GET,
    BLOB_PUT,
    MAX_PARTS,
    MAX_RAW_PARTS,
    PART_BYTES,
    BlobGetAnswer,
    BlobGetRequest,
    BlobName,
    BlobPutAnswer,
    BlobPutRequest,
    BlobReadRequest,
    BlobSendHead,
    split_size,
)
from sync.protocol.calls import Central

FAST_CALL_S = 2.0
"""A call that took less lets the next one carry twice as much."""


class Parts(NamedTuple):
    """Bytes that came, and how many there are in all (None: none for this device); ``failure`` is what cut them off."""

    size: int | None
    data: bytes
    failure: SyncError | None = None


class PartCalls:
    """The calls of one run. ``up`` and ``down`` are the bytes that have travelled, ``count`` how many parts a
    call of a large file may carry, as quick as calls are."""

    def __init__(self, central: Central) -> None:
        self._central = central
        self._is_raw = True
        self._most = MAX_RAW_PARTS
        self.count, self.up, self.down = 1, 0, 0
        self._shown = 0

    @property
    def parts(self) -> int:
        """How many parts the next call may carry, in which so much is lost where it breaks off."""
        return max(1, min(self.count, self._shown))

    async def put(self, name: BlobName, offset: int, data: bytes) -> BlobPutAnswer | None:
        """Send the bytes from ``offset`` on; None where they are to be sent anew, fewer of them."""
        began = time.monotonic()
        try:
            answer = await self._put(name, offset, data)
        except RequestTooLarge:
            if not self._may_shrink():
                raise
            return None
        if answer is not None:
            self.up += len(data)
            self._note(began, len(data))
        return answer

    async def _put(self, name: BlobName, offset: int, data: bytes) -> BlobPutAnswer | None:
        if self._is_raw:
            try:
                head = BlobSendHead(line=name.line, sha256=name.sha256, offset=offset)
                return await self._central.send_bytes(head, data)
            except (RequestDeclined, NotTheCentral) as error:
                self._require_fallback(error)
                return None
        text = base64.b64encode(data).decode()
        request = BlobPutRequest(line=name.line, sha256=name.sha256, offset=offset, data=text)
        return await self._central.ask(BLOB_PUT, request, BlobPutAnswer)

    async def get(self, name: BlobName, offset: int) -> Parts | None:
        """Read bytes from ``offset`` on; None where they are to be asked for anew."""
        began = time.monotonic()
        try:
            parts = await (self._read(name, offset) if self._is_raw else self._get(name, offset))
        except RequestTooLarge:
            if not self._may_shrink():
                raise
            return None
        if parts is not None:
            self.down += len(parts.data)
            self._note(began, len(parts.data))
        return parts

    async def _read(self, name: BlobName, offset: int) -> Parts | None:
        request = BlobReadRequest(line=name.line, sha256=name.sha256, offset=offset, parts=self.parts)
        received, failure = bytearray(), None
        try:
            await self._central.read_bytes(request, received)
        except (RequestDeclined, NotTheCentral) as error:
            self._require_fallback(error)
            return None
        except SyncError as error:
            if len(received) < PART_BYTES:
                raise
            failure = error
        size, data = split_size(bytes(received))
        if received and size is None:
            raise _other_form()
        whole = len(data) if failure is None else len(data) // PART_BYTES * PART_BYTES
        return Parts(size, data[:whole], failure)

    async def _get(self, name: BlobName, offset: int) -> Parts:
        request = BlobGetRequest(line=name.line, sha256=name.sha256, offset=offset, parts=self.parts)
        answer = await self._central.ask(BLOB_GET, request, BlobGetAnswer)
        try:
            return Parts(answer.size, base64.b64decode(answer.data, validate=True))
        except binascii.Error:
            raise _other_form() from None

    def _require_fallback(self, error: RequestDeclined | NotTheCentral) -> None:
        """Go on in base64 where this error means that bytes as they are do not get through; else raise it."""
        if not isinstance(error, RequestDeclined) and type(error) not in (NotTheCentral, FirewallRefusal):
            raise error
        self._is_raw, self._most = False, MAX_PARTS
        self.count = min(self.count, self._most)

    def _may_shrink(self) -> bool:
        """After a refusal for its length: whether fewer parts in a call are left to try."""
        self._most = self.count = self.parts // 2
        return self.count > 0

    def _note(self, began: float, moved: int) -> None:
        if time.monotonic() - began < FAST_CALL_S:
            self.count = min(2 * self.count, self._most)
            self._shown = max(self._shown, 2 * (moved // PART_BYTES))
        else:
            self.count = max(1, self.count // 4)
            self._shown = min(self._shown, self.count)


def _other_form() -> NotTheCentral:
    return NotTheCentral(central="", detail="its answer has another form")
