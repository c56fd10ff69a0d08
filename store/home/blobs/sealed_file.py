"""One encrypted file of bytes: authenticated chunks, none of which can be exchanged, reordered, repeated or cut off.

    magic (4)  salt (32)  head (56: sealed size and SHA-256)  chunk, chunk, …

Each file has a key of its own, derived (HKDF-SHA-256) from the store's key, the file's random salt and its bucket. A
chunk is AES-256-GCM over at most `CHUNK_BYTES`, its number is the nonce; the head, sealed under a nonce that no chunk
has, says how many bytes there are and what their SHA-256 is, so that a file without its last chunks is no file. Until
the head is written, which is last, there is nothing to be read.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.home.blobs.exceptions import BlobDamaged

CHUNK_BYTES = 64 << 10
"""Plain bytes of a chunk, and of what travels in one call: at 64 kbit/s eight seconds."""
_MAGIC, _SALT_BYTES, _TAG_BYTES = b"GJA1", 32, 16
_HEAD_BYTES = 8 + 32 + _TAG_BYTES
_CHUNKS_AT = len(_MAGIC) + _SALT_BYTES + _HEAD_BYTES
_HEAD_NONCE = b"\xff" * 12
SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES


class BlobFacts(NamedTuple):
    """What bytes are: their SHA-256 in hexadecimal, and how many."""

    sha256: str
    size: int


def _cipher(key: bytes, salt: bytes, bucket: str) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt, b"guanjia attachment\0" + bucket.encode()).derive(key)
    return AESGCM(derived)


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


class SealedWriter:
    """Writes bytes into an empty file, or goes on behind the whole chunks of one that was left unfinished. Every part
    that `append` gets but the last has `CHUNK_BYTES`."""

    def __init__(self, file: BinaryIO, key: bytes, bucket: str) -> None:
        self._file = file
        start = file.read(_CHUNKS_AT)
        if len(start) < _CHUNKS_AT or not start.startswith(_MAGIC):
            start = _MAGIC + os.urandom(_SALT_BYTES) + bytes(_HEAD_BYTES)
            file.seek(0)
            file.truncate()
            file.write(start)
        self._cipher = _cipher(key, start[len(_MAGIC) : len(_MAGIC) + _SALT_BYTES], bucket)
        self._hash = hashlib.sha256()
        self.size = 0
        """Plain bytes that are written by now."""
        self._take_up()

    def _take_up(self) -> None:
        """Count what is there already, and cut off what is not whole."""
        while chunk := self._file.read(SEALED_CHUNK_BYTES):
            try:
                plain = self._cipher.decrypt(_nonce(self.size // CHUNK_BYTES), chunk, None)
            except InvalidTag:
                break
            if len(plain) < CHUNK_BYTES:  # the last one of another attempt: no other may follow it
                break
            self._hash.update(plain)
            self.size += CHUNK_BYTES
        self._file.seek(_CHUNKS_AT + self.size // CHUNK_BYTES * SEALED_CHUNK_BYTES)
        self._file.truncate()

    def append(self, part: bytes) -> None:
        """Write the next chunk."""
        self._file.write(self._cipher.encrypt(_nonce(self.size // CHUNK_BYTES), part, None))
        self._hash.update(part)
        self.size += len(part)

    def flush(self) -> None:
        """Bring what was written to the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self) -> BlobFacts:
        """Write the head, which makes the file readable, and bring all of it to the disk."""
        facts = BlobFacts(self._hash.hexdigest(), self.size)
        self._file.seek(len(_MAGIC) + _SALT_BYTES)
        self._file.write(self._cipher.encrypt(_HEAD_NONCE, facts.size.to_bytes(8, "big") + self._hash.digest(), None))
        self.flush()
        return facts


class SealedReader:
    """Reads a finished file chunk by chunk; what it gives is what was written, or it raises `BlobDamaged`."""

    def __init__(self, file: BinaryIO, key: bytes, bucket: str) -> None:
        self._file = file
        start = file.read(_CHUNKS_AT)
        self._cipher = _cipher(key, start[len(_MAGIC) : len(_MAGIC) + _SALT_BYTES], bucket)
        head = self._open(_HEAD_NONCE, start[len(_MAGIC) + _SALT_BYTES :])
        self.facts = BlobFacts(head[8:].hex(), int.from_bytes(head[:8], "big"))

    def _open(self, nonce: bytes, sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(nonce, sealed, None)
        except (InvalidTag, ValueError):
            raise BlobDamaged(path=getattr(self._file, "name", "")) from None

    def chunk_at(self, offset: int) -> bytes:
        """The chunk that begins at this plain offset, a multiple of `CHUNK_BYTES`; empty at the end."""
        number = offset // CHUNK_BYTES
        size = min(CHUNK_BYTES, self.facts.size - offset)
        if size <= 0:
            return b""
        self._file.seek(_CHUNKS_AT + number * SEALED_CHUNK_BYTES)
        plain = self._open(_nonce(number), self._file.read(size + _TAG_BYTES))
        if len(plain) != size:
            raise BlobDamaged(path=getattr(self._file, "name", ""))
        return plain

    def chunks(self) -> Iterator[bytes]:
        """All bytes, chunk by chunk."""
        offset = 0
        while part := self.chunk_at(offset):
            yield part
            offset += len(part)

    def read_all(self) -> bytes:
        """All bytes at once: for working copies and other small files."""
        return b"".join(self.chunks())
