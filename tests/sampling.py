"""What a run of all tests leaves to other commits: variants of large matrices, and tests of folders where each takes
long.

``@pytest.mark.soak(turns=3)`` on a test (or, as ``pytestmark``, on all of a module's) says that each of its variants is
played in every third turn, and some of them in each; ``soak(turns=2, of="language")``, that each of its variants is
played in each turn, in one language after the other. The folders `IN_TURN` play a part of each of their modules a turn.

Each commit is the next turn, so that a commit has the same tests today and in a year, and neighbours in the history
have other parts. What proves a requirement, and the first test that a rule of a README names, is played in every turn.
A run of named files or tests plays all of them, as ``make soak`` and ``TESTS_TURN=all`` do, so who works at a thing has
all its tests. A run prints its turn; ``TESTS_TURN`` plays it again.
"""

from __future__ import annotations

import os
import re
import subprocess
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.traceability import is_whole_run

ROOT = Path(__file__).resolve().parents[1]
ALL = "all"
IN_TURN = {
    "tests/release/": 4,
    "tests/sync/central/": 5,
    "tests/sync/daemon/": 3,
    "tests/sync/rounds/": 5,
    "tests/tui/app/": 4,
    "tests/tui/cli/": 5,
    "tests/tui/data/": 3,
    "tests/tui/reports/": 4,
    "tests/tui/screens/": 5,
}
"""In how many turns all tests of a folder are played: there each starts a central, laptops, a daemon or the app, or
writes files of several formats."""
EVERY_TURN = ("tests/sync/central/db/", "tests/sync/central/test_statements.py", "tests/sync/central/test_stateless.py")
"""What of these is played whole in every turn: it asks databases and processes for what only they can do wrong."""


def turn_of(config: pytest.Config) -> str:
    """The turn whose part this run plays, a number; `ALL` of a run that plays everything. Workers are told, so that all
    of a run agree."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["turn"])
    if not is_whole_run(config) or config.getoption("update_snapshots", default=False):
        return ALL
    turn = os.environ.get("TESTS_TURN") or str(turn_of_commit(ROOT))
    if turn != ALL and not turn.isdecimal():
        raise pytest.UsageError(f"TESTS_TURN is {turn!r}: give the number of a turn, as a run prints it, or all")
    return turn


@cache
def turn_of_commit(folder: Path) -> int:
    """The turn of the commit that is checked out there: how many commits lead to it; 0 where there is no history."""
    command = ["git", "-C", str(folder), "rev-list", "--count", "HEAD"]
    try:
        counted = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:
        return 0
    return int(counted.stdout) if counted.returncode == 0 else 0


def in_this_turn(members: Sequence[str], turns: int, turn: int) -> set[str]:
    """Which of these are played in this turn: another part in each of so many turns, and never none. Neighbours of a
    matrix, of one row or column, are not kept together."""
    parts = min(turns, len(members))
    mixed = sorted(members, key=lambda name: (zlib.crc32(name.encode()), name))
    return set(mixed[(turn + zlib.crc32(min(members).encode())) % parts :: parts])


def mark_what_is_in_turn(items: Iterable[pytest.Item], folders: Mapping[str, int] = IN_TURN) -> None:
    """Mark the tests of these folders that need not be played in every turn, as by hand."""
    for item in items:
        turns = next((turns for folder, turns in folders.items() if item.nodeid.startswith(folder)), None)
        if turns is not None and not item.nodeid.startswith(EVERY_TURN) and _may_wait(item):
            item.add_marker(pytest.mark.soak(turns=turns, of="module"), append=False)


def _may_wait(item: pytest.Item) -> bool:
    own = item.get_closest_marker("soak")
    is_marked = own is not None and bool(own.kwargs)
    is_claimed = item.get_closest_marker("proves") is not None or _test_of(item) in _first_of_rules()
    return not (is_marked or is_claimed)


@cache
def _first_of_rules() -> frozenset[str]:
    """For each rule of the READMEs the test that it names first; of a file that it names, a part is played anyway."""
    texts = [(ROOT / package / "README.md").read_text("utf-8") for package in ("store", "sync", "tui", "tests")]
    return frozenset(name for text in texts for name in re.findall(r"> Proved by\s+(?:>\s+)?`(tests/[^`]+)`", text))


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def left_out(items: Iterable[pytest.Item], turn: str) -> set[str]:
    """The ids of what is not played in this turn; some of each matrix, and of each module, always is."""
    if turn == ALL:
        return set()
    matrices: dict[tuple[str, int], list[str]] = defaultdict(list)
    for item in items:
        marker = item.get_closest_marker("soak")
        if marker is not None and "turns" in marker.kwargs:
            matrices[_matrix_of(item, marker.kwargs.get("of")), marker.kwargs["turns"]].append(item.nodeid)
    return {
        name
        for (_matrix, turns), members in matrices.items()
        for name in set(members) - in_this_turn(members, turns, int(turn))
    }


def _matrix_of(item: pytest.Item, of: str | None) -> str:
    """What an item is one of: its test; its test with all parameters but the one of this name; or its module."""
    if of == "module":
        return item.nodeid.partition("::")[0]
    callspec = getattr(item, "callspec", None)
    others = sorted(callspec.indices.items()) if callspec is not None and of is not None else []
    return f"{_test_of(item)} {[(name, index) for name, index in others if name != of]}"
