"""Two laptops that act on one issue apart, each by what it sees, and meet when they meet: one state everywhere."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.issue_lifecycle import STATES, allowed_acts, compute_state
from store.ledger.hlc import tick
from store.ledger.line import Line, derived_id
from store.ledger.merge import replaces

ISSUE, OFFICER = derived_id("issue"), derived_id("officer")
DEVICES = (derived_id("device", "a"), derived_id("device", "b"))
RECORDED = Line(ISSUE, "issue", None, 1 << 16, DEVICES[0], OFFICER, False, {"number": "1", "title": "供水"})


class Move(NamedTuple):
    """One thing that happens: a device acts (the n-th of what is allowed), both meet, or one edits the issue."""

    what: str
    device: int
    choice: int


MOVES = st.builds(
    Move, st.sampled_from(("act", "act", "act", "act", "meet", "edit")), st.integers(0, 1), st.integers(0, 30)
)


class Laptop:
    """What one device knows of the issue: its lines by id, and a clock that only counts."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.lines: dict[str, Line] = {ISSUE: RECORDED}
        self.stamp = 0

    def act(self, choice: int, now_ms: int) -> None:
        """Do one of the acts that the life table allows from what this device sees."""
        issue, others = self.seen()
        possible = allowed_acts(compute_state(issue, others).state)
        if not possible:
            return
        act = possible[choice % len(possible)]
        body: dict[str, object] = {"issue_id": ISSUE, "act": act}
        if act == "approved":
            read = [issue, *(line for line in others if line.body["act"] == "settled")]
            body["versions"] = [{"id": line.id, "stamp": line.stamp, "device": line.device} for line in read]
        self._write(Line(derived_id(self.device, str(len(self.lines)), str(now_ms)), "issue_step", None, 0, self.device,
                         OFFICER, False, body), now_ms)  # fmt: skip

    def edit(self, choice: int, now_ms: int) -> None:
        """Change what was recorded."""
        issue, _others = self.seen()
        self._write(issue._replace(device=self.device, body={**issue.body, "text": str(choice)}), now_ms)

    def _write(self, line: Line, now_ms: int) -> None:
        held = self.lines.get(line.id)
        self.stamp = tick(self.stamp, now_ms, held.stamp if held else 0)
        self.lines[line.id] = line._replace(stamp=self.stamp)

    def meet(self, other: Laptop) -> None:
        """Both know afterwards what either knew, each in the order in which it came to know it."""
        mine, theirs = list(self.lines.values()), list(other.lines.values())
        self._receive(theirs)
        other._receive(mine)
        self.stamp = other.stamp = max(self.stamp, other.stamp)

    def _receive(self, lines: list[Line]) -> None:
        for line in lines:
            current = self.lines.get(line.id)
            if current is None or replaces(line, current):
                self.lines.pop(line.id, None)
                self.lines[line.id] = line

    def seen(self) -> tuple[Line, list[Line]]:
        """The issue's own line and the others."""
        return self.lines[ISSUE], [line for line in self.lines.values() if line.id != ISSUE]


@pytest.mark.proves("R25", "R48")
@given(st.lists(MOVES, max_size=40))
def test_any_two_devices_end_in_one_state(moves: list[Move]) -> None:
    """Whatever legal acts two devices do apart, in whatever order they meet: nothing raises, both end in one state, and
    every step is either in turn or named as out of turn."""
    laptops = [Laptop(device) for device in DEVICES]
    for now_ms, move in enumerate(moves, 2):
        laptop = laptops[move.device]
        if move.what == "meet":
            laptops[0].meet(laptops[1])
        elif move.what == "edit":
            laptop.edit(move.choice, now_ms)
        else:
            laptop.act(move.choice, now_ms)
    laptops[0].meet(laptops[1])
    assert laptops[0].lines == laptops[1].lines
    issue, steps = laptops[0].seen()
    states = [compute_state(*laptop.seen()) for laptop in laptops]
    assert states[0] == states[1] == compute_state(issue, reversed(steps))
    assert states[0].state in STATES
    in_turn = {step.id for step in steps} - set(states[0].out_of_turn)
    assert set(states[0].out_of_turn) <= {step.id for step in steps}
    assert (states[0].last_step in in_turn) if in_turn else (states[0].last_step is None)
