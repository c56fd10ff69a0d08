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

from sync.central.db.serving_mark import forget_marks
from tests.bench.screen import cpu_seconds, peak_mb

ENVIRONMENT = {**os.environ, "GUANJIA_CREDENTIALS": "file", "PYTHONUNBUFFERED": "1"}
GUANJIA = (sys.executable, "-m", "tui.cli.main")
PATIENCE = 1_800


class Serving(NamedTuple):
    """A running central: its port and process."""

    port: int
    process: subprocess.Popen[str]

    @property
    def peak_mb(self) -> float:
        """The most memory it had so far."""
        return peak_mb(self.process.pid)

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it used so far."""
        return cpu_seconds(self.process.pid)


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


def sync(home: Path, port: int, rounds: int = 1, *how: str) -> Any:
    """Rounds of the home with the central at ``port``, in the way that ``how`` says (``tests/bench/device.py``): the
    result, the seconds and the process' peak memory."""
    told = device(home, "sync", rounds, *how, GUANJIA_CENTRAL=address(port))
    if not told["said"]["verified"] or told["said"]["pending"]:
        raise RuntimeError(f"the round did not end in agreement: {told['said']}")
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
    """Make in ``place``: ``central``, which knows two officers of the bureau and nothing else; ``full``, the home of
    the first, with all lines unsent; ``fresh``, the other's, with nothing to send."""
    data = place / "central"
    admin = guanjia("central", "init", "--data", data, "--district", "210900", "--name", "测试区")["admin_code"]
    with central(data) as server:
        guanjia("join", address(server.port), "--code", admin, "--home", place / "full")
        other = guanjia("central", "invite", "--data", data, "--name", "乙", "--role", "bureau")["code"]
        guanjia("join", address(server.port), "--code", other, "--home", place / "fresh")
        for home in ("full", "fresh", "full"):
            guanjia("sync", "--home", place / home)
    device(place / "full", "fill", lines)


def save(folder: Path, tag: str) -> Path:
    """Keep what a home or central's folder holds now, to `rewind` to."""
    return Path(shutil.copytree(folder, folder.with_name(f"{folder.name}.{tag}")))


def rewind(folder: Path, tag: str) -> Path:
    """Put a folder back to what was saved. Files are written in place: a home whose store is another file than before
    is a copied laptop to the program, which then asks for a device id of its own. A central forgets how far it was: it
    would take itself for one that was set back, and have the devices bring back what they know."""
    forget_marks(folder)
    saved = folder.with_name(f"{folder.name}.{tag}")
    kept = {path.relative_to(saved) for path in saved.rglob("*")}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder) not in kept:
            path.unlink()
    for path in kept:
        if (saved / path).is_file():
            (folder / path).touch()
            (folder / path).write_bytes((saved / path).read_bytes())
    return folder
