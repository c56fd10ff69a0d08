"""Checks an Office package (.xlsx, .docx) before any library parses it: sizes, compression, DOCTYPE.

> Sizes are counted twice: as the directory claims them, and again while decompressing. A file of some kilobytes can
> expand to hundreds of megabytes. Nothing is ever extracted to the disk.
> XML with a DOCTYPE is refused: no office program writes one, and entities can expand without bound.
"""

from __future__ import annotations

import zipfile
from io import BytesIO
from xml.parsers import expat

from store.importing.exceptions import DamagedFile, PasswordProtected, TableImportError, TooLarge

MAX_UNPACKED_BYTES = 128 << 20
"""Formatting down to the last row of a sheet takes some 60 MB; parts are streamed, so that this costs no memory."""
MAX_PARTS = 5_000
_CHUNK = 1 << 16
_ENCRYPTED_FLAG = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_XML = (".xml", ".rels")
_DECLARATIONS = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def check_package(data: bytes) -> None:
    """Raises a `TableImportError` unless every part is undamaged, of acceptable size and without entity
    declarations."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = package.infolist()
            _check_directory(parts)
            _unpack(package, parts)
    except TableImportError:
        raise
    except Exception as error:  # a damaged package fails in zipfile, zlib or struct, each with its own errors
        raise DamagedFile(detail=type(error).__name__) from None


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise PasswordProtected()
    if len(parts) > MAX_PARTS or len({part.filename for part in parts}) < len(parts):
        raise DamagedFile(detail=f"{len(parts)} parts")
    if any(part.compress_type not in _METHODS for part in parts):
        raise DamagedFile(detail="ZIP method")
    _check_size(sum(part.file_size for part in parts))


def _check_size(unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES:
        raise TooLarge(most=MAX_UNPACKED_BYTES >> 20, unit="megabytes")


def _unpack(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Decompress every part once, counting."""
    unpacked = 0
    for part in parts:
        prolog = _XmlProlog() if part.filename.lower().endswith(_XML) else _NonXmlPart()
        with package.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                unpacked += len(chunk)
                _check_size(unpacked)
                prolog.feed(chunk)


class _NonXmlPart:
    """A part without an XML extension: a picture, or XML under another name."""

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if any(declaration in chunk for declaration in _DECLARATIONS):
            raise DamagedFile(detail="DOCTYPE")


class _XmlProlog:
    """Reads XML as far as its first element, in any encoding, and refuses a DOCTYPE before it."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._done
        self._open = True

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; those after the first element are ignored."""
        if self._open:
            self._parser.Parse(chunk, False)

    def _done(self, _name: str, _attributes: dict[str, str]) -> None:
        self._open = False

    @staticmethod
    def _refuse(*_declaration: object) -> None:
        raise DamagedFile(detail="DOCTYPE")
