"""The decrypted bytes of a store's files as they lie on the disk: every page of file and log, free or not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_PAGE, _RESERVED, _SALT, _WAL_HEADER, _FRAME_HEADER = 4096, 80, 16, 32, 24


def raw_pages(path: Path, key: bytes) -> bytes:
    """All pages of a SQLCipher file and of its log, with a raw key, decrypted."""
    log = path.with_name(f"{path.name}-wal")
    pages = [*_pages(path.read_bytes(), 0, 0), *(_frames(log.read_bytes()) if log.exists() else ())]
    return b"\n".join(_decrypted(page, key) for page in pages)


def _pages(data: bytes, header: int, frame_header: int) -> Iterator[bytes]:
    for start in range(header, len(data), _PAGE + frame_header):
        yield data[start + frame_header : start + frame_header + _PAGE]


def _frames(log: bytes) -> Iterator[bytes]:
    return _pages(log, _WAL_HEADER, _FRAME_HEADER)


def _decrypted(page: bytes, key: bytes) -> bytes:
    """A page without its tag; the first one begins with the salt, which is not encrypted."""
    if len(page) < _PAGE or not any(page):
        return b""
    vector = page[_PAGE - _RESERVED : _PAGE - _RESERVED + 16]
    plain = b""
    for start in (0, _SALT):
        decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
        plain += decryptor.update(page[start : _PAGE - _RESERVED])
    return plain
