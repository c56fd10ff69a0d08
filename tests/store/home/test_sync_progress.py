"""What a round in progress says of itself: written seldom, read whole, and worth nothing without the lock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.home.paths import Home, RoundLock
from store.home.sync_progress import MIN_WRITE_INTERVAL_S, ProgressWriter, RoundProgress, running_round


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose round lock can be taken."""
    made = Home(tmp_path / "home")
    made.create()
    return made


def at(step: str, sent: int = 0) -> RoundProgress:
    """How far this process is."""
    return RoundProgress(os.getpid(), "sync", 0, step, sent, 100)


def test_a_round_is_shown_while_its_process_holds_the_lock(home: Home) -> None:
    """What was told is read back; without the lock, or when another process holds it, no round runs."""
    lock = RoundLock(home.round_lock)
    ProgressWriter(home.round_progress)(at("push", 7))
    assert running_round(home) is None
    assert lock.acquire("sync")
    assert running_round(home) == at("push", 7)
    ProgressWriter(home.round_progress)(at("push")._replace(pid=os.getpid() + 1))
    assert running_round(home) is None
    lock.release()


def test_it_is_written_at_its_pace_and_at_once_for_a_new_step(home: Home) -> None:
    """Many lines in a moment are one write; the next step, and a wait for the central, are told
    at once; the end removes the file."""
    now = [0.0]
    lock = RoundLock(home.round_lock)
    assert lock.acquire("daemon")
    tell = ProgressWriter(home.round_progress, clock=lambda: now[0])
    for sent in range(50):
        tell(at("push", sent))
    assert running_round(home) == at("push", 0)
    now[0] += MIN_WRITE_INTERVAL_S
    tell(at("push", 50))
    tell(at("pull", 51))
    assert running_round(home) == at("pull", 51)
    waiting = at("pull", 51)._replace(waits_s=30)
    tell(waiting)
    assert running_round(home) == waiting
    tell.clear()
    assert running_round(home) is None
    assert not home.round_progress.exists()
    lock.release()


def test_a_file_that_cannot_be_read_or_written_stops_nothing(home: Home, tmp_path: Path) -> None:
    """Rubbish in the file is no round, and a place that cannot be written is passed over."""
    lock = RoundLock(home.round_lock)
    assert lock.acquire("sync")
    for rubbish in (b"", b"{", b'{"pid": 1}', b"[1]", b'{"strange": 1}'):
        home.round_progress.write_bytes(rubbish)
        assert running_round(home) is None
    nowhere = ProgressWriter(tmp_path / "none" / "round.now")
    nowhere(at("hello"))
    nowhere.clear()
    assert not (tmp_path / "none").exists()
    lock.release()
