"""Progress of the running round: a small file in the home, written by the round and read by screens and ``status``.

A write transaction for each step would slow the round and wake every watcher; replacing a file costs a millisecond at
most and no sync to the disk. The file counts only while the process that wrote it holds the round lock, so a killed
round is never shown as running.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson

from store.home.paths import Home, RoundLock

MIN_WRITE_INTERVAL_S = 0.2
"""The file is written at most this often; a new step is written at once."""
ROUND_STEPS = ("hello", "push", "pull", "verify")
"""The steps of a round, in wire order. A device that has never read pulls before it pushes."""


class RoundProgress(NamedTuple):
    """How far a round is. ``by`` is ``sync`` or ``daemon``; ``to_send`` and ``to_receive`` are as far as is known;
    ``up`` and ``down`` bytes of bodies as they travelled; ``began`` ms since 1970 by this machine's clock. ``waits_s``:
    for so many seconds it waits for its turn at a central that has too much to do."""

    pid: int
    by: str
    began: int
    step: str = ROUND_STEPS[0]
    sent: int = 0
    to_send: int = 0
    received: int = 0
    to_receive: int = 0
    up: int = 0
    down: int = 0
    waits_s: int = 0


RoundProgressCallback = Callable[[RoundProgress], None]


class ProgressWriter:
    """Writes the progress file of one home. A failed write is ignored: no round fails for it."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._last: RoundProgress | None = None
        self._last_written = 0.0

    def __call__(self, progress: RoundProgress) -> None:
        """Write the progress, unless the same step was written less than `MIN_WRITE_INTERVAL_S` ago."""
        last, now = self._last, self._clock()
        is_same = last is not None and (last.step, last.waits_s) == (progress.step, progress.waits_s)
        if is_same and now - self._last_written < MIN_WRITE_INTERVAL_S:
            return
        self._last, self._last_written = progress, now
        with contextlib.suppress(OSError):
            aside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(progress._asdict()))
            os.replace(aside, self._path)

    def clear(self) -> None:
        """Delete the file: the round has ended, successfully or not."""
        self._last = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def running_round(home: Home) -> RoundProgress | None:
    """The progress of the round that runs in this home, or None; a file left behind by a killed process is ignored."""
    progress = _read(home.round_progress)
    if progress is None:
        return None
    holder = RoundLock(home.round_lock).holder()
    return progress if holder is not None and holder.pid == progress.pid else None


def _read(path: Path) -> RoundProgress | None:
    try:
        return RoundProgress(**orjson.loads(path.read_bytes()))
    except (OSError, TypeError, ValueError):
        return None
