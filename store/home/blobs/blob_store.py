"""The bytes of attachments beside one ledger, by bucket and content, encrypted with a key that follows from its own.

A file's name is a keyed hash of its bucket and content, so that names tell nothing, and equal content in two buckets is
two files: nobody learns from the one that the other is there. A file is written aside, brought to the disk and renamed;
whatever is killed when, it is there whole or not at all. What belongs to no line any more is found by comparing names
(`BlobStore.strays`). Opens nothing before the first use.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from store.db.database import Database
from store.exceptions import DiskFull, FileFailure, ReadOnlyStore
from store.home.blobs.exceptions import BlobMissing
from store.home.blobs.sealed_file import CHUNK_BYTES, BlobFacts, SealedReader, SealedWriter
from store.home.paths import create_private_folder, fsync_directory
from store.values.file_causes import FULL, READ_ONLY, file_cause

_ASIDE, _PARTIAL = ".new", ".part"
_ASIDE_LIFE_S = 86_400
"""What is written aside and not finished for so long was left by a process that was killed."""


class ByteSource(Protocol):
    """What bytes are read from: a file, or what reads one."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


class BlobStore:
    """The files of one ledger's attachments. Errors of the disk are `DiskFull`, `ReadOnlyStore` and `FileFailure`."""

    def __init__(self, ledger: Database) -> None:
        self.folder = ledger.path.with_suffix(".attachments")
        self._key = ledger.derived_key("attachments")

    def name_of(self, bucket: str, sha256: str) -> str:
        """The name of the file with this content in this bucket."""
        return hmac.digest(self._key, f"{bucket}\0{sha256}".encode(), "sha256").hex()

    def _path(self, bucket: str, sha256: str) -> Path:
        return self.folder / self.name_of(bucket, sha256)

    def put(self, bucket: str, stream: ByteSource) -> BlobFacts:
        """Keep what a stream gives; once this returns it is on the disk. The same content in the same bucket is one
        file."""
        with self._translated(self.folder):
            aside = self._aside()
            try:
                facts = self._write(aside, bucket, stream)
                self._settle(aside, self._path(bucket, facts.sha256))
                return facts
            finally:
                with contextlib.suppress(OSError):
                    aside.unlink(missing_ok=True)

    def _aside(self) -> Path:
        create_private_folder(self.folder)
        return self.folder / f"{os.urandom(16).hex()}{_ASIDE}"

    def _write(self, aside: Path, bucket: str, stream: ByteSource) -> BlobFacts:
        with _open_private(aside) as file:
            writer = SealedWriter(file, self._key, bucket)
            while part := _read_whole(stream):
                writer.append(part)
            return writer.finish()

    def _settle(self, written: Path, path: Path) -> None:
        """Bring a finished file into its place; the one that is there may be damaged, this one is good."""
        os.replace(written, path)
        fsync_directory(self.folder)

    def has(self, bucket: str, sha256: str) -> bool:
        """Whether the bytes are here; does not read them."""
        return self._path(bucket, sha256).exists()

    @contextlib.contextmanager
    def open(self, bucket: str, sha256: str, name: str = "") -> Iterator[SealedReader]:
        """Read bytes, each chunk checked as it is read. Raises `BlobMissing` (which says the ``name`` that people know)
        or `BlobDamaged`."""
        path = self._path(bucket, sha256)
        with self._translated(path), contextlib.ExitStack() as opened:
            try:
                file = opened.enter_context(path.open("rb"))
            except FileNotFoundError:
                raise BlobMissing(name=name) from None
            reader = SealedReader(file, self._key, bucket)
            if reader.facts.sha256 != sha256:
                raise BlobMissing(name=name)
            yield reader

    def read(self, bucket: str, sha256: str, name: str = "") -> bytes:
        """All bytes at once. Raises as `open`."""
        with self.open(bucket, sha256, name) as reader:
            return reader.read_all()

    def remove(self, bucket: str, sha256: str) -> None:
        """Delete bytes, and what has come of them; nothing where there are none."""
        path = self._path(bucket, sha256)
        with self._translated(path):
            path.unlink(missing_ok=True)
        self.forget_partial(bucket, sha256)

    # What comes in parts

    def _partial(self, bucket: str, sha256: str) -> Path:
        return self.folder / f"{self.name_of(bucket, sha256)}{_PARTIAL}"

    @contextlib.contextmanager
    def receiving(self, bucket: str, sha256: str) -> Iterator[SealedWriter]:
        """Take in bytes that come in parts (`SealedWriter.append`), from ``size`` on; what has come stays for the next
        time. After it `complete` ends that. One process at a time, which holds the round lock."""
        partial = self._partial(bucket, sha256)
        with self._translated(partial):
            create_private_folder(self.folder)
            with _open_private(partial) as file:
                yield SealedWriter(file, self._key, bucket)

    def complete(self, bucket: str, sha256: str, facts: BlobFacts) -> bool:
        """End what `receiving` took in and its writer finished as ``facts``: whether the content is what it should be;
        if not, what has come is thrown away."""
        if facts.sha256 != sha256:
            self.forget_partial(bucket, sha256)
            return False
        partial = self._partial(bucket, sha256)
        with self._translated(partial):
            self._settle(partial, self._path(bucket, sha256))
            return True

    def forget_partial(self, bucket: str, sha256: str) -> None:
        """Throw away what has come of bytes."""
        partial = self._partial(bucket, sha256)
        with self._translated(partial):
            partial.unlink(missing_ok=True)

    # All of them

    def names(self) -> set[str]:
        """The names of the files that are here whole."""
        return {path.name for path in self._files() if "." not in path.name}

    def strays(self, known: Iterable[str]) -> list[Path]:
        """The files whose names are not ``known``: of lines that have gone, and what killed processes left."""
        names, now = set(known), time.time()
        return [path for path in self._files() if self._is_stray(path, names, now)]

    def _is_stray(self, path: Path, known: set[str], now: float) -> bool:
        if path.suffix == _ASIDE:
            with contextlib.suppress(OSError):
                return now - path.stat().st_mtime > _ASIDE_LIFE_S
            return False
        return path.name.removesuffix(_PARTIAL) not in known

    def _files(self) -> list[Path]:
        with self._translated(self.folder), contextlib.suppress(FileNotFoundError):
            return sorted(self.folder.iterdir())
        return []

    @contextlib.contextmanager
    def _translated(self, path: Path) -> Iterator[None]:
        """Turn the system's errors into the store's own."""
        try:
            yield
        except OSError as error:
            cause = file_cause(error.errno)
            if cause == FULL:
                raise DiskFull() from None
            raise (ReadOnlyStore if cause == READ_ONLY else FileFailure)(path=path, detail=cause) from None


def _open_private(path: Path) -> BinaryIO:
    """A file that only we can read, opened to be read and written, and made where there is none."""
    descriptor = os.open(
        path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0), 0o600
    )
    return os.fdopen(descriptor, "r+b")


def _read_whole(stream: ByteSource) -> bytes:
    """The next chunk of a stream, which may give less than it is asked for before its end."""
    part = b""
    while len(part) < CHUNK_BYTES and (more := stream.read(CHUNK_BYTES - len(part))):
        part += more
    return part
