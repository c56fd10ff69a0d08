"""The bytes of attachments on a stick: written beside the message with their lines, and taken in from an answer.

What waits for the line goes in the order of the queue, small and settled ones first, as far as the stick has room; the
next stick goes on where this one ended, within a file too. What was not answered goes again once there is room, so that
a stick may be lost. The central takes parts in as over a network; nothing is taken for confirmed but by its answer, of
the epoch that this device knows. The central's side is ``sync/central/steps/carried_files.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from store.db.device_facts import DeviceFacts, read_device_facts
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.budget import queue_budget, room_left
from store.home.blobs.exceptions import BlobDamaged, BlobMissing
from store.home.blobs.transfers import BlobKey, TransferMarks, Transfers
from store.queries.blob_queue import QueuedBlob, blob_queue
from store.values.times import district_time
from store.writer.stray_blobs import remove_if_unnamed
from sync.device.bundle_keys import bundle_keys
from sync.device.device import LOG, Device
from sync.protocol.blobs import OTHER_BYTES, PART_BYTES, BlobSendHead, join_head, split_head
from sync.protocol.bundle.bundle_file import Bundle, BundleAddress, write_bundle
from sync.protocol.bundle.exceptions import BundleDamaged
from sync.protocol.bundle.names import bundle_name
from sync.protocol.carried import CARRIED_PARTS, MAX_CARRIED_FILES, FiledOpening, FilesOpening, WantedBlob
from sync.steps.heal import needs_healing
from sync.transport.answers import refused_by_code

STICK_RESERVE_BYTES = 4_000_000
"""So much of a stick stays free: for the message, its answer, and what others write there."""
_HEAD_BYTES = 1_024
"""About what a document has beside its parts."""


class WrittenFiles(NamedTuple):
    """A ``file`` with attached files, its size in bytes; how many ``files`` are in it, whole or a part, how many
    were ``wanted`` with it, and how many that wait are not in it (``left``). None as the file: there was nothing."""

    file: Path | None = None
    bytes: int = 0
    files: int = 0
    wanted: int = 0
    left: int = 0


class TakenFiles(NamedTuple):
    """What an answer did: how many files the central has by now (``confirmed``), how many it ``refused``, how many came
    here whole (``received``), how many in part (``begun``). ``is_late``: it is of another state of the central, and
    confirms nothing."""

    file: Path
    confirmed: int = 0
    refused: int = 0
    received: int = 0
    begun: int = 0
    is_late: bool = False

    def to_json(self) -> dict[str, object]:
        """As ``guanjia bundle import --json`` prints it."""
        return {**self._asdict(), "file": str(self.file)}


class _Carried(NamedTuple):
    """Bytes of a file that go onto the stick: from where, and up to where."""

    item: QueuedBlob
    begin: int
    end: int


def write_files(device: Device, folder: Path, most: int | None = None) -> WrittenFiles:
    """Write what waits, and what this device asks for, as a bundle for the central into a folder: at most so many
    bytes, and no more than it has room for. The home has joined a central whose keys it knows. To be called in the
    store's thread. Raises `BundleUnwritten`."""
    database = device.ledger.database
    blobs, facts = BlobStore(database), read_device_facts(database.connection())
    with Transfers(database) as transfers:
        transfers.enter_epoch(facts.get("epoch") or "")
        marks = transfers.marks()
        reserve = queue_budget(device.settings).reserve_bytes
        here = room_left(blobs.folder, reserve)
        queue = blob_queue(database.connection(), blobs, marks, device.now_ms(), here)
        free = shutil.disk_usage(folder).free - STICK_RESERVE_BYTES
        going = list(_fitting(queue, marks, free if most is None else min(free, most)))
        wanted = [one for one in queue if one.direction == "down" and one.hold is None][:MAX_CARRIED_FILES]
        waiting = sum(_may_go(one) for one in queue)
        if not going and not wanted:
            return WrittenFiles(left=waiting)
        file, size = _write(device, facts, folder, blobs, going, wanted)
        transfers.carry((each.item.key, each.end) for each in going)
    whole = sum(each.end == each.item.ref.size for each in going)
    return WrittenFiles(file, size, len(going), len(wanted), waiting - whole)


def _may_go(item: QueuedBlob) -> bool:
    """Whether bytes may go with the message beside them, which has their line."""
    return item.direction == "up" and item.hold in (None, "unsent")


def _fitting(queue: list[QueuedBlob], marks: TransferMarks, room: int) -> Iterator[_Carried]:
    """What goes: first what no stick has carried yet, from where the last one ended, then what was not answered."""
    waiting = [one for one in queue if _may_go(one)]
    fresh = [(one, max(one.done, marks.carried.get(one.key, 0))) for one in waiting]
    again = [(one, one.done) for one in waiting if marks.carried.get(one.key, 0) >= one.ref.size]
    chosen = [(one, begin) for one, begin in fresh if begin < one.ref.size] + again
    for one, done in chosen[:MAX_CARRIED_FILES]:
        begin = done // PART_BYTES * PART_BYTES
        room -= _HEAD_BYTES
        left = one.ref.size - begin
        end = one.ref.size if left <= room else begin + room // PART_BYTES * PART_BYTES
        if end <= begin and left:
            return
        room -= end - begin
        yield _Carried(one, begin, end)


