"""The stage of a sync measurement: real centrals and homes, made once, copied for every run, on loopback only."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.screen import peak_mb

ENVIRONMENT = {**os.environ, "GUANJIA_CREDENTIALS": "file", "PYTHONUNBUFFERED": "1"}
GUANJIA = (sys.executable, "-m", "tui.cli")
PATIENCE = 1_800


class Serving(NamedTuple):
    """A running central: its port and process."""

    port: int
    process: subprocess.Popen[str]

    @property
    def peak_mb(self) -> float:
        """The most memory it had so far."""
        return peak_mb(self.process.pid)


def guanjia(*arguments: str | Path, **variables: str) -> Any:
    """One command of the real program with ``--json``; gives what it said. Raises with its words when it failed."""
    command = [*GUANJIA, *map(str, arguments), "--json"]
    done = subprocess.run(
        command, env={**ENVIRONMENT, **variables}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout)


def device(home: Path, *arguments: str | int, **variables: str) -> Any:
    """One run of ``tests/bench/device.py``."""
    command = [sys.executable, "-m", "tests.bench.device", str(home), *map(str, arguments)]
    done = subprocess.run(
        command, env={**ENVIRONMENT, **variables}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return json.loads(done.stdout)


def sync(home: Path, port: int) -> Any:
    """One round of the home with the central at ``port``: what the command said, its seconds and its peak memory."""
    told = device(home, "run", "sync", "--json", GUANJIA_CENTRAL=address(port))
    if told["code"] != 0:
        raise RuntimeError(f"sync ended with {told['code']}: {told['said']}")
    return told


def address(port: int) -> str:
    """The central's address on this machine."""
    return f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[Serving]:
    """While the block runs, a server runs that prints its address (or port) on one line when it is ready."""
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        if not said:
            raise RuntimeError(f"{' '.join(command)} did not start")
        yield Serving(int(said.rstrip("/").rpartition(":")[2]), process)
    finally:
        process.terminate()
        process.wait(30)


def central(data: Path) -> contextlib.AbstractContextManager[Serving]:
    """The real central over ``data``, on a free port."""
    return serving([*GUANJIA, "central", "serve", "--data", str(data), "--host", "127.0.0.1", "--port", "0"])


def floor(database: Path, rows: Path | None = None) -> contextlib.AbstractContextManager[Serving]:
    """The bare central (``tests/bench/bare.py``), on a free port."""
    return serving([sys.executable, "-m", "tests.bench.bare", str(database), *([str(rows)] if rows else [])])


def set_up(place: Path, lines: int) -> None:
    """Make in ``place``: ``empty`` (a central with one enrolled bureau account), ``unsent`` (its home with all lines
    unsent) and ``fresh`` (a second, empty home of the same account)."""
    data = place / "empty"
    admin = guanjia("central", "init", "--data", data, "--district", "210900", "--name", "测试区")["admin_code"]
    with central(data) as server:
        guanjia("join", address(server.port), "--code", admin, "--home", place / "unsent")
        other = guanjia("central", "invite", "--data", data, "--name", "乙", "--role", "bureau")["code"]
        guanjia("join", address(server.port), "--code", other, "--home", place / "fresh")
    device(place / "unsent", "fill", lines)


def copy(source: Path, target: Path) -> Path:
    """A copy of a home or of a central's data, in place of what was at ``target``."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target
