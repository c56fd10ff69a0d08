"""Files are attached to lines: bytes first, then lines; one that cannot be kept holds up nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, get_args

import pytest

from store.commands.attachments import (
    ATTACHABLE,
    AttachTo,
    attach,
    keep_files,
    remove,
    target_of,
    target_of_id,
)
from store.commands.exceptions import (
    AttachmentTooLarge,
    AttachmentUnreadable,
    FileTypeNotTaken,
    NoRoomForFile,
    NotAttachable,
)
from store.commands.limits import set_limit
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import Transfers
from store.ledger.kind_facts import kind_facts
from store.ledger.kinds import bucket_of
from store.ledger.line import Line, new_id
from store.ledger.models.attachment import MAX_FILE_BYTES, Attachment
from store.queries.attachments import attachments_of, attachments_of_issue, find_attachments
from store.queries.lines import current_line
from store.values.media.pictures import WorkingCopy
from store.values.media.prepare import Prepared
from store.writer.checksums import lines_in_bucket
from store.writer.stray_blobs import named_keys
from tests.store.queries.sample import Sample

PAPER = b"%PDF-1.7\nan agreement\n%%EOF\n"


def paper(folder: Path, name: str = "协议.pdf", content: bytes = PAPER) -> Path:
    """A file to be attached."""
    path = folder / name
    path.write_bytes(content)
    return path


def with_copy(_stream: BinaryIO, name: str) -> Prepared:
    """What would be known of a picture with a working copy."""
    return Prepared(name, "image/jpeg", WorkingCopy(b"small", 4000, 3000, "2026-03-04T09:00:00+08:00", None))


def test_a_file_is_a_line_of_its_lines_bucket_and_its_bytes_are_there(district: Sample, tmp_path: Path) -> None:
    """An attached picture is a line in the bucket of its issue, and original and working copy can be read; attached
    again it stays one. Removed it leaves the list, and stays whole for the bin."""
    done = attach(district.ledger, district.issue, [paper(tmp_path)], words="接火点", prepare=with_copy)
    again = attach(district.ledger, district.issue, [paper(tmp_path, "又名.pdf")], prepare=with_copy)
    (line,), (row,) = done.lines, attachments_of_issue(district.connection, district.issue)
    assert (again.lines, [each.id for each in again.already]) == ([], [row.id])
    assert row.bucket == bucket_of(line) == f"i:{district.issue}"
    assert (row.name, row.words, row.width, row.taken_at) == ("协议.pdf", "接火点", 4000, "2026-03-04T09:00:00+08:00")
    blobs = BlobStore(district.ledger.database)
    assert [blobs.read(ref.bucket, ref.sha256) for ref in row.blobs] == [b"small", PAPER]
    assert (
        find_attachments(district.connection, row.id[-8:]) == find_attachments(district.connection, row.name) == [row]
    )
    remove(district.ledger, row.id)
    assert attachments_of(district.connection, [district.issue]) == []
    assert {sha256 for _bucket, sha256 in named_keys(district.connection)} == {row.copy_sha256, row.sha256}


def test_what_cannot_be_kept_is_told_beside_what_was(district: Sample, tmp_path: Path) -> None:
    """A folder, a pipe, a missing file are refused, each by name; the good one beside them is attached."""
    os.mkfifo(tmp_path / "pipe")
    files = [tmp_path, tmp_path / "pipe", tmp_path / "none.jpg", paper(tmp_path)]
    done = attach(district.ledger, district.visit, files)
    assert [(each.path, type(each.error)) for each in done.refused] == [
        (path, AttachmentUnreadable) for path in files[:3]
    ]
    assert [line.body["name"] for line in done.lines] == ["协议.pdf"]


def test_the_district_says_which_files_are_attached(district: Sample, tmp_path: Path) -> None:
    """Sort and size are limits of the district; what counts is the content: a paper that is called a picture is a
    paper. What is refused is told, and the good one beside it is attached."""
    set_limit(district.ledger, "file_papers", "0")
    set_limit(district.ledger, "file_mb", "1")
    large = paper(tmp_path, "大.amr", b"#!AMR\n" + bytes(2 << 20))
    sound = paper(tmp_path, "录音.pdf", b"#!AMR\n")
    done = attach(district.ledger, district.visit, [paper(tmp_path, "协议.jpg"), large, sound])
    assert [type(each.error) for each in done.refused] == [FileTypeNotTaken, AttachmentTooLarge]
    assert "3 MB; at most 1 MB" in str(done.refused[1].error)
    assert [line.body["media_type"] for line in done.lines] == ["audio/amr"]


def test_the_disk_is_never_filled(district: Sample, tmp_path: Path) -> None:
    """Where a file would leave less of the disk free than the device's setting says, it is not kept and that is told,
    once originals that the central has were let go, as few as that takes; what it has not confirmed stays."""
    rooms: list[int] = []
    first, second, third = (paper(tmp_path, f"{n}.pdf", PAPER + bytes([n]) * 100) for n in range(3))
    target = target_of_id(district.ledger, district.visit)
    for path in (first, second):
        attach(district.ledger, district.visit, [path], prepare=with_copy)
    blobs = BlobStore(district.ledger.database)
    rows = attachments_of(district.connection, [district.visit])
    with Transfers(district.ledger.database) as transfers:
        transfers.confirm([row.original[:2] for row in rows[:1]])

    def room(_folder: Path, reserve: int) -> int:
        rooms.append(reserve)
        return 50

    kept = keep_files(district.ledger, target, [third], room=room)
    assert [type(each.error) for each in kept.refused] == [NoRoomForFile] and kept.drafts == []
    assert set(rooms) == {500_000_000}
    assert [blobs.has(*row.original[:2]) for row in rows] == [False, True]


def test_a_file_without_room_is_named_where_nothing_can_be_written(district: Sample, tmp_path: Path) -> None:
    """Where not even what the central has can be read, the person hears which file is missing, and that its record is
    kept: not that nothing was saved."""
    district.ledger.database.path.with_suffix(".transfers").mkdir()
    of = AttachTo("visit", district.visit, district.water)
    kept = keep_files(district.ledger, of, [paper(tmp_path)], room=lambda _folder, _reserve: 0)
    assert [type(each.error) for each in kept.refused] == [NoRoomForFile]


def test_a_file_that_no_central_would_take_is_refused_at_once(district: Sample, tmp_path: Path) -> None:
    """A film that is longer than may travel is refused with its size before a byte of it is kept."""
    film = paper(tmp_path)
    os.truncate(film, MAX_FILE_BYTES + 1)
    done = attach(district.ledger, district.visit, [film])
    assert [type(each.error) for each in done.refused] == [AttachmentTooLarge]
    assert BlobStore(district.ledger.database).names() == set()


def test_a_full_disk_leaves_the_text(district: Sample, tmp_path: Path) -> None:
    """Where there is no room for the picture, the form's own line can be saved, and the picture is told as missing."""
    BlobStore(district.ledger.database).folder.write_bytes(b"in the way")
    of = AttachTo("visit", new_id(), district.water)
    kept = keep_files(district.ledger, of, [paper(tmp_path)])
    assert (kept.drafts, len(kept.refused)) == ([], 1)


