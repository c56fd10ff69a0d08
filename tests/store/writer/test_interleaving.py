"""Two laptops that act on one issue apart, each by what it sees, and meet when they meet: one state everywhere."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.issue_lifecycle import STATES, TRANSITIONS, allowed_acts, compute_state
from store.ledger.hlc import tick
from store.ledger.line import Line, derived_id

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
            body["versions"] = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in read]
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
        """Both know afterwards what either knew; the later version of the issue's own line stands."""
        both = {**self.lines, **other.lines}
        for line_id in self.lines.keys() & other.lines.keys():
            both[line_id] = max(self.lines[line_id], other.lines[line_id], key=lambda line: (line.stamp, line.device))
        self.lines, other.lines = both, dict(both)
        self.stamp = other.stamp = max(self.stamp, other.stamp)

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
    states = [compute_state(*laptop.seen()) for laptop in laptops]
    assert states[0] == states[1]
    assert states[0].state in STATES
    steps = {line.id for line in laptops[0].seen()[1]}
    assert set(states[0].out_of_turn) <= steps
    assert all(line.body["act"] in TRANSITIONS for line in laptops[0].seen()[1])
