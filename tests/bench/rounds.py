"""The sync measurements: push, pull into a fresh device, 100 lines changed, nothing changed; each ÷ its floor."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.ledger.kinds import kinds
from tests.bench import stage
from tests.bench.report import Measure
from tests.bench.tap import Exchange, tapped

CHANGED = 100
MEMORY_MB = 150
GREETING = 2
"""Before it is timed, a device checks who the central is and says hello once (``tests/bench/device.py``)."""
NOTHING_ROUNDS = 20
DATABASE = "central.db"
NAMES = ("push", "pull", "changed", "nothing")


class Spent(NamedTuple):
    """Seconds of waiting, and of processor time of both processes together: the second is what other people's work
    on the machine does not lengthen."""

    seconds: float
    cpu: float


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
    """One size of store, with the states that its measurements start from. ``place`` is a folder of its own."""

    def __init__(self, place: Path, lines: int) -> None:
        self.lines = lines
        self.peaks: dict[str, list[float]] = {"device": [], "central": []}
        place.mkdir(parents=True)
        stage.set_up(place, lines)
        self.central, self.home, self.other = place / "central", place / "full", place / "fresh"
        self.bare = place / "bare"
        self.counted = self._count()

    def _count(self) -> dict[str, Counted]:
        """Every round once, through the tap; saves the states in between."""
        stage.save(self.central, "empty")
        stage.save(self.home, "unsent")
        stage.save(self.other, "fresh")
        counted = {"push": self._watched(self.home), "pull": self._watched(self.other)}
        stage.save(self.central, "full")
        stage.save(self.home, "agreed")
        stage.save(self.other, "full")
        counted["nothing"] = self._watched(self.home)
        stage.device(self.home, "change", CHANGED)
        stage.save(self.home, "changed")
        counted["changed"] = self._watched(self.home)
        return counted

    def _watched(self, home: Path) -> Counted:
        with stage.central(self.central) as server, tapped(server.port) as tap:
            told = stage.sync(home, tap.port)
        return Counted(tap.exchanges[GREETING:], told)

    def ours(self, name: str) -> Spent:
        """One real round, timed by the device itself."""
        at_home, at_central = {"push": ("unsent", "empty"), "pull": ("fresh", "full")}.get(name, ("agreed", "full"))
        home = stage.rewind(self.other if name == "pull" else self.home, "changed" if name == "changed" else at_home)
        with stage.central(stage.rewind(self.central, at_central)) as server:
            before, rounds = server.cpu, NOTHING_ROUNDS if name == "nothing" else 1
            told = stage.sync(home, server.port, rounds)
            self.peaks["device"].append(told["peak_mb"])
            self.peaks["central"].append(server.peak_mb)
            return Spent(told["seconds"], told["cpu"] + (server.cpu - before) / rounds)

    def floor(self, name: str) -> Spent:
        """The same rows and bytes, bare."""
        shutil.rmtree(self.bare, ignore_errors=True)
        state = {"push": "full.unsent", "pull": "fresh.full", "changed": "full.changed"}.get(name, "full.agreed")
        shutil.copytree(self.home.with_name(state), self.bare)
        plan = {
            "do": name,
            "store": str(self.bare / "ledger.db"),
            "target": str(self.bare / "bare.db"),
            "key": open_credentials(Home(self.bare), "file").key().hex(),
            "kinds": list(kinds()),
            "lines": CHANGED if name == "changed" else self.lines,
            "rounds": NOTHING_ROUNDS,
            "exchanges": self.counted[name].exchanges,
        }
        rows = self.central.with_name("central.full") / DATABASE
        target = self.bare / "central.db"
        if name == "pull":
            shutil.copy(rows, target)
        with stage.floor(target, None if name == "pull" else rows) as server:
            before, rounds = server.cpu, NOTHING_ROUNDS if name == "nothing" else 1
            waited, worked = _bare(self.bare / "plan.json", plan | {"port": server.port})
            return Spent(waited, worked + (server.cpu - before) / rounds)


def _bare(path: Path, plan: dict[str, Any]) -> tuple[float, float]:
    path.write_text(json.dumps(plan))
    command = [sys.executable, "-m", "tests.bench.bare_device", str(path)]
    waited, worked = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return waited, worked


def measure(scene: Stage, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements at one size, then the memory of both sides."""
    lines = scene.lines
    reach = {"push": 3.0, "pull": 3.0}
    for name in (name for name in NAMES if name in wanted):
        pairs = [(scene.ours(name), scene.floor(name)) for _ in range(repeat)]
        ours, floor = (Spent(*map(statistics.median, zip(*side, strict=True))) for side in zip(*pairs, strict=True))
        cpu = {"cpu ours": ours.cpu, "cpu floor": floor.cpu}
        facts = scene.counted[name].facts | cpu
        yield Measure(name, lines, ours.seconds, floor.seconds, reach=reach.get(name), facts=facts)
    for side, peaks in scene.peaks.items():
        if peaks:
            yield Measure(f"memory, {side}", lines, max(peaks), unit="MB", reach=MEMORY_MB)
