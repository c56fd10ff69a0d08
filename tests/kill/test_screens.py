"""The terminal app killed with SIGKILL while somebody logs visits in it and a daemon serves the same home."""

from __future__ import annotations

import fcntl
import itertools
import os
import pty
import select
import struct
import termios
import time
from random import Random, randrange

import pytest

from tests.kill import lives
from tests.kill.keeper import Keeper, end
from tests.kill.lives import KILLS
from tests.kill.office import Office, check_nobody_was_locked_out, check_sound
from tests.sync.laptops import Laptop, agree

pytestmark = pytest.mark.soak
PROJECTS, LOG_A_VISIT, SAVE = b"2", b"\x1b[18~", b"\x13"
PROJECT, FORM, LIST = "示范项目", "记录一次走访", "包保领导"
PATIENCE_S = 60.0


class Terminal:
    """A terminal with the app on it, which dies when the time has come."""

    def __init__(self, keeper: Keeper, laptop: Laptop) -> None:
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self._process = keeper.keeps(lives.screens, laptop.home.path, os.ttyname(self._theirs)).begin()
        self._shown = b""
        self.ends_at = time.monotonic() + PATIENCE_S

    def shows(self, text: str) -> bool:
        """Wait until ``text`` is shown anew; False when the app's time is over before that."""
        wanted = text.encode()
        while wanted not in self._shown:
            left = self.ends_at - time.monotonic()
            if left <= 0 or not select.select([self._ours], [], [], left)[0]:
                return False
            self._shown += os.read(self._ours, 65_536)
        self._shown = self._shown.partition(wanted)[2]
        return True

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._ours, keys)

    def kill(self) -> None:
        """End the app as a power cut does."""
        end(self._process)
        os.close(self._theirs)
        os.close(self._ours)


def log_visits(terminal: Terminal, life: int) -> list[str]:
    """Log one visit after another until the end; gives the words of those that the screen showed as saved: the form was
    gone, and the list of projects back."""
    saved: list[str] = []
    while True:
        words = f"life {life} visit {len(saved)};"
        terminal.type(LOG_A_VISIT)
        if not terminal.shows(FORM):
            return saved
        terminal.type(words.encode())
        if not terminal.shows(words[-4:]):
            return saved
        terminal.type(SAVE)
        if not terminal.shows(LIST):
            return saved
        saved.append(words)


@pytest.mark.needs("linux")
def test_a_killed_screen_loses_nothing_that_it_has_shown_as_saved(office: Office) -> None:
    """However often the app dies in the middle of a visit, each visit that it showed as saved is on both laptops."""
    seed = randrange(1 << 32)
    print(f"seed {seed}")
    dice, laptop = Random(seed), office.laptops[0]
    screens, daemon = (Keeper(name, office.folder, 1, 0, dice) for name in ("screens", "daemon"))
    saved: list[str] = []
    with office.central():
        serving = daemon.keeps(lives.daemon, laptop.home.path).begin()
        for life in itertools.count():
            terminal = Terminal(screens, laptop)
            assert terminal.shows(PROJECT), screens.errors()
            terminal.type(PROJECTS)
            assert terminal.shows(LIST), screens.errors()
            terminal.ends_at = time.monotonic() + dice.uniform(0.5, 4.0 if saved else 4.0 + life)
            saved += log_visits(terminal, life)
            terminal.kill()
            if saved and life >= KILLS // 20:
                break
        end(serving)
        check_nobody_was_locked_out([screens, daemon])
        check_sound(office)
        agree(*office.laptops)
    texts = [str(line.body.get("text")) for line in office.laptops[1].lines().values()]
    assert [words for words in saved if not any(words in text for text in texts)] == []
