"""A central and laptops in step with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, bureau, project


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
