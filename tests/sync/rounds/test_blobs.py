"""The bytes of attachments between devices and their central: after the lines, part by part, each once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from pydantic import BaseModel

from store.commands.attachments import attach, let_go
from store.commands.limits import set_limit
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.budget import QueueBudget
from store.home.blobs.transfers import Transfers
from store.home.credentials import open_credentials
from store.ledger.line import Line, new_id
from store.queries.attachments import AttachmentRow, latest_attachments
from store.queries.blob_queue import QueuedBlob, blob_queue
from store.values.media.pictures import WorkingCopy
from store.values.media.prepare import Prepared
from store.values.times import district_time
from store.writer.backup import backup_store
from sync.central.admin import admin
from sync.exceptions import CentralUnreachable
from sync.protocol.blobs import (
    BLOB_GET,
    BLOB_PUT,
    BLOB_READ,
    BLOB_SEND,
    BLOB_STATES,
    PART_BYTES,
    BlobPutAnswer,
    BlobReadRequest,
    BlobSendHead,
    join_head,
    join_size,
)
from sync.protocol.calls import AnswerT, Central
from sync.round import connect_central
from sync.round.blobs import BlobBudget, BlobResult, move_blobs
from tests.store.raw_pages import raw_pages
from tests.sync.central_fixture import Central as Office
from tests.sync.laptops import Laptop, project
from tui.data.file_queue import read_file_queue

JPEG = b"\xff\xd8\xff"
LONG = JPEG + bytes(range(256)) * 1_300
"""More than five parts."""


def prepared(_stream: object, name: str) -> Prepared:
    """A picture with a working copy, which is the same size whatever it shows."""
    return Prepared(name, "image/jpeg", WorkingCopy(JPEG + name.encode(), 4, 3, None, None))


def attached(laptop: Laptop, line: str, folder: Path, name: str = "图.jpg", content: bytes = LONG) -> Line:
    """A picture, attached to a line on this laptop."""
    path = folder / name
    path.write_bytes(content)
    with laptop.open() as device:
        return attach(device.ledger, line, [path], prepare=prepared).lines[0]


def visit(laptop: Laptop, of: Line) -> Line:
    """A visit of a project, whose text has the project's id."""
    return laptop.put("visit", project=of.id, at="2026-03-04T09:00+08:00", how="visit", text=f"看了{of.id}")


def rows_of(laptop: Laptop) -> list[AttachmentRow]:
    """What is attached to anything, as this laptop knows."""
    with laptop.open() as device:
        return latest_attachments(device.ledger.database.connection())


def here(laptop: Laptop) -> set[bytes]:
    """The bytes of all attachments that are on this laptop."""
    rows = rows_of(laptop)
    with laptop.open() as device:
        blobs = BlobStore(device.ledger.database)
        return {blobs.read(*ref[:2]) for row in rows for ref in row.blobs if blobs.has(*ref[:2])}


def queue_of(laptop: Laptop) -> list[QueuedBlob]:
    """What waits on this laptop."""
    with laptop.open() as device:
        database = device.ledger.database
        transfers = Transfers(database)
        marks = transfers.marks()
        transfers.close()
        return blob_queue(database.connection(), BlobStore(database), marks, device.now_ms())


def want_original(laptop: Laptop) -> None:
    """Somebody asks for the original of the only attachment."""
    (row,) = rows_of(laptop)
    with laptop.open() as device:
        transfers = Transfers(device.ledger.database)
        transfers.want([(row.bucket, row.sha256)])
        transfers.close()


def want_originals(laptop: Laptop) -> None:
    """Somebody asks for all originals."""
    rows = rows_of(laptop)
    with laptop.open() as device, Transfers(device.ledger.database) as transfers:
        transfers.want([(row.bucket, row.sha256) for row in rows])


class Calls(NamedTuple):
    """The calls about bytes that passed, and what each moved: path and offset."""

    made: list[tuple[str, int]]
    cut_after: int = 1_000


