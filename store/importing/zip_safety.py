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

MAX_UNPACKED_BYTES = 64 << 20
MAX_XML_BYTES = 8 << 20
"""Limit of all parts together that a library may parse into a tree, which takes about thirty times their size."""
MAX_PARTS = 5_000
_CHUNK = 1 << 16
_ENCRYPTED_FLAG = 0x1
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_XML = (".xml", ".rels")
_BINARY = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF"),  # pictures
    *(b"\x01\0\0\0", b"\xd7\xcd\xc6\x9a", b"\x01\0\t\0"),  # EMF, WMF
    *(b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"%PDF"),  # embedded files
)
"""How a part begins that no XML parser gets beyond."""
_DECLARATIONS = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def check_package(data: bytes, most_xml: int = MAX_XML_BYTES) -> None:
    """Raises a `TableImportError` unless every part is undamaged, of acceptable size and without entity
    declarations. ``most_xml``: how many bytes may be XML, for a reader that streams it."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            parts = package.infolist()
            _check_directory(parts, most_xml)
            _unpack(package, parts, most_xml)
    except TableImportError:
        raise
    except Exception as error:  # a damaged package fails in zipfile, zlib or struct, each with its own errors
        raise DamagedFile(detail=type(error).__name__) from None


def _check_directory(parts: list[zipfile.ZipInfo], most_xml: int) -> None:
    if any(part.flag_bits & _ENCRYPTED_FLAG for part in parts):
        raise PasswordProtected()
    if len(parts) > MAX_PARTS or len({part.filename for part in parts}) < len(parts):
        raise DamagedFile(detail=f"{len(parts)} parts")
    if any(part.compress_type not in _METHODS for part in parts):
        raise DamagedFile(detail="ZIP method")
    xml = sum(part.file_size for part in parts if _is_named_xml(part))
    _check_sizes(sum(part.file_size for part in parts), xml, most_xml)


def _check_sizes(everything: int, xml: int, most_xml: int) -> None:
    if everything > MAX_UNPACKED_BYTES or xml > most_xml:
        most = MAX_UNPACKED_BYTES if everything > MAX_UNPACKED_BYTES else most_xml
        raise TooLarge(detail=f"> {most >> 20} MB unfolded")


def _is_named_xml(part: zipfile.ZipInfo) -> bool:
    return part.filename.lower().endswith(_XML)


def _unpack(package: zipfile.ZipFile, parts: list[zipfile.ZipInfo], most_xml: int) -> None:
    """Decompress every part once, counting. A part may be any size that a picture may be only if it begins like a
    picture or an embedded file: a library parses what the package declares as XML, whatever its name."""
    everything = parsed = 0
    for part in parts:
        prolog = _XmlProlog() if _is_named_xml(part) else _NonXmlPart()
        with package.open(part) as stream:
            chunk = stream.read(_CHUNK)
            is_binary = chunk.startswith(_BINARY)
            while chunk:
                everything += len(chunk)
                parsed += 0 if is_binary else len(chunk)
                _check_sizes(everything, parsed, most_xml)
                prolog.feed(chunk)
                chunk = stream.read(_CHUNK)


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
