"""The file of a package: a zip whose every byte follows from the names and the contents of its parts.

Parts are stored, not compressed, in the order of the writer, all with one date and one mode. So the same parts make the
same file, every zip program opens it, and the reader can require each byte: what follows, precedes or hides between the
parts, a second directory, a name that the directory does not have, a part that unfolds to something larger, are all no
package. `zipfile` writes and tolerates such things, which is why this is written here. Nothing is unpacked to a disk.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

from sync.protocol.evidence.exceptions import PackageMalformed, PackageTooLarge

MAX_BYTES = (1 << 32) - 1
"""The longest file that a zip without extensions can be."""
MAX_PARTS = 60_000
MAX_NAME_BYTES = 200
CHUNK_BYTES = 1 << 20
NAME = re.compile(r"(?:[a-z]{1,40}/)?[a-z0-9][a-z0-9-]{0,80}\.[a-z0-9]{1,8}")
"""Names of parts: at most one folder, no dot but that of the ending, so that no name leads anywhere else."""

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION, _MADE_BY, _UTF8, _STORED = 20, 0x031E, 0x0800, 0
_TIME, _DATE, _MODE = 0, 0x21, 0o100444 << 16
"""No time of day, 1 January 1980, a regular file that nobody writes to."""


class PartEntry(NamedTuple):
    """A part as the directory has it: its name, the CRC-32 and length of its bytes, and where it begins."""

    name: str
    crc: int
    size: int
    offset: int

    def local_header(self) -> bytes:
        """What stands before the bytes of the part."""
        name = self.name.encode()
        fields = (_VERSION, _UTF8, _STORED, _TIME, _DATE, self.crc, self.size, self.size, len(name), 0)
        return _LOCAL.pack(b"PK\3\4", *fields) + name

    def directory_entry(self) -> bytes:
        """What stands in the directory."""
        name = self.name.encode()
        fields = (_MADE_BY, _VERSION, _UTF8, _STORED, _TIME, _DATE, self.crc, self.size, self.size, len(name))
        return _CENTRAL.pack(b"PK\1\2", *fields, 0, 0, 0, 0, _MODE, self.offset) + name


class PackageWriter:
    """Writes the parts one after the other into a file that can be read back while it is written."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._entries: list[PartEntry] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> int:
        """Add a part with these bytes; gives its length. Raises `PackageTooLarge`, or `ValueError` for a name that no
        part may have."""
        if not NAME.fullmatch(name) or any(entry.name == name for entry in self._entries):
            raise ValueError(name)
        offset = self._file.tell()
        self._file.write(PartEntry(name, 0, 0, offset).local_header())
        crc = size = 0
        for chunk in chunks:
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            self._file.write(chunk)
            if self._file.tell() > MAX_BYTES:
                raise PackageTooLarge()
        entry = PartEntry(name, crc, size, offset)
        self._entries.append(entry)
        end = self._file.tell()
        self._file.seek(offset)
        self._file.write(entry.local_header())
        self._file.seek(end)
        return size

    def finish(self) -> None:
        """Write the directory. Raises `PackageTooLarge`."""
        directory = _directory(self._entries, self._file.tell())
        if len(self._entries) > MAX_PARTS or self._file.tell() + len(directory) > MAX_BYTES:
            raise PackageTooLarge()
        self._file.write(directory)


def _directory(entries: list[PartEntry], offset: int) -> bytes:
    directory = b"".join(entry.directory_entry() for entry in entries)
    count = len(entries)
    return directory + _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), offset, 0)


class PackagePart(NamedTuple):
    """A part that is being read: its name and length, and its bytes, chunk by chunk, to be read to their end before
    the next part."""

    name: str
    size: int
    chunks: Iterator[bytes]


def read_parts(file: BinaryIO, length: int) -> Iterator[PackagePart]:
    """The parts of a package of this ``length``, in their order. Raises `PackageMalformed` at the first byte that a
    package cannot have; what came before is then not to be believed either."""
    entries: list[PartEntry] = []
    names = set[str]()
    offset = 0
    while (head := file.read(_LOCAL.size)).startswith(b"PK\3\4"):
        entry = _entry(head, file, offset, length)
        if entry.name in names or len(entries) == MAX_PARTS:
            raise PackageMalformed(detail=entry.name)
        entries.append(entry)
        names.add(entry.name)
        body = _Body(file, entry)
        yield PackagePart(entry.name, entry.size, body.chunks())
        body.require_whole()
        offset = offset + len(entry.local_header()) + entry.size
    expected = _directory(entries, offset)
    if head + file.read(len(expected) + 1) != expected or not entries:
        raise PackageMalformed(detail="directory")


def _entry(head: bytes, file: BinaryIO, offset: int, length: int) -> PartEntry:
    if len(head) < _LOCAL.size:
        raise PackageMalformed(detail="end")
    *_, crc, size, _size, name_bytes, _extra = _LOCAL.unpack(head)
    raw = file.read(name_bytes) if name_bytes <= MAX_NAME_BYTES else b""
    name = raw.decode("ascii", "replace")
    entry = PartEntry(name, crc, size, offset)
    begins = offset + len(head) + len(raw)
    if not NAME.fullmatch(name) or head + raw != entry.local_header() or begins + size > length:
        raise PackageMalformed(detail=str(offset))
    return entry


class _Body:
    """The bytes of one part."""

    def __init__(self, file: BinaryIO, entry: PartEntry) -> None:
        self._file = file
        self._entry = entry
        self._left = entry.size
        self._crc = 0

    def chunks(self) -> Iterator[bytes]:
        """The bytes, chunk by chunk."""
        while self._left:
            chunk = self._file.read(min(CHUNK_BYTES, self._left))
            if not chunk:
                raise PackageMalformed(detail=self._entry.name)
            self._left -= len(chunk)
            self._crc = zlib.crc32(chunk, self._crc)
            yield chunk

    def require_whole(self) -> None:
        """Read what is left. Raises `PackageMalformed` where the bytes are not those of the directory."""
        for _ in self.chunks():
            pass
        if self._crc != self._entry.crc:
            raise PackageMalformed(detail=self._entry.name)
