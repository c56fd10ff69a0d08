"""The program on a real terminal: keys as terminals send them, and a kill at the worst moment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.queries import visits
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.sample import KEY, visit_draft
from tui.keys.actions import ACTIONS

ROOT = Path(__file__).parents[3]
TEXT = "供电线路仍未接通，企业已备好调试方案。"
PATIENCE_S = 120.0
PROGRAM = """
import sys
from pathlib import Path
from store.writer.upgrade import open_store
from tests.tui.sample import KEY
from store.home.paths import Home
from store.home.settings import load_settings
from tui.app.app import GuanjiaApp
from tui.cli.open_app import run_app
home = Path(sys.argv[1])
app = GuanjiaApp(lambda: open_store(home / "ledger.db", KEY), home, start_mode="projects")
run_app(app, mouse=load_settings(Home(home)).mouse)
"""


class Terminal:
    """A tmux session of our own, with the program in it."""

    def __init__(self, socket: Path, home: Path, **environment: str) -> None:
        own = socket.with_name(uuid.uuid4().hex[:8])  # a server that is just ending would not take a new session
        self._tmux = ("tmux", "-S", str(own), "-f", "/dev/null")
        program = (sys.executable, "-c", PROGRAM, str(home))
        known = {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "HOME": str(home.parent)}
        size = ("-x", "80", "-y", "24")
        inside = (
            "env",
            "-i",
            *(f"{name}={value}" for name, value in {**known, "TERM": "screen-256color", **environment}.items()),
        )
        self._run("new-session", "-d", *size, *inside, *program)

    def _run(self, *command: str) -> str:
        done = subprocess.run([*self._tmux, *command], capture_output=True, text=True, check=True, cwd=ROOT)
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Press keys by tmux' names."""
        self._run("send-keys", *keys)

    def write(self, text: str) -> None:
        """Send text in one write, as an input method commits it."""
        self._run("send-keys", "-l", text)

    def shown(self) -> str:
        """The terminal's content; empty when the program has ended, even just before it was read."""
        done = subprocess.run([*self._tmux, "capture-pane", "-p"], capture_output=True, text=True, check=False)
        return done.stdout

    def wait_for(self, condition: Callable[[str], bool]) -> str:
        """Wait until the terminal shows what ``condition`` wants."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            shown = self.shown()
            if condition(shown):
                return shown
            time.sleep(0.1)
        raise AssertionError("never shown:\n" + shown)

    def running(self) -> bool:
        """Whether the program is still there."""
        return not subprocess.run([*self._tmux, "has-session"], capture_output=True, check=False).returncode

    def kill(self) -> None:
        """End the program as a power cut does."""
        os.kill(self.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The program's process."""
        return int(self._run("display-message", "-p", "#{pane_pid}"))

    def takes_mouse(self) -> bool:
        """Whether the program has asked the terminal for the mouse."""
        return self._run("display-message", "-p", "#{mouse_any_flag}").strip() == "1"

    def close(self) -> None:
        """End the session."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    """A socket for tmux with a path short enough for one."""
    folder = Path("/tmp") / f"guanjia-{uuid.uuid4().hex[:12]}"
    folder.mkdir(mode=0o700)
    yield folder / "tmux"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.needs("tmux")
def test_a_killed_form_comes_back_with_what_was_typed(home: Path, socket: Path) -> None:
    """Chinese sent as one write survives SIGKILL, is there when the form is opened again, and is saved."""
    first = Terminal(socket, home)
    try:
        first.wait_for(lambda shown: "北山新能源" in shown)
        first.keys("v")
        first.wait_for(lambda shown: "记录一次走访" in shown)
        first.write(TEXT)
        first.wait_for(lambda shown: TEXT in shown)
        store = Ledger(open_store(home / "ledger.db", KEY))
        first.wait_for(lambda _shown: (visit_draft(store) or {}).get("text") == TEXT)
        first.kill()
    finally:
        first.close()
    again = Terminal(socket, home)
    try:
        again.wait_for(lambda shown: "北山新能源" in shown)
        again.keys("F7")
        again.wait_for(lambda shown: TEXT in shown and "已恢复上次未完成的草稿" in shown)
        again.keys("C-s")
        again.wait_for(lambda shown: "已保存" in shown)
    finally:
        again.close()
    assert visits.visits(store.database.connection(), limit=1)[0].text == TEXT


@pytest.mark.needs("tmux")
def test_a_lost_terminal_keeps_what_was_typed(home: Path, socket: Path) -> None:
    """When the terminal goes away under an open form, the program keeps the draft and ends by itself."""
    terminal = Terminal(socket, home)
    try:
        terminal.wait_for(lambda shown: "北山新能源" in shown)
        terminal.keys("v")
        terminal.wait_for(lambda shown: "记录一次走访" in shown)
        terminal.write(TEXT)
        terminal.wait_for(lambda shown: TEXT in shown)
        program = terminal.pid
    finally:
        terminal.close()
    end = time.monotonic() + PATIENCE_S
    while Path(f"/proc/{program}").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not Path(f"/proc/{program}").exists()
    assert (visit_draft(Ledger(open_store(home / "ledger.db", KEY))) or {}).get("text") == TEXT


@pytest.mark.needs("tmux")
@pytest.mark.parametrize("takes", [True, False])
def test_the_mouse_may_be_left_to_the_terminal(home: Path, socket: Path, takes: bool) -> None:
    """By the setting: then the terminal selects and copies text with it, as in any other program."""
    terminal = Terminal(socket, home, GUANJIA_MOUSE=str(int(takes)))
    try:
        terminal.wait_for(lambda shown: "北山新能源" in shown)
        assert terminal.takes_mouse() == takes
    finally:
        terminal.close()


@pytest.mark.needs("tmux")
def test_a_burst_of_keys_goes_where_it_was_meant(home: Path, socket: Path) -> None:
    """``/`` and a query in one write open the lookup with the whole query in it."""
    terminal = Terminal(socket, home)
    try:
        terminal.wait_for(lambda shown: "北山新能源" in shown)
        terminal.write("/gdxl")
        terminal.wait_for(lambda shown: "gdxl" in shown and "W2026-001" in shown)
    finally:
        terminal.close()


@pytest.mark.soak(turns=3)
@pytest.mark.needs("tmux")
@pytest.mark.parametrize("environment", [{"TERM": "linux"}, {"NO_COLOR": "1"}, {"TERM": "xterm"}], ids=str)
def test_an_old_console_shows_the_same_words(home: Path, socket: Path, environment: dict[str, str]) -> None:
    """With sixteen colours, with none, and on the bare console, lights are read by their glyph."""
    terminal = Terminal(socket, home, **environment)
    try:
        shown = terminal.wait_for(lambda shown: "北山新能源" in shown)
        assert any(line.startswith(" 红") for line in shown.splitlines())
        terminal.keys("q")
    finally:
        terminal.close()


IN_PLACES = {"projects": "北山新能源", "issues": "W2026-001", "summary": "走访联系"}
"""A text of each mode screen; a screen that is not named must at least look different."""


def visit_every_place(terminal: Terminal) -> None:
    """Press each mode screen's digit and wait until it is shown."""
    for action in ACTIONS:
        if action.id.startswith("show_"):
            before = terminal.shown()
            words = IN_PLACES.get(action.id.removeprefix("show_"))
            terminal.keys(action.key)
            terminal.wait_for(lambda shown, w=words, b=before: w in shown if w else shown != b)  # type: ignore[misc]


