"""Files that come with a line: one transaction, and no text waits for a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.commands import issues, meetings, trainings, visits
from store.commands.attaching import attaching
from store.exceptions import BadLine
from store.home.blobs.blob_store import BlobStore
from store.queries.attachments import attachments_of, attachments_of_issue
from store.values.media.exceptions import DamagedPicture, UnknownMedia
from store.writer.stray_blobs import named_keys
from tests.pictures import CANARY, jpeg
from tests.store.queries.sample import Sample


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone wrote it."""
    path = tmp_path / "IMG_1.JPG"
    path.write_bytes(jpeg())
    return path


def test_a_visit_comes_with_its_pictures(district: Sample, photo: Path) -> None:
    """Visit and attachment are one write, which is undone as one; the bytes are there, the working copy tells nothing
    of the phone."""
    with district.ledger.record_changes() as changes, attaching(district.ledger, [photo, str(photo)]) as done:
        visit = visits.log(district.ledger, project=district.water, text="看了现场").id
    (row,) = attachments_of(district.connection, [visit])
    assert (done.written, done.refused, row.of_kind) == (1, [], "visit")
    assert {change.line.id for change in changes} == {visit, row.id}
    assert (row.name, row.media_type, row.width, row.taken_at) == (
        "IMG_1.jpg",
        "image/jpeg",
        640,
        "2026-11-30T08:15:30+08:00",
    )
    blobs = BlobStore(district.ledger.database)
    assert row.copy_sha256 is not None and row.place == "42.025,121.65"
    original, copy = (blobs.read(row.bucket, sha256) for sha256 in (row.sha256, row.copy_sha256))
    assert original == jpeg() and CANARY.encode() in original and CANARY.encode() not in copy
    district.ledger.undo(changes)
    assert attachments_of(district.connection, [visit]) == []


def test_acts_issues_edits_and_meetings_come_with_files(district: Sample, photo: Path) -> None:
    """The file belongs to the step, to the new issue, to the line that is edited, to the meeting in each project."""
    ledger = district.ledger
    with attaching(ledger, [photo]):
        issues.act(ledger, district.issue, "tell", text="已通电")
    with attaching(ledger, [photo]):
        issue = issues.record(ledger, project=district.water, title="道路积水").id
    with attaching(ledger, [photo]):
        visits.edit(ledger, district.visit, text="补充照片")
    with attaching(ledger, [photo]):
        meeting = meetings.record_meeting(ledger, text="调度会", level="2", issues=[district.issue, issue]).id
    of_issue = [row.of_kind for row in attachments_of_issue(district.connection, district.issue)]
    of_lines = [row.of_kind for row in attachments_of(district.connection, [issue, district.visit, meeting])]
    assert (of_issue, sorted(of_lines)) == (["issue_step"], ["issue", "meeting", "visit"])


def test_an_edit_that_names_somebody_new_keeps_its_file(district: Sample, photo: Path) -> None:
    """Whoever is named for the first time is a line too: the file belongs to the issue, in one write that is undone as
    one, and to the training whose attendance is written before it."""
    ledger = district.ledger
    issue = issues.record(ledger, project=district.water, title="道路积水").id
    training = trainings.record_training(ledger, title="安全培训", hours="2", kind="professional").id
    with ledger.record_changes() as changes, attaching(ledger, [photo]):
        issues.edit(ledger, issue, owner="新来的人", text="补充")
    with attaching(ledger, [photo]):
        trainings.edit(ledger, training, who="另一位新人", title="安全培训一")
    assert [len(attachments_of(district.connection, [line])) for line in (issue, training)] == [1, 1]
    ledger.undo(changes)
    assert attachments_of(district.connection, [issue]) == []


def test_what_cannot_be_attached_never_holds_up_the_text(district: Sample, photo: Path, tmp_path: Path) -> None:
    """A program and half a picture are refused by name; the visit and the good picture are written."""
    program, half = tmp_path / "发票.jpg", tmp_path / "half.jpg"
    program.write_bytes(b"MZ\x90\0")
    half.write_bytes(jpeg()[:5000])
    with attaching(district.ledger, [program, half, photo]) as done:
        visit = visits.log(district.ledger, project=district.water, text="看了现场").id
    assert [(each.path, type(each.error)) for each in done.refused] == [(program, UnknownMedia), (half, DamagedPicture)]
    assert [row.name for row in attachments_of(district.connection, [visit])] == ["IMG_1.jpg"]


def test_a_line_that_is_refused_attaches_nothing(district: Sample, photo: Path) -> None:
    """The command fails, and no line names the bytes; what is written next comes without them."""
    with attaching(district.ledger, [photo]), pytest.raises(BadLine):
        district.ledger.put("visit", {"at": "never", "how": "visit"}, project=district.water)
    assert named_keys(district.connection) == set()
    visit = visits.log(district.ledger, project=district.water, text="看了现场").id
    assert attachments_of(district.connection, [visit]) == []
