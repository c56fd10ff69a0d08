"""How soon something is there: `guanjia find` as a whole process, and the app's first paint and first data."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from store.home.credentials import open_credentials
from store.home.paths import Home
from tests.bench import stage
from tests.bench.report import Measure, interleave
from tests.bench.screen import Seen, watch
from tui.i18n import translate
from tui.i18n.translate import value_label

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
    """Our app in the place where it opens and in the list of projects, and a bare one that reads the same names. First
    data is compared with the bare app's first paint: the least that anybody can wait for."""
    key = open_credentials(Home(home), "file").key()
    name = stage.device(home, "first")["first"]
    translate.set_language("zh")
    waited = {"today": value_label("today", "overdue"), "projects": name}
    bare_app = [sys.executable, "-m", "tests.bench.bare_app", str(home / "ledger.db"), key.hex()]
    seen: dict[str, list[Seen]] = {"bare": [], **{place: [] for place in waited}}
    for _ in range(repeat):
        for place, shown in waited.items():
            environment = {**stage.ENVIRONMENT, "GUANJIA_START": place}
            seen[place].append(watch([*stage.GUANJIA, "--home", str(home), "--lang", "zh"], shown, environment))
        seen["bare"].append(watch(bare_app, name, stage.ENVIRONMENT))
    floor = _median(seen["bare"])
    for place in waited:
        ours = _median(seen[place])
        yield Measure(f"first paint, {place} ÷ bare Textual", lines, ours.paint, floor.paint, reach=1.3)
        facts: dict[str, float | int | str] = {
            "floor's data": floor.words,
            "cpu ours": ours.cpu,
            "cpu floor": floor.cpu,
        }
        title = f"first data, {place} ÷ bare first paint"
        yield Measure(title, lines, ours.words, floor.paint, reach=2.0, facts=facts)
        title = f"memory, {place} ÷ bare Textual"
        yield Measure(title, lines, ours.peak_mb, floor.peak_mb, unit="MB", reach=2.5)


def _median(seen: Sequence[Seen]) -> Seen:
    return Seen(*map(statistics.median, zip(*seen, strict=True)))
