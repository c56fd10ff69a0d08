"""How many examples an expensive property takes: few in the suite, ten times as many in ``make soak``."""

from __future__ import annotations

import os


def examples(in_suite: int) -> int:
    """The number of examples for Hypothesis' ``max_examples``, where the suite can afford so many."""
    return in_suite * (10 if os.environ.get("TESTS_PROFILE") == "long" else 1)
