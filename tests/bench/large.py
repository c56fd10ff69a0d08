"""Commands on a large store, each as a whole process: how soon the first row is there, the whole time, peak memory.

    first row …      from the start of the process to its first byte on a pipe ÷ a command that prints one fact
    whole store …    ``doctor``, ``dump`` and ``backup``, which look at everything ÷ reading each page of the file once

Reading is done as SQLCipher does it: every page decrypted and its authentication tag checked.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from store.home.credentials import open_credentials
from store.home.paths import Home
from tests.bench import stage
from tests.bench.report import Measure
from tests.bench.screen import peak_mb
from tests.bench.tables import connect

NAMES = ("large",)
LISTS = (("today",), ("project", "list"), ("issue", "list"))
WHOLE = (("doctor",), ("dump", "--ndjson"), ("backup",))
MEMORY_MB = 120
"""What a command may use, whatever the store's size: the program itself takes half of it."""


class Run(NamedTuple):
    """Seconds to the first byte and to the end, seconds of processor time, and the peak of memory in megabytes."""

    first: float
    whole: float
    cpu: float
    peak_mb: float


def measure(home: Path, lines: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements of a filled home."""
    if "large" not in wanted:
        return
    for words in LISTS:
        ours, floor = _pairs(repeat, partial(run_apart, home, *words), partial(run_apart, home, "settings"))
        facts = _facts(ours, floor)
        yield Measure(f"first row, {' '.join(words)} ÷ start", lines, ours.first, floor.first, facts=facts)
    for words in WHOLE:
        ours, floor = _pairs(repeat, partial(run_apart, home, *words), partial(run_apart, home, "read"))
        name = f"whole store, {words[0]} ÷ reading the file"
        yield Measure(name, lines, ours.whole, floor.whole, reach=2.0, facts=_facts(ours, floor))
        yield Measure(f"memory, {words[0]}", lines, ours.peak_mb, unit="MB", reach=MEMORY_MB)


def _pairs(repeat: int, ours: Callable[[], Run], floor: Callable[[], Run]) -> tuple[Run, Run]:
    """Medians of both, run in turn, so that both meet the same weather."""
    pairs = [(ours(), floor()) for _ in range(repeat)]
    return _median([run for run, _ in pairs]), _median([run for _, run in pairs])


def run(home: Path, *words: str) -> Run:
    """One command, its output read to the end and thrown away. Raises `RuntimeError` where it fails."""
    command = [*stage.GUANJIA, *words, "--home", str(home)]
    start = time.perf_counter()
    process = subprocess.Popen(command, env=stage.ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    os.read(process.stdout.fileno(), 1)
    first = time.perf_counter() - start
    while os.read(process.stdout.fileno(), 1 << 20):
        continue
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    whole = time.perf_counter() - start
    if process.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(command)}: {process.returncode}")
    return Run(first, whole, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def run_apart(home: Path, *words: str) -> Run:
    """One run, started by a small process: a program's peak of memory is at least that of the process that it is
    forked from, and the bench's own is large."""
    command = [sys.executable, "-m", "tests.bench.large", str(home), *words]
    done = subprocess.run(command, env=stage.ENVIRONMENT, capture_output=True, text=True, check=True)
    return Run(*json.loads(done.stdout))


def read_pages(home: Path) -> Run:
    """Read each page of the store's file once; without the start of a process."""
    connection = connect(home / "ledger.db", open_credentials(Home(home), "file").key())
    start, worked = time.perf_counter(), time.process_time()
    connection.execute("PRAGMA cipher_integrity_check").fetchall()
    whole = time.perf_counter() - start
    return Run(whole, whole, time.process_time() - worked, peak_mb())


def _run_whole(home: Path, *words: str) -> Run:
    with tempfile.TemporaryDirectory(prefix="guanjia-bench-", dir=home.parent) as place:
        return run(home, *words, *([f"{place}/copy.db"] if words[0] == "backup" else []))


def _facts(ours: Run, floor: Run) -> dict[str, float | int | str]:
    """What other people's work on the machine does not lengthen, and memory."""
    cpu = {"cpu ours": round(ours.cpu, 2), "cpu floor": round(floor.cpu, 2)}
    return {"whole": round(ours.whole, 2), **cpu, "MB": round(ours.peak_mb)}


def _median(runs: Sequence[Run]) -> Run:
    return Run(*map(statistics.median, zip(*runs, strict=True)))


def main() -> None:
    """`python -m tests.bench.large HOME COMMAND …`: one run of one command, as JSON; of ``read``, its seconds."""
    home, *words = sys.argv[1:]
    print(json.dumps(read_pages(Path(home)) if words == ["read"] else _run_whole(Path(home), *words)))


if __name__ == "__main__":
    main()
