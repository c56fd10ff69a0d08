"""Copies of bundles from folder to folder, by whoever carries them: whole, once, and never in place of another file."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from store.values.file_causes import file_cause
from sync.protocol.bundle.bundle_file import (
    BundleHead,
    is_signed,
    open_new,
    open_plain,
    put_in_place,
    read_head,
    reserve,
)
from sync.protocol.bundle.exceptions import BundleError, BundleUnwritten
from sync.protocol.bundle.names import bundles_in

QUESTIONS, ANSWERS = ("message", "join", "files"), ("answer", "joined", "filed")
"""The kinds of bundles for a central, and of those from one."""


def heads_in(folder: Path) -> dict[Path, BundleHead]:
    """What the bundles in a folder say of themselves, the oldest first; none where there is no folder. Nothing of it is
    checked."""
    found: dict[Path, BundleHead] = {}
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in bundles_in(folder):
            with contextlib.suppress(BundleError):
                found[path] = read_head(path)
    return dict(sorted(found.items(), key=lambda item: item[1].made_at))


def answered_in(folder: Path, central_key: str | None) -> set[str]:
    """The messages and joins whose answer lies in a folder, whole and signed by the central with this key: a forged or
    half copied one answers nothing."""
    answers = {path: head for path, head in heads_in(folder).items() if head.kind in ANSWERS}
    return {head.message for path, head in answers.items() if head.writer == central_key and is_signed(path)}


def copy_bundles(
    source: Path, target: Path, is_wanted: Callable[[BundleHead, int], bool], most: int | None = None
) -> list[Path]:
    """Copy those bundles of a folder that are wanted, by head and size, and not in the other folder yet, until that has
    ``most``; gives the copies. Raises `BundleUnwritten`."""
    there = {(head.kind, head.message, head.made_at) for head in heads_in(target).values()}
    copies: list[Path] = []
    for path, head in heads_in(source).items():
        if most is not None and len(there) + len(copies) >= most:
            break
        if (head.kind, head.message, head.made_at) not in there and is_wanted(head, path.lstat().st_size):
            copies.append(_copy(path, target / path.name))
    return copies


def _copy(source: Path, target: Path) -> Path:
    free = None
    try:
        with open_plain(source) as file:
            free = reserve(target)
            aside = free.with_name(f".{free.name}.part")
            with open_new(aside) as copy:
                shutil.copyfileobj(file, copy)
                copy.flush()
                os.fsync(copy.fileno())
            put_in_place(aside, free)
    except OSError as error:
        for each in () if free is None else (free, free.with_name(f".{free.name}.part")):
            each.unlink(missing_ok=True)
        raise BundleUnwritten(file=target, detail=file_cause(error.errno)) from None
    return free
