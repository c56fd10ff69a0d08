"""Fixtures of the store's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.store.queries.sample import Sample, sample


@pytest.fixture
def district(tmp_path: Path) -> Iterator[Sample]:
    """A small district in a real encrypted store."""
    made = sample(tmp_path)
    yield made
    made.ledger.database.close()
