"""How many examples an expensive property takes: few in the suite, ten times as many in ``make soak``."""

from __future__ import annotations

import os


def examples(in_suite: int, in_soak: int | None = None) -> int:
    """The number of examples of a property, where the suite can afford so many."""
    return (in_soak or in_suite * 10) if os.environ.get("TESTS_PROFILE") == "long" else in_suite
