"""What one district and many districts in one database bear, with two API processes over PostgreSQL.

    python -m tests.bench.districts [--districts 1 200] [--laptops 32] [--seconds 10] [--lines 20] [--fsync]

A district's writers follow one another, since each locks its row; districts do not wait for each other. Laptops send
messages of some lines without a pause, each to its own district. Printed are lines a second, the time of a message, and
the processor time of the API processes and of PostgreSQL for a line. The laptops run in this process and take their
share of the machine. Without ``--fsync`` a commit waits for no disk, as in the tests' cluster.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from store.ledger.line import new_id
from sync.central.admin.setup import add_district, write_central
from tests.bench import stage
from tests.bench.herd import descendants
from tests.bench.herd_device import Herd, HerdDevice, enrol
from tests.bench.report import Measure, as_table
from tests.bench.screen import cpu_seconds
from tests.sync.central_fixture import DISTRICT, create_central
from tests.sync.postgres import Cluster, cluster

WORKERS = 2


def main() -> None:
    """Measure each number of districts."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.districts", description=__doc__)
    parser.add_argument("--districts", type=int, nargs="+", default=(1, 200))
    parser.add_argument("--laptops", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--lines", type=int, default=20, help="lines in a message")
    parser.add_argument("--fsync", action="store_true", help="let commits wait for the disk")
    asked = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="guanjia-bench-") as place, cluster(fsync=asked.fsync) as postgres:
        for districts in asked.districts:
            folder = Path(place) / str(districts)
            found += measure(folder, postgres, districts, asked.laptops, asked.seconds, asked.lines)
    print(as_table(found))


def measure(folder: Path, postgres: Cluster, districts: int, laptops: int, seconds: float, lines: int) -> list[Measure]:
    """Lines a second, and what a message of so many lines takes."""
    create_central(folder, postgres.empty_database())
    codes = [DISTRICT, *(str(400_000 + n) for n in range(districts - 1))]
    with write_central(folder) as connection:
        for code in codes[1:]:
            add_district(connection, code, code)
    members = [member for n in range(laptops) for member in enrol(folder, codes[n % districts], [new_id()])]
    command = [*stage.GUANJIA, "central", "serve", "--data", str(folder), "--host", "127.0.0.1", "--port", "0"]
    with stage.serving([*command, "--workers", str(WORKERS)]) as server:
        herd = Herd(stage.address(server.port), members)
        processes = {"API": descendants(server.process.pid), "PostgreSQL": [postgres.pid]}
        return asyncio.run(_press(herd, processes, districts, seconds, lines))


async def _press(
    herd: Herd, processes: dict[str, list[int]], districts: int, seconds: float, lines: int
) -> list[Measure]:
    await herd.rounds()
    processes = {name: [each for pid in pids for each in descendants(pid)] for name, pids in processes.items()}
    before = {name: sum(map(cpu_seconds, pids)) for name, pids in processes.items()}
    began = time.perf_counter()
    times = await asyncio.gather(*(_send(device, began + seconds, lines) for device in herd.devices))
    took = time.perf_counter() - began
    each = [one for some in times for one in some]
    sent = len(each) * lines
    spent = {name: sum(map(cpu_seconds, pids)) - before[name] for name, pids in processes.items()}
    await herd.close()
    name = f"{districts} districts, {len(herd.devices)} laptops"
    facts: dict[str, float | int | str] = {
        "messages": len(each),
        **{f"{side} µs/line": 1e6 * cpu / sent for side, cpu in spent.items()},
        "told to come back": herd.statuses[503],
    }
    return [
        Measure(f"lines a second, {name}", sent, sent / took, unit="", facts=facts),
        Measure(f"message of {lines} lines, median, {name}", sent, statistics.median(each)),
        Measure(f"message of {lines} lines, p99, {name}", sent, sorted(each)[int(len(each) * 0.99)]),
    ]


async def _send(device: HerdDevice, until: float, lines: int) -> list[float]:
    times = []
    while (began := time.perf_counter()) < until:
        device.write(lines)
        await device.round()
        times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    main()