def _write(
    device: Device, facts: DeviceFacts, folder: Path, blobs: BlobStore, going: list[_Carried], wanted: list[QueuedBlob]
) -> tuple[Path, int]:
    now_ms = device.now_ms() + facts.offset_ms
    asked = [WantedBlob(line=one.line, sha256=one.ref.sha256, offset=one.done) for one in wanted]
    opening = FilesOpening(device=facts.device, wanted=asked)

    def documents() -> Iterator[bytes]:
        yield opening.model_dump_json().encode()
        for each in going:
            yield from _parts(blobs, each)

    target = folder / bundle_name(facts.person_name, "files", district_time(now_ms))
    address = BundleAddress("files", device.new_id(), facts.district, facts["central_agree"])
    return write_bundle(target, address, bundle_keys(device), now_ms, documents())


def _parts(blobs: BlobStore, carried: _Carried) -> Iterator[bytes]:
    """The documents of one file; what is damaged here is left out, and told by the doctor and by the next round."""
    item, step = carried.item, CARRIED_PARTS * PART_BYTES
    try:
        with blobs.open(*item.key, item.name) as reader:
            for offset in range(carried.begin, carried.end, step) or [0]:
                places = range(offset, min(offset + step, carried.end), PART_BYTES)
                data = b"".join(map(reader.chunk_at, places))
                yield join_head(BlobSendHead(line=item.line, sha256=item.ref.sha256, offset=offset), data)
    except (BlobDamaged, BlobMissing) as error:
        LOG.warning("attachment %s does not travel (%s)", item.line, error.code)


# The answer


def take_filed(device: Device, bundle: Bundle) -> TakenFiles:
    """Take the central's answer in: what it has is confirmed, what came is kept. Twice, late or in any order changes
    nothing twice. To be called in the store's thread. Raises what the central refuses its device with, `BundleDamaged`,
    and errors of the disk."""
    documents = bundle.documents()
    try:
        opening = FiledOpening.model_validate_json(next(documents))
    except ValidationError:
        raise BundleDamaged(file=bundle.path) from None
    if (refusal := opening.refusal) is not None:
        raise refused_by_code(refusal.status, refusal.code, dict(refusal.extra))
    database = device.ledger.database
    facts = read_device_facts(database.connection())
    is_late = needs_healing(facts.get("epoch") or None, opening.epoch)
    with Transfers(database) as transfers:
        room = room_left(BlobStore(database).folder, queue_budget(device.settings).reserve_bytes)
        queue = blob_queue(database.connection(), BlobStore(database), transfers.marks(), device.now_ms(), room)
        known = {(one.line, one.ref.sha256): one for one in queue}
        taken = TakenFiles(bundle.path, is_late=is_late)
        if not is_late:
            taken = _settle(taken, opening, known, transfers, device.now_ms())
        return _keep(device, taken, documents, known, transfers)


_Known = dict[tuple[str, str], QueuedBlob]


def _settle(taken: TakenFiles, opening: FiledOpening, known: _Known, transfers: Transfers, now_ms: int) -> TakenFiles:
    """Note what the central has, and what it refused."""
    whole: list[BlobKey] = []
    refused = 0
    for each in opening.states:
        item = known.get((each.line, each.sha256))
        if item is None or item.direction != "up":
            continue
        if each.state.whole:
            whole.append(item.key)
        elif each.refused is not None:
            refused += 1
            transfers.refuse(item.key, each.refused, now_ms)
        else:  # what it has not got goes again from there
            transfers.progress(item.key, min(each.state.received, item.ref.size))
    transfers.confirm(whole)
    return taken._replace(confirmed=len(whole), refused=refused)


def _keep(
    device: Device, taken: TakenFiles, documents: Iterator[bytes], known: _Known, transfers: Transfers
) -> TakenFiles:
    """Keep what came, each file as far as its parts follow one another."""
    for name, parts in groupby(map(_split, documents), key=lambda part: (part[0].line, part[0].sha256)):
        item = known.get(name)
        if item is None or item.direction != "down" or item.hold == "no_room":
            continue
        is_whole = _receive(device, item, parts, transfers)
        if is_whole:  # a late answer does not say that the central has it still
            (transfers.forget([item.key]) if taken.is_late else transfers.arrived(item.key))
        if is_whole is not None:
            taken = taken._replace(received=taken.received + is_whole, begun=taken.begun + (not is_whole))
    return taken


def _split(document: bytes) -> tuple[BlobSendHead, bytes]:
    written, content = split_head(document)
    return BlobSendHead.model_validate_json(written), content


def _receive(
    device: Device, item: QueuedBlob, parts: Iterator[tuple[BlobSendHead, bytes]], transfers: Transfers
) -> bool | None:
    """Take in parts of one file: whether it is whole now; None where nothing of it was kept."""
    database = device.ledger.database
    blobs = BlobStore(database)
    with blobs.receiving(*item.key) as writer:
        begun = writer.size
        for head, content in parts:
            fresh = content[writer.size - head.offset :] if head.offset <= writer.size else b""
            if writer.size + len(fresh) > item.ref.size:
                break
            for at in range(0, len(fresh), PART_BYTES):
                writer.append(fresh[at : at + PART_BYTES])
        size = writer.size
        facts = writer.finish() if size == item.ref.size else None
    if remove_if_unnamed(database, item.line, item.key):
        return None
    if facts is None:
        if size > begun:
            transfers.progress(item.key, size)
        return False if size > begun else None
    if not blobs.complete(*item.key, facts):
        transfers.refuse(item.key, OTHER_BYTES, device.now_ms())
        return None
    return True
