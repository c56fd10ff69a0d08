"""A district reduced to its rules, each an argument: laptops and a central as dictionaries of lines.

It exists so that the checks of ``invariants.py`` and ``causality.py`` can be seen to fail: with the product's rules
they find nothing, with a wrong one in its place they say so (``test_checks.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from store.ledger.hlc import tick
from store.ledger.line import Line, derived_id
from store.ledger.merge import replaces
from tests.simulation.causality import ReplaceRule, Version, content_of, misordered, overwritten
from tests.simulation.invariants import Remains, losses, not_greatest, number_violations
from tests.simulation.record import Record

START_MS, BUCKET, STEPS = 1_790_000_000_000, "d", 60
QUIET_ROUNDS = 3


def next_number(given: Collection[str]) -> str:
    """The number after the highest that was ever given."""
    return f"2026-{max((int(number[5:]) for number in given), default=0) + 1:04}"


def keep(history: list[Line], loser: Line) -> None:
    """Keep a version that is not current any more."""
    history.append(loser)


class Rules(NamedTuple):
    """The rules of a model: which version wins, and the same on a laptop that takes in what the central has; the next
    stamp (last, now, seen); what becomes of a version that is not current; the next number; which of the sent versions
    have been answered."""

    merge: ReplaceRule = replaces
    take: ReplaceRule = replaces
    stamp: Callable[[int, int, int], int] = tick
    retire: Callable[[list[Line], Line], None] = keep
    number: Callable[[Collection[str]], str] = next_number
    settle: Callable[[Line], bool] = lambda _line: True


@dataclass
class ModelStore:
    """The lines of one laptop or of the central: current ones, the others, and those not yet sent."""

    name: str
    rules: Rules
    drift_ms: int = 0
    last: int = 0
    current: dict[str, Line] = field(default_factory=dict)
    history: list[Line] = field(default_factory=list)
    outbox: dict[str, Line] = field(default_factory=dict)

    def merge(self, line: Line, rule: ReplaceRule) -> None:
        """Take a version in."""
        held = self.current.get(line.id)
        if held is None or (held != line and rule(line, held)):
            self.current[line.id] = line
            line, held = held or line, line
        if line != self.current[line.id]:
            self.rules.retire(self.history, line)

    def versions(self) -> set[Version]:
        """All versions that it has."""
        return {(line.id, content_of(line)) for line in (*self.current.values(), *self.history)}


class Model:
    """Three laptops and a central, which a seed makes write and sync."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.rules = rules
        self.record = Record()
        self.central = ModelStore("central", rules)
        self._dice = Random(seed)
        self._now_ms = START_MS
        self.laptops = [ModelStore(name, rules, self._dice.choice((0, -90_000, 86_400_000))) for name in "甲乙丙"]
        self._given: list[str] = []
        self._texts = 0

    def play(self) -> list[str]:
        """Play the seed; gives what the checks find."""
        for _ in range(STEPS):
            self._now_ms += self._dice.choice((1, 1_000, 400_000))
            laptop = self._dice.choice(self.laptops)
            self._dice.choice((self._write, self._write, self._round, self._close))(laptop)
        waiting = []
        for _ in range(QUIET_ROUNDS):
            for laptop in self.laptops:
                self._round(laptop)
            waiting = [f"{laptop.name}: lines are unsent" for laptop in self.laptops if laptop.outbox]
        return waiting + self._violations()

    def _violations(self) -> list[str]:
        record, lasting = self.record, self.record.lasting(self._at_central())
        on_devices = {laptop.name: laptop.versions() for laptop in self.laptops}
        granted = {laptop.name: self.central.current for laptop in self.laptops}
        remains = Remains(self.central.versions(), on_devices, set(), granted)
        return [
            *record.went_back,
            *losses(record, remains),
            *not_greatest(lasting, self.central.current),
            *overwritten(record.causal, lasting, self.central.current),
            *misordered(record.causal, lasting),
            *number_violations(record.issue_numbers(), ()),
        ]

    def _at_central(self) -> list[Line]:
        return [*self.central.current.values(), *self.central.history]

    def _write(self, laptop: ModelStore) -> None:
        line_id = derived_id("model", str(self._dice.randrange(3)))
        self._texts += 1
        before = laptop.current.get(line_id)
        seen = before.stamp if before else 0
        laptop.last = self.rules.stamp(laptop.last, self._now_ms + laptop.drift_ms, seen)
        body = {"text": f"第{self._texts}句"}
        line = Line(line_id, "visit", None, laptop.last, derived_id(laptop.name), laptop.name, False, body, seen)
        if before is not None:
            self.rules.retire(laptop.history, before)
        laptop.current[line_id] = laptop.outbox[line_id] = line
        self.record.write(laptop.name, laptop.name, BUCKET, line, content_of(before) if before else None)

    def _round(self, laptop: ModelStore) -> None:
        for line in list(laptop.outbox.values()):
            self.central.merge(line, self.rules.merge)
            self.record.accept(line, self._now_ms + 2 * 86_400_000)
            if self.rules.settle(line):
                del laptop.outbox[line.id]
        for line in self.central.current.values():
            laptop.merge(line, self.rules.take)
        self.record.show(laptop.name, laptop.current.values())

    def _close(self, laptop: ModelStore) -> None:
        """The central gives an issue its number, and the laptop learns it."""
        number, issue = self.rules.number(self._given), derived_id("issue", str(len(self._given)))
        self._given.append(number)
        body = {"issue_id": issue, "number": number}
        line = Line(derived_id("close", issue), "close_out", None, self._now_ms << 16, issue, "", False, body)
        self.central.merge(line, self.rules.merge)
        self._round(laptop)
