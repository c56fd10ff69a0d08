"""Rounds killed with SIGKILL at random moments: nothing acknowledged is lost, the store stays sound, all converge."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from store.home.paths import RoundLock
from tests.sync.laptops import Laptop, agree, project_of, visit

pytestmark = pytest.mark.soak
KILLS = int(os.environ.get("TESTS_ROUND_KILLS", "24"))
LONGEST_S = 0.2

_NURSERY = """
import os, sys, traceback
from pathlib import Path
from store.home.paths import Home
from store.home.settings import load_settings
from sync.round import sync_home

home = Home(Path(sys.argv[1]))
settings = load_settings(home, {"credentials": "file"}, {})
while sys.stdin.readline():
    child = os.fork()
    if child == 0:
        try:
            sync_home(home, settings)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()
    print(os.waitpid(child, 0)[1], flush=True)
"""

Round = Callable[[float], int]


@contextmanager
def nursery(laptop: Laptop) -> Iterator[Round]:
    """Runs rounds in processes that cost only a fork. A round is given the seconds until it is killed; it gives the
    status that the process ended with."""
    command = [sys.executable, "-c", _NURSERY, str(laptop.home.path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=os.getcwd()) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said, heard = process.stdin, process.stdout

        def tell() -> int:
            said.write("\n")
            said.flush()
            return int(heard.readline())

        def run(seconds: float) -> int:
            child = tell()
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
            return tell()

        yield run
        said.close()


@pytest.mark.needs("linux")
def test_rounds_killed_at_random_lose_nothing(pair: tuple[Laptop, Laptop]) -> None:
    """While both laptops go on writing, one's rounds are killed again and again, wherever they are. Both end with every
    line ever written, equal and verified; the store is sound and the lock is free."""
    first, second = pair
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    written, killed = set(), 0
    with nursery(first) as round_for:
        for n in range(KILLS):
            written |= {visit(laptop, project_of(laptop), f"第{n}次").id for laptop in dice.choices(pair, k=2)}
            if dice.random() < 0.3:
                second.sync()
            killed += round_for(dice.uniform(0, LONGEST_S)) == signal.SIGKILL
    assert killed, f"seed {seed}: no round was killed"
    assert RoundLock(first.home.round_lock).holder() is None
    agree(first, second)
    with first.open() as device:
        assert device.ledger.database.integrity_errors() == [], f"seed {seed}"
        assert device.ledger.recompute_checksums() == [], f"seed {seed}"
    assert written <= first.lines().keys() == second.lines().keys(), f"seed {seed}"
