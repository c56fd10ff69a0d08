"""What a round in progress says of itself: written seldom, read whole, and worth nothing without the lock."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.home.paths import Home, RoundLock
from store.home.sync_progress import PACE_S, Progress, Teller, round_now


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose round lock can be taken."""
    made = Home(tmp_path / "home")
    made.create()
    return made


def at(step: str, sent: int = 0) -> Progress:
    """How far this process is."""
    return Progress(os.getpid(), "sync", 0, step, sent, 100)


def test_a_round_is_shown_while_its_process_holds_the_lock(home: Home) -> None:
    """What was told is read back; without the lock, or when another process holds it, no round runs."""
    lock = RoundLock(home.lock)
    Teller(home.progress)(at("push", 7))
    assert round_now(home) is None
    assert lock.acquire("sync")
    assert round_now(home) == at("push", 7)
    Teller(home.progress)(at("push")._replace(pid=os.getpid() + 1))
    assert round_now(home) is None
    lock.release()


def test_it_is_written_at_its_pace_and_at_once_for_a_new_step(home: Home) -> None:
    """Many lines in a moment are one write; the next step does not wait; the end removes the file."""
    now = [0.0]
    lock = RoundLock(home.lock)
    assert lock.acquire("daemon")
    tell = Teller(home.progress, clock=lambda: now[0])
    for sent in range(50):
        tell(at("push", sent))
    assert round_now(home) == at("push", 0)
    now[0] += PACE_S
    tell(at("push", 50))
    tell(at("pull", 51))
    assert round_now(home) == at("pull", 51)
    tell.ended()
    assert round_now(home) is None
    assert not home.progress.exists()
    lock.release()


def test_a_file_that_cannot_be_read_or_written_stops_nothing(home: Home, tmp_path: Path) -> None:
    """Rubbish in the file is no round, and a place that cannot be written is passed over."""
    lock = RoundLock(home.lock)
    assert lock.acquire("sync")
    for rubbish in (b"", b"{", b'{"pid": 1}', b"[1]", b'{"strange": 1}'):
        home.progress.write_bytes(rubbish)
        assert round_now(home) is None
    nowhere = Teller(tmp_path / "none" / "round.now")
    nowhere(at("hello"))
    nowhere.ended()
    assert not (tmp_path / "none").exists()
    lock.release()
