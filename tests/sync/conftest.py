"""What the tests of sync share: a PostgreSQL cluster for the session, and a database of either sort for a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
