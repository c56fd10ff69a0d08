"""Attached files on sticks: what fits goes, the next stick goes on, and twice, late or never loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.home.blobs.transfers import Transfers, read_marks
from store.ledger.line import Line
from sync.central.admin.bundle_folder import AnsweredFiles, answer_folder
from sync.protocol.blobs import PART_BYTES
from sync.protocol.bundle.bundle_file import read_head
from sync.protocol.bundle.exceptions import BundleDamaged, BundleForOthers
from sync.round.by_file import FolderResult, export_with_files, import_bundles
from sync.round.carried_files import WrittenFiles
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, project_of
from tests.sync.rounds.test_blobs import LONG, attached, here, queue_of, want_original
from tests.sync.rounds.test_carried import responder

ROOM = 3 * PART_BYTES
"""Bytes of files on a small stick: less than a picture."""


def exported(laptop: Laptop, stick: Path, most: int | None = None) -> WrittenFiles:
    """A message and the files beside it, on the stick."""
    stick.mkdir(exist_ok=True)
    files = export_with_files(laptop.home, laptop.settings, stick, most=most).files
    assert files is not None
    return files


def answered(at: Central, stick: Path) -> AnsweredFiles:
    """What lies on the stick, answered there."""
    with responder(at) as open_responder:
        return answer_folder(open_responder, stick, lambda _path: False)


def taken(laptop: Laptop, place: Path) -> FolderResult:
    """The answers on the stick, taken in."""
    return import_bundles(laptop.home, laptop.settings, [place])


def picture(laptop: Laptop, folder: Path, name: str = "图.jpg") -> Line:
    """A picture with its working copy, attached to the project."""
    return attached(laptop, project_of(laptop).id, folder, name)


def test_files_travel_by_several_small_sticks_and_back(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A picture that is larger than the stick goes with two, the small copy first; its line goes with the first one.
    The other laptop gets the copy by itself and the original once somebody asks for it, by sticks too. No network is
    used for any of it."""
    first, second = pair
    picture(first, tmp_path)
    one = exported(first, tmp_path / "one", ROOM)
    assert (one.files, one.left) == (2, 1)
    assert not answered(at, tmp_path / "one").refused
    got = taken(first, tmp_path / "one").files
    assert [(each.confirmed, each.received) for each in got] == [(1, 0)]
    (left,) = queue_of(first)
    assert 0 < left.done < left.ref.size == len(LONG)
    exported(first, tmp_path / "two")
    answered(at, tmp_path / "two")
    assert [each.confirmed for each in taken(first, tmp_path / "two").files] == [1]
    assert not queue_of(first) and exported(first, tmp_path / "two") == WrittenFiles()
    for stick in ("three", "four"):
        exported(second, tmp_path / stick)
        answered(at, tmp_path / stick)
        taken(second, tmp_path / stick)
    assert LONG not in here(second) and len(here(second)) == 1
    want_original(second)
    exported(second, tmp_path / "five")
    answered(at, tmp_path / "five")
    assert [each.received for each in taken(second, tmp_path / "five").files] == [1]
    assert here(second) == here(first) and not queue_of(second)


def test_sticks_that_are_lost_late_or_come_twice_lose_nothing(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """The first of two sticks with a picture is lost, the second is answered twice and taken in twice: the central has
    kept no part without those before, the device knows it, and the next stick has all of it again. An answer of another
    state of the central confirms nothing."""
    picture(laptop, tmp_path)
    lost, second = exported(laptop, tmp_path / "lost", ROOM), exported(laptop, tmp_path / "second")
    assert (lost.files, second.files) == (2, 2)
    answered(at, tmp_path / "second")
    for _ in range(2):
        taken(laptop, tmp_path / "second")
    (left,) = queue_of(laptop)
    assert left.done == 0 and left.ref.size == len(LONG)
    exported(laptop, tmp_path / "third")
    answered(at, tmp_path / "third")
    at.begin_restored()
    taken(laptop, tmp_path / "third")
    assert not queue_of(laptop)
    with laptop.open() as device, Transfers(device.ledger.database) as transfers:
        transfers.enter_epoch("another")
        device.ledger.save_facts(epoch="another")
    assert [each.is_late for each in taken(laptop, tmp_path / "third").files] == [True]
    with laptop.open() as device:
        assert not read_marks(device.ledger.database).confirmed


def test_a_stick_with_files_is_good_for_its_reader_alone_and_whole(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Half of the file, or one that was changed, is refused with nothing taken in; the records beside it are answered
    all the same, and another device cannot read the answer."""
    first, second = pair
    picture(first, tmp_path)
    file = exported(first, tmp_path / "stick").file
    assert file is not None and read_head(file).kind == "files" and LONG[:1_000] not in file.read_bytes()
    whole = file.read_bytes()
    for bad in (whole[: len(whole) // 2], whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:]):
        file.write_bytes(bad)
        done = answered(at, tmp_path / "stick")
        assert [type(error) for _path, error in done.refused] == [BundleDamaged]
    assert len(queue_of(first)) == 2
    file.write_bytes(whole)
    (answer,) = answered(at, tmp_path / "stick").answers
    with pytest.raises(BundleForOthers):
        taken(second, answer.file)
    taken(first, tmp_path / "stick")
    assert not queue_of(first)
