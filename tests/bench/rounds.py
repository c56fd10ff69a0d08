"""The sync measurements: push, pull into a fresh device, 100 lines changed, nothing changed; each ÷ its floor.

With ``v1`` each of them beside the same round by protocol 1; with ``trips`` how many messages and bytes they take; with
``line`` how long lines take over a line that is far away.
"""

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
from sync.protocol.documents import EXCHANGE
from tests.bench import stage
from tests.bench.delay import delayed
from tests.bench.report import Measure
from tests.bench.tap import Exchange, tapped

CHANGED = 100
MEMORY_MB = 80
GREETING = 2
"""Before it is timed, a device checks who the central is and says hello once (``tests/bench/device.py``)."""
NOTHING_ROUNDS = 20
DATABASE = "central.db"
DOCUMENT_BYTES = 600
"""The most bytes of a message or an answer where nothing happened."""
ROUND_TRIP_S = 0.3
LINE_SIZES = (1, 100, 10_000)
ROUNDS = ("push", "pull", "changed", "nothing", "kept")
NAMES = (*ROUNDS, "first", "v1", "trips", "line")
TITLES = {"changed": "100 changed", "nothing": "nothing changed", "kept": "nothing changed, connection kept"}


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
        self.at_rest: dict[str, float] = {}
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
        counted["kept"] = self._watched(self.home, "kept")
        stage.device(self.home, "change", CHANGED)
        stage.save(self.home, "changed")
        counted["changed"] = self._watched(self.home)
        return counted

    def _watched(self, home: Path, *how: str) -> Counted:
        with stage.central(self.central) as server, tapped(server.port) as tap:
            told = stage.sync(home, tap.port, 1, *how)
        return Counted(tap.exchanges[GREETING:], told)

    def ours(self, name: str, *how: str) -> Spent:
        """One real round, timed by the device itself."""
        at_home, at_central = {"push": ("unsent", "empty"), "pull": ("fresh", "full")}.get(name, ("agreed", "full"))
        home = stage.rewind(self.other if name == "pull" else self.home, "changed" if name == "changed" else at_home)
        with stage.central(stage.rewind(self.central, at_central)) as server:
            before, rounds, rest = server.cpu, _rounds(name), server.peak_mb
            told = stage.sync(home, server.port, rounds, *how, *(["kept"] if name == "kept" else []))
            if not how:
                self.peaks["device"].append(told["peak_mb"])
                self.peaks["central"].append(server.peak_mb)
                self.at_rest = {"device": told["rest_mb"], "central": rest}
            return Spent(told["seconds"], told["cpu"] + (server.cpu - before) / rounds)

    def floor(self, name: str) -> Spent:
        """The same rows and bytes, bare."""
        state = {"push": "full.unsent", "pull": "fresh.full", "changed": "full.changed"}.get(name, "full.agreed")
        exchanges, rounds = self.counted[name].exchanges, _rounds(name)
        plan = self._bare_home(state, name, exchanges) | {
            "lines": CHANGED if name == "changed" else self.lines,
            "rounds": rounds,
        }
        rows = self.central.with_name("central.full") / DATABASE
        target = self.bare / "central.db"
        if name == "pull":
            shutil.copy(rows, target)
        with stage.floor(target, None if name == "pull" else rows) as server:
            before = server.cpu
            waited, worked = _bare(self.bare / "plan.json", plan | {"port": server.port})
            return Spent(waited, worked + (server.cpu - before) / rounds)

    def _bare_home(self, state: str, work: str, exchanges: Sequence[Exchange]) -> dict[str, Any]:
        """A copy of a home for the floor, and the plan of what to do with it."""
        shutil.rmtree(self.bare, ignore_errors=True)
        shutil.copytree(self.home.with_name(state), self.bare)
        return {
            "do": work,
            "store": str(self.bare / "ledger.db"),
            "target": str(self.bare / "bare.db"),
            "key": open_credentials(Home(self.bare), "file").key().hex(),
            "kinds": list(kinds()),
            "exchanges": exchanges,
        }

    def first_use(self) -> Any:
        """The first round of a device, as `tests.bench.device.first_use` tells it."""
        home = stage.rewind(self.other, "fresh")
        with stage.central(stage.rewind(self.central, "full")) as server:
            return stage.device(home, "first_use", GUANJIA_CENTRAL=stage.address(server.port))

    # A line that is far away

    def add(self, lines: int) -> str:
        """Save the state of a home in agreement that has written some lines since; gives its tag."""
        tag = f"with-{lines}"
        stage.device(stage.rewind(self.home, "agreed"), "add", lines)
        stage.save(self.home, tag)
        return tag

    def count_far(self, tag: str) -> Counted:
        """The round of a saved state, through the tap."""
        stage.rewind(self.central, "full")
        return self._watched(stage.rewind(self.home, tag))

    def far(self, tag: str, *how: str) -> float:
        """Seconds of the round of a saved state, over a line that is far away."""
        home, data = stage.rewind(self.home, tag), stage.rewind(self.central, "full")
        with stage.central(data) as server, delayed(server.port, ROUND_TRIP_S) as port:
            return float(stage.sync(home, port, 1, *how)["seconds"])

    def far_floor(self, exchanges: Sequence[Exchange]) -> float:
        """Seconds of the same bytes in the same number of requests over the same line."""
        plan = self._bare_home("full.agreed", "nothing", exchanges)
        with stage.floor(self.bare / "central.db") as server, delayed(server.port, ROUND_TRIP_S) as port:
            return _bare(self.bare / "plan.json", plan | {"rounds": 1, "port": port})[0]


