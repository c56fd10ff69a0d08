"""Homes for the tests of the screens: the sample district, built once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual import _wait

from tests.tui.sample import make_home, sample_home
from tui.i18n import translate

_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.006, 0.0006
"""Textual's pilot waits after each key until the process was idle for this long, 20 ms by its own default: more than
half of a test's time. ``driving.settled`` waits for the workers themselves, so a short look at the loop is enough."""


@pytest.fixture(scope="session")
def sample_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample district in a home that is only copied from."""
    home = tmp_path_factory.mktemp("sample") / "home"
    sample_home(home).database.close()
    return home


@pytest.fixture
def home(sample_built: Path, tmp_path: Path) -> Path:
    """The sample district in a home of the test's own."""
    return Path(shutil.copytree(sample_built, tmp_path / "home"))


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """A ledger without a project."""
    made = make_home(tmp_path / "empty")
    made.database.close()
    return made.home


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Every test begins in Chinese, whatever the one before it spoke."""
    translate.set_language("zh")
    yield
    translate.set_language("zh")
