"""The sync measurements: push, pull into a fresh device, 100 lines changed, nothing changed; each ÷ its floor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from store.home import Home
from store.kinds import kinds
from sync.credentials import open_credentials
from tests.bench import stage
from tests.bench.report import Measure, interleave
from tests.bench.tap import Exchange, tapped

CHANGED = 100
MEMORY_MB = 150
DATABASE = "central.db"
NAMES = ("push", "pull", "changed", "nothing")


class Counted(NamedTuple):
    """A round watched through the tap: what crossed the wire, and what the command said."""

    exchanges: list[Exchange]
    told: Any

    @property
    def facts(self) -> dict[str, float | int | str]:
        """Requests and bytes, exactly."""
        sent, received = (sum(getattr(e, way) for e in self.exchanges) for way in ("sent", "received"))
        return {"requests": len(self.exchanges), "bytes up": sent, "bytes down": received}


class Stage:
    """One size of store, with everything that its measurements copy from. ``place`` is a folder of its own."""

    def __init__(self, place: Path, lines: int) -> None:
        self.place, self.lines = place, lines
        self.peaks: dict[str, list[float]] = {"device": [], "central": []}
        place.mkdir(parents=True)
        stage.set_up(place, lines)
        self.counted = self._count()

    def _count(self) -> dict[str, Counted]:
        """All rounds once, through the tap; leaves ``central``, ``home`` and ``other`` as they are in the end."""
        data = stage.copy(self.place / "empty", self.place / "central")
        home = stage.copy(self.place / "unsent", self.place / "home")
        other = stage.copy(self.place / "fresh", self.place / "other")
        with stage.central(data) as server:
            counted = {"push": self._watched(home, server.port), "pull": self._watched(other, server.port)}
            stage.device(home, "change", CHANGED)
            counted["changed"] = self._watched(home, server.port)
            counted["nothing"] = self._watched(home, server.port)
        return counted

    def _watched(self, home: Path, port: int) -> Counted:
        with tapped(port) as tap:
            told = stage.sync(home, tap.port)
        return Counted(list(tap.exchanges), told)

    def ours(self, name: str) -> float:
        """One real round, timed by the device itself."""
        run = self.place / "run"
        run.mkdir(exist_ok=True)
        sources = {"push": ("empty", "unsent"), "pull": ("central", "fresh")}
        data, home = (
            stage.copy(self.place / source, run / source) for source in sources.get(name, ("central", "home"))
        )
        if name == "changed":
            stage.device(home, "change", CHANGED)
        with stage.central(data) as server:
            told = stage.sync(home, server.port)
            self.peaks["device"].append(told["peak_mb"])
            self.peaks["central"].append(server.peak_mb)
        return float(told["said"]["seconds"])

    def floor(self, name: str) -> float:
        """The same rows and bytes, bare."""
        run = self.place / "bare"
        stage.copy(self.place / {"push": "unsent", "pull": "other"}.get(name, "home"), run)
        if name == "changed":
            stage.device(run, "change", CHANGED)
        plan = {
            "do": name,
            "store": str(run / "ledger.db"),
            "target": str(run / "bare.db"),
            "key": open_credentials(Home(run), "file").key().hex(),
            "kinds": list(kinds()),
            "lines": CHANGED if name == "changed" else self.lines,
            "exchanges": self.counted[name].exchanges,
        }
        rows = self.place / "central" / DATABASE
        target = run / "central.db"
        if name == "pull":
            target = stage.copy(self.place / "central", run / "central") / DATABASE
        with stage.floor(target, None if name == "pull" else rows) as server:
            return _bare(run / "plan.json", plan | {"port": server.port})


def _bare(path: Path, plan: dict[str, Any]) -> float:
    path.write_text(json.dumps(plan))
    command = [sys.executable, "-m", "tests.bench.bare_device", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(scene: Stage, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements at one size, then the memory of both sides."""
    lines = scene.lines
    reach = {"push": 3.0, "pull": 3.0}
    for name in (name for name in NAMES if name in wanted):
        ours, floor = interleave(repeat, _run(scene.ours, name), _run(scene.floor, name))
        yield Measure(name, lines, ours, floor, reach=reach.get(name), facts=scene.counted[name].facts)
    for side, peaks in scene.peaks.items():
        if peaks:
            yield Measure(f"memory, {side}", lines, max(peaks), unit="MB", reach=MEMORY_MB)


def _run(side: Callable[[str], float], name: str) -> Callable[[], float]:
    return lambda: side(name)
