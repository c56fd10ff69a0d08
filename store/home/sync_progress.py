"""What a round in progress says of itself: a small file in the home, so that whoever looks sees it run.

Whoever runs a round and whoever watches it talk to nobody but the home. A write transaction for each step would slow
the round and wake everybody; a file that is replaced whole costs a millisecond at most and no sync to the disk. It
counts only while the process that wrote it holds the round lock, so a killed round is never shown as running.
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
    ``up`` and ``down`` bytes of bodies as they travelled; ``began`` ms since 1970 by this machine's clock."""

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


RoundProgressCallback = Callable[[RoundProgress], None]


class ProgressWriter:
    """Writes the file of one home. What cannot be written is left out: no round fails for it."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._last: RoundProgress | None = None
        self._last_written = 0.0

    def __call__(self, progress: RoundProgress) -> None:
        """Say how far it is, unless that was said a moment ago."""
        last, now = self._last, self._clock()
        if last is not None and last.step == progress.step and now - self._last_written < MIN_WRITE_INTERVAL_S:
            return
        self._last, self._last_written = progress, now
        with contextlib.suppress(OSError):
            aside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(orjson.dumps(progress._asdict()))
            os.replace(aside, self._path)

    def clear(self) -> None:
        """The round has ended, however."""
        self._last = None
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def running_round(home: Home) -> RoundProgress | None:
    """The round that runs in this home now. What a killed process left behind counts for nothing."""
    found = _read(home.round_progress)
    if found is None:
        return None
    holder = RoundLock(home.round_lock).holder()
    return found if holder is not None and holder.pid == found.pid else None


def _read(path: Path) -> RoundProgress | None:
    try:
        return RoundProgress(**orjson.loads(path.read_bytes()))
    except (OSError, TypeError, ValueError):
        return None
