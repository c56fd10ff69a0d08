"""How much one call carries: pages shrink and grow with what the line and the gateways on the way let through.

Pure: durations and failures are arguments. The limits are kept among the device's facts from round to round, so that a
round on a slow line does not begin with a page that is too long for it.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass

from sync.exceptions import CentralUnreachable
from sync.protocol import PAGE_BYTES, PAGE_LINES

FIRST_BYTES = 128 << 10
"""The first page of a device, before anything is known of its line."""
BYTES_PER_LINE = 256
"""About the size of a short line: how many lines a page of so many bytes may have."""
MIN_BYTES = BYTES_PER_LINE
"""Pages do not get smaller: a page has one line at least, whatever its size."""
ARRIVED_SHARE = 0.75
"""How much of what had arrived of a page is asked for the next time."""
QUICK_S, SLOW_S = 5.0, 20.0
"""A page that took less may grow, one that took longer shrinks."""


@dataclass(slots=True)
class PageLimits:
    """The limits of the next page. ``max_lines`` is the most lines of any page, ``max_bytes`` about the bytes of the
    next one, ``refused_bytes`` a size that did not pass, and ``compresses`` whether requests are sent compressed."""

    max_lines: int = PAGE_LINES
    max_bytes: int = FIRST_BYTES
    refused_bytes: int = 2 * PAGE_BYTES
    compresses: bool = True

    @property
    def lines(self) -> int:
        """The most lines of the next page."""
        return max(1, min(self.max_lines, self.max_bytes // BYTES_PER_LINE))

    def record_success(self, seconds: float, *, full: bool) -> None:
        """A page arrived. A quick one that was ``full`` lets the next be twice as long, or a little longer near a size
        that did not pass."""
        if seconds > SLOW_S:
            self.max_bytes = max(MIN_BYTES, self.max_bytes // 2)
        elif full and seconds < QUICK_S:
            doubled, creeping = self.max_bytes * 2, self.max_bytes + self.max_bytes // 32
            self.max_bytes = min(PAGE_BYTES, doubled if doubled < self.refused_bytes else creeping)

    def record_failure(self, error: CentralUnreachable, size: int) -> bool:
        """A page of about ``size`` bytes did not pass; gives whether a smaller one should be tried at once. It is half
        as long, or about as long as what had arrived."""
        if error.smaller_pages == "never" or self.max_bytes == MIN_BYTES:
            return False
        share = min(ARRIVED_SHARE * error.arrived or 0.5, 0.5)
        self.refused_bytes = max(2 * MIN_BYTES, size)
        self.max_bytes = max(MIN_BYTES, int(min(self.max_bytes, size) * share))
        return error.smaller_pages == "at_once" or error.arrived > 0

    def forget_refusals(self) -> None:
        """Begin anew: what did not pass was one line, not a size."""
        self.max_bytes, self.refused_bytes = FIRST_BYTES, 2 * PAGE_BYTES

    def to_fact(self) -> str:
        """The limits as they are kept among the device's facts."""
        return json.dumps([self.max_bytes, self.refused_bytes])

    def restore(self, fact: str | None) -> None:
        """Take over the sizes of an earlier round, as far as they make sense. Compression is tried anew: the laptop may
        be elsewhere now."""
        self.compresses = True
        with contextlib.suppress(ValueError, TypeError):
            max_bytes, refused_bytes = map(int, json.loads(fact or ""))
            self.max_bytes = max(MIN_BYTES, min(max_bytes, PAGE_BYTES))
            self.refused_bytes = max(2 * MIN_BYTES, refused_bytes)
