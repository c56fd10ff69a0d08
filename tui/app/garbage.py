"""Garbage collection while the person is idle: a full collection stops everything for 20 to 200 ms, which a key would
feel.

Little of what a screen leaves behind survives the quick collections; the rest is collected when no key has been pressed
for a while.
"""

from __future__ import annotations

import gc

YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD = 2_000, 10, 1_000
"""Thresholds of `gc`: a quick collection after so many new objects; a middle one after so many of these (some 3 ms); a
full one only after so many of those, so that memory stays bounded without any pause."""
IDLE_S = 2.0
"""A full collection may begin after so many seconds without a key."""


def freeze_loaded_objects() -> None:
    """Exclude everything that is loaded from collection, and set the thresholds. Called after the first paint and again
    when everything is loaded; garbage that exists then stays, which is little."""
    gc.freeze()
    gc.set_threshold(YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD)
    gc.enable()


def collect_full() -> None:
    """Search fully, where anything has been made since the last time."""
    _quick, larger, full = gc.get_count()
    if full or larger >= MIDDLE_THRESHOLD // 2:
        gc.collect()
