"""Reads a file and detects its format by its content; the name only decides between two readings of plain text."""

from __future__ import annotations

import errno
import re
import stat
import struct
import zipfile
from io import BytesIO
from pathlib import Path

from store.importing.exceptions import (
    DamagedFile,
    EmptyFile,
    FileNotThere,
    FileUnreadable,
    LegacyFormat,
    NotAFile,
    PasswordProtected,
    TooLarge,
    Truncated,
    UnknownFormat,
    WrongExtension,
)
from store.values.file_causes import file_cause

MAX_FILE_BYTES = 32 << 20
OFFICE_SUFFIXES = frozenset(
    (
        ".xlsx",
        ".xlsm",
        ".xltx",
        ".xlsb",
        ".xls",
        ".xlt",
        ".et",
        ".ett",
        ".ods",
        ".docx",
        ".docm",
        ".doc",
        ".dot",
        ".wps",
    )
)
"""Of files that are no plain text, whatever is in them."""
_TEXT_SUFFIXES = {".csv": "csv", ".tsv": "csv"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_STREAMS = (
    *(("EncryptedPackage", "password"), ("EncryptionInfo", "password")),
    *(("Workbook", "workbook"), ("Book", "workbook"), ("WordDocument", "word97")),
)
_WORD_SUFFIXES = frozenset({".doc", ".dot", ".wps", ".wpt"})
_NAME_BYTES = 64
_OLE_HEADER = 512
_KNOWN = OFFICE_SUFFIXES | {".txt", ".csv", ".tsv", ".htm", ".html", ".xml"}
_MAGIC = (
    *((b"%PDF", "PDF"), (b"\x1f\x8b", "GZIP"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7Z")),
    *((b"{\\rtf", "word97"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF")),
)
_HEAD = 4096
_HTML = re.compile(r"<(!doctype\s+html|html|head|meta|body|table|style)\b", re.IGNORECASE)
_WORD_XML = ("schemas.microsoft.com/office/word/2003/wordml", "schemas.microsoft.com/office/2006/xmlPackage")
"""The two ways of Word to write a document as one XML file."""
_SPREADSHEET_XML = "urn:schemas-microsoft-com:office:spreadsheet"


def read_file(path: Path) -> tuple[str, bytes]:
    """The reader for the content (the name of a module of this package) and the content. Raises a
    `TableImportError`."""
    suffix = path.suffix.lower()
    data = _read_bytes(path)
    kind = detect_format(data, suffix)
    if kind == "ole":
        raise Truncated() if _is_directory_cut_off(data) else LegacyFormat(found=suffix)
    if kind.isupper():
        raise WrongExtension(named=suffix, found=kind) if suffix in _KNOWN else UnknownFormat()
    if kind == "text" and len(data) < _HEAD and suffix in OFFICE_SUFFIXES and b"PK\x03\x04".startswith(data[:4]):
        raise Truncated()
    return kind, data


def _read_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotAFile()
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise FileNotThere() from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileUnreadable(detail=file_cause(getattr(error, "errno", errno.EINVAL))) from None
    if not data:
        raise EmptyFile()
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(most=MAX_FILE_BYTES >> 20, unit="megabytes")
    return data


def detect_format(data: bytes, suffix: str = "") -> str:
    """The module that reads this content; “ole” for an old Office file that holds neither a workbook nor a document,
    and a name in capitals (“PDF”) for what no module reads."""
    if data.startswith(_OLE):
        return _ole_format(data, suffix)
    if data.startswith(b"PK\x03\x04"):
        return _package_format(data)
    magic = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    return magic or _text_format(_text_head(data), suffix)


def _text_format(head: str, suffix: str) -> str:
    if _SPREADSHEET_XML in head and "<html" not in head.lower():
        return "spreadsheet_xml"
    if any(name in head for name in _WORD_XML):
        return "docx"
    if (head.startswith("<") and _HTML.search(head)) or _is_web_archive(head):
        return "html"
    if head.startswith("<?xml"):
        return "XML"
    return "text" if _tabs_lead(head) else _TEXT_SUFFIXES.get(suffix, "text")


def _tabs_lead(head: str) -> bool:
    """Whether this is text with a tab before each cell, which is no CSV."""
    tabbed = [line for line in head.splitlines() if "\t" in line]
    return 2 * sum(line.startswith("\t") for line in tabbed) > len(tabbed)


def _text_head(data: bytes) -> str:
    """The beginning as text, in whichever of the encodings of Unicode, for what is written in ASCII there."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4]
    head = data[:_HEAD].replace(b"\x00", b"") if wide else data[:_HEAD]
    return head.decode("latin-1").lstrip("\xff\xfe\xef\xbb\xbf \t\r\n")


def _is_web_archive(head: str) -> bool:
    """Whether this is a page with all its parts in one file, as Excel and WPS save it."""
    return head.startswith("MIME-Version:") and "multipart/related" in head


def _ole_format(data: bytes, suffix: str) -> str:
    streams = [kind for name, kind in _OLE_STREAMS if _directory_entry(name) in data]
    is_locked = not streams and "EncryptedPackage".encode("utf-16-le") in data  # in a directory of a form of its own
    if "password" in streams or is_locked:
        raise PasswordProtected()
    if suffix in _WORD_SUFFIXES and "word97" in streams:  # a workbook may be embedded in it
        return "word97"
    return streams[0] if streams else "ole"


def _is_directory_cut_off(data: bytes) -> bool:
    """Whether the directory of an old Office file would be behind its end."""
    if len(data) < _OLE_HEADER:
        return True
    sector = int.from_bytes(data[48:52], "little")
    return _OLE_HEADER * (sector + 1) >= len(data)


def _directory_entry(name: str) -> bytes:
    """How the entry of a stream begins in an old Office file's directory: its padded name, the name's length, and 2 for
    a stream."""
    encoded = name.encode("utf-16-le")
    return encoded.ljust(_NAME_BYTES, b"\0") + struct.pack("<HB", len(encoded) + 2, 2)


def _beginning(package: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of a part that says what the parts are, which nobody has checked yet."""
    if name not in package.namelist():
        return b""
    with package.open(name) as part:
        return part.read(_HEAD * 4)


def _package_format(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = [name.replace("\\", "/").lower() for name in package.namelist()]
            types = _beginning(package, "[Content_Types].xml") + _beginning(package, "mimetype")
    except Exception as error:  # zipfile raises many exception types for damaged directories
        if b"PK\x05\x06" in data[-66_000:]:
            raise DamagedFile(detail=type(error).__name__) from None
        raise Truncated() from None
    if "xl/workbook.bin" in names or ("content.xml" in names and b"opendocument.spreadsheet" in types):
        return "workbook"
    for kind, folder, content in (("xlsx", "xl/", b"spreadsheetml"), ("docx", "word/", b"wordprocessingml")):
        if any(name.startswith(folder) for name in names) or content in types:
            return kind
    return "ZIP"
