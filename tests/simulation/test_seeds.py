"""Many devices, one real central, random faults: whatever the seed, the invariants hold.

What must hold is said in ``invariants.py``, what may go wrong in ``traits.py`` and ``network.py``. A failing seed
prints the command that plays it again. `GUANJIA_SEEDS` says how many seeds are played (the default is 10, always the
same ones); `GUANJIA_FIRST_SEED` from which on.
"""

from __future__ import annotations

import os

import pytest

from tests.simulation.playing import play

pytestmark = pytest.mark.soak
SEEDS = int(os.environ.get("GUANJIA_SEEDS", "10"))
FIRST = int(os.environ.get("GUANJIA_FIRST_SEED", "1"))
BROKE_ONCE = (4, 410)
"""Seeds that have found a fault: an issue's state that still counted a step given up (4); an edit put below what its
author had seen, by a clock that jumped after it (410)."""
A_TIME = 5
"""Seeds of one test: enough to be worth a name, few enough to be shared out evenly."""


def check_seeds(seeds: range | tuple[int, ...]) -> None:
    """Every one of these seeds holds."""
    for seed in seeds:
        broken = play(seed).broken
        assert not broken, f"\n  python -m tests.simulation {seed}\n" + "\n".join(broken)


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, A_TIME))
def test_whatever_the_seed_all_converge_and_nothing_is_lost(first: int) -> None:
    """Five districts, each from its founding to its quiet rounds."""
    check_seeds(range(first, min(first + A_TIME, FIRST + SEEDS)))


def test_seeds_that_broke_once_hold() -> None:
    """What was mended stays mended."""
    check_seeds(BROKE_ONCE)
