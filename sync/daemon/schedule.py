"""When the daemon's next round is due. Pure: the clock and the dice are arguments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

MAX_BACKOFF_S = 300.0
"""Back-off never grows beyond five minutes, unless the central asks for more."""
INITIAL_BACKOFF_S = 2.0
MIN_RETRY_S = 5.0
"""After a failure not even a commit or a returning network brings the next round sooner than this."""

Jitter = Callable[[float, float], float]


@dataclass(slots=True)
class RoundSchedule:
    """Times are monotonic seconds. A success is followed by the slow tick, a failure by full-jitter back-off: anywhere
    between now and a bound that doubles, so that a district's devices do not come back all at once."""

    interval_s: float
    jitter: Jitter = random.uniform
    failures: int = 0
    _due: float = 0.0
    _earliest: float = 0.0

    def seconds_until_due(self, now: float) -> float:
        """Seconds until the next round is due."""
        return max(0.0, self._due - now)

    def expedite(self, now: float) -> None:
        """Something calls for a round: it is due at once, or as soon as the last failure allows."""
        self._due = min(self._due, max(now, self._earliest))

    def record_success(self, now: float) -> None:
        """A round ended well."""
        self.failures = 0
        self._earliest = 0.0
        self._due = now + self.interval_s

    def record_failure(self, now: float, *, retry_after_s: float = 0.0, permanent: bool = False) -> float:
        """A round failed; gives the seconds until the next. ``retry_after_s`` is what the central asked for, and
        nothing hurries it; ``hopeless``: trying again will hardly help before a person does something."""
        self.failures += 1
        bound = MAX_BACKOFF_S if permanent else min(MAX_BACKOFF_S, INITIAL_BACKOFF_S * 2.0 ** min(self.failures, 10))
        wait = MAX_BACKOFF_S if permanent else self.jitter(0.0, bound)
        if retry_after_s:
            wait = retry_after_s + self.jitter(0.0, retry_after_s / 10)
        self._due = now + wait
        self._earliest = self._due if retry_after_s else now + MIN_RETRY_S
        return wait
