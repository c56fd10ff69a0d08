"""The record of what happened in a simulated district, kept apart from the program, to check its stores against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from store.ledger.hlc import is_too_far_ahead
from store.ledger.line import Line, canonical_json
from store.ledger.merge import replaces

TEXT = {
    "unit": "note",
    "person": "note",
    "project": "note",
    "visit": "text",
    "issue": "text",
    "issue_step": "text",
    "close_out": "number",
}
"""The field of each kind that has the officer's text; the simulation never writes the same text twice."""


class Content(NamedTuple):
    """The content of a version: its text, and whether it is deleted."""

    text: str
    deleted: bool


class AcknowledgedWrite(NamedTuple):
    """One write that the ledger acknowledged: laptop, account, and the content that its officer had seen before."""

    n: int
    laptop: str
    account: str
    line: str
    bucket: str
    content: Content
    seen: Content | None


def content_of(line: Line) -> Content:
    """The content of a line."""
    return Content(str(line.body.get(TEXT[line.kind], "")), line.deleted)


@dataclass
class Record:
    """Every acknowledged write, every version that the central accepted, the close-out numbers (of each issue) that
    devices have shown, what must return to a central that was set back, and what officers discarded or restored."""

    written: list[AcknowledgedWrite] = field(default_factory=list)
    accepted: dict[str, dict[bytes, Line]] = field(default_factory=lambda: defaultdict(dict))
    refused: set[tuple[str, Content]] = field(default_factory=set)
    lost_at_central: set[bytes] = field(default_factory=set)
    ahead: list[Line] = field(default_factory=list)
    restored: set[str] = field(default_factory=set)
    given_up: set[tuple[str, str]] = field(default_factory=set)
    to_return: set[tuple[str, tuple[str, Content]]] = field(default_factory=set)
    shown: dict[str, dict[str, Content]] = field(default_factory=dict)
    went_back: list[str] = field(default_factory=list)
    lost_with_disk: set[int] = field(default_factory=set)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)
    numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def write(self, laptop: str, account: str, bucket: str, line: Line, seen: Content | None) -> None:
        """Record a write that the ledger acknowledged."""
        self.written.append(
            AcknowledgedWrite(len(self.written), laptop, account, line.id, bucket, content_of(line), seen)
        )

    def accept(self, line: Line, central_ms: int) -> None:
        """Record a version that the central answered as applied or superseded."""
        self.accepted[line.id][canonical_json(line)] = line
        if is_too_far_ahead(line.stamp, central_ms):
            self.ahead.append(line)

    def show(self, laptop: str, lines: Iterable[Line]) -> None:
        """Record what a laptop shows after a round: close-out numbers, by issue, and where it shows a version again
        that an officer had seen and replaced in what it showed before."""
        before, now = self.shown.get(laptop, {}), {line.id: content_of(line) for line in lines}
        for line in lines:
            if line.kind == "close_out":
                self.numbers[str(line.body["issue_id"])].add(str(line.body["number"]))
        for line_id, content in now.items():
            earlier = before.get(line_id, content)
            excused = line_id in self.restored or (laptop, line_id) in self.given_up
            if content != earlier and not excused and content in self.overwritten(line_id, earlier):
                self.went_back.append(f"{laptop} showed {earlier} of {line_id}, and then {content}")
        self.shown[laptop] = now

    def refuse(self, line: Line) -> None:
        """Record a version that the central rejected."""
        self.refused.add((line.id, content_of(line)))

    def lost_disk(self, laptop: str, since: int) -> None:
        """Record a lost disk; what was written on the laptop from number ``since`` on is not in its backup."""
        self.shown.pop(laptop, None)
        self.to_return = {held for held in self.to_return if held[0] != laptop}
        self.lost_with_disk |= {write.n for write in self.written[since:] if write.laptop == laptop}

    def set_back(self, left: Iterable[Line], held: Mapping[str, set[tuple[str, Content]]]) -> None:
        """Record the restore of an older copy of the central, which has only these versions; devices have the
        others: ``held`` are those on each."""
        self.lost_at_central |= {wire for versions in self.accepted.values() for wire in versions} - set(
            map(canonical_json, left)
        )

        accepted = {(line.id, content_of(line)) for each in self.accepted.values() for line in each.values()}
        self.to_return = {(laptop, version) for laptop, versions in held.items() for version in versions & accepted}

    def lasting(self, at_central: Iterable[Line]) -> list[Line]:
        """Every version that the central ever accepted, but those that it lost by a restore and never received
        again."""
        gone = self.lost_at_central - set(map(canonical_json, at_central))
        return [line for versions in self.accepted.values() for wire, line in versions.items() if wire not in gone]

    def overwritten(self, line: str, by: Content) -> set[Content]:
        """All contents of the line that the author of ``by`` had seen, directly or transitively."""
        seen_by = {written.content: written.seen for written in self.written if written.line == line}
        seen: set[Content] = set()
        before = seen_by.get(by)
        while before is not None and before not in seen:
            seen.add(before)
            before = seen_by.get(before)
        return seen


def winners(versions: Iterable[Line]) -> dict[str, Line]:
    """The greatest of these versions of each line, by the merge rule."""
    best: dict[str, Line] = {}
    for line in versions:
        if line.id not in best or replaces(line, best[line.id]):
            best[line.id] = line
    return best
