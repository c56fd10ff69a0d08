"""Files offered to be attached: the newest of the watched folders, and pasted paths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.pictures import jpeg
from tui.data.pictures import PreviewCache, media_file, newest_files, pasted_paths, watched_folders


@pytest.fixture
def phone(tmp_path: Path) -> Path:
    """A phone's folder: two photos, a paper in a folder of its own, and what cannot be attached."""
    folder = tmp_path / "DCIM"
    (folder / "2026").mkdir(parents=True)
    (folder / "old.jpg").write_bytes(jpeg(64, 48))
    (folder / "new.jpg").write_bytes(jpeg(64, 48))
    (folder / "2026" / "批复.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "virus.exe").write_bytes(b"MZ")
    (folder / ".thumbnail.jpg").write_bytes(jpeg(64, 48))
    for name, when in (("old.jpg", 1), ("2026/批复.pdf", 2), ("new.jpg", 3), ("virus.exe", 4), (".thumbnail.jpg", 5)):
        os.utime(folder / name, (when, when))
    return folder


def test_the_newest_files_that_can_be_attached_come_first(phone: Path) -> None:
    """Of folders within folders, by content; programs and hidden files are not offered, and a limit is kept."""
    assert [file.name for file in newest_files([phone, phone / "2026"])] == ["new.jpg", "批复.pdf", "old.jpg"]
    assert [file.name for file in newest_files([phone], most=2)] == ["new.jpg", "批复.pdf"]
    assert newest_files([phone / "gone"]) == []


def test_the_setting_names_folders(phone: Path, tmp_path: Path) -> None:
    """Several, with a project's own; without a setting the usual ones that exist."""
    own = tmp_path / "北山项目"
    own.mkdir()
    setting = f"{phone}；{tmp_path}/{{project}};{tmp_path}/none"
    assert watched_folders(setting, "北山项目") == [phone, own]
    assert watched_folders(setting, None) == [phone]
    assert watched_folders(f"{tmp_path}/{{project}}", "../etc") == []
    (tmp_path / "图片").mkdir()
    assert watched_folders(None, None, tmp_path)[0] == tmp_path / "图片"


def test_a_paste_is_read_as_paths(phone: Path) -> None:
    """As file managers and terminals write them: quoted, with escaped blanks, as addresses, one a line."""
    spaced = phone / "a b.jpg"
    spaced.write_bytes(jpeg(64, 48))
    new = phone / "new.jpg"
    assert pasted_paths(f"'{spaced}' {new}") == [str(spaced), str(new)]
    assert pasted_paths(str(spaced).replace(" ", "\\ ")) == [str(spaced)]
    assert pasted_paths(f"{spaced}\n{new}\n") == [str(spaced), str(new)]
    assert pasted_paths(f"file://{str(spaced).replace(' ', '%20')}") == [str(spaced)]
    assert pasted_paths("it's") == ["it's"]


def test_an_attached_picture_is_read_once_even_if_it_is_damaged(phone: Path) -> None:
    """What has no preview is known to have none: its bytes are decrypted once, whatever the cursor does."""
    reads: list[bytes] = []

    def read() -> bytes:
        reads.append(b"\xff\xd8\xff cut off")
        return reads[-1]

    cache = PreviewCache()
    assert [cache.of_content("hash", read, 20, 20) for _time in range(3)] == [None] * 3
    assert len(reads) == 1
    good = cache.of_content("other", (phone / "new.jpg").read_bytes, 20, 20)
    assert good is not None and cache.of_content("other", read, 20, 20) is good


def test_a_picture_is_decoded_once(phone: Path) -> None:
    """A preview is kept while the file is as it was; a damaged picture has none."""
    file, cache = media_file(phone / "new.jpg"), PreviewCache(most=1)
    assert file is not None
    first = cache.of_file(file, 20, 20)
    assert first is not None and cache.of_file(file, 20, 20) is first
    (phone / "bad.jpg").write_bytes(b"\xff\xd8\xff cut off")
    damaged = media_file(phone / "bad.jpg")
    assert damaged is not None and cache.of_file(damaged, 20, 20) is None
    assert cache.of_file(file, 20, 20) is not first
