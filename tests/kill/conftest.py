"""What the tests that kill share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kill.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A central and two laptops."""
    return Office(tmp_path)