@pytest.mark.soak(turns=2)
@pytest.mark.needs("tmux")
@pytest.mark.parametrize("environment", [{"TERM": "screen-256color"}, {"TERM": "linux", "NO_COLOR": "1"}], ids=str)
def test_a_tour_of_the_whole_program(home: Path, socket: Path, environment: dict[str, str]) -> None:
    """Every mode screen, the help, a lookup typed in one go, an issue, a visit that is saved, and quitting, with the
    keys of a real terminal: a modern one, and a bare console without colours."""
    terminal = Terminal(socket, home, **environment)
    try:
        terminal.wait_for(lambda shown: "北山新能源" in shown)
        visit_every_place(terminal)
        terminal.keys("?")
        terminal.wait_for(lambda shown: "本屏" in shown)
        terminal.keys("Escape")
        terminal.wait_for(lambda shown: "本屏" not in shown)
        terminal.write("/gdxl")
        terminal.wait_for(lambda shown: "gdxl" in shown and "W2026-001" in shown)
        terminal.keys("Enter")
        terminal.wait_for(lambda shown: "当前责任" in shown)
        terminal.keys("2")
        terminal.wait_for(lambda shown: "北山新能源" in shown and "当前责任" not in shown)
        terminal.keys("v")
        terminal.wait_for(lambda shown: "记录一次走访" in shown)
        terminal.write(TEXT)
        terminal.wait_for(lambda shown: TEXT in shown)
        terminal.keys("C-s")
        terminal.wait_for(lambda shown: "已保存" in shown)
        terminal.keys("q")
        terminal.wait_for(lambda _shown: not terminal.running())
    finally:
        terminal.close()
    store = open_store(home / "ledger.db", KEY)
    assert visits.visits(store.connection(), limit=1)[0].text == TEXT
    store.close()
