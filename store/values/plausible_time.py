"""Which times a clock or another machine may claim: this program's own. Anything else is an error, and is not kept.

Pure, and imports nothing: ``guanjia find`` loads it with the device's facts.
"""

from __future__ import annotations

EARLIEST_MS = 1_577_836_800_000
"""2020-01-01, in milliseconds since 1970: before this program."""
LATEST_MS = 4_102_444_800_000
"""2100-01-01, in milliseconds since 1970."""


def is_plausible(ms: int) -> bool:
    """Whether a time in milliseconds since 1970 may be the present."""
    return EARLIEST_MS <= ms < LATEST_MS
