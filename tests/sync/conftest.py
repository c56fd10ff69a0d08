"""What the tests of sync share: PostgreSQL for the session, a database of either sort, a central, laptops in step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, bureau, project
from tests.sync.postgres import Cluster, cluster


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


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Central]:
    """A central."""
    with running_central(tmp_path) as running:
        yield running


@pytest.fixture
def pair(tmp_path: Path, at: Central) -> tuple[Laptop, Laptop]:
    """Two laptops of two people of the bureau, both in step, with one project."""
    first, second = bureau(tmp_path / "a", at, "张甲"), bureau(tmp_path / "b", at, "李乙")
    project(first)
    first.sync()
    second.sync()
    return first, second


@pytest.fixture
def laptop(tmp_path: Path, at: Central) -> Laptop:
    """A laptop in step with the central, with one project."""
    laptop = bureau(tmp_path / "a", at, "张甲")
    project(laptop)
    laptop.sync()
    return laptop
