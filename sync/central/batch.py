"""One push batch being judged, line by line, in memory: what is new, what wins, what lost, what is refused.

Nothing here speaks SQL. ``writing.py`` fetches what the batch meets and carries out what it decides, with a number of
statements that does not grow with the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import orjson

from store.buckets import Sum
from store.codec import signed, unsigned
from store.lines import Line, digest_of, parse
from store.merge import why, wins
from sync.central.accounts import Caller
from sync.central.authority import is_approval, own_settlement, refuses
from sync.central.inspection import Pushed, Unfit
from sync.central.scope import Ground, covers


class LineEntry(NamedTuple):
    """A row of the line table, in the order of its columns."""

    district: str
    id: str
    seq: int
    kind: str
    bucket: str
    stamp: int
    device: str
    digest: int
    wire: str
    account: str
    received_at: int
    sender: str | None
    from_stamp: int | None
    damaged: bool


class VersionEntry(NamedTuple):
    """A row of the version table, in the order of its columns."""

    district: str
    seq: int
    id: str
    bucket: str
    stamp: int
    device: str
    digest: int
    wire: str
    account: str
    received_at: int
    sender: str | None
    from_stamp: int | None
    reason: str
    replaced_at: int


class Met(NamedTuple):
    """What the batch meets at the central: buckets, current lines, and for lines that approvals are about, their
    issue's lines."""

    grounds: Mapping[str, Ground]
    held: Mapping[str, LineEntry]
    issues: Mapping[str, list[Line]]


class Outcome(NamedTuple):
    """What became of one pushed line, as `protocol.Outcome` says it; ``winner`` is canonical text."""

    id: str
    outcome: str
    code: str | None = None
    reason: str | None = None
    winner: str | None = None


