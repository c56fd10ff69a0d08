"""A daemon as a process of its own, and its log on stderr, line by line."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from tests.sync.laptops import Laptop
from tests.tui.cli.fork_server import ForkedProcess, fork_server

PATIENCE_S = 120.0
"""A test that waits this long for a line has failed."""

_PROGRAM = """
import sys
from store.home.paths import resolve_home
from store.home.settings import load_settings
from sync.daemon.daemon import run_daemon
home = resolve_home()
run_daemon(home, load_settings(home))
print(*sorted(sys.modules))
"""


class DaemonProcess:
    """A running daemon. ``logged`` is all that it has logged so far."""

    def __init__(self, process: subprocess.Popen[bytes] | ForkedProcess) -> None:
        self.process = process
        self.logged: list[dict[str, Any]] = []
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, event: str, **facts: Any) -> dict[str, Any]:
        """The next logged event of this name with these facts."""
        while True:
            logged = self._next()
            if logged is None:
                raise AssertionError(f"the daemon ended without {event} {facts}: {self.logged}")
            if logged["event"] == event and all(logged.get(name) == value for name, value in facts.items()):
                return logged

    def end(self) -> str:
        """Stop it by SIGTERM; gives what it printed at its end. Its exit code must be 0."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=PATIENCE_S) == 0
        while self._next() is not None:
            pass
        assert self.process.stdout is not None
        return self.process.stdout.read().decode()

    def count(self, event: str) -> int:
        """How often this event was logged."""
        return sum(logged["event"] == event for logged in self.logged)

    def _next(self) -> dict[str, Any] | None:
        line = self._lines.get(timeout=PATIENCE_S)
        if line is None:
            return None
        logged: dict[str, Any] = orjson.loads(line)
        self.logged.append(logged)
        return logged


@contextlib.contextmanager
def daemon(laptop: Laptop, settings: Mapping[str, str], program: str = "serve_home") -> Iterator[DaemonProcess]:
    """A daemon for the laptop's home, with nothing in its environment but settings."""
    process = fork_server().start((), _environment(laptop, settings), program=f"tests.sync.programs:{program}")
    try:
        yield DaemonProcess(process)
    finally:
        process.kill()
        process.wait(PATIENCE_S)


@contextlib.contextmanager
def daemon_in_interpreter(
    laptop: Laptop, settings: Mapping[str, str], more: Mapping[str, str]
) -> Iterator[DaemonProcess]:
    """The same with ``more`` in its environment, in an interpreter of its own: at its end it prints what it loaded."""
    command, pipe = [sys.executable, "-c", _PROGRAM], subprocess.PIPE
    environ = {**_environment(laptop, settings), **more}
    with subprocess.Popen(
        command, env=environ, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, cwd=os.getcwd()
    ) as process:
        try:
            yield DaemonProcess(process)
        finally:
            process.kill()


def _environment(laptop: Laptop, settings: Mapping[str, str]) -> dict[str, str]:
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", os.getcwd())}
    environ |= {"GUANJIA_HOME": str(laptop.home.path), "GUANJIA_LOG_LEVEL": "debug"}
    return environ | {f"GUANJIA_{name.upper()}": value for name, value in settings.items()}


def everything_else_off(**settings: str) -> dict[str, str]:
    """Settings with which neither the interval nor the central triggers a round."""
    return {"sync_interval_s": "86400", "live": "false", **settings}
