"""Calls about bytes of attachments on a way that cuts, refuses and lies."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from pydantic import BaseModel

from store.home.blobs.transfers import Transfers
from store.queries.attachments import latest_attachments
from sync.exceptions import ConnectionCut, RequestDeclined, RequestTooLarge
from sync.protocol.blobs import (
    BLOB_GET,
    BLOB_READ,
    BLOB_SEND,
    BLOB_STATES,
    PART_BYTES,
    BlobPutAnswer,
    BlobReadRequest,
    BlobSendHead,
    join_size,
)
from sync.protocol.calls import AnswerT, Central
from tests.sync.laptops import Laptop
from tests.sync.rounds.test_blobs import LONG, Calls, Tapped, attached, here, move, queue_of, want_original


class Narrow(Tapped):
    """A way that carries so many bytes in a call (``most``) and refuses longer ones, and of what comes back cuts each
    answer off after so many."""

    most = 2 * PART_BYTES

    async def send_bytes(self, head: BlobSendHead, content: bytes) -> BlobPutAnswer:
        """Refuse what is too long."""
        if len(content) > self.most:
            raise RequestTooLarge(central="here", size=len(content), detail="413")
        return await super().send_bytes(head, content)

    async def read_bytes(self, request: BlobReadRequest, received: bytearray) -> None:
        """Cut off what is too long."""
        await super().read_bytes(request, received)
        if len(received) > self.most:
            del received[self.most :]
            raise ConnectionCut(central="here", arrived=self.most)


def test_what_is_cut_off_within_a_call_counts_up_to_its_last_part(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """A gateway that refuses long requests gets shorter ones in the same run; of an answer that breaks off the whole
    parts are kept, and the next run asks for what follows them. No part comes twice."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync_through(lambda central: central)
    calls = Calls([])
    assert move(first, calls, way=Narrow).sent == 2
    sent = [offset // PART_BYTES for path, offset in calls.made if path == BLOB_SEND]
    assert sent == [0, 0, 1, 3, 5]
    second.sync()
    want_original(second)
    read = Calls([])
    moves = [move(second, read, way=Narrow) for _ in range(6)]
    assert {moved.failure for moved in moves} == {None, "cut_off"}
    offsets = [offset for path, offset in read.made if path == BLOB_READ]
    assert offsets == list(range(0, len(LONG), PART_BYTES))
    assert LONG in here(second)


class Lying:
    """A central that answers calls about bytes as it is told to."""

    def __init__(self, answer: Mapping[str, object], central: Central, _calls: Calls) -> None:
        self._central, self._answer = central, answer

    async def ask(self, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
        """Answer with what was told where that is an answer of the call."""
        if path == BLOB_GET and "data" in self._answer:
            return model.model_validate(self._answer)
        if path == BLOB_STATES and "states" in self._answer:
            return model.model_validate(self._answer)
        return await self._central.ask(path, request, model)

    async def send_bytes(self, _head: BlobSendHead, _content: bytes) -> BlobPutAnswer:
        """It is one of an older version, which knows no such call."""
        raise RequestDeclined(detail="not_found")

    async def read_bytes(self, _request: BlobReadRequest, received: bytearray) -> None:
        """Bytes as it was told to, where it was."""
        if "raw" not in self._answer:
            raise RequestDeclined(detail="not_found")
        received += cast("bytes", self._answer["raw"])


@pytest.mark.parametrize(
    "answer",
    [
        {"size": 1 << 40, "data": "AAAA" * (PART_BYTES // 4) + "AAAA"},
        {"size": 1 << 40, "data": base64.b64encode(bytes(PART_BYTES)).decode()},
        {"size": len(LONG), "data": base64.b64encode(bytes(7)).decode()},
        {"size": 0, "data": ""},
        {"raw": b"short"},
        {"raw": join_size(len(LONG), bytes(7))},
        {"raw": join_size(1 << 40, bytes(PART_BYTES))},
        {"raw": join_size(len(LONG), bytes(len(LONG)))},
        {"states": [{"known": True, "received": 1}]},
        {"states": []},
    ],
)
def test_no_answer_about_bytes_harms_a_laptop(
    pair: tuple[Laptop, Laptop], tmp_path: Path, answer: dict[str, object]
) -> None:
    """Bytes without end, too many, too few, in odd pieces, or a place that is none: nothing of them is kept, and an
    honest central is sent and gives what is right a day later at the most."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    if "states" in answer:
        first.sync_through(lambda central: central)
        move(first, way=partial(Lying, answer))
        assert {one.hold for one in queue_of(first)} == {None}
        return
    first.sync()
    second.sync()
    want_original(second)
    move(second, way=partial(Lying, answer))
    folder = second.home.path / "ledger.attachments"
    assert [path.stat().st_size for path in folder.glob("*.part") if path.stat().st_size > 200] == []
    with second.open() as device, Transfers(device.ledger.database) as transfers:
        (row,) = latest_attachments(device.ledger.database.connection())
        transfers.confirm([(row.bucket, row.sha256)])  # a day later
    move(second)
    assert LONG in here(second)
