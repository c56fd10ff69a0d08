"""Decrypted copies of attachments for the system's viewer: in a place of our own that is emptied on leaving.

The place is in memory where the system has one for this user (``XDG_RUNTIME_DIR``), else in the home; nobody else may
enter it (0700). What a killed process left is removed when the next one begins: each has a folder of its own, with a
lock of the operating system that ends with its process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from store.exceptions import DiskFull, FileFailure
from store.home.paths import RoundLock, create_private_folder, is_ours, is_private
from store.values.file_causes import FULL, file_cause

_LOCK = ".lock"
_MODE = 0o400 if os.name == "posix" else 0o600
"""Windows deletes no file that is read-only, and the copy has to go."""


class ViewingFolder:
    """The decrypted copies of one process. Makes nothing before the first copy."""

    def __init__(self, home: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.place = _place(home, environ)
        self._folder = self.place / os.urandom(8).hex()
        self._lock: RoundLock | None = None

    def write(self, name: str, chunks: Iterable[bytes], content: str = "") -> Path:
        """A decrypted copy under this (safe) name, which only we can read; nobody writes it but on Windows. ``content``
        is a name of its content, by which `forget_copies` finds it. Raises `DiskFull`, `FileFailure`."""
        path = self._folder / f"{content}-{os.urandom(4).hex()}" / name
        try:
            self._begin()
            create_private_folder(path.parent)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _MODE)
            with os.fdopen(descriptor, "wb") as file:
                file.writelines(chunks)
        except OSError as error:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            cause = file_cause(error.errno)
            if cause == FULL:
                raise DiskFull() from None
            raise FileFailure(path=path, detail=cause) from None
        return path

    def _begin(self) -> None:
        if self._lock is not None:
            return
        create_private_folder(self.place)
        if not is_ours(self.place) or not is_private(self.place.stat()):
            raise PermissionError(f"{self.place} is not ours alone")
        create_private_folder(self._folder)
        self._lock = RoundLock(self._folder / _LOCK)
        self._lock.acquire("viewing")

    def empty(self) -> None:
        """Remove the copies of this process."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def remove_leftovers(self) -> int:
        """Remove what killed processes left; returns how many folders that were. Those of living ones stay."""
        removed = 0
        with contextlib.suppress(OSError):
            for folder in self.place.iterdir():
                if folder != self._folder and folder.is_dir() and RoundLock(folder / _LOCK).holder() is None:
                    shutil.rmtree(folder, ignore_errors=True)
                    removed += 1
        return removed


def forget_copies(home: Path, contents: Iterable[str], environ: Mapping[str, str] = os.environ) -> None:
    """Remove the copies of these contents, whichever process has made them. What a viewer holds open, where the system
    deletes no such file, goes when that process leaves."""
    place = _place(home, environ)
    for content in contents:
        for folder in place.glob(f"*/{content}-*"):
            shutil.rmtree(folder, ignore_errors=True)


def _place(home: Path, environ: Mapping[str, str]) -> Path:
    runtime = environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir() and is_ours(Path(runtime)):
        return Path(runtime) / f"guanjia-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    return home / "viewing"
