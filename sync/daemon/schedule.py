"""When the daemon's next round is due: interval and backoff with jitter. Pure: clock and random source are
arguments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

MAX_BACKOFF_S = 300.0
"""The upper bound of the backoff, unless the central asks for more."""
INITIAL_BACKOFF_S = 2.0
"""Doubled by every failure: the upper bound of the wait after the first one is 4 seconds."""
MIN_RETRY_S = 5.0
"""After a failure no commit or hint brings the next round sooner than this."""

Jitter = Callable[[float, float], float]


@dataclass(slots=True)
class RoundSchedule:
    """Times are monotonic seconds. After a success the next round is due after the interval; after a failure at a
    random time before a bound that doubles (full jitter), so that the devices of a district do not return all at
    once."""

    interval_s: float
    jitter: Jitter = random.uniform
    failures: int = 0
    _due: float = 0.0
    _earliest: float = 0.0

    def seconds_until_due(self, now: float) -> float:
        """Seconds until the next round is due."""
        return max(0.0, self._due - now)

    def expedite(self, now: float) -> None:
        """Make a round due at once, or as soon as the last failure allows."""
        self._due = min(self._due, max(now, self._earliest))

    def record_success(self, now: float) -> None:
        """Record a successful round."""
        self.failures = 0
        self._earliest = 0.0
        self._due = now + self.interval_s

    def record_failure(self, now: float, *, retry_after_s: float = 0.0, permanent: bool = False) -> float:
        """Record a failed round; gives the seconds until the next. ``retry_after_s`` is what the central asked for: it
        lengthens the backoff and never replaces it, and `expedite` does not shorten the wait; ``permanent``: the error
        needs a person, so the longest wait is used."""
        self.failures += 1
        bound = MAX_BACKOFF_S if permanent else min(MAX_BACKOFF_S, INITIAL_BACKOFF_S * 2.0 ** min(self.failures, 10))
        wait = MAX_BACKOFF_S if permanent else self.jitter(0.0, bound)
        if retry_after_s:
            wait = max(wait, retry_after_s + self.jitter(0.0, retry_after_s / 10))
        self._due = now + wait
        self._earliest = self._due if retry_after_s else now + MIN_RETRY_S
        return wait
