"""What every test shares: the ``needs`` and ``soak`` markers, the proofs of requirements, Hypothesis' profiles."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from store.home.setting_table import ALL_SETTINGS
from tests.needs import NEEDS, all_required, missing
from tests.sampling import ALL, left_out, mark_what_is_in_turn, turn_of
from tests.scratch import use_memory
from tests.traceability import ProofCollector, note_markers

settings.register_profile(
    "default",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
    database=None,
    max_examples=50,
)
settings.register_profile("long", settings.get_profile("default"), derandomize=False, max_examples=1_000)
settings.load_profile(os.environ.get("TESTS_PROFILE", "default"))
HERE = Path(__file__).resolve().parent
SOAK = bool(os.environ.get("TESTS_SOAK"))
for variable in (setting.variable for setting in ALL_SETTINGS):
    os.environ.pop(variable, None)  # whoever runs the tests may have settings of their own
use_memory()


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known to ``--strict-markers``, and collect proofs where reports come together."""
    config.addinivalue_line("markers", f"needs(*names): runs only where these are installed: {', '.join(NEEDS)}")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ProofCollector(config))


@pytest.hookimpl(trylast=True)  # after Hypothesis has marked its properties
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``make soak`` runs the long proofs alone: what is marked for it, and every property. The suite runs all but what
    is for the soak only, and of what is played in turn the part of this turn."""
    for item in items:
        note_markers(item)
    mark_what_is_in_turn(items)
    without = left_out(items, turn_of(config))
    wanted = [item for item in items if item.nodeid not in without and (_is_long(item) if SOAK else _is_in_suite(item))]
    kept = set(wanted)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = wanted


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of xdist which turn's part all of them play."""
    node.workerinput["turn"] = turn_of(node.config)


def _is_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("soak", "hypothesis"))


def _is_in_suite(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("soak")
    return marker is None or not marker.kwargs.get("only", False)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Nothing that collecting makes is garbage: do not search among it, which took a quarter of collecting, and keep it
    out of every later search. These are rarer than by default: they took a fifth of the time of tests of screens."""
    gc.disable()
    try:
        if hasattr(session.config, "workerinput") and [Path(name).resolve() for name in session.config.args] == [HERE]:
            _import_own_part(session.config.workerinput)
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()


def _import_own_part(worker: Mapping[str, Any]) -> None:
    """Import this worker's part of the test modules before the others. pytest rewrites each module for its asserts, and
    keeps the result, which after a change or in a new clone takes longer than all else in collecting: so each worker
    rewrites a part, and finds what the others have rewritten."""
    own = int(worker["workerid"].removeprefix("gw"))
    for path in sorted(HERE.rglob("test_*.py"))[own :: worker["workercount"]]:
        with suppress(Exception):  # collecting tells of it
            import_module(".".join(path.relative_to(HERE.parent).with_suffix("").parts))


@pytest.hookimpl(trylast=True)  # once syrupy has written what it has to
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker has met a part of the pictures and nobody reads its summary: do not compare each of the others with each
    test."""
    if hasattr(session.config, "workerinput"):
        session.config.pluginmanager.unregister(name="syrupy")


def pytest_unconfigure() -> None:
    """Search once for garbage whose end raises something; pytest's own end would search all five times more."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose needs are missing, by name; fail it where all needs are required."""
    names = [name for mark in item.iter_markers("needs") for name in mark.args]
    if lacking := missing(tuple(names)):
        remedies = "; ".join(NEEDS[name].remedy for name in lacking)
        reason = f"{item.nodeid} needs {', '.join(lacking)} ({remedies})"
        if all_required():
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name every skipped test and what it lacked, before the closing line counts them, and the turn whose part was
    played."""
    if (turn := turn_of(config)) != ALL:
        terminalreporter.write_line(
            f"of what is played in turn, the part of TESTS_TURN={turn} (TESTS_TURN=all plays all)"
        )
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped for lack of something on this machine")
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(reason.removeprefix("Skipped: "))
