"""Bytes of attachments on a slow line that breaks, while device and central are killed: none is lost, none is kept
twice, and what was on its way goes on within a part."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import func, select

from sync.central.admin import admin
from sync.central.admin.setup import read_central
from sync.central.db.tables import BLOB, BLOB_PART
from sync.protocol.blobs import MAX_RAW_PARTS, PART_BYTES
from sync.round.blobs import ABREAST
from sync.round.part_calls import FAST_CALL_S
from tests.sync.central.api.test_serve import eventually
from tests.sync.central_fixture import CentralProcess, central_process
from tests.sync.laptops import Laptop, bureau, project
from tests.sync.rounds.test_blobs import JPEG, attached, here, queue_of, want_originals
from tests.sync.slow_line import SlowLine

pytestmark = pytest.mark.soak
KILLS = int(os.environ.get("TESTS_BLOB_KILLS", "6"))
"""So many times something is killed or cut, in each direction, in one share."""
SHARES = int(os.environ.get("TESTS_BLOB_SHARES", "1"))
"""So many runs, each with a central and laptops of its own, which may go side by side."""
RATE = int(os.environ.get("TESTS_BLOB_RATE", "300000"))
"""Bytes a second of the line; 8,000 are 64 kbit/s."""
LAST_RATE = max(RATE, 1_000_000)
"""What is left once nothing is killed any more travels so fast."""
MOST_BETWEEN = 3 * PART_BYTES
"""Each kill and cut comes after fewer bytes more than these, so within a part, or between two, soon or late."""
BEGIN_BYTES = 16 << 10
"""More than what device and central say before bytes of files travel: what is cut there is said again."""
FILE_BYTES = 5 * PART_BYTES // 2
FILES = KILLS * MOST_BETWEEN // FILE_BYTES + 2
"""As many as keep the line busy while all that happens."""
PATIENCE_S = 240.0 + MOST_BETWEEN / RATE
"""A line on which nothing moves for so long is a fault of the program."""
CALL_BYTES = PART_BYTES if FAST_CALL_S * RATE < PART_BYTES else min(FILE_BYTES, MAX_RAW_PARTS * PART_BYTES)
"""A call carries no more: on a slow line one part, on a good one many, of one file."""
UNDER_WAY = 1 if CALL_BYTES == PART_BYTES else ABREAST
"""So many files are on their way at a time: on a slow line one."""
SLACK = 48 << 10
"""Bytes beside those of files that a run moves, heads and questions, and of what is cut off within a part."""
_NURSERY = """
import asyncio, os, sys, traceback
from pathlib import Path
from store.home.paths import Home
from store.home.settings import load_settings
from sync.device.device import Device
from sync.round import connect_central
from sync.round.blobs import BlobBudget, move_blobs

home, address = Home(Path(sys.argv[1])), sys.argv[2]
settings = load_settings(home, {"credentials": "file"}, {})

async def moved(device):
    async with connect_central(device, address) as central:
        await move_blobs(device, central, BlobBudget(3_600.0))

