"""The bench of rounds by file: a week of ten laptops on one stick, written, answered and taken in."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.report import Measure
from tui.cli.demo.command import isolated_environment
from tui.cli.demo.stick import WEEK, StickScenario

NAMES = ("stick",)
OFFICERS = tuple(f"王{name}" for name in "甲乙丙丁戊己庚辛壬癸")
WEEKS = 4
"""Each laptop has so many visits for each day of a week."""
REACH_S = 10.0


def measure(place: Path, repeat: int, wanted: Sequence[str], officers: Sequence[str] = OFFICERS) -> Iterator[Measure]:
    """Seconds of one stick's way round all laptops, each with new lines, and the bytes on it."""
    if "stick" not in wanted:
        return
    place.mkdir(parents=True)
    with isolated_environment():
        week = StickScenario(place, lambda _sentence: None, tuple(officers))
        week.begin()
        times = []
        for _ in range(repeat):
            for _week in range(WEEKS):
                week.write_week()
            began = time.perf_counter()
            week.go_round(1)
            times.append(time.perf_counter() - began)
        files = sorted((place / "stick").glob("*.gjb"), key=lambda path: path.stat().st_mtime_ns)[-2 * len(officers) :]
        facts: dict[str, float | int | str] = {
            "laptops": len(officers),
            "lines each": WEEKS * len(WEEK),
            "bytes": sum(path.stat().st_size for path in files),
        }
    yield Measure("a week by stick", 0, statistics.median(times), reach=REACH_S, facts=facts)
