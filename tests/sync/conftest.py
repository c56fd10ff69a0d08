"""What the tests of sync share: PostgreSQL for the session, a database of either sort, a central, laptops in step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, bureau, moved, project
from tests.sync.postgres import Cluster, cluster

PAIR = ("张甲", "李乙")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One PostgreSQL cluster; the test that asks for it says ``@pytest.mark.needs("postgresql")``."""
    with cluster() as running:
        yield running


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """The address of a fresh database, of either sort; None is the central's own SQLite file."""
    if request.param == "sqlite":
        return None
    running: Cluster = request.getfixturevalue("postgres")
    return running.database()


def _begin(folder: Path, *names: str) -> Path:
    """A central and laptops of the bureau, of these names, all in step, with one project."""
    with running_central(folder) as running:
        laptops = [bureau(folder / name, running, name) for name in names]
        project(laptops[0])
        for laptop in laptops:
            laptop.sync()
    return folder


@pytest.fixture(scope="session")
def pair_begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pair` is copied from: joining takes longer than most of what is tested then."""
    return _begin(tmp_path_factory.mktemp("pair"), *PAIR)


@pytest.fixture(scope="session")
def laptop_begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `laptop` is copied from."""
    return _begin(tmp_path_factory.mktemp("laptop"), PAIR[0])


@pytest.fixture
def begun(request: pytest.FixtureRequest) -> Path | None:
    """From what the test's central and laptops begin (a ``ground`` is its module's own); None for a central that nobody
    has joined."""
    name = next((name for name in ("pair", "laptop", "ground") if f"{name}_begun" in request.fixturenames), None)
    return None if name is None else Path(request.getfixturevalue(f"{name}_begun"))


@pytest.fixture
def at(tmp_path: Path, begun: Path | None) -> Iterator[Central]:
    """A central; that of the laptops, where the test has them."""
    with running_central(tmp_path, begun=begun) as running:
        yield running


@pytest.fixture
def pair(tmp_path: Path, at: Central, pair_begun: Path) -> tuple[Laptop, Laptop]:
    """Two laptops of two people of the bureau, both in step, with one project."""
    first, second = (moved(pair_begun / name, tmp_path / name, at) for name in PAIR)
    return first, second


@pytest.fixture
def laptop(tmp_path: Path, at: Central, laptop_begun: Path) -> Laptop:
    """A laptop in step with the central, with one project."""
    return moved(laptop_begun / PAIR[0], tmp_path / PAIR[0], at)
