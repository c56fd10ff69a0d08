"""The hybrid logical clock: one 64-bit integer that orders versions although laptops' clocks are wrong.

A stamp is ``milliseconds since 1970 << 16 | counter`` (Kulkarni et al., "Logical Physical Clocks", 2014). Who saw a
version and edits it always gets a higher stamp than that version, whatever the laptop's clock says (decision 2).
Pure functions only: ``store/writer/transaction.py`` stores the last stamp, in the transaction that uses it.
"""

from __future__ import annotations

import time

COUNTER_BITS = 16
MAX_HLC = (1 << 63) - 1
MAX_CLOCK_AHEAD_MS = 120_000
"""A stamp further ahead of the central's time than this is refused as ``clock_ahead`` (decision 5)."""
MAX_OBSERVED_AHEAD_MS = 600_000
"""A stamp further ahead of this device's corrected time than this was given by a wrong clock."""


def system_clock_ms() -> int:
    """This machine's clock, in milliseconds since 1970; may be wrong by decades."""
    return time.time_ns() // 1_000_000


def hlc_from_ms(ms: int, counter: int = 0) -> int:
    """The stamp of a moment in milliseconds; moments before 1970 count as 1970."""
    return (max(ms, 0) << COUNTER_BITS) | counter


def ms_from_hlc(stamp: int) -> int:
    """The moment of a stamp, in milliseconds since 1970."""
    return stamp >> COUNTER_BITS


def tick(last: int, now_ms: int, seen: int = 0) -> int:
    """The next stamp: later than ``last`` (this device's) and ``seen`` (the version being replaced), and, when
    the clock has moved on, the clock's. A full counter carries into the milliseconds by plain addition."""
    return max(hlc_from_ms(now_ms), last + 1, seen + 1)


def next_stamp(last: int, now_ms: int, seen: int) -> tuple[int, int]:
    """The next stamp, and the last stamp to remember from then on. A version ``seen`` from a future that no clock here
    knows of, stamped by a wrong clock, is beaten by one, but draws nothing else of this device there."""
    own = tick(last, now_ms)
    stamp = min(max(own, seen + 1), MAX_HLC)
    return stamp, stamp if is_observable(stamp, now_ms) else own


def is_observable(stamp: int, now_ms: int) -> bool:
    """Whether this device may stamp after ``stamp`` from now on; not after one from a wrong clock's future."""
    return ms_from_hlc(stamp) <= now_ms + MAX_OBSERVED_AHEAD_MS


def follows_closely(stamp: int, base: int) -> bool:
    """Whether a stamp is that of an edit of ``base`` where the base, not the clock, decided it. Such a stamp is
    admitted whatever the time: who saw a version and edits it always beats it (decision 2)."""
    return 0 < base < stamp <= base + (1 << COUNTER_BITS)


def is_too_far_ahead(stamp: int, central_ms: int) -> bool:
    """Whether the central refuses this stamp as ``clock_ahead``."""
    return ms_from_hlc(stamp) > central_ms + MAX_CLOCK_AHEAD_MS