class Tapped:
    """A central of which the calls about bytes are noted, and which is out of reach after some of them."""

    def __init__(self, central: Central, calls: Calls) -> None:
        self._central, self._calls = central, calls

    async def ask(self, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
        """Pass a call on."""
        self._note(path, 0)
        return await self._central.ask(path, request, model)

    async def send_bytes(self, head: BlobSendHead, content: bytes) -> BlobPutAnswer:
        """Pass bytes on."""
        self._note(BLOB_SEND, head.offset)
        return await self._central.send_bytes(head, content)

    async def read_bytes(self, request: BlobReadRequest, received: bytearray) -> None:
        """Pass bytes back."""
        self._note(BLOB_READ, request.offset)
        await self._central.read_bytes(request, received)

    def _note(self, path: str, offset: int) -> None:
        if len(self._calls.made) >= self._calls.cut_after:
            raise CentralUnreachable(central="here", detail="cut")
        self._calls.made.append((path, offset))


def move(
    laptop: Laptop,
    calls: Calls | None = None,
    way: Callable[[Central, Calls], object] | None = None,
    **budget: object,
) -> BlobResult:
    """Let bytes travel once, as after a round."""
    stopped = budget.pop("stopped", lambda: False)
    asked = BlobBudget(60.0, QueueBudget(**budget), stopped)  # type: ignore[arg-type]

    async def run() -> BlobResult:
        with laptop.open() as device:
            async with connect_central(device, (await device.facts()).get("central")) as central:
                tapped = (way or Tapped)(central, calls or Calls([]))
                return await move_blobs(device, tapped, asked)  # type: ignore[arg-type]

    return asyncio.run(run())


def test_bytes_follow_their_lines(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """After the rounds of both, the other laptop has the working copy; the original comes when it is asked for, whole.
    Nothing waits then."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync()
    second.sync()
    copy = JPEG + "图.jpg".encode()
    assert here(second) == {copy}
    assert [(one.direction, one.hold) for one in queue_of(second)] == [("down", "asked_for")]
    want_original(second)
    second.sync()
    assert here(second) == here(first) == {copy, LONG}
    assert queue_of(first) == queue_of(second) == []


def test_nothing_is_sent_twice(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """What was cut off goes on at the part where it was; what the central has in that bucket is not sent again by
    anybody, in another bucket it is, and a quiet moment moves nothing."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync_through(lambda central: central)
    cut, rest, quiet = Calls([], 3), Calls([]), Calls([])
    assert move(first, cut).failure == "unreachable"
    assert move(first, rest).sent == 1
    of_copy, *puts = [offset for path, offset in (*cut.made, *rest.made) if path == BLOB_SEND]
    assert of_copy == 0
    assert puts == sorted(set(puts))
    assert sum(len(LONG) > offset for offset in puts) == len(puts)
    assert move(first, quiet) == BlobResult() and quiet.made == []
    again = Calls([])
    second.sync_through(lambda central: central)
    same, other = (attached(second, visit(second, of).id, tmp_path) for _ in range(2))
    assert same.body["sha256"] == other.body["sha256"]
    second.sync_through(lambda central: central)
    move(second, again)
    assert [path for path, offset in again.made if path == BLOB_SEND and not offset] == [BLOB_SEND] * 2


def test_a_download_goes_on_where_it_was_cut(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """An original that is cut off after any call is completed by the next ones, each part once."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync()
    second.sync()
    want_original(second)
    calls = Calls([], 1)
    offsets = []
    for _ in range(10):
        move(second, calls)
        offsets += [offset for path, offset in calls.made if path == BLOB_READ]
        calls.made.clear()
    assert offsets == list(range(0, len(LONG), PART_BYTES))
    assert LONG in here(second)


@pytest.mark.parametrize(
    ("budget", "sent"),
    [({"stopped": lambda: True}, 0), ({"only_small": True}, 1), ({"bytes_an_hour": 10}, 1)],
)
def test_the_budget_is_kept(
    pair: tuple[Laptop, Laptop], tmp_path: Path, budget: dict[str, int | bool | Callable[[], bool]], sent: int
) -> None:
    """Lines go first, on a metered line only small pictures travel, and an hour's megabytes are not exceeded by more
    than a call; working copies go before originals."""
    first, _second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync_through(lambda central: central)
    calls = Calls([])
    result = move(first, calls, None, **budget)
    assert result.sent == sent
    assert len([path for path, _ in calls.made if path == BLOB_SEND]) == sent
    assert [one.ref.is_copy for one in queue_of(first)] == [True, False][sent:]


class Abreast(Tapped):
    """A central of which it is noted how many calls with bytes are made at a time."""

    def __init__(self, central: Central, calls: Calls) -> None:
        super().__init__(central, calls)
        self._under_way = 0

    async def send_bytes(self, head: BlobSendHead, content: bytes) -> BlobPutAnswer:
        """Pass bytes on; the call's number of those under way is its offset."""
        self._under_way += 1
        try:
            self._note(BLOB_SEND, self._under_way)
            return await self._central.send_bytes(head, content)
        finally:
            self._under_way -= 1


def test_small_files_travel_abreast_on_a_good_line(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """Two at a time once calls are quick, one before; where one of two fails the other counts, and the next time only
    what is missing goes."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    for number in range(6):
        attached(first, of.id, tmp_path, f"{number}.jpg", JPEG + bytes([number]) * 5_000)
    first.sync_through(lambda central: central)
    calls = Calls([], 9)
    result = move(first, calls, Abreast)
    sends = [under_way for path, under_way in calls.made if path == BLOB_SEND]
    assert sends[:3] == [1, 1, 1] and set(sends[3:]) == {1, 2}
    assert (result.failure, result.sent) == ("unreachable", len(sends))
    assert move(first).sent == 12 - len(sends)
    second.sync()
    want_originals(second)
    assert move(second).received == 6


def test_what_has_travelled_is_counted_before_more_does(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """A laptop that is switched off while files travel has written down what it has spent of the day till then."""
    first, _second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync_through(lambda central: central)
    counted: list[int] = []

    def look() -> bool:
        with first.open() as device, Transfers(device.ledger.database) as transfers:
            counted.append(transfers.spend(0, device.now_ms()).day)
        return False

    result = move(first, stopped=look)
    assert 0 < counted[-1] < result.bytes_up and counted == sorted(counted)


def test_what_keeps_files_makes_no_call(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """Outside its hours, beyond the bytes that the bureau gives devices a day, and where the disk has no room for what
    comes, no call is made; the queue says what keeps it."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync_through(lambda central: central)
    never, calls = district_hour(first), Calls([])
    assert move(first, calls, hours=((never + 2) % 24, never)).stop == "hours"
    with first.open() as device:
        set_limit(device.ledger, "file_mb_day", "1")
        with Transfers(device.ledger.database) as transfers:
            transfers.spend(1_000_000, device.now_ms())
        files = read_file_queue(device.ledger.database.connection(), device.ledger.database, device.now_ms())
    assert move(first, calls).stop == files.stop == "day"
    assert calls.made == [] and len(queue_of(first)) == 2
    with first.open() as device:
        set_limit(device.ledger, "file_mb_day", "0")
    first.sync()
    second.sync_through(lambda central: central)
    assert move(second, calls, reserve_bytes=1 << 60).received == 0
    assert calls.made == []
    assert move(second, Calls([])).received == 1


def district_hour(laptop: Laptop) -> int:
    """The hour of the district's time, as this laptop knows it."""
    with laptop.open() as device:
        return district_time(device.now_ms()).hour


def test_paused_bytes_wait(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """While the queue is paused rounds move lines alone."""
    first, _second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    with first.open() as device:
        transfers = Transfers(device.ledger.database)
        transfers.pause(paused=True)
        transfers.close()
    first.sync()
    assert first.rows("SELECT count(*) FROM outbox") == [(0,)]
    assert len(queue_of(first)) == 2


def test_a_pause_stops_bytes_on_their_way(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """Who pauses while a file is sent stops it at its next part; the queue says how far it is, and when it may again it
    goes on from there."""
    first, _second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync_through(lambda central: central)
    calls, rest = Calls([]), Calls([])

    def pause(*, paused: bool) -> None:
        with first.open() as device, Transfers(device.ledger.database) as transfers:
            transfers.pause(paused=paused)

    def pause_after_the_second_call() -> bool:
        if [path for path, _ in calls.made].count(BLOB_SEND) == 2:
            pause(paused=True)
        return False

    moved = move(first, calls, stopped=pause_after_the_second_call)
    (left,) = queue_of(first)
    assert moved.sent == 1 and not moved.more and 0 < left.done < len(LONG)
    pause(paused=False)
    assert move(first, rest).sent == 1
    assert next(offset for path, offset in rest.made if path == BLOB_SEND) == left.done
    assert queue_of(first) == []


def test_a_central_takes_only_what_a_line_names(at: Office, pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """Bytes that no line names are not known, others than it names are thrown away once they are complete, and what is
    no picture is not taken for one; nobody is kept by it from sending the right ones."""
    first, _second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    line = attached(first, of.id, tmp_path, content=JPEG + b"right")
    paper = attached(first, of.id, tmp_path, "二.jpg", b"no picture")
    first.sync_through(lambda central: central)
    other = at.enrol("副局长")
    wanted = {"line": line.id, "sha256": line.body["sha256"]}

    def put(data: str, **more: object) -> dict[str, object]:
        return other.ask(BLOB_PUT, {**wanted, "offset": 0, "data": data, **more})

    nothing = {"state": {"known": False, "whole": False, "received": 0}, "refused": None}
    assert put("AAAA", sha256="00" * 32) == put("AAAA", line=new_id()) == nothing
    assert put("/9j/d3Jvbmc=")["refused"] == "other_bytes"
    assert put("bm8gcGljdHVyZQ==", line=paper.id, sha256=paper.body["sha256"])["refused"] == "unknown_type"
    move(first)
    states = other.ask(BLOB_STATES, {"wanted": [wanted, {"line": paper.id, "sha256": paper.body["sha256"]}]})
    assert [state["whole"] for state in states["states"]] == [True, False]
    assert [(one.line, one.hold) for one in queue_of(first)] == [(paper.id, "refused")]


@pytest.mark.parametrize("role", ["butler", "lead_leader", "department"])
def test_no_byte_is_read_out_of_scope(at: Office, laptop: Laptop, tmp_path: Path, role: str) -> None:
    """Who does not read a line gets none of its bytes, and the very answers that a line which does not exist gets."""
    hidden, own = project(laptop, "别处"), project(laptop, "自己的")
    laptop.put("unit", name="某局", kind="department")
    line = attached(laptop, visit(laptop, hidden).id, tmp_path)
    laptop.sync()
    whose = {"projects": [own.id]} if role != "department" else {"department": "某局"}
    stranger, sha256 = at.enrol(role, role, **whose), line.body["sha256"]
    answers = [
        [
            stranger.ask(BLOB_STATES, {"wanted": [{"line": one, "sha256": sha256}]}),
            stranger.ask(BLOB_GET, {"line": one, "sha256": sha256, "offset": 0}),
            stranger.ask(BLOB_PUT, {"line": one, "sha256": sha256, "offset": 0, "data": "AAAA"}),
            stranger.ask(BLOB_READ, {"line": one, "sha256": sha256, "offset": 0}),
            stranger.ask(BLOB_SEND, join_head(BlobSendHead(line=one, sha256=sha256, offset=0), b"AAA")),
        ]
        for one in (line.id, new_id())
    ]
    assert answers[0] == answers[1]
    assert answers[0][1] == {"size": None, "data": ""}
    insider = at.enrol("督查", "auditor")
    asked = {"line": line.id, "sha256": sha256, "offset": 0}
    assert insider.ask(BLOB_GET, asked)["size"] == len(LONG)
    assert insider.post(BLOB_READ, asked | {"parts": 64}).content == join_size(len(LONG), LONG)


def test_a_withdrawn_scope_takes_its_bytes_along(at: Office, laptop: Laptop, tmp_path: Path) -> None:
    """When a project is withdrawn from a butler, the bytes of its attachments leave the disk with the lines, and what
    the lines said leaves free pages, log and later backups too; all of another project stays."""
    places = [project(laptop, name) for name in ("甲", "乙")]
    for number, place in enumerate(places):
        attached(laptop, visit(laptop, place).id, tmp_path, f"{number}.jpg")
    laptop.sync()
    butler = Laptop(tmp_path / "butler").join(at, at.invite("王五", "butler", projects=[one.id for one in places]))
    butler.sync()
    folder = butler.home.path / "ledger.attachments"
    assert here(butler) == {JPEG + b"0.jpg", JPEG + b"1.jpg"} and len(list(folder.iterdir())) == 2
    texts = [f"看了{place.id}".encode() for place in places]
    key = open_credentials(butler.home, "file").key()
    assert all(text in raw_pages(butler.home.database, key) for text in texts)
    admin.withdraw(at.data_dir, "王五", "butler", projects=[places[0].id])
    butler.sync()
    assert here(butler) == {JPEG + b"1.jpg"} and len(list(folder.iterdir())) == 1
    with butler.open() as device:
        assert backup_store(device.ledger.database, tmp_path / "backup.db")
    for file in (butler.home.database, tmp_path / "backup.db"):
        assert [text in raw_pages(file, key) for text in texts] == [False, True]


def test_only_originals_that_the_central_has_are_let_go(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """Before the round nothing may go. Afterwards the original goes, the working copy stays, and the original comes
    back when it is asked for."""
    first, _second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    with first.open() as device:
        assert let_go(device.ledger) == (0, 0)
    first.sync()
    with first.open() as device:
        assert let_go(device.ledger) == (1, len(LONG))
    assert here(first) == {JPEG + "图.jpg".encode()}
    assert [one.hold for one in queue_of(first)] == ["asked_for"]
    want_original(first)
    first.sync()
    assert LONG in here(first)


def test_a_download_reads_what_has_come_once(
    pair: tuple[Laptop, Laptop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of bytes that come in many parts, those that are here already are not read again for each of the next ones."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    attached(first, of.id, tmp_path)
    first.sync()
    second.sync()
    want_original(second)
    move(second, Calls([], 2))
    opened: list[str] = []
    real = os.open

    def noted(path: str, *more: int) -> int:
        opened.append(str(path))
        return real(path, *more)

    monkeypatch.setattr(os, "open", noted)
    calls = Calls([])
    move(second, calls)
    assert LONG in here(second)
    assert len(calls.made) >= 2 and sum(path.endswith(".part") for path in opened) == 1
