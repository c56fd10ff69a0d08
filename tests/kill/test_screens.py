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
BIN, BRING_BACK, IN_BIN, BROUGHT_BACK = b"b", b"r", "删去的第", "已恢复"
PATIENCE_S = 60.0
SAVED_AFTER_S = 3.0
"""A form keeps what is typed every second; the machine may be busy."""


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


@pytest.mark.soak(only=True)
@pytest.mark.needs("linux")
def test_a_killed_bin_brings_back_each_line_whole_or_not(office: Office) -> None:
    """However often the app dies while somebody brings deleted visits back, what it has shown as brought back is there,
    with the same words, and every other visit is still in the bin."""
    seed = randrange(1 << 32)
    print(f"seed {seed}")
    dice, laptop = Random(seed), office.laptops[0]
    screens = Keeper("screens", office.folder, 1, 0, dice)
    with laptop.open() as device:
        own = next(line for line in laptop.lines().values() if line.kind == "project")
        draft = {"at": "2026-03-04T09:00+08:00", "how": "visit"}
        texts = {f"删去的第{n}次" for n in range(KILLS)}
        for words in texts:
            line = device.ledger.put("visit", {**draft, "text": words}, project=own.id)
            device.ledger.delete("visit", line.id)
    brought_back = 0
    for life in range(max(2, KILLS // 20)):
        terminal = Terminal(screens, laptop)
        assert terminal.shows(PROJECT), screens.errors()
        terminal.type(BIN)
        assert terminal.shows(IN_BIN), screens.errors()
        terminal.ends_at = time.monotonic() + dice.uniform(0.2, 3.0 + life)
        was_shown = False
        terminal.type(BRING_BACK)
        while terminal.shows(BROUGHT_BACK):  # the message may be painted several times
            was_shown = True
            terminal.type(BRING_BACK)
        terminal.kill()
        visits = [line for line in laptop.lines().values() if line.kind == "visit"]
        assert {line.body["text"] for line in visits} == texts
        before, brought_back = brought_back, sum(not line.deleted for line in visits)
        assert brought_back >= before + was_shown
    assert brought_back > 0
    with office.central():
        check_sound(office)
        agree(*office.laptops)


@pytest.mark.soak(only=True)
@pytest.mark.needs("linux")
def test_what_was_typed_is_back_after_a_kill(office: Office) -> None:
    """A form that was open for some seconds when the app died is offered again with what had been typed into it."""
    dice, laptop = Random(randrange(1 << 32)), office.laptops[0]
    screens = Keeper("screens", office.folder, 1, 0, dice)
    typed = ""
    for life in range(max(2, KILLS // 30)):
        terminal = Terminal(screens, laptop)
        assert terminal.shows(PROJECT), screens.errors()
        terminal.type(PROJECTS)
        assert terminal.shows(LIST), screens.errors()
        terminal.type(LOG_A_VISIT)
        assert terminal.shows(typed or FORM), screens.errors()
        words = f"life{life};"
        terminal.type(words.encode())
        assert terminal.shows(words[-3:]), screens.errors()
        time.sleep(SAVED_AFTER_S + dice.uniform(0, 0.5))
        terminal.kill()
        kept = laptop.rows("SELECT 1")  # the store opens
        assert kept == [(1,)]
        typed = words
