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


def is_too_far_ahead(stamp: int, central_ms: int) -> bool:
    """Whether the central refuses this stamp as ``clock_ahead``."""
    return ms_from_hlc(stamp) > central_ms + MAX_CLOCK_AHEAD_MS
