"""What the tests of sync share: PostgreSQL for the session, a database of either sort, a central, laptops in step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, bureau, moved, project
from tests.sync.postgres import Cluster, cluster

PAIR = ("张甲", "李乙")
ABOUT_DATABASES = (
    "tests/sync/central/db/",
    "tests/sync/central/backup/",
    "tests/sync/central/test_stateless.py",
    "tests/sync/central/test_statements.py",
)
"""Where each sort of database is asked every day. Elsewhere the rule is the same on both, and its test plays the one
today and the other tomorrow; half of the tests play each."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a rule that is not about databases be proved on one sort a day."""
    for item in items:
        callspec, marker = getattr(item, "callspec", None), item.get_closest_marker("soak")
        is_of_both = callspec is not None and "database_url" in callspec.params
        is_marked = marker is not None and bool(marker.kwargs)
        if is_of_both and not is_marked and not item.nodeid.startswith(ABOUT_DATABASES):
            item.add_marker(pytest.mark.soak(days=2, of="database_url"), append=False)


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