while sys.stdin.readline():
    child = os.fork()
    if child == 0:
        try:
            with Device.open(home, settings) as device:
                asyncio.run(moved(device))
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    print(os.waitpid(child, 0)[1], flush=True)
"""
Run = Callable[[Callable[[int], None]], int]


@contextmanager
def nursery(laptop: Laptop, port: int) -> Iterator[Run]:
    """Lets bytes travel over a port, in processes that cost only a fork: what is done to one, named by its number, is
    an argument; gives the status that it ended with."""
    command = [sys.executable, "-c", _NURSERY, str(laptop.home.path), f"http://127.0.0.1:{port}"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=os.getcwd()) as process:
        assert process.stdin is not None and process.stdout is not None
        said, heard = process.stdin, process.stdout

        def tell() -> int:
            said.write("\n")
            said.flush()
            return int(heard.readline())

        def run(do: Callable[[int], None]) -> int:
            do(tell())
            return tell()

        yield run
        said.close()


class Way(NamedTuple):
    """A direction: how many bytes of files have arrived, and how many of all the line has delivered in it."""

    arrived: Callable[[], int]
    delivered: Callable[[], int]


def disturb(run: Run, way: Way, line: SlowLine, central: CentralProcess, dice: random.Random) -> None:
    """Kill the device or the central, or cut the line, somewhere on the way; what had arrived is kept, and what is to
    be moved again is no more than a part, of a side that was killed no more than a call, of each file on its way."""
    arrived, delivered = way.arrived(), way.delivered()
    what = dice.choice(("device", "central", "line"))
    after = dice.randrange(BEGIN_BYTES, MOST_BETWEEN)

    def wait() -> None:
        assert line.wait_until(lambda: way.delivered() >= delivered + after, PATIENCE_S), f"{what}: nothing moves"

    def device_dies(child: int) -> None:
        wait()
        os.kill(child, signal.SIGKILL)

    def central_dies(_child: int) -> None:
        wait()
        central.stop(signal.SIGKILL)

    line.cut_after = after if what == "line" else None
    run({"device": device_dies, "central": central_dies}.get(what, lambda _child: None))
    line.drop(PATIENCE_S)
    if what == "central":
        central.start()
    lost = UNDER_WAY * (PART_BYTES if what == "line" else CALL_BYTES)

    def again() -> int:
        return (way.delivered() - delivered) - (way.arrived() - arrived)

    assert eventually(lambda: again() <= lost + SLACK), f"{what}: {again()} bytes are moved again"
    assert way.arrived() >= arrived, what


def at_central(central: CentralProcess) -> int:
    """How many bytes of files are at the central, whole or coming."""
    with read_central(central.data_dir) as connection:
        return int(connection.execute(select(func.coalesce(func.sum(BLOB.c.received), 0))).scalar_one())


def on_disk(laptop: Laptop) -> int:
    """How many bytes of files are on a laptop, whole or coming, as they lie there."""
    folder = laptop.home.path / "ledger.attachments"
    return sum(path.stat().st_size for path in folder.glob("*"))


@pytest.mark.soak(turns=4)
@pytest.mark.needs("linux")
@pytest.mark.parametrize("share", range(SHARES))
def test_bytes_arrive_once_whatever_is_killed(tmp_path: Path, share: int) -> None:
    """Pictures go up to the central and down to another laptop, while device, central and line fail again and again:
    at the end both laptops and the central have each of them whole and once, and nothing of what was coming is left."""
    seed = random.randrange(1 << 32) + share
    dice = random.Random(seed)
    contents = [JPEG + dice.randbytes(FILE_BYTES) for _ in range(FILES)]
    with central_process(tmp_path) as central:
        first, second = bureau(tmp_path / "first", central), bureau(tmp_path / "second", central, "李乙")
        of = project(first)
        for number, content in enumerate(contents):
            attached(first, of.id, tmp_path, f"{number}.jpg", content)
        for laptop in (first, second):
            laptop.sync_through(lambda asked: asked)
        want_originals(second)
        unfinished = 0
        with SlowLine(int(central.url.rpartition(":")[2]), RATE).carrying() as line:
            up = Way(lambda: at_central(central), lambda: line.up)
            down = Way(lambda: on_disk(second), lambda: line.down)
            for laptop, way in ((first, up), (second, down)):
                line.rate = RATE
                with nursery(laptop, line.port) as run:
                    for _ in range(KILLS):
                        disturb(run, way, line, central, dice)
                        unfinished += way.arrived() < FILES * FILE_BYTES
                    print(f"{KILLS} kills and cuts, {way.delivered()} bytes moved, {way.arrived()} arrived")
                    line.cut_after, line.rate = None, LAST_RATE
                    assert run(lambda _child: None) == 0, f"seed {seed}"
        assert unfinished >= KILLS, f"seed {seed}: most kills came when all was done"
        with read_central(central.data_dir) as connection:
            rows = connection.execute(select(BLOB.c.size, BLOB.c.received, BLOB.c.whole_at.is_not(None))).all()
            parts = connection.execute(select(func.count()).select_from(BLOB_PART)).scalar_one()
        assert sorted(row[0] for row in rows)[FILES:] == [len(content) for content in contents], f"seed {seed}"
        assert {(row[0] == row[1], row[2]) for row in rows} == {(True, True)}, f"seed {seed}"
        assert parts == sum(-(-row[0] // PART_BYTES) for row in rows)
        assert here(first) == here(second) >= set(contents), f"seed {seed}"
        assert queue_of(first) == queue_of(second) == []
        assert admin.check_integrity(central.data_dir)["buckets"] == []
