"""How soon something is there: `guanjia find` as a whole process, and the app's first paint and first data."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from store.home import Home
from sync.credentials import open_credentials
from tests.bench import stage
from tests.bench.report import Measure, interleave
from tests.bench.screen import Seen, watch

NAMES = ("process", "paint")


def measure(home: Path, lines: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements on a filled home."""
    if "process" in wanted:
        ours, floor = interleave(repeat, lambda: _spent(_find(home)), lambda: _spent([sys.executable, "-c", "pass"]))
        yield Measure("find, whole process ÷ bare Python", lines, ours, floor)
    if "paint" in wanted:
        yield from _screens(home, lines, repeat)


def _find(home: Path) -> list[str]:
    return [*stage.GUANJIA, "find", "许可证", "--home", str(home), "--json"]


def _spent(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, env=stage.ENVIRONMENT, check=True, capture_output=True)
    return time.perf_counter() - start


def _screens(home: Path, lines: int, repeat: int) -> Iterator[Measure]:
    key = open_credentials(Home(home), "file").key()
    name = stage.device(home, "first")["first"]
    ours: list[Seen] = []
    bare: list[Seen] = []
    for _ in range(repeat):
        ours.append(watch([*stage.GUANJIA, "--home", str(home)], name, stage.ENVIRONMENT))
        app = [sys.executable, "-m", "tests.bench.bare_app", str(home / "ledger.db"), key.hex()]
        bare.append(watch(app, name, stage.ENVIRONMENT))
    for title, reach, index in (("first paint", 1.5, 0), ("first data", None, 1)):
        our, their = (statistics.median(seen[index] for seen in side) for side in (ours, bare))
        yield Measure(f"{title} ÷ bare Textual", lines, our, their, reach=reach)
    yield Measure("memory, app ÷ bare Textual", lines, ours[0].peak_mb, bare[0].peak_mb, unit="MB")
