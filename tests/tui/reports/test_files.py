"""Attached files in papers: small pictures made of working copies, each with name, time and author; a reason where
there is none."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import docx
import pytest
from PIL import Image

from store.commands.attachments import attach
from store.home.blobs.blob_store import BlobStore
from store.queries.attachments import AttachmentRow, attachments_of_issue
from store.values.times import district_time
from tests.pictures import CANARY, jpeg
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import sheets, write_report
from tui.reports.files import HomePictures, files_tables
from tui.reports.options import REPORTS, ReportRequest, build_report, resolve_options
from tui.reports.report import Report

PHOTO = "接火点.jpg"


@pytest.fixture
def pictured(worked: District, tmp_path: Path) -> Iterator[tuple[District, list[AttachmentRow]]]:
    """The closed issue with a photo, a paper and a photo whose small picture is not here; its files."""
    for name, content in ((PHOTO, jpeg(turned=6)), ("批复.pdf", b"%PDF-1.4 x"), ("井盖.jpg", jpeg(320, 240))):
        path = tmp_path / name
        path.write_bytes(content)
        attach(worked.sample.ledger, worked.closed, [path], words="现场")
    rows = attachments_of_issue(worked.connection, worked.closed)
    away = next(row for row in rows if row.name == "井盖.jpg")
    assert away.copy_sha256
    BlobStore(worked.sample.ledger.database).remove(away.bucket, away.copy_sha256)
    yield worked, rows


def _paper(district: District, name: str, **options: str) -> Report:
    now = district_time(district.sample.clock())
    resolved = resolve_options(district.connection, now, dict.fromkeys(REPORTS[name].options) | options)
    pictures = HomePictures(district.sample.ledger.database)
    return build_report(name, ReportRequest(district.connection, district.on, resolved, pictures))


@pytest.mark.proves("R24")
def test_an_issue_sheet_tells_the_issue_and_shows_its_pictures(
    pictured: tuple[District, list[AttachmentRow]], tmp_path: Path
) -> None:
    """What it is and whose, each act, and in .docx a small picture that is upright and says nothing of place or device;
    a paper, and a picture that is not here, are listed with the reason; a workbook lists the same."""
    district, _rows = pictured
    report = _paper(district, "issue-sheet", issue=district.closed)
    path = tmp_path / "sheet.docx"
    write_report(report, path)
    document = docx.Document(str(path))
    facts, _clocks, acts, files = document.tables
    said = {row.cells[0].text: row.cells[1].text for row in facts.rows}
    assert (said["Issue"], said["State"], said["Close-out no."]) == ("进场道路狭窄", "closed", "2026-0001")
    assert [row.cells[1].text for row in acts.rows[1:]][-2:] == ["settled", "approved"]
    captions = [cell.text.strip() for cell in files.rows[0].cells]
    assert [caption.split("\n")[0] for caption in captions] == ["批复.pdf", PHOTO, "井盖.jpg"]
    assert "(papers)" in captions[0] and "taken 2026-11-30 08:15" in captions[1] and captions[1].endswith("甲")
    assert "The picture is not on this device." in captions[2]
    assert len(document.inline_shapes) == 1
    with zipfile.ZipFile(path) as package:
        (name,) = (name for name in package.namelist() if name.startswith("word/media/"))
        content = package.read(name)
    with Image.open(BytesIO(content)) as shown:
        assert shown.size[0] < shown.size[1] and not shown.getexif()
    assert CANARY.encode() not in content
    write_report(report, tmp_path / "sheet.xlsx")
    listed = sheets(tmp_path / "sheet.xlsx")["Attached files"]
    assert any(PHOTO in row for row in listed) and any("The picture is not on this device." in row for row in listed)


@pytest.mark.proves("R47")
def test_a_visit_sheet_and_a_supervision_notice_show_the_pictures_of_their_record(
    worked: District, tmp_path: Path
) -> None:
    """Below what is signed, on the same paper; a record without files has no empty part."""
    photo = tmp_path / PHOTO
    photo.write_bytes(jpeg(320, 240))
    late = worked.sample.record("临时用水中断", department="供电公司", owner="庚电")
    visit = worked.connection.execute("SELECT id FROM visit LIMIT 1").fetchone()[0]
    assert len(_paper(worked, "visit-sheet", visit=visit).tables) == 1
    assert len(_paper(worked, "supervision-notice", issue=late).tables) == 1
    for line, name, options in (
        (visit, "visit-sheet", {"visit": visit}),
        (late, "supervision-notice", {"issue": late}),
    ):
        attach(worked.sample.ledger, line, [photo])
        path = tmp_path / f"{name}.docx"
        write_report(_paper(worked, name, **options), path)
        document = docx.Document(str(path))
        assert len(document.inline_shapes) == 1
        assert PHOTO in document.tables[-1].rows[0].cells[0].text


def test_a_paper_lists_the_newest_files_and_reads_nothing_that_is_too_large_or_damaged(
    pictured: tuple[District, list[AttachmentRow]],
) -> None:
    """Of many files the newest stand there, and their number. Bytes that are no picture, whatever their line says, and
    a small picture that is not small leave a row without one."""
    district, rows = pictured
    database = district.sample.ledger.database
    photo = next(row for row in rows if row.name == PHOTO)
    (table,) = files_tables([photo] * 20, HomePictures(database))
    assert len(list(table.rows)) == len(table.pictures) == 12
    assert table.note == "20 attached files; the newest 12 are listed"
    other = BlobStore(database).put(photo.bucket, BytesIO(b"<svg onload=x>"))
    wrong = replace(photo, copy_sha256=other.sha256)
    large = replace(photo, copy_size=1 << 30)
    assert HomePictures(database)(wrong).read() is None
    assert HomePictures(database)(large).note == "There is no small picture of it."
    assert HomePictures(database)(photo).read() is not None
