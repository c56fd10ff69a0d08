"""A running central over each database, for the tests of the central."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.central_fixture import Central, running_central


@pytest.fixture
def central(tmp_path: Path, database_url: str | None) -> Iterator[Central]:
    """A central over SQLite, then over PostgreSQL."""
    with running_central(tmp_path, database_url) as running:
        yield running
