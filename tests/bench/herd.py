"""What a central bears: laptops that return at once, first syncs beside ordinary rounds, open streams of hints.

    herd     N laptops with a week's lines each return at once: requests, who was told to come back, seconds until all
             agree, and the central's processor time a line moved; then the same with new laptops that sync for the
             first time beside ordinary rounds, whose time is compared with that of a quiet central
    streams  N open streams of hints: bytes of the central's memory each, and how long a hint takes (p99)

The central is the real one, over SQLite, or over PostgreSQL with one, two or four worker processes (``workers``; 0 is
SQLite). The herd runs on the same machine, which makes both slow together where it is small: count, and compare.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.bench import stage
from tests.bench.herd_device import Herd, HerdDevice, Member, enrol
from tests.bench.report import Measure
from tests.bench.screen import cpu_seconds
from tests.sync.central.ledger import project, visit
from tests.sync.central_fixture import DISTRICT, Laptop, create_central
from tests.sync.postgres import Cluster, cluster

NAMES = ("herd", "streams")
LAPTOPS, STREAMS, WORKERS = 50, 500, (0,)
LINES = 5
LAPTOPS_A_PROJECT = 10
BASE_LINES = 200
"""Visits that each project has before the herd comes: what a first sync brings."""
PUSHED = 500
PROBES = 30
QUIET_TIMES = 3.0
"""An ordinary round beside first syncs should take at most so many times its quiet time."""
STREAM_BYTES = 100_000
"""10,000 streams in one gigabyte."""
HINT_S = 1.0
HINTS = 20


class Ground(NamedTuple):
    """A central with one officer of the bureau and projects, and how it is served."""

    data_dir: Path
    code: str
    workers: int
    postgres: Cluster | None

    @property
    def title(self) -> str:
        """Which database, and how many processes."""
        return f"PostgreSQL, {self.workers} workers" if self.workers else "SQLite"

    @contextlib.contextmanager
    def serving(self) -> Iterator[stage.Serving]:
        """The real central, while the block runs."""
        command = [*stage.GUANJIA, "central", "serve", "--data", str(self.data_dir), "--host", "127.0.0.1", "--port"]
        with stage.serving([*command, "0", "--workers", str(self.workers or 1)]) as server:
            yield server

    def cpu(self, server: stage.Serving) -> float:
        """Processor time of the central's processes, and of its database's."""
        pids = descendants(server.process.pid)
        if self.postgres is not None:
            pids += descendants(self.postgres.pid)
        return sum(cpu_seconds(pid) for pid in pids)


def descendants(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in descendants(int(child)))]


@contextlib.contextmanager
def grounds(place: Path, workers: Sequence[int]) -> Iterator[Iterator[Ground]]:
    """A new central for each number of workers."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(cluster()) if any(workers) else None
        numbers = count()

        def made() -> Iterator[Ground]:
            for each in workers:
                data_dir = place / f"central-{next(numbers)}"
                url = postgres.empty_database() if postgres and each else None
                yield Ground(data_dir, create_central(data_dir, url), each, postgres if each else None)

        yield made()


def begin(url: str, ground: Ground, projects: int, base: int) -> list[str]:
    """Projects with visits of before."""
    boss = Laptop(url)
    boss.join(ground.code)
    made = [project(boss, str(n)) for n in range(projects)]
    for each in made:
        lines = [each, *(visit(boss, each.id, f"走访企业，了解用电和用工情况，第{n}次") for n in range(base))]
        for start in range(0, len(lines), PUSHED):
            boss.push(lines[start : start + PUSHED])
    boss.client.close()
    return [each.id for each in made]


def measure(
    place: Path, wanted: Sequence[str], laptops: int = LAPTOPS, streams: int = STREAMS, workers: Sequence[int] = WORKERS
) -> Iterator[Measure]:
    """The wanted measurements, for each number of workers."""
    for name, how, many in (("herd", _herd, laptops), ("streams", _streams, streams)):
        if name in wanted:
            with grounds(place / name, workers) as made:
                for ground in made:
                    yield from how(ground, many)


# The herd


