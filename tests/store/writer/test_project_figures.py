"""A project's kept figures are always those of its lines, and say of every day which light the project has."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from store.db.migrations.run import upgrade
from store.domain.issue_lifecycle import FINISHED_STATES, IssueState
from store.domain.status_lights import LIGHTS, compute_light, light_thresholds
from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Line, derived_id
from store.queries.projects import projects
from store.writer.project_figures import repair_project_figures, wrong_project_figures
from tests.examples import examples
from tests.store.queries.sample import TODAY, Sample

ACTS = ("assigned", "accepted", "waiting", "escalated", "settled", "progress", "returned", "cancelled", "opinion")
BEFORE_0024 = (
    "DROP TABLE project_figures",
    "DROP INDEX issue_state_due",
    "ALTER TABLE issue_step DROP COLUMN taken_over",
    "DROP TABLE reminder_device",
    "DROP TABLE column_meaning",
    "DROP TABLE phrase",
    "DROP TABLE saved_view",
    "DROP TABLE file_rule",
    "DROP TABLE time_rule",
    "ALTER TABLE issue DROP COLUMN urgency",
    "ALTER TABLE issue_step DROP COLUMN waiting_for",
    "ALTER TABLE issue_state DROP COLUMN due_rule",
    "ALTER TABLE issue_state DROP COLUMN extension",
    "ALTER TABLE issue_state DROP COLUMN limit_at",
    "ALTER TABLE issue_state DROP COLUMN progress_until",
    "ALTER TABLE issue_step DROP COLUMN request_id",
    "UPDATE alembic_version SET version_num = '0023'",
)


class Moves:
    """What may happen in the sample district, drawn at random."""

    def __init__(self, district: Sample, seed: int) -> None:
        self.district, self.dice = district, random.Random(seed)
        self.visits, self.issues, self.steps = [district.visit], [district.issue], list[str]()
        self.all: tuple[Callable[[], None], ...] = (
            self.visit, self.visit_again, self.issue, self.step, self.step, self.step, self.delete, self.withdraw,
            self.arrive, self.leave,
        )  # fmt: skip

    def draw(self) -> None:
        """One of the moves, a second after the last."""
        self.district.clock.now += 1000
        self.dice.choice(self.all)()

    def day(self) -> str:
        return (TODAY + timedelta(days=self.dice.randint(-40, 40))).isoformat()

    def project(self) -> str:
        return self.dice.choice((self.district.water, self.district.heat))

    def visit(self) -> None:
        body = {"at": f"{self.day()}T10:00:00+08:00", "how": "phone"}
        self.visits.append(self.district.ledger.put("visit", body, project=self.project()).id)

    def visit_again(self) -> None:
        if here := self._here("visit", self.visits):
            self.district.ledger.edit("visit", self.dice.choice(here), at=f"{self.day()}T09:00:00+08:00")

    def issue(self) -> None:
        body = {"number": str(len(self.issues)), "title": "供水", "kind": "problem"}
        body |= {"due": self.day()} if self.dice.random() < 0.7 else {}
        self.issues.append(self.district.ledger.put("issue", body, project=self.project()).id)

    def step(self) -> None:
        if not (here := self._here("issue", self.issues)):
            return
        issue, act = self.dice.choice(here), self.dice.choice(ACTS)
        days = {"assigned": {"due": self.day(), "department_id": derived_id("unit")}, "waiting": {"until": self.day()}}
        body = {"issue_id": issue, "act": act, "level": 1, **days.get(act, {})}
        where = self.district.connection.execute("SELECT project_id FROM issue WHERE id = ?", (issue,)).fetchone()
        self.steps.append(self.district.ledger.put("issue_step", body, project=where[0]).id)

    def delete(self) -> None:
        kind, ids = self.dice.choice((("visit", self.visits), ("issue", self.issues)))
        if here := self._here(kind, ids):
            self.district.ledger.delete(kind, self.dice.choice(here))

    def withdraw(self) -> None:
        if here := self._here("visit", self.visits):
            self.district.ledger.withdraw("visit", self.dice.choice(here))

    def arrive(self) -> None:
        """A colleague's issue, whose step came before it."""
        issue, where, stamp = derived_id(str(self.dice.random())), self.project(), hlc_from_ms(self.district.clock.now)
        device, author = derived_id("device"), derived_id("author")
        body = {"issue_id": issue, "act": "waiting", "until": self.day()}
        step = Line(derived_id(issue), "issue_step", where, stamp + 1, device, author, False, body)
        body = {"number": issue[:8], "title": "供电", "kind": "problem", "due": self.day()}
        line = Line(issue, "issue", where, stamp, device, author, False, body)
        for each in (step, line):
            self.district.ledger.merge([each])
        self.issues.append(issue)

    def leave(self) -> None:
        """A project's body and an issue are withdrawn from this device; what is unsent stays."""
        if self.dice.random() < 0.3:
            buckets = [row[0] for row in self.district.connection.execute("SELECT bucket FROM agreement")]
            self.district.ledger.merge([], dropped=buckets)

    def _here(self, kind: str, ids: list[str]) -> list[str]:
        rows = self.district.connection.execute(f"SELECT id FROM {kind} WHERE deleted = 0")
        return sorted({row[0] for row in rows} & set(ids))


def test_figures_are_those_of_the_lines_whatever_happens(district: Sample) -> None:
    """After every write, deletion, arrival and withdrawal the kept figures are what the lines say; and on any day the
    list shows of each project the worst light of its issues and how many are open, as the pure rules find them."""
    moves = Moves(district, seed=22)
    for number in range(examples(60, 3_000)):
        moves.draw()
        assert wrong_project_figures(district.connection) == [], number
    for days in (-60, -3, 0, 3, 12, 60):
        on = light_thresholds(TODAY + timedelta(days=days))
        states = district.connection.execute(
            "SELECT project_id, state, level, due, waiting_until, progress_at FROM issue_state"
        ).fetchall()
        for row in projects(district.connection, on):
            own = [
                IssueState(state, level, due=due, waiting_until=until, progress_at=progress)
                for project, state, level, due, until, progress in states
                if project == row.id and state not in FINISHED_STATES
            ]
            lights = {compute_light(on, state) for state in own}
            worst = next((light for light in LIGHTS if light in lights), None)
            assert (row.light, row.open_issues) == (worst, len(own)), (days, row.name)


def test_an_upgrade_computes_the_figures_of_what_is_there(district: Sample) -> None:
    """The migration gives a store of the version before the figures that its lines say."""
    moves = Moves(district, seed=7)
    for _ in range(20):
        moves.draw()
    columns = "project_id, open_issues, due, waiting_until, progress_at, last_contact"
    before = district.connection.execute(f"SELECT {columns} FROM project_figures").fetchall()
    for statement in BEFORE_0024:
        district.connection.execute(statement)
    upgrade(district.connection, "0024")
    assert district.connection.execute(f"SELECT {columns} FROM project_figures").fetchall() == before != []
    upgrade(district.connection, "0031")
    assert wrong_project_figures(district.connection) == []


@pytest.mark.parametrize("damage", ["UPDATE project_figures SET open_issues = 9", "DELETE FROM project_figures"])
def test_wrong_figures_are_found_and_put_right(damage: str, district: Sample) -> None:
    """Figures that were changed in the file, or are missing, are found by name and written anew."""
    with district.ledger.database.write() as connection:
        connection.execute(damage)
    assert repair_project_figures(district.ledger.database) == [district.water]
    assert repair_project_figures(district.ledger.database) == []
