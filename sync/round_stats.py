"""The counts of a round while it runs (`RoundStats`), and its result (`RoundResult`)."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from store.exceptions import StoreError
from store.home.sync_progress import ROUND_STEPS, ProgressWriter, RoundProgress, RoundProgressCallback
from store.ledger.hlc import system_clock_ms
from sync.exceptions import CentralUnreachable
from sync.protocol.intake import IntakeNews

MAX_BLOCKED_LINES = 3
"""After so many single lines that something on the way refuses, all would be refused: the round fails at once."""


@dataclass(slots=True)
class ByteCounts:
    """Bytes of request and answer bodies on the wire, up and down."""

    up: int = 0
    down: int = 0


@dataclass(slots=True)
class RoundStats:
    """Counts of one round. ``ran_by`` is the program that runs it; ``progress_writer`` and ``on_progress`` get its
    progress.

    ``lines_moved``: lines were sent or received since the last comparison. ``pull_due``: what was applied there is
    after the cursor still. ``offset_ms`` is what must be added to this
    machine's clock. ``compared_at`` is when the last comparison began (monotonic seconds); it covers all hints from
    before. ``differing_buckets`` are those found to differ by the last comparison, ``blocked`` why single lines did not
    pass on the way to the central. ``central_clock_off_ms`` is by how much the central's own clock seems to be ahead,
    where it takes nothing in for that reason. ``can_heal``: the central takes back what it has lost; ``set_back``: this
    round has found that it lost something. ``offered_buckets`` differed, and what this device has of them
    was offered to the central. ``heard_ms`` is the central's own time, as it last told it. ``judged`` is, by device, up
    to which stamp it has judged all that the device wrote. ``facts`` of the device are kept with the end of the round,
    failed or not; ``restored_log`` is the log of a central that was set back, which is still to be compared."""

    ran_by: str = "sync"
    progress_writer: ProgressWriter | None = None
    on_progress: RoundProgressCallback | None = None
    byte_counts: ByteCounts = field(default_factory=ByteCounts)
    step: str = ROUND_STEPS[0]
    sent: int = 0
    to_send: int = 0
    received: int = 0
    to_receive: int = 0
    waits_s: int = 0
    differing_buckets: Sequence[str] = ()
    blocked: list[CentralUnreachable] = field(default_factory=list)
    started_at_ms: int = field(default_factory=system_clock_ms)
    pushed: int = 0
    pulled: int = 0
    superseded: int = 0
    rejected: int = 0
    offset_ms: int = 0
    verified: bool = False
    lines_moved: bool = False
    pull_due: bool = False
    clock_corrected_again: bool = False
    central_clock_off_ms: int | None = None
    can_heal: bool = False
    set_back: bool = False
    token_rotated: bool = False
    offered_buckets: set[str] = field(default_factory=set)
    heard_ms: int = 0
    judged: Mapping[str, int] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    restored_log: IntakeNews | None = None
    compared_at: float = 0.0
    monotonic: Callable[[], float] = time.monotonic
    started_monotonic: float = 0.0
    _bytes_at_start: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        """Remember when it began, and the bytes of earlier rounds on the same connection."""
        self.started_monotonic = self.monotonic()
        self._bytes_at_start = (self.byte_counts.up, self.byte_counts.down)

    @contextlib.contextmanager
    def publishing_progress(self) -> Iterator[None]:
        """While the block runs, the home has a file with the progress of the round."""
        self._publish()
        try:
            yield
        finally:
            if self.progress_writer is not None:
                self.progress_writer.clear()

    def begin_step(self, step: str, *, to_send: int | None = None, to_receive: int | None = None) -> None:
        """Begin a step, with the number of lines to send or receive if it is known."""
        self.step = step
        if to_send is not None:
            self.to_send = self.sent + to_send
        if to_receive is not None:
            self.to_receive = self.received + to_receive
        self._publish()

    def wait_for_turn(self, seconds: float) -> None:
        """Tell that the round waits for so long, as the central has too much to do; 0 once it goes on."""
        self.waits_s = math.ceil(seconds)
        self._publish()

    def advance(self, *, sent: int = 0, received: int = 0) -> None:
        """Count lines that have been sent or received."""
        self.sent += sent
        self.received += received
        self._publish()

    def note_blocked(self, error: CentralUnreachable) -> None:
        """A single line was refused on the way to the central: it holds up no other, and the round fails at its end.
        Raises the error after several."""
        self.blocked.append(error)
        if len(self.blocked) > MAX_BLOCKED_LINES:
            raise error

    def check_nothing_blocked(self) -> None:
        """Raise why a line did not pass on the way to the central, if one did not."""
        if self.blocked:
            raise self.blocked[0]

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes up and down since the round began."""
        return self.byte_counts.up - self._bytes_at_start[0], self.byte_counts.down - self._bytes_at_start[1]

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the round began."""
        return int((self.monotonic() - self.started_monotonic) * 1000)

    def _publish(self) -> None:
        receivers = [receive for receive in (self.progress_writer, self.on_progress) if receive is not None]
        if receivers:
            numbers = (self.sent, self.to_send, self.received, self.to_receive, *self.traffic, self.waits_s)
            progress = RoundProgress(os.getpid(), self.ran_by, self.started_at_ms, self.step, *numbers)
            for receive in receivers:
                receive(progress)


@dataclass(frozen=True, slots=True)
class RoundResult:
    """A finished round, as ``guanjia sync --json`` prints it. ``rejected`` and ``pending`` are all lines in that state
    at the end, from this round or earlier ones; ``verified``: the checksums of both sides were equal; ``in_agreement``:
    they were, and nothing waits or was rejected. ``files_failure`` is what kept attached files from travelling
    after it, on this device."""

    pushed: int
    pulled: int
    superseded: int
    rejected: int
    pending: int
    verified: bool
    clock_offset_ms: int
    seconds: float
    in_agreement: bool = False
    files_failure: StoreError | None = None

    def to_json(self) -> dict[str, object]:
        """The result as one JSON object; ``files_failure`` is a code, where there is one."""
        told = asdict(replace(self, files_failure=None))
        told.pop("files_failure")
        return told if self.files_failure is None else {**told, "files_failure": self.files_failure.code}

    @property
    def needs_no_attention(self) -> bool:
        """Whether the round left nothing for a person to do."""
        return self.in_agreement and self.files_failure is None
