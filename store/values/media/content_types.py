"""Types by content: what the first bytes say, never the name.

> What is not known is refused. The signature must stand at the very beginning, so that a file that is two things at
> once counts as the first of them, and is named, shown and opened as that alone.

Pure and without imports of libraries: the central uses it, too.
"""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO, cast

HEAD_BYTES = 64
EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/heic": ".heic",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/ofd": ".ofd",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/wav": ".wav",
    "audio/amr": ".amr",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
}
"""The types that are taken, each with the extension that its files are given. OFD is the state's format for papers."""
PICTURE_TYPES = frozenset({"image/jpeg", "image/png", "image/heic", "image/webp"})
_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x1a\x45\xdf\xa3", "video/x-matroska"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "), "video/mp4"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3g2a"), "video/3gpp"),
    b"qt  ": "video/quicktime",
}
"""The brands of ISO base media files, which picture, sound and film share."""
_OFFICE_PARTS = (
    ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
)
_OLE_STREAMS = (
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("Book", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_DIRECTORY_ENTRY = 128
_OLE_MAX_ENTRIES = 4096
_MAX_PARTS = 5_000
_MAX_DIRECTORY_BYTES = 1 << 20
"""More than the directory of so many parts takes; `zipfile` makes some ten times as much of it in memory."""
MACROS = "macros"
"""In place of a type: an Office file with a program in it."""


def media_type(stream: BinaryIO) -> str | None:
    """The type of what is in ``stream``, a seekable one; None where it is none that is taken, `MACROS` where a program
    is in it. Reads the beginning, of Office files the directory too; raises nothing for what is damaged."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    found = _by_signature(head)
    if found is None and head.startswith(b"PK\x03\x04"):
        found = _office_package(stream)
    elif found is None and head.startswith(_OLE):
        found = _ole_document(stream, head)
    stream.seek(0)
    return found


def _by_signature(head: bytes) -> str | None:
    for signature, found in _SIGNATURES:
        if head.startswith(signature):
            return found
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    return "audio/mpeg" if _is_mp3_frame(head) else None


def _is_mp3_frame(head: bytes) -> bool:
    """Whether it begins with the frame of an MP3 without a tag: sync bits, layer III, a bit rate and sample rate."""
    return (
        len(head) > 3
        and head[0] == 0xFF
        and head[1] & 0xE6 == 0xE2
        and head[1] & 0x18 != 0x08
        and head[2] & 0xF0 not in (0x00, 0xF0)
        and head[2] & 0x0C != 0x0C
    )


class _Measured:
    """A stream that gives no more at once than a directory may take, so that no file makes a larger one of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or all that are left. Raises `ValueError` where those are too many."""
        data = self._stream.read(min(size, _MAX_DIRECTORY_BYTES + 1) if size >= 0 else _MAX_DIRECTORY_BYTES + 1)
        if len(data) > _MAX_DIRECTORY_BYTES:
            raise ValueError("too much at once")
        return data


def _office_package(stream: BinaryIO) -> str | None:
    """The type of a ZIP package by its parts. Only the directory is read, nothing is unpacked but a type's name."""
    try:
        with zipfile.ZipFile(cast("BinaryIO", _Measured(stream))) as package:
            parts = package.infolist()
            if len(parts) > _MAX_PARTS or min((part.header_offset for part in parts), default=1) != 0:
                return None  # another file may stand before the package
            names = {part.filename for part in parts}
            if any(name.lower().endswith("vbaproject.bin") for name in names) or "Basic/script-lc.xml" in names:
                return MACROS
            return _open_document(package) or next((found for part, found in _OFFICE_PARTS if part in names), None)
    except Exception:  # zipfile raises errors of many kinds for what is damaged
        return None


def _open_document(package: zipfile.ZipFile) -> str | None:
    first = package.infolist()[0]
    if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED or first.file_size > HEAD_BYTES * 2:
        return None
    name = package.read(first).decode("ascii", "replace").strip()
    return name if name in EXTENSIONS and name.startswith("application/vnd.oasis.") else None


def _ole_document(stream: BinaryIO, head: bytes) -> str | None:
    """The type of an old Office file by the names in its directory."""
    sector = 1 << int.from_bytes(head[30:32], "little") if head[30:32] in (b"\x09\x00", b"\x0c\x00") else 0
    if not sector:
        return None
    stream.seek(sector * (1 + int.from_bytes(head[48:52], "little")))
    directory = io.BytesIO(stream.read(min(sector, _OLE_DIRECTORY_ENTRY * _OLE_MAX_ENTRIES)))
    names = set()
    while len(entry := directory.read(_OLE_DIRECTORY_ENTRY)) == _OLE_DIRECTORY_ENTRY:
        length = int.from_bytes(entry[64:66], "little")
        names.add(entry[: max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace"))
    if names & {"_VBA_PROJECT_CUR", "Macros", "VBA"}:
        return MACROS
    return next((found for stream_name, found in _OLE_STREAMS if stream_name in names), None)
