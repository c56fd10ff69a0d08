"""One push batch being judged, line by line, in memory: what is new, what wins, what lost, what is refused.

Nothing here speaks SQL. ``writing.py`` fetches what the batch meets and carries out what it decides, with a number of
statements that does not grow with the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import orjson

from store.ledger.buckets import DISTRICT, UNDIVIDED
from store.ledger.hlc import ms_of
from store.ledger.line import Line, digest_of, parse
from store.ledger.merge import why, wins
from store.ledger.row_mapping import signed, unsigned
from sync.central.accounts.accounts import Caller
from sync.central.accounts.permissions import is_approval, is_own, own_settlement, refuses
from sync.central.accounts.roles import LaidDown
from sync.central.accounts.scope import Grant, Ground, covers
from sync.central.writes.validation import Pushed, Unfit


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
    """What the batch meets at the central: buckets, current lines, for lines that approvals are about, their issue's
    lines, and the roles that the caller had until lately."""

    grounds: Mapping[str, Ground]
    held: Mapping[str, LineEntry]
    issues: Mapping[str, list[Line]]
    laid_down: tuple[LaidDown, ...] = ()


class Outcome(NamedTuple):
    """What became of one pushed line, as `protocol.Outcome` says it; ``winner`` and ``loser`` are canonical text. Of a
    line out of the caller's scope (written before a role was withdrawn) only that it was taken: not even whether a
    later version stands before it."""

    id: str
    outcome: str
    code: str | None = None
    reason: str | None = None
    winner: str | None = None
    loser: str | None = None


class Batch:
    """Judges lines one after the other; each sees what the ones before it changed."""

    def __init__(self, caller: Caller, met: Met, now_ms: int, take: Callable[[], int]) -> None:
        self._caller = caller
        self._held = dict(met.held)
        self._grounds = dict(met.grounds)
        self._issues = met.issues
        self._laid_down = met.laid_down
        self._stored = met.held
        self._now_ms = now_ms
        self._take = take
        self.current: dict[str, LineEntry] = {}
        self.past: list[VersionEntry] = []
        self.late: list[VersionEntry] = []
        self.new_grounds: dict[str, Ground] = {}
        self.sums: dict[str, list[int]] = {}
        self.mended: set[str] = set()
        self.refused: list[tuple[str, str]] = []
        self._may: dict[tuple[object, ...], tuple[str, str] | None] = {}

    # What is left to write

    def new(self) -> list[LineEntry]:
        """Lines that the central did not have."""
        return [entry for entry in self.current.values() if entry.id not in self._stored]

    def changed(self) -> list[LineEntry]:
        """Lines that take the place of stored ones."""
        return [entry for entry in self.current.values() if entry.id in self._stored]

    def ground(self, bucket: str) -> Ground:
        """Where the lines of a touched bucket lie."""
        return self._grounds[bucket]

    # Judging

    def strayed(self) -> list[str]:
        """The new buckets that are out of the caller's scope: their laptop has to forget what it handed over."""
        return sorted(bucket for bucket, ground in self.new_grounds.items() if not self._sees(ground))

    def judge(self, pushed: Pushed | Unfit) -> Outcome:
        """Decide about one line."""
        outcome = self._judged(pushed)
        if outcome.outcome == "rejected":
            self.refused.append((outcome.id, outcome.code or ""))
        elif isinstance(pushed, Pushed) and not self._sees(self._ground(pushed)):
            return Outcome(outcome.id, "applied")
        return outcome

    def _judged(self, pushed: Pushed | Unfit) -> Outcome:
        if isinstance(pushed, Unfit):
            return Outcome(pushed.id, "rejected", pushed.code, pushed.reason)
        held = self._held.get(pushed.line.id)
        if held is None:
            return self._refused_new(pushed) or self._apply(pushed)
        if _is_same(pushed, held) and self._may_send_again(pushed, held):
            return self._replace(pushed, held, "damaged") if is_damaged(held) else Outcome(held.id, "applied")
        damaged = is_damaged(held)
        refused = self._refused_change(pushed, held, None if damaged else line_of(held))
        if refused is not None:
            return refused
        return self._replace(pushed, held, "damaged") if damaged else self._merge(pushed, held, line_of(held))

    def _merge(self, pushed: Pushed, held: LineEntry, holder: Line) -> Outcome:
        if wins(pushed.line, holder):
            return self._replace(pushed, held, why(pushed.line, holder))
        self.late.append(_past(self._entry(pushed, None), "late", self._now_ms))
        return Outcome(held.id, "superseded", winner=held.wire)

    def _replace(self, pushed: Pushed, held: LineEntry, reason: str) -> Outcome:
        self.past.append(_past(held, reason, self._now_ms))
        if reason == "damaged":
            self.mended.add(held.bucket)
        else:
            self._count(held, unsigned(held.digest), -1)
        outcome = self._apply(pushed, held)
        return outcome._replace(loser=held.wire) if reason == "superseded" else outcome

    def _apply(self, pushed: Pushed, held: LineEntry | None = None) -> Outcome:
        entry = self._entry(pushed, held)
        self._count(entry, pushed.digest, 1)
        self.current[entry.id] = self._held[entry.id] = entry
        if entry.bucket not in self._grounds:
            self.new_grounds[entry.bucket] = self._grounds[entry.bucket] = self._ground(pushed)
        return Outcome(entry.id, "applied")

    def _entry(self, pushed: Pushed, held: LineEntry | None) -> LineEntry:
        line, caller = pushed.line, self._caller
        sender = None if line.device == caller.device else caller.device
        return LineEntry(
            caller.district, line.id, self._take(), line.kind, pushed.bucket, line.stamp, line.device,
            signed(pushed.digest), pushed.wire, caller.account, self._now_ms, sender, held and held.stamp, False,
        )  # fmt: skip

    def _count(self, entry: LineEntry, digest: int, sign: int) -> None:
        row = self.sums.get(entry.bucket)
        if row is None:
            row = self.sums[entry.bucket] = [0, 0, 0, 0]
        row[0] = max(row[0], entry.seq)
        row[1] += sign
        row[2] += sign * (digest >> 32)
        row[3] += sign * (digest & 0xFFFFFFFF)

    def _ground(self, pushed: Pushed) -> Ground:
        known = self._grounds.get(pushed.bucket)
        area = pushed.bucket[0]
        return known or Ground(pushed.bucket, area, None if area in UNDIVIDED else pushed.line.project, None)

    # Refusing

    def _refused_new(self, pushed: Pushed) -> Outcome | None:
        """The answer to a line that is not here yet, worked out once for lines that authority cannot tell apart."""
        line = pushed.line
        act = line.body.get("act")
        if act is not None:
            refusal = self._refusal(pushed, None, None)
        else:
            of_itself = line.id == line.project or is_own(line, None)
            grants = self._grants_at(line)
            alike = (pushed.bucket, line.kind, line.project, line.author, line.deleted, of_itself, grants)
            if alike not in self._may:
                self._may[alike] = self._refusal(pushed, None, None)
            refusal = self._may[alike]
        return Outcome(line.id, "rejected", *refusal) if refusal else None

    def _refused_change(self, pushed: Pushed, held: LineEntry, before: Line | None) -> Outcome | None:
        refusal = self._refusal(pushed, held, before)
        return Outcome(held.id, "rejected", *refusal) if refusal else None

    def _refusal(self, pushed: Pushed, held: LineEntry | None, before: Line | None) -> tuple[str, str] | None:
        line, ground = pushed.line, self._ground(pushed)
        if line.author != self._caller.person:
            return "not_author", "the line's author is not you"
        grants = self._grants_at(line)
        if not _cover(grants, ground) or (held is not None and not _cover(grants, self._grounds[held.bucket])):
            return "forbidden", "not in your scope, or not there"
        elsewhere = held is not None and (held.bucket != ground.bucket or held.kind != line.kind)
        if elsewhere or (ground.bucket != DISTRICT and ground.project != line.project):
            return "moved", "a line never leaves its bucket"
        reason = refuses(grants, line, ground, before, damaged=held is not None and before is None)
        if reason is None and is_approval(line):
            reason = own_settlement(line, self._lines_of(ground.bucket))
        return ("forbidden", reason) if reason else None

    def _grants_at(self, line: Line) -> tuple[Grant, ...]:
        """The roles by which a line is judged: those of now, and those that were withdrawn after it was written. An
        approval, which ends an issue, needs a role of now."""
        if not self._laid_down or is_approval(line):
            return self._caller.grants
        written = ms_of(line.stamp)
        return (*self._caller.grants, *(role.grant for role in self._laid_down if written < role.at))

    def _sees(self, ground: Ground) -> bool:
        return _cover(self._caller.grants, ground)

    def _may_send_again(self, pushed: Pushed, held: LineEntry) -> bool:
        """Whether sending the very version that is here may be said to be known: to its author, and in scope."""
        return pushed.line.author == self._caller.person or self._sees(self._grounds[held.bucket])

    def _lines_of(self, bucket: str) -> Iterable[Line]:
        """The lines of an issue as they are now, with what this batch has changed."""
        lines = {line.id: line for line in self._issues.get(bucket, [])}
        lines |= {entry.id: line_of(entry) for entry in self.current.values() if entry.bucket == bucket}
        return lines.values()


def _cover(grants: Iterable[Grant], ground: Ground) -> bool:
    return any(covers(grant, ground) for grant in grants)


def _is_same(pushed: Pushed, held: LineEntry) -> bool:
    """The same version again, be it that the stored text or the stored digest is damaged: sending it once more is no
    new write, so it needs no authority, and mends the row."""
    return signed(pushed.digest) == held.digest or pushed.wire == held.wire


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
