"""The record of what happened in a simulated district, kept apart from the program, to check its stores against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from store.ledger.clock_repair import ClockRepair, repaired_line, repaired_unsent
from store.ledger.hlc import follows_closely, is_too_far_ahead
from store.ledger.line import Line, canonical_json
from store.ledger.merge import replaces
from tests.simulation.causality import CausalHistory, Content, Version, content_of, versions_of

CLAIMED = "claimed"
"""In the place of a laptop: the numbers that laptops have pushed to the central."""


class AcknowledgedWrite(NamedTuple):
    """One write that the ledger acknowledged."""

    n: int
    laptop: str
    account: str
    line: str
    bucket: str
    content: Content


@dataclass
class Record:
    """Every acknowledged write, every version that the central accepted, the close-out numbers (by laptop and issue)
    that laptops have shown, what must return to a central that was set back, and what officers discarded."""

    written: list[AcknowledgedWrite] = field(default_factory=list)
    accepted: dict[str, dict[bytes, Line]] = field(default_factory=lambda: defaultdict(dict))
    refused: set[tuple[str, Content]] = field(default_factory=set)
    lost_at_central: set[Version] = field(default_factory=set)
    repairs: list[ClockRepair] = field(default_factory=list)
    ahead: list[Line] = field(default_factory=list)
    given_up: set[tuple[str, str]] = field(default_factory=set)
    copy_epoch: int = 0
    to_return: set[tuple[str, tuple[str, Content]]] = field(default_factory=set)
    causal: CausalHistory = field(default_factory=CausalHistory)
    went_back: list[str] = field(default_factory=list)
    lost_with_disk: set[int] = field(default_factory=set)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)
    numbers: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    _was_set_back: bool = False

    def write(self, laptop: str, account: str, bucket: str, line: Line, seen: Content | None) -> None:
        """Record a write that the ledger acknowledged, and the content that its officer had seen before."""
        content = content_of(line)
        self.written.append(AcknowledgedWrite(len(self.written), laptop, account, line.id, bucket, content))
        self.went_back += self.causal.write(laptop, line.id, content, seen, self._given_up_on(laptop))

    def accept(self, line: Line, central_ms: int) -> None:
        """Record a version that the central answered as applied or superseded. What was stamped in a future that it has
        repaired since, it repairs as it takes it in."""
        if is_too_far_ahead(line.stamp, central_ms) and not follows_closely(line.stamp, line.base):
            self.ahead.append(line)
        line = self._as_stored(line, central_ms)
        self.accepted[line.id][canonical_json(line)] = line

    def accept_stored(self, lines: Iterable[Line], at_central: Iterable[Line], central_ms: int) -> None:
        """Record which of these lines the central has, although its answer to them failed: it commits what it takes in
        before it reads what else the answer says."""
        stored = {canonical_json(line) for line in at_central}
        for line in lines:
            version = canonical_json(self._as_stored(line, central_ms))
            if version in stored and version not in self.accepted[line.id]:
                self.accept(line, central_ms)

    def _as_stored(self, line: Line, central_ms: int) -> Line:
        return reduce(repaired_unsent, [it for it in self.repairs if is_too_far_ahead(it.first, central_ms)], line)

    def repair(self, repair: ClockRepair) -> None:
        """Record that the central has put right what was stamped while its clock was ahead."""
        self.repairs.append(repair)
        for line_id, versions in self.accepted.items():
            repaired = [repaired_line(line, repair) for line in versions.values()]
            self.accepted[line_id] = {canonical_json(line): line for line in repaired}

    def show(self, laptop: str, lines: Collection[Line], unproven: Collection[str] = ()) -> None:
        """Record what a laptop shows after a round: close-out numbers, by issue, but for those of ``unproven`` lines;
        and where it shows a version again that it had shown replaced, other than one whose successor its officer
        discarded."""
        for line in lines:
            if line.kind == "close_out" and line.id not in unproven:
                self.show_number(laptop, line)
        contents = {line.id: content_of(line) for line in lines}
        self.went_back += self.causal.show(laptop, contents, self._given_up_on(laptop))

    def show_number(self, where: str, line: Line) -> None:
        """Record a close-out number that a laptop shows, or that was claimed at the central (``CLAIMED``)."""
        issues = self.numbers.setdefault(where, {})
        issues.setdefault(str(line.body["issue_id"]), set()).add(str(line.body["number"]))

    def forget_numbers(self, laptops: Collection[str], at_central: Collection[Line]) -> None:
        """After a restore: only what these laptops push tells the central of numbers that it has lost, and nothing of
        what was claimed before."""
        known = {(str(line.body["issue_id"]), str(line.body["number"])) for line in at_central}
        self.numbers.pop(CLAIMED, None)
        for laptop in laptops:
            for issue, numbers in self.numbers.get(laptop, {}).items():
                numbers &= {number for of, number in known if of == issue}

    def _given_up_on(self, laptop: str) -> set[str]:
        return {line for name, line in self.given_up if name == laptop}

    def issue_numbers(self) -> dict[str, set[str]]:
        """The close-out numbers of each issue that any laptop has shown and not lost with its disk."""
        merged: dict[str, set[str]] = defaultdict(set)
        for issues in self.numbers.values():
            for issue, numbers in issues.items():
                merged[issue] |= numbers
        return merged

    def copied(self, laptop: str, twin: str, unsent: Collection[Version] = ()) -> None:
        """Record a copy of a laptop's store, with what is ``unsent`` on both from now on."""
        self.causal.copy_store(laptop, twin, unsent)
        self.numbers[twin] = {issue: set(numbers) for issue, numbers in self.numbers.get(laptop, {}).items()}
        self.given_up |= {(twin, line) for name, line in self.given_up if name == laptop}

    def refuse(self, line: Line) -> None:
        """Record a version that the central rejected."""
        self.refused.add((line.id, content_of(line)))

    def lost_disk(self, laptop: str, since: int) -> None:
        """Record a lost disk; what was written on the laptop from number ``since`` on is not in its backup."""
        self.causal.lose_store(laptop)
        self.numbers.pop(laptop, None)
        self.to_return = {held for held in self.to_return if held[0] != laptop}
        self.lost_with_disk |= {write.n for write in self.written[since:] if write.laptop == laptop}

    def set_back(self, left: set[Version], held: Mapping[str, set[Version]], lost: set[Version]) -> None:
        """Record the restore of an older copy of the central, which has only the versions ``left``; ``held`` are those
        that each device has with a receipt, ``lost`` those that it had, or that were to come back to it."""
        self._was_set_back = True
        self.lost_at_central |= versions_of(self._taken()) - left
        self.to_return = {(laptop, version) for laptop, versions in held.items() for version in versions & lost}

    def expected_back(self, epoch: int) -> set[Version]:
        """The versions that must come back to a central that is in this epoch: none where it does not know yet that it
        was set back. (No device could prove it: what came since went past all that they had.)"""
        return {version for _, version in self.to_return} if epoch > self.copy_epoch else set()

    def _taken(self) -> list[Line]:
        return [line for versions in self.accepted.values() for line in versions.values()]

    def lasting(self, at_central: Iterable[Line]) -> list[Line]:
        """Every version that the central ever accepted, but those that it lost by a restore and never received
        again. Of a content that was written twice, each is told by its bytes once a central was set back: the other
        may be all that is left."""
        at_central = list(at_central)
        gone, stored = self.lost_at_central - versions_of(at_central), {canonical_json(line) for line in at_central}
        return [
            line
            for line in self._taken()
            if (line.id, content_of(line)) not in gone
            and (not self._was_set_back or canonical_json(line) in stored or not self.causal.is_repeated(line))
        ]


def winners(versions: Iterable[Line]) -> dict[str, Line]:
    """The greatest of these versions of each line, by the merge rule."""
    best: dict[str, Line] = {}
    for line in versions:
        if line.id not in best or replaces(line, best[line.id]):
            best[line.id] = line
    return best
