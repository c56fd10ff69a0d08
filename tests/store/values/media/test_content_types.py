"""Types by content: the name never decides, and what is not known is refused."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from io import BytesIO

import pytest

from store.values.media.content_types import EXTENSIONS, MACROS, media_type
from tests.pictures import drawn_picture, jpeg


def package(*names: str, mimetype: str = "") -> bytes:
    """A ZIP package with these parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        if mimetype:
            made.writestr("mimetype", mimetype)
        for name in names:
            made.writestr(name, "<x/>")
    return out.getvalue()


def picture(form: str) -> bytes:
    """A small picture of this format of Pillow's."""
    out = BytesIO()
    drawn_picture(64, 48).save(out, form)
    return out.getvalue()


TEXT = "application/vnd.oasis.opendocument.text"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (jpeg(64, 48), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x1cftypqt  \0\0\0\0", "video/quicktime"),
        (b"\0\0\0\x1cftypisom\0\0\0\0", "video/mp4"),
        (b"\0\0\0\x1cftypM4A \0\0\0\0", "audio/mp4"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"#!AMR\n<", "audio/amr"),
        (b"\xff\xfb\x90\x64", "audio/mpeg"),
        (package("[Content_Types].xml", "word/document.xml"), WORD),
        (package("content.xml", mimetype=TEXT), TEXT),
        (package("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
        (package("word/document.xml", "word/vbaProject.bin"), MACROS),
        (package("AndroidManifest.xml", "classes.dex"), None),
        (b"MZ\x90\0This program cannot be run in DOS mode", None),
        (b"#!/bin/sh\nrm -rf ~\n", None),
        (b"<html><script>alert(1)</script>", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"\0\0\0\x1cftypevil\0\0\0\0", None),
        (b"PK\x03\x04 and nothing that is a package", None),
        (b"", None),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)  # fmt: skip
def test_the_content_decides(content: bytes, expected: str | None) -> None:
    """Each type that is taken is known by what the file holds; programs, pages, macros and what is unknown are not."""
    assert media_type(BytesIO(content)) == expected
    assert expected in (None, MACROS, *EXTENSIONS)


def test_a_file_that_is_two_things_counts_as_its_beginning() -> None:
    """A picture with a package behind it is a picture; a package with a script before it is nothing that is taken."""
    inner = package("word/document.xml")
    assert media_type(BytesIO(jpeg(64, 48) + inner)) == "image/jpeg"
    assert media_type(BytesIO(b"#!/bin/sh\nexit\n" + inner)) is None
    assert media_type(BytesIO(b"PK\x03\x04#!/bin/sh\nexit\n" + inner)) is None
    assert media_type(BytesIO(b"<html>%PDF-1.7")) is None


def test_an_old_office_file_is_known_by_its_directory() -> None:
    """The names in its directory tell Word from Excel, and whether a program is in it."""

    def document(*streams: str) -> bytes:
        names = (name.encode("utf-16-le") for name in streams)
        entries = b"".join(name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + bytes(62) for name in names)
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(30, b"\0") + b"\x09\0"
        return head.ljust(512, b"\0") + entries.ljust(512, b"\0")

    assert media_type(BytesIO(document("Root Entry", "WordDocument"))) == "application/msword"
    assert media_type(BytesIO(document("Root Entry", "Workbook"))) == "application/vnd.ms-excel"
    assert media_type(BytesIO(document("Root Entry", "Workbook", "_VBA_PROJECT_CUR"))) == MACROS
    assert media_type(BytesIO(document("Root Entry"))) is None


def test_a_package_with_a_huge_directory_costs_little() -> None:
    """A file whose directory names half a million parts is of no type, and no list of them is made in memory."""
    entry = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    count = 500_000
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, count * len(entry), 4, 0)
    stream = BytesIO(b"PK\3\4" + entry * count + end)
    tracemalloc.start()
    try:
        assert media_type(stream) is None
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