def test_every_kind_has_its_attachments_in_its_own_bucket() -> None:
    """For every kind that takes files the queries and the ledger find the same bucket, that of the line itself; people
    and phones take none."""
    assert ATTACHABLE == set(get_args(Attachment.model_fields["of_kind"].annotation)) <= kind_facts().keys()
    assert not ATTACHABLE & {"person", "contact", "attachment"}
    project, issue, line_id = new_id(), new_id(), new_id()
    for kind in ATTACHABLE:
        body = {"issue_id": issue} if kind in ("issue_step", "follow_up") else {}
        where = None if kind_facts()[kind].area in "dbt" else project
        line = Line(line_id, kind, where, 1, "device", "author", False, body)
        of = target_of(line)
        fields = {"of_kind": kind, "of_id": line_id, **({"issue_id": of.issue} if of.issue else {})}
        attached = Line(new_id(), "attachment", where, 1, "device", "author", False, fields)
        assert of.bucket == bucket_of(line) == bucket_of(attached), kind


def test_lines_of_a_bucket_have_its_attachments(district: Sample, tmp_path: Path) -> None:
    """The lines of an issue's and of a project's bucket, as they are compared and withdrawn, have their attachments."""
    by_line = {
        line: attach(district.ledger, line, [paper(tmp_path)]).lines[0]
        for line in (district.issue, district.visit, district.water)
    }
    for line_id, attached in by_line.items():
        line = current_line(district.connection, line_id)
        assert line is not None
        assert attached.id in lines_in_bucket(district.connection, bucket_of(line))
    assert district.ledger.recompute_checksums() == []


def test_people_have_no_files(district: Sample, tmp_path: Path) -> None:
    """No file is attached to a person, whose line the whole district reads."""
    (person,) = district.connection.execute("SELECT id FROM person LIMIT 1").fetchone()
    with pytest.raises(NotAttachable):
        attach(district.ledger, person, [paper(tmp_path)])
