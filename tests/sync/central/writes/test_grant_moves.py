"""The roles of accounts after any moves: what the central has applied bit by bit is what the lines grant on the day."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from store.domain.grants import Grant, RoleTerm, grants_on, role_term
from store.domain.merges import kept_ids
from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line
from store.values.times import district_time
from sync.central.accounts.assignment_book import account_persons
from sync.central.accounts.roles import grants_of
from sync.central.admin import admin
from sync.central.admin.setup import read_central
from tests.sync.central.ledger import outcome_codes, project, unit
from tests.sync.central.writes.test_grant_changes import DAY_MS, next_of
from tests.sync.central_fixture import DISTRICT, Laptop, running_central

ROLES = ("butler", "lead_leader", "department", "auditor", "principal_leader", "stand_in")
SEEDS = range(60) if os.environ.get("TESTS_SOAK") else (3, 5)
"""Of the two in the suite one fails where a merge alone changes nothing, the other where of several days one counts."""


class Moves:
    """Random moves of the bureau's on a few lines, some of which arrive late; and what the lines say then."""

    def __init__(self, boss: Laptop, officers: list[Laptop], seed: int) -> None:
        self._boss = boss
        self._rng = random.Random(seed)
        self._places = [project(boss, name) for name in "一二"]
        self._office, record = unit(boss), boss.line("person", {"name": "丙"})
        self._people = [*(officer.person for officer in officers), record.id]
        self._lines: dict[str, Line] = {}
        assert set(outcome_codes(boss.push([*self._places, self._office, record]))) == {"applied"}

    def push(self, today: int) -> None:
        """One to three moves on a day (days from the first), pushed in any order, with versions that they replace."""
        made = [self._move(today) for _ in range(self._rng.randrange(1, 4))]
        stale = self._rng.sample(sorted(self._lines.values()), min(1, len(self._lines)))
        for line in made:
            self._lines[line.id] = line
        pushed = [*made, *stale]
        self._rng.shuffle(pushed)
        outcomes = self._boss.push(pushed)
        assert set(outcome_codes(outcomes)) <= {"applied", "superseded"}, outcomes

    def days_passing(self) -> int:
        """How many days pass now, without anybody writing."""
        return self._rng.choice((0, 0, 1, 1, 2, 4))

    def _move(self, today: int) -> Line:
        known = sorted(self._lines)
        if len(known) < 4 or (len(known) < 9 and self._rng.random() < 0.5):
            return self._new(today)
        line = self._lines[self._rng.choice(known)]
        if line.kind == "merge" or self._rng.random() < 0.4:
            return next_of(self._boss, line, deleted=not line.deleted)
        rest = {name: value for name, value in line.body.items() if name not in ("from_date", "to_date")}
        return next_of(self._boss, line, body={**rest, **self._days(today)}, deleted=False)

    def _new(self, today: int) -> Line:
        person, other = self._rng.sample(self._people, 2)
        if self._rng.random() < 0.2:
            return self._boss.line("merge", {"what": "person", "from_id": person, "into_id": other})
        role = self._rng.choice(ROLES)
        body = {"role": role, "person_id": person, **self._days(today)}
        body |= {"unit_id": self._office.id} if role == "department" else {}
        body |= {"for_id": other} if role == "stand_in" else {}
        place = self._rng.choice(self._places).id if role in ("butler", "lead_leader") else None
        return self._boss.line("assignment", body, place)

    def _days(self, today: int) -> dict[str, str]:
        first, last = self._rng.randrange(-3, 3), self._rng.randrange(-2, 4)
        start = district_time(system_clock_ms()).date() + timedelta(days=today)
        first_day, last_day = ((start + timedelta(days=n)).isoformat() for n in (first, last))
        days = {
            "from_date": self._rng.choice([None, first_day]),
            "to_date": self._rng.choice([last_day, last_day, None]),
        }
        return {name: day for name, day in days.items() if day is not None}

    def granted(self, written: Mapping[str, Line], today: int) -> dict[str, frozenset[Grant]]:
        """By person: what the lines grant on a day, those that the central has ``written`` included."""
        present = [line for line in (*self._lines.values(), *written.values()) if not line.deleted]
        merges = kept_ids((line.body["from_id"], line.body["into_id"]) for line in present if line.kind == "merge")
        terms = [_term(line) for line in present if line.kind == "assignment"]
        day = (district_time(system_clock_ms()).date() + timedelta(days=today)).isoformat()
        grants = grants_on(terms, day, merges)
        return {person: grants.get(merges.get(person, person), frozenset()) for person in self._people}


def _term(line: Line) -> RoleTerm:
    term = role_term(line.project, line.body)
    assert term is not None
    return term


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("seed", SEEDS)
def test_roles_are_what_the_lines_grant_after_any_moves(tmp_path: Path, seed: int) -> None:
    """Assignments begun, ended, moved, withdrawn and returned, stand-ins, merges and their undoing, in any order, with
    versions that are no longer current, and days that pass without anybody writing: after each, every account has what
    the pure function of lines and day gives its person, no more and no less."""
    later = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + later[0] * DAY_MS) as central:
        boss = central.enrol("局长")
        officers = [central.enrol(name, "auditor") for name in "甲乙"]
        admin.withdraw(central.data_dir, "乙", "auditor")  # so that one has nothing but what the moves give
        moves = Moves(boss, officers, seed)
        boss.pull_all()
        for _ in range(12):
            moves.push(later[0])
            assert_roles(central.data_dir, officers, moves.granted(boss.assigned, later[0]))
            later[0] += moves.days_passing()
            boss.hello()
            assert_roles(central.data_dir, officers, moves.granted(boss.assigned, later[0]))


def assert_roles(data_dir: Path, officers: list[Laptop], granted: Mapping[str, frozenset[Grant]]) -> None:
    """Each officer's account has what is granted to its person."""
    with read_central(data_dir) as connection:
        accounts = {person: account for account, person in account_persons(connection, DISTRICT)}
        held = grants_of(connection, DISTRICT, list(accounts.values()))
        for officer in officers:
            assert set(held[accounts[officer.person]]) == set(granted[officer.person])
