"""What a round counts while it runs, and what it says at the end."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from store.home.sync_progress import STEPS, Progress, Teller, Told
from store.ledger.hlc import wall_ms


@dataclass(slots=True)
class Wire:
    """Bytes of bodies that went over the wire, up and down."""

    up: int = 0
    down: int = 0


@dataclass(slots=True)
class Tally:
    """Counts of one round. ``moved``: lines went one way or the other since the first hello. ``offset_ms`` is what must
    be added to this machine's clock; ``looked_at`` is when the last comparison began (monotonic seconds): hints from
    before it are answered. ``ran_by`` is who runs it; ``tell`` hears how far it is, and ``teller`` forgets it at the
    end. ``differ`` names the buckets that were last found to differ."""

    ran_by: str = "sync"
    teller: Teller | None = None
    also: Told | None = None
    wire: Wire = field(default_factory=Wire)
    step: str = STEPS[0]
    sent: int = 0
    to_send: int = 0
    received: int = 0
    to_receive: int = 0
    differ: Sequence[str] = ()
    began: int = field(default_factory=wall_ms)
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
    _before: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        """A connection may have served rounds before this one."""
        self._before = (self.wire.up, self.wire.down)

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """While the block runs, the home says how far the round is."""
        self._tell()
        try:
            yield
        finally:
            if self.teller is not None:
                self.teller.ended()

    def at(self, step: str, *, to_send: int | None = None, to_receive: int | None = None) -> None:
        """A step begins; there is so much to do, as far as is known."""
        self.step = step
        if to_send is not None:
            self.to_send = self.sent + to_send
        if to_receive is not None:
            self.to_receive = self.received + to_receive
        self._tell()

    def went(self, *, sent: int = 0, received: int = 0) -> None:
        """So many lines more have been dealt with."""
        self.sent += sent
        self.received += received
        self._tell()

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes up and down since the round began."""
        return self.wire.up - self._before[0], self.wire.down - self._before[1]

    @property
    def ms(self) -> int:
        """How long it has taken, in milliseconds."""
        return int((time.monotonic() - self.started) * 1000)

    def _tell(self) -> None:
        told = [one for one in (self.teller, self.also) if one is not None]
        if told:
            numbers = (self.sent, self.to_send, self.received, self.to_receive, *self.traffic)
            progress = Progress(os.getpid(), self.ran_by, self.began, self.step, *numbers)
            for tell in told:
                tell(progress)


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
