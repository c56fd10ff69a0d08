"""What every test shares: the ``needs`` marker (see ``tests/needs.py``) and Hypothesis' profiles."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import NEEDS, all_required, missing

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("default"), max_examples=2_000)
settings.load_profile(os.environ.get("TESTS_PROFILE", "default"))


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known to ``--strict-markers``."""
    config.addinivalue_line("markers", f"needs(*names): runs only where these are installed: {', '.join(NEEDS)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose needs are missing, by name; fail it where all needs are required."""
    names = [name for mark in item.iter_markers("needs") for name in mark.args]
    if lacking := missing(tuple(names)):
        remedies = "; ".join(NEEDS[name].remedy for name in lacking)
        reason = f"{item.nodeid} needs {', '.join(lacking)} ({remedies})"
        if all_required():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name every skipped test and what it lacked, before the closing line counts them."""
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped for lack of something on this machine")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(reason.removeprefix("Skipped: "))
