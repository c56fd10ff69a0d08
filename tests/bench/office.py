"""What a home does by itself, ÷ its floor: writing mixed lines, recomputing every state, and each report.

    apply      N mixed lines through the ledger ÷ the same rows into the same tables with the same lookup index, bare
    recompute  every issue's state anew from its steps ÷ reading those same rows
    report …   ``guanjia report`` as a whole process ÷ the same lines read and written as CSV, with its peak memory

Each run is a process of its own (`python -m tests.bench.office VERB …`), so that peaks of memory are its own.
"""

from __future__ import annotations

import csv
import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.ledger.kinds import kinds
from store.writer.issue_repair import repair_issue_states
from tests.bench import stage
from tests.bench.device import PAGE, opened
from tests.bench.lines import district
from tests.bench.report import Measure
from tests.bench.screen import peak_mb
from tests.bench.tables import connect, pages, read_table
from tui.reports.options import REPORTS

NAMES = ("apply", "recompute", "reports")
REACH_MB = 150
"""A report of 100,000 lines streams: its peak does not grow with its rows."""
READ = ("SELECT * FROM issue", "SELECT * FROM issue_step", "SELECT * FROM issue_state")
LOOKUP = ("search_line",)


def measure(home: Path, lines: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements; ``home`` is filled with ``lines`` lines."""
    place = home.with_name("office")
    if "apply" in wanted:
        yield _measure("apply, mixed lines", lines, repeat, ("apply", home, place, lines), ("bare_apply", home, place))
    if "recompute" in wanted:
        yield _measure("recompute, every state", lines, repeat, ("recompute", home), ("bare_read", home))
    if "reports" in wanted:
        for name in REPORTS:
            out = place.with_suffix(".xlsx")
            found = _measure(f"report {name}", lines, repeat, ("report", home, name, out), ("bare_csv", home, out))
            yield found
            yield Measure(f"memory, report {name}", lines, float(found.facts["MB"]), unit="MB", reach=REACH_MB)


def _measure(title: str, lines: int, repeat: int, ours: Sequence[object], floor: Sequence[object]) -> Measure:
    pairs = [(_run(ours), _run(floor)) for _ in range(repeat)]
    our, their = (statistics.median(one["seconds"] for one in side) for side in zip(*pairs, strict=True))
    peak = max(one["peak_mb"] for one, _ in pairs)
    return Measure(title, lines, our, their, facts={"MB": round(peak, 1), "MB floor": round(pairs[0][1]["peak_mb"], 1)})


def _run(arguments: Sequence[object]) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.office", *map(str, arguments)]
    done = subprocess.run(command, env=stage.ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


# In a process of its own


def apply(home: Path, place: Path, lines: int) -> float:
    """Write as many lines into an empty ledger, in pages of `PAGE`."""
    ledger = opened(_empty(home, place))
    drafts = list(district(lines))
    kinds()
    start = time.perf_counter()
    waiting = iter(drafts)
    while page := list(islice(waiting, PAGE)):
        ledger.put_many(page)
    return time.perf_counter() - start


def bare_apply(home: Path, place: Path) -> float:
    """Write the rows of the filled ledger's kinds, outbox and lookup into an empty encrypted file, page by page."""
    key = open_credentials(Home(home), "file").key()
    source = connect(home / "ledger.db", key)
    names = [*kinds(), "outbox", "issue_state", *LOOKUP]
    tables = [(read_table(source, name), source.execute(f"SELECT * FROM {name}").fetchall()) for name in names]
    words = source.execute("SELECT rowid, title || people || brief FROM search_line").fetchall()
    place.mkdir(exist_ok=True)
    target = place / "bare.db"
    target.unlink(missing_ok=True)
    connection = connect(target, key)
    for table, _rows in tables:
        table.create(connection)
    connection.execute("CREATE VIRTUAL TABLE word USING fts5(words, content='', tokenize='ascii')")
    start = time.perf_counter()
    for page in pages(tables, PAGE * 2):
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in page:
            connection.executemany(table.insert, rows)
        connection.execute("COMMIT")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO word (rowid, words) VALUES (?, ?)", words)
    connection.execute("COMMIT")
    return time.perf_counter() - start


def recomputed(home: Path) -> float:
    """Work every state out anew; raises when one differs."""
    database = opened(home).database
    kinds()
    start = time.perf_counter()
    _count, differing = repair_issue_states(database, 0)
    spent = time.perf_counter() - start
    if differing:
        raise RuntimeError(f"{len(differing)} states differed")
    return spent


def bare_read(home: Path) -> float:
    """Read the rows that states follow from."""
    connection = connect(home / "ledger.db", open_credentials(Home(home), "file").key())
    start = time.perf_counter()
    for query in READ:
        connection.execute(query).fetchall()
    return time.perf_counter() - start


def report(home: Path, name: str, out: Path) -> float:
    """The report as people make it, in a process that `main` tells the peak of."""
    start = time.perf_counter()
    stage.guanjia("report", name, "--out", out, "--overwrite", "--home", home)
    return time.perf_counter() - start


def bare_csv(home: Path, out: Path) -> float:
    """Every visit and issue of the ledger as CSV, with nothing looked up."""
    start = time.perf_counter()
    connection = connect(home / "ledger.db", open_credentials(Home(home), "file").key())
    with out.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for table in ("visit", "issue"):
            writer.writerows(connection.execute(f"SELECT * FROM {table}"))
    return time.perf_counter() - start


def _empty(home: Path, place: Path) -> Path:
    """A home of the same person with nothing in its ledger."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(home, place, ignore=shutil.ignore_patterns("ledger.db*"))
    stage.guanjia("init", "--home", place / "new", "--district", "210900", "--name", "乙")
    return place / "new"


def main() -> None:
    """Do what is asked; tell the seconds and the peak memory."""
    verb, *rest = sys.argv[1:]
    verbs: dict[str, Callable[..., float]] = {
        "apply": lambda home, place, lines: apply(Path(home), Path(place), int(lines)),
        "bare_apply": lambda home, place: bare_apply(Path(home), Path(place)),
        "recompute": lambda home: recomputed(Path(home)),
        "bare_read": lambda home: bare_read(Path(home)),
        "report": lambda home, name, out: report(Path(home), name, Path(out)),
        "bare_csv": lambda home, out: bare_csv(Path(home), Path(out)),
    }
    told: dict[str, Any] = {"seconds": verbs[verb](*rest)}
    print(json.dumps(told | {"peak_mb": _peak()}))


def _peak() -> float:
    """The most memory of this process or of a child that it waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return max(peak_mb(), children)


if __name__ == "__main__":
    main()
