"""Five laptops that act on one issue apart, each by what it sees, and meet when they meet: one state everywhere."""

from __future__ import annotations

import random

import pytest

from store.domain.issue_lifecycle import STATES, IssueState, allowed_acts, compute_state
from store.ledger.hlc import tick
from store.ledger.line import Line, derived_id
from store.ledger.merge import replaces
from tests.examples import examples

ISSUE, OFFICER = derived_id("issue"), derived_id("officer")
DEVICES = tuple(derived_id("device", name) for name in "abcde")
UNITS = tuple(derived_id("unit", name) for name in "abcd")
RECORDED = Line(ISSUE, "issue", None, 1 << 16, DEVICES[0], OFFICER, False, {"number": "1", "title": "供水"})
MOVES = 40
"""So many things happen before all meet."""


class Laptop:
    """What one device knows of the issue: its lines by id, and a clock that only counts."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.lines: dict[str, Line] = {ISSUE: RECORDED}
        self.stamp = 0

    def act(self, dice: random.Random, now_ms: int) -> None:
        """Do one of the acts that the life table allows from what this device sees."""
        issue, others = self.seen()
        state = compute_state(issue, others)
        if not (possible := allowed_acts(state.state, at_meeting=True, same_department=True)):
            return
        act = dice.choice(possible)
        body = {"issue_id": ISSUE, "act": act, **fields_of(act, state, dice)}
        if act == "approved":
            read = [issue, *(line for line in others if line.body["act"] == "settled")]
            body["versions"] = [{"id": line.id, "stamp": line.stamp, "device": line.device} for line in read]
        step_id = derived_id(self.device, str(len(self.lines)), str(now_ms))
        self._write(Line(step_id, "issue_step", None, 0, self.device, OFFICER, False, body), now_ms)

    def edit(self, text: str, now_ms: int) -> None:
        """Change what was recorded."""
        issue, _others = self.seen()
        self._write(issue._replace(device=self.device, body={**issue.body, "text": text}), now_ms)

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


def fields_of(act: str, state: IssueState, dice: random.Random) -> dict[str, object]:
    """The fields of an act that decide what it does: departments, mostly of the issue; a level; a meeting."""
    of_issue = [unit for unit in (state.department_id, *(each.department_id for each in state.co_handlers)) if unit]
    speaking = dice.choice(of_issue or UNITS) if dice.random() < 0.8 else dice.choice(UNITS)
    if act == "assigned":
        leading = state.department_id if state.department_id and dice.random() < 0.5 else dice.choice(UNITS)
        others = {"with_ids": dice.sample(UNITS, dice.randint(0, 3))} if dice.random() < 0.8 else {}
        return {"department_id": leading, **others}
    if act == "opinion" or (act == "disputed" and dice.random() < 0.5):
        return {"department_id": speaking}
    if act == "resolved":
        return {"level": dice.randint(1, 3), "meeting_id": ISSUE}
    return {"level": dice.randint(1, 3)} if act == "escalated" else {}


def play(seed: int) -> list[Laptop]:
    """Five laptops after a random history and a meeting of all."""
    dice, laptops = random.Random(seed), [Laptop(device) for device in DEVICES]
    for now_ms in range(2, 2 + MOVES):
        laptop, other = dice.sample(laptops, 2)
        what = dice.choice(("act", "act", "act", "meet", "meet", "edit"))
        if what == "meet":
            laptop.meet(other)
        elif what == "edit":
            laptop.edit(str(dice.random()), now_ms)
        else:
            laptop.act(dice, now_ms)
    for laptop in (*laptops, *laptops):
        laptops[0].meet(laptop)
    return laptops


@pytest.mark.soak
@pytest.mark.proves("R25", "R48")
def test_any_five_devices_end_in_one_state() -> None:
    """Whatever legal acts five devices do apart, in whatever order they meet: nothing raises, all end in one state,
    every step is either in turn or named as out of turn, and who is owed is of the issue."""
    for seed in range(examples(300, 10_000)):
        laptops = play(seed)
        issue, steps = laptops[0].seen()
        states = [compute_state(*laptop.seen()) for laptop in laptops]
        assert set(states) == {compute_state(issue, reversed(steps))}, seed
        assert all(laptop.lines == laptops[0].lines for laptop in laptops), seed
        check_state(states[0], steps)


def check_state(state: IssueState, steps: list[Line]) -> None:
    """What holds for every state, however it came about."""
    assert state.state in STATES
    in_turn = {step.id: step for step in steps if step.id not in state.out_of_turn}
    assert set(state.out_of_turn) <= {step.id for step in steps}
    assert (state.last_step in in_turn) if in_turn else (state.last_step is None)
    departments = [each.department_id for each in state.co_handlers]
    assert len(departments) == len(set(departments)) and state.department_id not in departments
    spoken = {each.department_id: each.step for each in state.co_handlers if each.step}
    assert all(in_turn[step].body["department_id"] == department for department, step in spoken.items())
    assert set(state.owed) == (
        set(departments) - spoken.keys() if state.state not in ("closed", "cancelled") else set()
    )
