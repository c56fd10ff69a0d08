"""Reads a file and detects its format; refuses a file whose content and extension differ.

The content decides the format; the extension must agree, since a file under a wrong name is often the wrong file.
"""

from __future__ import annotations

import stat
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

MAX_FILE_BYTES = 32 << 20
FORMATS = {".txt": "text", ".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".docx": "docx"}
_LEGACY = frozenset({".xls", ".doc", ".et", ".wps", ".xlt", ".dot"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))
_MAGIC = ((b"%PDF", "PDF"), (b"{\\rtf", "RTF"), (b"\x1f\x8b", "GZIP"), (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7Z"))
_PACKED = frozenset({"xlsx", "docx"})


def read_file(path: Path) -> tuple[str, bytes]:
    """The format (a value of `FORMATS`) and the content. Raises a `TableImportError` otherwise."""
    suffix = path.suffix.lower()
    data = _read_bytes(path)
    if suffix in _LEGACY:
        raise LegacyFormat(found=suffix)
    if suffix not in FORMATS:
        raise UnknownFormat()
    named = FORMATS[suffix]
    found = detect_format(data)
    if found == "ole":
        _reject_ole(data, suffix)
    if found is None and named in _PACKED:
        _reject_unzipped(data, suffix)
    if found is not None and found != named:
        raise WrongExtension(named=suffix, found=found.upper())
    return named, data


def _read_bytes(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotAFile()
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise FileNotThere() from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileUnreadable(detail=getattr(error, "strerror", None) or str(error)) from None
    if not data:
        raise EmptyFile()
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(detail=f"> {MAX_FILE_BYTES >> 20} MB")
    return data


def detect_format(data: bytes) -> str | None:
    """The format by the first bytes: xlsx, docx, zip, ole, pdf …; None for what may be text."""
    if data.startswith(_OLE):
        return "ole"
    if data.startswith(b"PK\x03\x04"):
        return _package_format(data)
    return next((name for magic, name in _MAGIC if data.startswith(magic)), None)


def _package_format(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = package.namelist()
    except Exception as error:  # zipfile raises many exception types for damaged directories
        if b"PK\x05\x06" in data[-66_000:]:
            raise DamagedFile(detail=type(error).__name__) from None
        raise Truncated() from None
    folders = {"xl/": "xlsx", "word/": "docx"}
    return next((kind for folder, kind in folders.items() if any(name.startswith(folder) for name in names)), "zip")


def _reject_ole(data: bytes, suffix: str) -> None:
    if any(mark in data for mark in _ENCRYPTED):
        raise PasswordProtected()
    raise WrongExtension(named=suffix, found="XLS / DOC")


def _reject_unzipped(data: bytes, suffix: str) -> None:
    if len(data) < 64 and data[:1] == b"P":
        raise Truncated()
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<?xml", b"<table")):
        raise WrongExtension(named=suffix, found="HTML / XML")
    raise DamagedFile(detail="ZIP?")
