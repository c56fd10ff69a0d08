"""When the daemon's next round is due. Pure: the clock and the dice are arguments."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_S = 300.0
"""Back-off never grows beyond five minutes, unless the central asks for more."""
FIRST_S = 2.0
BREATH_S = 5.0
"""After a failure not even a commit or a returning network brings the next round sooner than this."""

Dice = Callable[[float, float], float]


@dataclass(slots=True)
class Pace:
    """Times are monotonic seconds. A success is followed by the slow tick, a failure by full-jitter back-off: anywhere
    between now and a bound that doubles, so that a district's devices do not come back all at once."""

    interval_s: float
    dice: Dice = random.uniform
    failures: int = 0
    _due: float = 0.0
    _earliest: float = 0.0

    def left(self, now: float) -> float:
        """Seconds until the next round is due."""
        return max(0.0, self._due - now)

    def hurry(self, now: float) -> None:
        """Something calls for a round: it is due at once, or as soon as the last failure allows."""
        self._due = min(self._due, max(now, self._earliest))

    def succeeded(self, now: float) -> None:
        """A round ended well."""
        self.failures = 0
        self._earliest = 0.0
        self._due = now + self.interval_s

    def failed(self, now: float, *, retry_after_s: float = 0.0, hopeless: bool = False) -> float:
        """A round failed; gives the seconds until the next. ``retry_after_s`` is what the central asked for, and
        nothing hurries it; ``hopeless``: trying again will hardly help before a person does something."""
        self.failures += 1
        bound = LONGEST_S if hopeless else min(LONGEST_S, FIRST_S * 2.0 ** min(self.failures, 10))
        wait = LONGEST_S if hopeless else self.dice(0.0, bound)
        if retry_after_s:
            wait = retry_after_s + self.dice(0.0, retry_after_s / 10)
        self._due = now + wait
        self._earliest = self._due if retry_after_s else now + BREATH_S
        return wait