def _rounds(name: str) -> int:
    return NOTHING_ROUNDS if name in ("nothing", "kept") else 1


def _bare(path: Path, plan: dict[str, Any]) -> tuple[float, float]:
    path.write_text(json.dumps(plan))
    command = [sys.executable, "-m", "tests.bench.bare_device", str(path)]
    waited, worked = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return waited, worked


def measure(scene: Stage, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements at one size, then the memory of both sides."""
    reach = {"push": 3.0, "pull": 3.0}
    beside = "v1" in wanted
    for name in (name for name in ROUNDS if beside or name in wanted):
        ours, floor, older = _alternately(scene, name, repeat, beside=beside)
        title, cpu = TITLES.get(name, name), {"cpu ours": ours.cpu, "cpu floor": floor.cpu}
        facts = scene.counted[name].facts | cpu
        yield Measure(title, scene.lines, ours.seconds, floor.seconds, reach=reach.get(name), facts=facts)
        if older is not None:
            facts = {"cpu ours": ours.cpu, "cpu v1": older.cpu}
            yield Measure(f"{title}, exchange ÷ v1", scene.lines, ours.seconds, older.seconds, reach=1.0, facts=facts)
    if "first" in wanted:
        yield _first_use(scene, repeat)
    if "trips" in wanted:
        yield from _trips(scene)
    if "line" in wanted:
        yield from _far_line(scene, repeat)
    for side, peaks in scene.peaks.items():
        if peaks:
            facts = {"MB before the first round": scene.at_rest[side]}
            yield Measure(f"memory, {side}", scene.lines, max(peaks), unit="MB", reach=MEMORY_MB, facts=facts)


def _alternately(scene: Stage, name: str, repeat: int, *, beside: bool) -> tuple[Spent, Spent, Spent | None]:
    """Medians of ours, of the floor's, and where it is to stand ``beside`` of protocol 1's: A B C A B C."""
    runs = [(scene.ours(name), scene.floor(name), *([scene.ours(name, "v1")] if beside else [])) for _ in range(repeat)]
    ours, floor, *older = (Spent(*map(statistics.median, zip(*side, strict=True))) for side in zip(*runs, strict=True))
    return ours, floor, older[0] if older else None


def _first_use(scene: Stage, repeat: int) -> Measure:
    """How long a device that has read nothing waits for what its screens of today need."""
    runs = [scene.first_use() for _ in range(repeat)]
    usable, whole = (statistics.median(run[name] for run in runs) for name in ("seconds", "whole"))
    facts: dict[str, float | int | str] = {"whole": whole, "MB": max(run["peak_mb"] for run in runs)}
    return Measure("first use", scene.lines, usable, reach=2.0, facts=facts)


def _trips(scene: Stage) -> Iterator[Measure]:
    """How many messages a round takes, and where nothing happened the bytes of its documents, without HTTP's heads."""
    for name in ("kept", "changed"):
        messages = [each for each in scene.counted[name].exchanges if each.path == EXCHANGE]
        others = len(scene.counted[name].exchanges) - len(messages)
        facts: dict[str, float | int | str] = {"other requests": others}
        yield Measure(f"trips, {TITLES[name]}", scene.lines, float(len(messages)), unit="", reach=1, facts=facts)
    message = scene.counted["kept"].exchanges[0]
    for way, size, head in (
        ("up", message.sent, message.sent_head),
        ("down", message.received, message.received_head),
    ):
        title, facts = f"bytes {way}, nothing changed", {"HTTP head": head}
        yield Measure(title, scene.lines, float(size - head), unit="B", reach=DOCUMENT_BYTES, facts=facts)


def _far_line(scene: Stage, repeat: int) -> Iterator[Measure]:
    """Lines written since, over a line of 300 ms; the floor is the same requests over it."""
    for lines in LINE_SIZES:
        tag = scene.add(lines)
        counted = scene.count_far(tag)
        runs = [(scene.far(tag), scene.far_floor(counted.exchanges), scene.far(tag, "v1")) for _ in range(repeat)]
        ours, floor, older = (statistics.median(side) for side in zip(*runs, strict=True))
        title = f"line of {1000 * ROUND_TRIP_S:.0f} ms, {lines:,} lines"
        yield Measure(title, scene.lines, ours, floor, facts=counted.facts | {"v1": older})
