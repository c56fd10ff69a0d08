"""A central on PostgreSQL that dies under load, as a process or with its server; and one whose disk is full."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from sync.central.admin import admin
from sync.exceptions import SyncError
from tests.kill.lives import KILLS
from tests.sync.central.ledger import project, visit
from tests.sync.central_fixture import CentralProcess, central_process
from tests.sync.laptops import Laptop, agree, bureau
from tests.sync.laptops import project as new_project
from tests.sync.laptops import visit as log_visit
from tests.sync.postgres import Cluster, cluster

pytestmark = [pytest.mark.soak(only=True), pytest.mark.needs("postgresql")]
SMALL_MIB, LARGE_MIB = 24, 96
LINES, MOST_PUSHES = 50, 400
MOST_OTHERS = 10
"""Lines beside the visits: the project, and who the officers are."""


@pytest.fixture
def postgres() -> Iterator[Cluster]:
    """A server of its own, since it crashes."""
    with cluster() as running:
        yield running


def test_a_central_that_dies_with_or_without_its_server_loses_and_doubles_nothing(
    postgres: Cluster, tmp_path: Path
) -> None:
    """Two laptops write and sync without a pause while the central is killed and started again, or its database server
    crashes under it: in the end all agree, and every line is at the central once."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    dice, ended = random.Random(seed), threading.Event()
    with central_process(tmp_path, postgres.empty_database()) as central:
        laptops = [bureau(tmp_path / name, central, name) for name in ("甲", "乙")]
        new_project(laptops[0])
        agree(*laptops)
        written = set[str]()
        workers = [threading.Thread(target=_work, args=(laptop, ended, written)) for laptop in laptops]
        for worker in workers:
            worker.start()
        try:
            for _ in range(max(3, KILLS // 10)):
                ended.wait(dice.uniform(0.2, 3))
                _let_die(central, postgres, dice.choice(("central", "server", "both")))
        finally:
            ended.set()
            for worker in workers:
                worker.join()
        agree(*laptops)
        assert [laptop.rows("SELECT id FROM outbox") for laptop in laptops] == [[], []]
        checked = admin.check_integrity(central.data_dir)
        assert (checked["damaged"], checked["buckets"], checked["total"]) == ([], [], False)
        assert admin.check_audit(central.data_dir).breaks == []
        assert written <= laptops[0].lines().keys()
        assert len(laptops[0].lines()) - len(written) < MOST_OTHERS


def _work(laptop: Laptop, ended: threading.Event, written: set[str]) -> None:
    """Log visits and sync until the end; a central that is away is no matter."""
    own = next(line for line in laptop.lines().values() if line.kind == "project")
    while not ended.is_set():
        for n in range(5):
            written.add(log_visit(laptop, own, f"{laptop.home.path.name} {n}").id)
        try:
            laptop.sync()
        except SyncError:
            ended.wait(0.1)


def _let_die(central: CentralProcess, postgres: Cluster, what: str) -> None:
    if what != "server":
        central.stop(signal.SIGKILL)
    if what != "central":
        postgres.restart()
    if what != "server":
        central.start()


@pytest.mark.needs("root", "linux")
def test_a_full_disk_of_the_database_server_is_told_and_loses_nothing(postgres: Cluster, tmp_path: Path) -> None:
    """The server's disk is full: pushes are answered 507 and reading goes on; with room again they go on, and every
    line that was acknowledged is there."""
    with _small_disk(postgres) as (place, url), central_process(tmp_path, url) as central:
        laptop = central.enrol("局长")
        own = project(laptop)
        laptop.push([own])
        taken, status = [own.id], 200
        for _ in range(MOST_PUSHES):
            lines = [visit(laptop, own.id, os.urandom(2_000).hex()) for _ in range(LINES)]
            answer = laptop.post("/v1/push", {"lines": [line._asdict() for line in lines]})
            if (status := answer.status_code) != 200:
                break
            taken += [line.id for line in lines]
        assert status == 507, answer.text
        assert {line["id"] for page in laptop.pull_all() for line in page["lines"]} >= set(taken)
        _mount(place, LARGE_MIB, postgres.user, again=True)
        assert {outcome["outcome"] for outcome in laptop.push(lines)} == {"applied"}
        checked = admin.check_integrity(central.data_dir)
        assert checked["lines"] == len(taken) + LINES + len(laptop.assigned)
        assert (checked["damaged"], checked["buckets"], checked["total"]) == ([], [], False)


@contextmanager
def _small_disk(postgres: Cluster) -> Iterator[tuple[Path, str]]:
    """A database on a file system of its own, and where that is."""
    place = postgres.folder / "small"
    place.mkdir()
    _mount(place, SMALL_MIB, postgres.user)
    try:
        url = postgres.empty_database()
        name = url.partition("@/")[2].partition("?")[0]
        with psycopg.connect(url.replace(f"/{name}?", "/postgres?"), autocommit=True) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
            connection.execute(f"ALTER DATABASE {name} SET TABLESPACE small".encode())
        yield place, url
    finally:
        postgres.stop()
        subprocess.run(["umount", place], check=True)
        place.rmdir()
        postgres.start()


def _mount(place: Path, mib: int, user: str, *, again: bool = False) -> None:
    options = f"{'remount,' if again else ''}size={mib}m,uid={user},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], check=True)
