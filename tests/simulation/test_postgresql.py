"""The same districts on a real PostgreSQL whose server crashes and starts again: the invariants hold there too."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.simulation.central import DatabaseServer
from tests.simulation.playing import play
from tests.sync.postgres import Cluster, cluster

SEEDS = int(os.environ.get("GUANJIA_SEEDS", "100")) // 100
FIRST = int(os.environ.get("GUANJIA_FIRST_SEED", "1"))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    """A server of its own, since it crashes."""
    with cluster() as running:
        yield running


@pytest.mark.soak(only=True)
@pytest.mark.needs("postgresql")
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_a_database_server_that_crashes_loses_and_doubles_nothing(postgres: Cluster, seed: int) -> None:
    """Laptops and central go on after each crash: all converge, and what was acknowledged is there."""
    assert play(seed, server=DatabaseServer(postgres.database(), postgres.restart)).broken == []
