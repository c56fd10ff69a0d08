"""Garbage is looked for while nobody waits: a full search stops everything for 20 to 200 ms, which a key would feel.

Little of what a screen leaves behind outlives the quick searches; the rest is found when no key has come for a while.
"""

from __future__ import annotations

import gc

YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD = 2_000, 10, 1_000
"""A quick search after so many new objects; a larger one after so many of these (some 3 ms); a full one, unasked, only
after so many of those, lest memory grow without end under somebody who never pauses."""
IDLE_S = 2.0
"""A full search may begin when no key has come for so long."""


def freeze_loaded_objects() -> None:
    """What is loaded by now stays, and is never looked through again; from now on search as said above. Called when the
    first paint is done and again when all is loaded; what garbage there is then stays too, which is little."""
    gc.freeze()
    gc.set_threshold(YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD)
    gc.enable()


def collect_full() -> None:
    """Search fully, where anything has been made since the last time."""
    _quick, larger, full = gc.get_count()
    if full or larger >= MIDDLE_THRESHOLD // 2:
        gc.collect()
