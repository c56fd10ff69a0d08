"""Commit order is cursor order under parallel pushes: a reader that polls throughout misses nothing (decision 4).

Real processes: writers push over HTTP into a central with two worker processes.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from store.ledger.line import Line
from tests.sync.central.ledger import every_id, ids, outcome_codes, project, sum_of, visit
from tests.sync.central_fixture import CentralProcess, Laptop, central_process
from tests.sync.postgres import Cluster

WRITERS, LINES = 8, 25
BATCHES = int(os.environ.get("TESTS_PUSHES", "3"))
"""Pushes of each writer."""


def write(laptop: Laptop, at_project: str, together: threading.Barrier) -> list[Line]:
    """Push batch after batch as fast as the central answers; gives all lines."""
    together.wait()
    written: list[Line] = []
    for n in range(BATCHES):
        batch = [visit(laptop, at_project, f"{n}-{m}") for m in range(LINES)]
        assert set(outcome_codes(laptop.push(batch))) == {"applied"}
        written += batch
    return written


def poll(reader: Laptop, over: threading.Event) -> list[str]:
    """Pull without a pause until the writers are done, then to the end; gives ids in the order received."""
    received: list[str] = []
    while not over.is_set():
        received += ids(reader.pull(limit=40))
    return received + every_id(reader.pull_all())


def race(central: CentralProcess) -> tuple[list[Line], list[list[str]], list[Laptop]]:
    """Writers against readers; gives the lines written, and what each reader received."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    writers = [central.enrol(f"butler {n}", "butler", projects=[own.id]) for n in range(WRITERS)]
    readers = [central.enrol("督查", "supervision_office"), central.enrol("包保", "lead_leader", projects=[own.id])]
    over, together = threading.Event(), threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS + len(readers)) as pool:
        reading = [pool.submit(poll, reader, over) for reader in readers]
        writing = [pool.submit(write, writer, own.id, together) for writer in writers]
        written = [line for each in writing for line in each.result()]
        over.set()
        return [own, *written], [each.result() for each in reading], readers


def check_race(central: CentralProcess) -> None:
    """Every reader received every line exactly once, each writer's lines in their order, and all sums agree."""
    lines, received, readers = race(central)
    wanted = [line.id for line in lines]
    for got in received:
        assert sorted(got) == sorted(wanted)
        place = {line_id: n for n, line_id in enumerate(got)}
        for writer in {line.device for line in lines}:
            places = [place[line.id] for line in lines if line.device == writer]
            assert places == sorted(places)
    for reader in readers:
        answer = reader.hello(sum_of(lines))
        assert (answer["news"], answer["equal"]) == (False, True)
        assert answer["lines"] == len(wanted) + len(reader.assigned)
    fresh = central.enrol("新来", "bureau")
    assert every_id(fresh.pull_all()) == received[0]


@pytest.mark.soak
@pytest.mark.needs("postgresql")
def test_readers_miss_nothing_on_postgresql(tmp_path: Path, postgres: Cluster) -> None:
    """Eight writers, two worker processes, PostgreSQL: two readers that poll throughout receive all lines once."""
    with central_process(tmp_path, postgres.database(), workers=2) as central:
        check_race(central)


@pytest.mark.soak
def test_readers_miss_nothing_on_sqlite(tmp_path: Path) -> None:
    """The same over SQLite, where two processes share one file."""
    with central_process(tmp_path, workers=2) as central:
        check_race(central)


@pytest.mark.needs("postgresql")
def test_several_centrals_serve_one_database(tmp_path: Path, postgres: Cluster) -> None:
    """What one central process accepted, another one on the same database sends."""
    with central_process(tmp_path, postgres.database()) as one:
        two = CentralProcess(one.data_dir, one.admin_code)
        two.start()
        try:
            writer, reader = one.enrol("局长"), two.enrol("副局长")
            own = project(writer)
            writer.push([own])
            assert ids(reader.pull()) == [own.id]
            assert ids(reader.pull()) == []
        finally:
            assert two.stop() == 0
