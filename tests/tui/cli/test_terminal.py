"""The command line on a real terminal: the screens open and close, tables are ruled, the service is written."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.fork_server import forked_command
from tests.tui.cli.laptop import COMMAND, Laptop

ENTER_SCREEN, CTRL_Q = b"\x1b[?1049h", b"\x11"
PATIENCE_S = 120.0


class Terminal:
    """A command on a terminal of its own, 100 columns wide."""

    def __init__(self, laptop: Laptop, *arguments: str, program: Sequence[str] = COMMAND) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        environment = {**laptop.environment, "TERM": "xterm-256color"}
        command, folder = [*program, *arguments], laptop.home.parent
        self.process = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        self.shown = b""

    def until(self, text: bytes) -> bool:
        """Read what is shown until ``text`` is among it; False when it never is."""
        deadline = time.monotonic() + PATIENCE_S
        while text not in self.shown and time.monotonic() < deadline:
            if not self._read():
                break
        return text in self.shown

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._ours, keys)

    def end(self) -> int:
        """Read the rest, and give the exit code."""
        while self._read():
            continue
        os.close(self._ours)
        return self.process.wait(PATIENCE_S)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], PATIENCE_S)
        try:
            more = os.read(self._ours, 65_536) if ready else b""
        except OSError:  # the other side has closed the terminal
            more = b""
        self.shown += more
        return bool(more)


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """A laptop with a home that works alone."""
    laptop = Laptop(tmp_path / "home")
    laptop.run("init", "--district", "210903", "--district-name", "新邱区", "--name", "酉小满")
    return laptop


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("arguments", [(), ("--lang", "en")])
def test_no_command_opens_the_screens(laptop: Laptop, arguments: tuple[str, ...]) -> None:
    """``guanjia`` on a terminal opens the screens on this home; ctrl+q leaves with exit 0."""
    terminal = Terminal(laptop, *arguments)
    assert terminal.until(ENTER_SCREEN)
    assert terminal.until(b"today")
    terminal.type(CTRL_Q)
    assert terminal.end() == 0


def test_the_demo_ends_in_the_screens_of_laptop_a(tmp_path: Path) -> None:
    """``guanjia demo`` tells its story in sentences, opens the screens on laptop A, and leaves nothing behind once they
    close."""
    (tmp_path / "tmp").mkdir()
    terminal = Terminal(Laptop(tmp_path / "nobody", {"TMPDIR": str(tmp_path / "tmp")}), "demo", "--story-only")
    assert terminal.until(b"9 projects")
    assert terminal.until(b"kept in the history")
    assert terminal.until(b"Press enter")
    terminal.type(b"\r")
    assert terminal.until(ENTER_SCREEN)
    assert terminal.until("丁香湖".encode())
    terminal.type(CTRL_Q)
    assert terminal.end() == 0
    assert list((tmp_path / "tmp").iterdir()) == []


def test_tables_are_ruled_on_a_terminal_and_plain_on_a_pipe(laptop: Laptop) -> None:
    """People see a ruled table that fits the terminal; a pipe gets one row a line, never cut, without blanks behind."""
    laptop.run("project", "add", "--name", "很" * 120, "--number", "1")
    terminal = Terminal(laptop, "project", "list", program=forked_command())
    assert terminal.end() == 0
    assert "─".encode() in terminal.shown
    piped = laptop.run("project", "list").out.splitlines()
    assert len(piped) == 2
    assert "很" * 120 in piped[1]
    assert [line for line in piped if line != line.rstrip()] == []


def test_who_waits_sees_that_work_goes_on(laptop: Laptop) -> None:
    """What reads the whole ledger says so on the terminal while it does."""
    terminal = Terminal(laptop, "doctor", "--lang", "en")
    assert terminal.until(b"Checking the file and the lines")
    assert terminal.end() == 0


def test_who_ends_the_input_types_no_pin(laptop: Laptop) -> None:
    """Ctrl-D where a PIN is asked for stops the command and changes nothing; it is no fault of the program."""
    terminal = Terminal(laptop, "lock", "set", "--lang", "en")
    assert terminal.until(b"PIN: ")
    terminal.type(b"\x04")
    assert terminal.end() == 1
    assert b"EOFError" not in terminal.shown
    assert b"Stopped" in terminal.shown
    assert not (laptop.home / "pin.json").exists()


def test_other_peoples_text_is_inert_on_a_terminal(laptop: Laptop) -> None:
    """Escape sequences in what is typed never reach a terminal, and brackets are shown as they are."""
    laptop.run("project", "add", "--name", "\x1b]52;c;aGk=\x07[/red]夜\u202e间", "--number", "7")
    terminal = Terminal(laptop, "project", "show", "7", program=forked_command())
    assert terminal.end() == 0
    assert b"\x1b]52" not in terminal.shown
    assert "]52;c;aGk=[/red]夜间".encode() in terminal.shown


def test_the_service_is_shown_and_written(lone: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``daemon install`` writes a user unit that serves this home, and says which commands are left to a person."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    planned = lone.json("daemon", "install", "--dry-run")
    assert planned["written"] is False
    assert not (tmp_path / "config").exists()
    made = lone.json("daemon", "install")
    assert made["written"] is True
    assert str(lone.home) in Path(made["path"]).read_text()
    assert lone.run("daemon", "install", "--system", "--dry-run").err.startswith("Then:")


@pytest.mark.needs("linux")
def test_a_file_is_opened_with_the_systems_viewer_until_enter(laptop: Laptop, tmp_path: Path) -> None:
    """``guanjia attachment open`` gives the viewer a decrypted copy; after enter none is left. On a console without a
    viewer it says so, and leaves none either."""
    (tmp_path / "bin").mkdir()
    seen, viewer = tmp_path / "seen", tmp_path / "bin" / "xdg-open"
    os.mkfifo(seen)
    viewer.write_text(f'#!/bin/sh\n/bin/cat "$1" > {seen}\n')
    viewer.chmod(0o755)
    (tmp_path / "协议.pdf").write_bytes(b"%PDF-1.7 an agreement")
    laptop.run("project", "add", "--name", "供热管网")
    laptop.run("attach", "供热管网", str(tmp_path / "协议.pdf"))
    laptop.more |= {"PATH": str(viewer.parent), "DISPLAY": ":0", "XDG_RUNTIME_DIR": ""}
    terminal = Terminal(laptop, "attachment", "open", "协议.pdf")
    assert seen.read_bytes() == b"%PDF-1.7 an agreement"
    assert terminal.until(b"Press enter")
    terminal.type(b"\r")
    assert terminal.end() == 0
    laptop.more["DISPLAY"] = ""
    assert (bare := Terminal(laptop, "attachment", "open", "协议.pdf")).end() == 1
    assert b"attachment save" in bare.shown
    assert not [path for path in (laptop.home / "viewing").rglob("*") if path.is_file()]
