"""What truly happened in a simulated district, kept beside the program so that its stores can be judged by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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
}
"""The field of each kind that carries the officer's own words; the simulation never writes the same words twice."""


class Said(NamedTuple):
    """What a version says: its words, and whether it is deleted."""

    words: str
    deleted: bool


class Written(NamedTuple):
    """One write that the ledger acknowledged: on which laptop (of which account), on top of what its officer saw."""

    n: int
    laptop: str
    account: str
    line: str
    bucket: str
    said: Said
    seen: Said | None


def said(line: Line) -> Said:
    """What a line says."""
    return Said(str(line.body.get(TEXT[line.kind], "")), line.deleted)


@dataclass
class Record:
    """Every acknowledged write, every version that the central took, and what officers gave up or brought back."""

    written: list[Written] = field(default_factory=list)
    accepted: dict[str, dict[bytes, Line]] = field(default_factory=lambda: defaultdict(dict))
    refused: set[tuple[str, Said]] = field(default_factory=set)
    taken_back: set[bytes] = field(default_factory=set)
    ahead: list[Line] = field(default_factory=list)
    restored: set[str] = field(default_factory=set)
    given_up: set[tuple[str, str]] = field(default_factory=set)
    lost_with_disk: set[int] = field(default_factory=set)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)

    def write(self, laptop: str, account: str, bucket: str, line: Line, seen: Said | None) -> None:
        """The ledger gave this line back to the officer."""
        self.written.append(Written(len(self.written), laptop, account, line.id, bucket, said(line), seen))

    def accept(self, line: Line, central_ms: int) -> None:
        """The central said of this version that it is applied, or superseded and kept."""
        self.accepted[line.id][canonical_json(line)] = line
        if is_too_far_ahead(line.stamp, central_ms):
            self.ahead.append(line)

    def refuse(self, line: Line) -> None:
        """The central refused this version, and told the officer so."""
        self.refused.add((line.id, said(line)))

    def lost_disk(self, laptop: str, since: int) -> None:
        """The laptop's disk broke; what was written on it from number ``since`` on is not in its backup."""
        self.lost_with_disk |= {one.n for one in self.written[since:] if one.laptop == laptop}

    def set_back(self, left: Iterable[Line]) -> None:
        """The central was set back to an older copy that has only these versions: the others are with devices alone."""
        self.taken_back |= {wire for versions in self.accepted.values() for wire in versions} - set(
            map(canonical_json, left)
        )

    def lasting(self, at_central: Iterable[Line]) -> list[Line]:
        """Every version that the central ever took, but those that it lost by being set back and never got again."""
        gone = self.taken_back - set(map(canonical_json, at_central))
        return [line for versions in self.accepted.values() for wire, line in versions.items() if wire not in gone]

    def overwritten(self, line: str, by: Said) -> set[Said]:
        """All that the author of ``by`` had seen of the line, directly or through what they saw."""
        seen_by = {written.said: written.seen for written in self.written if written.line == line}
        found: set[Said] = set()
        before = seen_by.get(by)
        while before is not None and before not in found:
            found.add(before)
            before = seen_by.get(before)
        return found


def winners(versions: Iterable[Line]) -> dict[str, Line]:
    """The greatest of these versions of each line, by the merge rule."""
    found: dict[str, Line] = {}
    for line in versions:
        if line.id not in found or replaces(line, found[line.id]):
            found[line.id] = line
    return found
