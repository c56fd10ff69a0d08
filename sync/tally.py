"""What a round counts while it runs, and what it says at the end."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """Counts of one round. ``moved``: lines went one way or the other since the first hello. ``offset_ms`` is what must
    be added to this machine's clock; ``looked_at`` is when the last comparison began (monotonic seconds): hints from
    before it are answered."""

    pushed: int = 0
    pulled: int = 0
    superseded: int = 0
    rejected: int = 0
    offset_ms: int = 0
    verified: bool = False
    moved: bool = False
    healed_again: bool = False
    looked_at: float = 0.0
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Result:
    """A finished round, as ``guanjia sync --json`` prints it. ``rejected`` and ``pending`` are lines that stand so at
    the end, from whichever round; ``verified``: both sides were compared and found equal."""

    pushed: int
    pulled: int
    superseded: int
    rejected: int
    pending: int
    verified: bool
    clock_offset_ms: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """The result as one JSON object."""
        return asdict(self)

    @property
    def well(self) -> bool:
        """Whether nobody needs to look."""
        return self.verified and not self.rejected