def _herd(ground: Ground, laptops: int) -> Iterator[Measure]:
    projects = max(laptops // LAPTOPS_A_PROJECT, 1)
    with ground.serving() as server:
        url = stage.address(server.port)
        ids = begin(url, ground, projects, BASE_LINES)
        members = enrol(ground.data_dir, DISTRICT, [ids[n % projects] for n in range(laptops)])
        newcomers = enrol(ground.data_dir, DISTRICT, [ids[n % projects] for n in range(laptops)])
        yield from asyncio.run(_return_at_once(ground, server, url, members, newcomers))


async def _return_at_once(
    ground: Ground, server: stage.Serving, url: str, members: Sequence[Member], newcomers: Sequence[Member]
) -> list[Measure]:
    herd, title, laptops = Herd(url, members), ground.title, len(members)
    found = [await _counted(f"herd, first syncs, {title}", ground, server, herd)]
    for device in herd.devices:
        device.write(LINES)
    found.append(await _counted(f"herd, {LINES} lines each, {title}", ground, server, herd))
    own = herd.devices[0]
    quiet = [await _round_of(own, n) for n in range(PROBES)]
    asked = ground.data_dir.with_suffix(".json")
    asked.write_text(json.dumps(newcomers))
    new = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.herd_device", url, str(asked), stdout=asyncio.subprocess.PIPE
    )
    coming = asyncio.create_task(new.communicate())
    beside: list[float] = []
    while not coming.done():
        beside.append(await _round_of(own, len(beside)))
    counted = json.loads((await coming)[0])
    if counted.pop("agreed") != laptops:
        raise RuntimeError("a first sync did not end in agreement")
    facts: dict[str, float | int | str] = {"rounds": len(beside), "first syncs": laptops, **counted}
    ours, floor = statistics.median(beside), statistics.median(quiet)
    found.append(Measure(f"round beside first syncs, {title}", 0, ours, floor, reach=QUIET_TIMES, facts=facts))
    await herd.close()
    return found


async def _counted(name: str, ground: Ground, server: stage.Serving, herd: Herd) -> Measure:
    """All rounds until the herd agrees: the central's microseconds of processor time a line that went either way."""
    before, cpu, began = _moved(herd), ground.cpu(server), time.perf_counter()
    herd.statuses.clear()
    waves = await herd.until_agreed()
    lines, seconds = _moved(herd) - before, time.perf_counter() - began
    spent = 1e6 * (ground.cpu(server) - cpu) / max(lines, 1)
    facts: dict[str, float | int | str] = {"laptops": len(herd.devices), "seconds": seconds, "waves": waves}
    return Measure(name, lines, spent, unit="µs/line", facts=facts | _refusals(herd))


def _moved(herd: Herd) -> int:
    return sum(len(device.digests) for device in herd.devices)


def _refusals(herd: Herd) -> dict[str, float | int | str]:
    return {"requests": herd.statuses.total(), "told to come back": herd.statuses[503]}


async def _round_of(device: HerdDevice, n: int) -> float:
    """Seconds of one round, every second time with a line."""
    device.write(n % 2)
    began = time.perf_counter()
    await device.round()
    return time.perf_counter() - began


# Streams


def _streams(ground: Ground, streams: int) -> Iterator[Measure]:
    projects = max(streams // LAPTOPS_A_PROJECT, 1)
    with ground.serving() as server:
        url = stage.address(server.port)
        ids = begin(url, ground, projects, 1)
        members = enrol(ground.data_dir, DISTRICT, [ids[n % projects] for n in range(streams)])
        yield from asyncio.run(_listen(ground, server, members))


async def _listen(ground: Ground, server: stage.Serving, members: Sequence[Member]) -> list[Measure]:
    pids, arrivals = descendants(server.process.pid), dict[str, list[float]]()
    before = sum(map(_resident, pids))
    opened = [await _open(server.port, n, member, arrivals) for n, member in enumerate(members)]
    bytes_each = (sum(map(_resident, pids)) - before) / len(members)
    facts: dict[str, float | int | str] = {"streams": len(members)}
    found = [Measure(f"memory of a stream, {ground.title}", 0, bytes_each, unit="B", reach=STREAM_BYTES, facts=facts)]
    waits = []
    for n in range(HINTS):
        writer = Herd(stage.address(server.port), [members[n * len(members) // HINTS]])
        await writer.until_agreed()
        arrivals.clear()
        writer.devices[0].write(1)
        began = time.perf_counter()
        await writer.devices[0].round()
        mates = sum(member.project == writer.devices[0].member.project for member in members) - 1
        async with asyncio.timeout(60):
            while len(arrivals) < mates:
                await asyncio.sleep(0.01)
        waits += [times[0] - began for times in arrivals.values()]
        await writer.close()
    worst = sorted(waits)[int(len(waits) * 0.99) - 1]
    facts = {"hints": len(waits), "median": statistics.median(waits)}
    found.append(Measure(f"hint, p99, {ground.title}", 0, worst, reach=HINT_S, facts=facts))
    for task, writing in opened:
        task.cancel()
        writing.close()
    return found


async def _open(
    port: int, n: int, member: Member, arrivals: dict[str, list[float]]
) -> tuple[asyncio.Task[None], asyncio.StreamWriter]:
    """An open stream, which writes down when hints came."""
    reading, writing = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.{1 + n // 200}.1", 0))
    writing.write(f"GET /v1/live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {member.token}\r\n\r\n".encode())
    await reading.readuntil(b": here")

    async def hear() -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reading.readuntil(b"event: hint")
                arrivals.setdefault(member.device, []).append(time.perf_counter())

    return asyncio.create_task(hear()), writing


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) * 1024
