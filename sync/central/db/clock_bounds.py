"""The bounds of the central's clock, pure: how far the present time may be from the latest at which it wrote anything.

Next: ``sync/central/clock.py`` (what happens outside the bounds).
"""

from __future__ import annotations

MAX_BEHIND_MS = 300_000
"""So much the clock may be behind the latest write: corrections by the network's time are smaller."""
MAX_AHEAD_MS = 86_400_000
"""So much time may pass between two writes before the clock's word for it is not enough."""


def is_contradicted(doubt_at: int | None, now_ms: int) -> bool:
    """Whether the clock is one that people contradicted at ``doubt_at``: not once it was set back to before that."""
    return doubt_at is not None and doubt_at <= now_ms


def is_within_bounds(mark_ms: int, now_ms: int) -> bool:
    """Whether a clock that says ``now_ms`` may write after a write at ``mark_ms``; 0 is no write yet."""
    return not mark_ms or mark_ms - MAX_BEHIND_MS <= now_ms <= mark_ms + MAX_AHEAD_MS