class Batch:
    """Judges lines one after the other; each sees what the ones before it changed."""

    def __init__(self, caller: Caller, met: Met, now_ms: int, take: Callable[[], int]) -> None:
        self._caller = caller
        self._held = dict(met.held)
        self._grounds = dict(met.grounds)
        self._issues = met.issues
        self._stored = met.held
        self._now_ms = now_ms
        self._take = take
        self.current: dict[str, LineEntry] = {}
        self.past: list[VersionEntry] = []
        self.late: list[VersionEntry] = []
        self.new_grounds: dict[str, Ground] = {}
        self.sums: dict[str, list[int]] = {}
        self.mended: set[str] = set()
        self._may: dict[tuple[object, ...], str | None] = {}

    # What is left to write

    def new(self) -> list[LineEntry]:
        """Lines that the central did not have."""
        return [entry for entry in self.current.values() if entry.id not in self._stored]

    def changed(self) -> list[LineEntry]:
        """Lines that take the place of stored ones."""
        return [entry for entry in self.current.values() if entry.id in self._stored]

    def total(self) -> Sum:
        """By how much the district's set-digest changes."""
        total = Sum()
        for row in self.sums.values():
            total = total.add(Sum(*row[1:]))
        return total

    def ground(self, bucket: str) -> Ground:
        """Where the lines of a touched bucket lie."""
        return self._grounds[bucket]

    # Judging

    def judge(self, pushed: Pushed | Unfit) -> Outcome:
        """Decide about one line."""
        if isinstance(pushed, Unfit):
            return Outcome(pushed.id, "rejected", pushed.code, pushed.reason)
        line, held = pushed.line, self._held.get(pushed.line.id)
        if held is not None and self._is_same(pushed, held):
            if is_damaged(held):
                self._apply(pushed, held, "damaged")
            return Outcome(line.id, "applied")
        refused = self._refused(pushed, held)
        if refused is not None:
            return refused
        if held is None:
            self._apply(pushed, None, "")
            return Outcome(line.id, "applied")
        if is_damaged(held):
            self._apply(pushed, held, "damaged")
            return Outcome(line.id, "applied")
        return self._merge(pushed, held, line_of(held))

    @staticmethod
    def _is_same(pushed: Pushed, held: LineEntry) -> bool:
        """The same version again, be it that the stored text or the stored digest is damaged: sending it once more
        is no new write, so it needs no authority, and mends the row."""
        return pushed.digest == held.digest or pushed.wire.decode() == held.wire

    def _merge(self, pushed: Pushed, held: LineEntry, holder: Line) -> Outcome:
        if wins(pushed.line, holder):
            self._apply(pushed, held, why(pushed.line, holder))
            return Outcome(pushed.line.id, "applied")
        entry = self._entry(pushed, self._ground(pushed), None)
        self.late.append(_past(entry, "late", self._now_ms))
        return Outcome(pushed.line.id, "superseded", winner=held.wire)

    def _apply(self, pushed: Pushed, held: LineEntry | None, reason: str) -> None:
        entry = self._entry(pushed, self._ground(pushed), held)
        self._count(entry, 1)
        if held is not None:
            self.past.append(_past(held, reason, self._now_ms))
            if reason == "damaged":
                self.mended.add(held.bucket)
            else:
                self._count(held, -1)
        self.current[entry.id] = self._held[entry.id] = entry
        if entry.bucket not in self._grounds:
            self.new_grounds[entry.bucket] = self._grounds[entry.bucket] = self._ground(pushed)

    def _entry(self, pushed: Pushed, ground: Ground, held: LineEntry | None) -> LineEntry:
        line, caller = pushed.line, self._caller
        sender = None if line.device == caller.device else caller.device
        return LineEntry(
            caller.district, line.id, self._take(), line.kind, ground.bucket, line.stamp, line.device, pushed.digest,
            pushed.wire.decode(), caller.account, self._now_ms, sender, held.stamp if held else None, False,
        )  # fmt: skip

    def _count(self, entry: LineEntry, sign: int) -> None:
        digest = unsigned(entry.digest)
        row = self.sums.setdefault(entry.bucket, [0, 0, 0, 0])
        row[0] = max(row[0], entry.seq)
        row[1] += sign
        row[2] += sign * (digest >> 32)
        row[3] += sign * (digest & 0xFFFFFFFF)

    def _ground(self, pushed: Pushed) -> Ground:
        known = self._grounds.get(pushed.bucket)
        return known or Ground(pushed.bucket, pushed.bucket[0], pushed.line.project, None)

    # Refusing

    def _refused(self, pushed: Pushed, held: LineEntry | None) -> Outcome | None:
        line, ground = pushed.line, self._ground(pushed)
        if line.author != self._caller.person:
            return Outcome(line.id, "rejected", "not_author", "the line's author is not you")
        if not self._covers(ground) or (held is not None and not self._covers(self._grounds[held.bucket])):
            return Outcome(line.id, "rejected", "forbidden", "not in your scope, or not there")
        elsewhere = held is not None and (held.bucket != ground.bucket or held.kind != line.kind)
        if elsewhere or (ground.area != "d" and ground.project != line.project):
            return Outcome(line.id, "rejected", "moved", "a line never leaves its bucket")
        reason = self._may_write(line, ground, held)
        return Outcome(line.id, "rejected", "forbidden", reason) if reason else None

    def _covers(self, ground: Ground) -> bool:
        return any(covers(grant, ground) for grant in self._caller.grants)

    def _may_write(self, line: Line, ground: Ground, held: LineEntry | None) -> str | None:
        """The authority table's answer, asked once for lines that it cannot tell apart."""
        if held is not None or is_approval(line):
            before = None if held is None or is_damaged(held) else line_of(held)
            reason = refuses(self._caller.grants, line, ground, before)
            return reason or (own_settlement(line, self._lines_of(ground.bucket)) if is_approval(line) else None)
        alike = (ground, line.kind, str(line.body.get("act")), line.deleted, line.project == line.id)
        if alike not in self._may:
            self._may[alike] = refuses(self._caller.grants, line, ground, None)
        return self._may[alike]

    def _lines_of(self, bucket: str) -> Iterable[Line]:
        """The lines of an issue as they are now, with what this batch has changed."""
        lines = {line.id: line for line in self._issues.get(bucket, [])}
        lines |= {entry.id: line_of(entry) for entry in self.current.values() if entry.bucket == bucket}
        return lines.values()


def line_of(entry: LineEntry) -> Line:
    """The line that a sound row holds."""
    return parse(orjson.loads(entry.wire))


def is_damaged(entry: LineEntry) -> bool:
    """Whether a row's text no longer has its digest."""
    return entry.damaged or signed(digest_of(entry.wire.encode())) != entry.digest


def _past(entry: LineEntry, reason: str, now_ms: int) -> VersionEntry:
    return VersionEntry(
        entry.district, entry.seq, entry.id, entry.bucket, entry.stamp, entry.device, entry.digest, entry.wire,
        entry.account, entry.received_at, entry.sender, entry.from_stamp, reason, now_ms,
    )  # fmt: skip
