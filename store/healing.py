"""Wrong clocks, healed: which unsent lines get which new stamp once the clock's offset is known (decision 5).

Pure. A line stamped while the clock was believed to be ``drift_ms`` off happened ``offset_ms - drift_ms`` later than
its stamp says, so that a laptop at 1999 and one at 2030 both end up with the times at which people really wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from store.clock import AHEAD_LIMIT_MS, ms_of, tick

DRIFT_LIMIT_MS = 2_000
"""A line stamped with a clock that was off by no more than this keeps its stamp."""


class Stamped(NamedTuple):
    """An unsent line's stamp, that of the central's version below it (0 for none), and the offset believed then."""

    id: str
    stamp: int
    base_stamp: int
    drift_ms: int


def restamps(unsent: Iterable[Stamped], offset_ms: int, now_ms: int) -> dict[str, int]:
    """New stamps by line id, only for those that change. Nothing is put after ``now_ms`` but by counting up; each line
    still beats what it replaced; and once one line moves, those behind it follow, so that the order of a device's own
    acts stays as it was."""
    plan: dict[str, int] = {}
    last = 0
    for line in sorted(unsent, key=lambda line: (line.stamp, line.id)):
        wrong_by = offset_ms - line.drift_ms
        off = abs(wrong_by) > DRIFT_LIMIT_MS or ms_of(line.stamp) > now_ms + AHEAD_LIMIT_MS
        stamp = line.stamp
        if off or stamp <= max(last, line.base_stamp):
            stamp = tick(last, min(ms_of(stamp) + wrong_by, now_ms), line.base_stamp)
        if stamp != line.stamp:
            plan[line.id] = stamp
        last = stamp
    return plan
