"""`attachment erase` over whole rounds: lines, names and bytes of a file leave every device and the central."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.commands.attachments import describe
from store.commands.erasures import erase_files, plan_file_erasure
from store.commands.exceptions import FileErased
from store.domain.erasures import ERASED
from store.home.blobs.blob_store import BlobStore
from store.home.viewing import ViewingFolder
from store.ledger.line import Line
from store.queries.attachments import find_attachments, latest_attachments
from store.queries.bin import bin_entries
from store.writer.scrubbing import scrub_if_due
from sync.central.admin import admin
from sync.protocol.blobs import BlobReadRequest
from tests.sync.laptops import Laptop, agree, bureau, project, standalone_home
from tests.sync.rounds.test_blobs import JPEG, Tapped, attached, here, move, queue_of, visit, want_originals
from tests.sync.rounds.test_erasures import central_files, files_of
from tests.sync.rounds.test_healing import Office

CANARY = "金丝雀"
PICTURE = JPEG + CANARY.encode() * 40_000
"""More than five parts."""


def tells(data: bytes) -> bool:
    """Whether bytes are some of the picture's, or have its name."""
    return CANARY.encode() in data


def is_held(laptop: Laptop) -> bool:
    """Whether any file of a home tells of the picture, or bytes of attachments but the other one's are there."""
    folder = laptop.home.path / "ledger.attachments"
    return tells(files_of(laptop)) or len(list(folder.iterdir())) > 2 or any(map(tells, here(laptop)))


def opened(laptop: Laptop, attachment: str) -> Path:
    """The decrypted copy of a file, as a viewer has it open."""
    with laptop.open() as device:
        database = device.ledger.database
        (row,) = find_attachments(database.connection(), attachment)
        folder, blobs = ViewingFolder(laptop.home.path), BlobStore(database)
        return folder.write(row.name, [blobs.read(row.bucket, row.sha256)], blobs.name_of(row.bucket, row.sha256))


def with_pictures(office: Office, boss: Laptop, clerk: Laptop, folder: Path) -> tuple[Line, Path]:
    """The picture, attached twice, and another; the clerk has its original, a copy that a viewer has open (given too),
    and new words for it that are unsent."""
    of = project(boss)
    line = attached(boss, of.id, folder, f"{CANARY}.jpg", PICTURE)
    attached(boss, visit(boss, of).id, folder, f"{CANARY}.jpg", PICTURE)
    attached(boss, of.id, folder, "别的.jpg", JPEG + b"another")
    agree(boss, clerk)
    want_originals(clerk)
    office.sync(clerk)
    assert any(map(tells, here(clerk))) and tells(central_files(office))
    with clerk.open() as device:
        describe(device.ledger, line.id, f"{CANARY}在场")
    return line, opened(clerk, line.id)


def erase_file(laptop: Laptop, attachment: str) -> int:
    """Erase a file on this laptop, as the command does it; gives of how many lines."""
    with laptop.open() as device:
        files = plan_file_erasure(device.ledger.database.connection(), attachment)
        erase_files(device.ledger, files, "本人申请")
        with pytest.raises(FileErased):
            plan_file_erasure(device.ledger.database.connection(), attachment)
    return len(files)


def test_an_erased_file_leaves_no_byte_anywhere(tmp_path: Path) -> None:
    """The bureau erases a picture that is attached twice: after a round of each neither name, words nor bytes are in a
    file of the central or of a laptop, though one had the original, a copy open in a viewer, and new words unsent; the
    other picture stays. The bytes are not taken again, and a central that is set back is rid of them by the laptops."""
    office = Office(tmp_path)
    with office.serving():
        boss, clerk = bureau(tmp_path / "boss", office), bureau(tmp_path / "clerk", office, "李乙")
        line, viewed = with_pictures(office, boss, clerk, tmp_path)
    office.copy()
    with office.serving():
        assert erase_file(boss, line.id) == 2
        with boss.open() as device:
            assert scrub_if_due(device.ledger.database)
        assert not is_held(boss)
        for _ in range(2):
            office.sync(boss, clerk)
        assert boss.dump() == clerk.dump()
        for laptop in (boss, clerk):
            assert not is_held(laptop) and queue_of(laptop) == []
            with laptop.open() as device:
                connection = device.ledger.database.connection()
                assert [row.name for row in latest_attachments(connection)] == ["别的.jpg"]
                assert [row.name for row in find_attachments(connection, line.id)] == [ERASED]
                assert bin_entries(connection) == []
        assert not viewed.exists() and not tells(central_files(office))
        assert admin.check_audit(office.data_dir).breaks == []
        assert admin.check_integrity(office.data_dir)["buckets"] == []
        attached(clerk, str(line.project), tmp_path, "又来.jpg", PICTURE)
        office.sync(clerk)
        assert {one.hold for one in queue_of(clerk)} == {"refused"}
        assert not tells(central_files(office))
    office.put_back()
    with office.serving():
        assert tells(central_files(office))
        for _ in range(2):
            office.sync(boss)
        assert not tells(central_files(office))


@pytest.mark.parametrize("when", ["before", "begun", "under_way"])
def test_what_is_erased_while_it_comes_does_not_stay(pair: tuple[Laptop, Laptop], tmp_path: Path, when: str) -> None:
    """The bureau erases a file whose original is about to be fetched, or just being so: no byte of it stays on the
    laptop, and no fault of the disk is told."""
    first, second = pair
    (of,) = [line for line in first.lines().values() if line.kind == "project"]
    line = attached(first, of.id, tmp_path, "图.jpg", PICTURE)
    first.sync()
    second.sync_through(lambda central: central)
    want_originals(second)
    erased: list[str] = []

    class Erasing(Tapped):
        async def read_bytes(self, request: BlobReadRequest, received: bytearray) -> None:
            await super().read_bytes(request, received)
            now = "under_way" if request.offset else "begun" if request.sha256 == line.body["sha256"] else "before"
            if now == when and not erased:
                erased.append(now)
                erase_file(second, line.id)
                with second.open() as device:
                    scrub_if_due(device.ledger.database)

    assert move(second, way=Erasing).failure is None and erased == [when]
    assert list((second.home.path / "ledger.attachments").iterdir()) == []


def test_a_lone_home_erases_files_of_its_own(tmp_path: Path) -> None:
    """Before a home has joined anything, what nobody else has had goes at once, line, earlier words and bytes."""
    alone = standalone_home(tmp_path / "alone", "张三")
    line = attached(alone, project(alone).id, tmp_path, f"{CANARY}.jpg", PICTURE)
    with alone.open() as device:
        describe(device.ledger, line.id, f"{CANARY}在场")
    assert tells(files_of(alone))
    erase_file(alone, line.id)
    with alone.open() as device:
        assert scrub_if_due(device.ledger.database)
    assert not is_held(alone) and list((alone.home.path / "ledger.attachments").iterdir()) == []
