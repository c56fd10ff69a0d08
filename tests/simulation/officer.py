"""What officers do on a simulated laptop: a seed picks the act, the laptop's own store what it is about."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from store.domain.issue_lifecycle import TRANSITIONS, State, allowed_acts
from store.exceptions import DiskFull
from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import Line, derived_id
from store.writer.transaction import stored_lines_of, stored_unknown_lines
from tests.simulation.causality import TEXT, Content, content_of
from tests.simulation.laptop import Laptop
from tests.simulation.record import Record

SETTLED = "SELECT id FROM issue_state WHERE state IN ('settled', 'pending_approval')"
COMMON = ("unit", "person", "project")
"""Kinds that several roles edit, so that laptops change the same line apart."""


class Officer:
    """One officer at one laptop at a time. Ids and texts come from a counter, so that a seed always gives the same
    ones."""

    def __init__(self, seed: int, dice: Random, record: Record, log: Callable[[str], None]) -> None:
        self._seed = seed
        self._dice = dice
        self._record = record
        self._log = log
        self._n = 0

    def act(self, laptop: Laptop, role: str) -> None:
        """Do something that this role does (or, now and then, something that it may not)."""
        acts = ACTS[role]
        self.do(laptop, self._dice.choices(list(acts), list(acts.values()))[0])

    def do(self, laptop: Laptop, act: Act) -> None:
        """Do this act; on a full disk, as far as it goes."""
        self._log(f"{laptop.name} writes: {act.__name__}")
        try:
            act(self, laptop)
        except DiskFull as error:
            self._log(f"  {error.code}")

    # Writing and remembering it

    def put(self, laptop: Laptop, kind: str, body: dict[str, Any], project: str | None = None) -> Line:
        """A new line with a new text."""
        body = {**body, TEXT[kind]: self.new_text()}
        line = laptop.ledger.put(kind, body, project=project, id=self.new_id())
        self._record.write(laptop.name, laptop.account, bucket_of(line), line, None)
        return line

    def edit(self, laptop: Laptop, line: Line, **changes: Any) -> None:
        """The next version of a line, with a new text."""
        changes[TEXT[line.kind]] = self.new_text()
        self._wrote(laptop, laptop.ledger.edit(line.kind, line.id, **changes), content_of(line))

    def _wrote(self, laptop: Laptop, line: Line, seen: Content | None) -> None:
        self._record.write(laptop.name, laptop.account, bucket_of(line), line, seen)

    def new_id(self) -> str:
        """The next id of this simulation, of the version that random ids have: derived ones belong to names."""
        self._n += 1
        derived = derived_id("simulation", str(self._seed), str(self._n))
        return f"{derived[:14]}7{derived[15:]}"

    def new_text(self) -> str:
        """A text that nobody has written before."""
        self._n += 1
        return f"第{self._n}句"

    # Choosing

    def any(self, laptop: Laptop, *kinds_of: str) -> Line | None:
        """Some line of these kinds on this laptop."""
        kind = self._dice.choice(kinds_of)
        return self._pick(laptop, kind, f"SELECT id FROM {kind} WHERE deleted = 0 ORDER BY id")

    def _pick(self, laptop: Laptop, kind: str, query: str) -> Line | None:
        connection = laptop.ledger.database.connection()
        ids = [row[0] for row in connection.execute(query)]
        return line_on(laptop, kind, self._dice.choice(ids)) if ids else None

    # Acts

    def new_project(self, laptop: Laptop) -> None:
        """Add a project."""
        number = str(self._n)
        line_id = self.new_id()
        body = {"name": f"项目{number}", "number": number, "category": "new", "note": self.new_text()}
        line = laptop.ledger.put("project", body, id=line_id)
        self._record.write(laptop.name, laptop.account, bucket_of(line), line, None)

    def new_unit(self, laptop: Laptop) -> None:
        """Add a department."""
        self.put(laptop, "unit", {"name": f"单位{self._n}", "kind": "department"})

    def new_person(self, laptop: Laptop) -> None:
        """Add a person."""
        self.put(laptop, "person", {"name": f"人员{self._n}"})

    def edit_common(self, laptop: Laptop) -> None:
        """Edit a line that others edit too."""
        if line := self.any(laptop, *COMMON):
            self.edit(laptop, line)

    def edit_own(self, laptop: Laptop) -> None:
        """Edit a visit or an issue."""
        if line := self.any(laptop, "visit", "issue"):
            self.edit(laptop, line)

    def edit_step(self, laptop: Laptop) -> None:
        """Edit one of the officer's own steps."""
        person = derived_id("person", laptop.account)
        query = f"SELECT id FROM issue_step WHERE deleted = 0 AND author_id = '{person}' ORDER BY id"
        if line := self._pick(laptop, "issue_step", query):
            self.edit(laptop, line)

    def visit(self, laptop: Laptop) -> None:
        """Add a visit."""
        if project := self.any(laptop, "project"):
            self.put(laptop, "visit", {"at": "2026-03-04T09:00+08:00", "how": "visit"}, project.id)

    def issue(self, laptop: Laptop) -> None:
        """Record an issue, half of the time with a department from the start."""
        project, unit = self.any(laptop, "project"), self.any(laptop, "unit")
        if project is None:
            return
        body: dict[str, Any] = {"number": f"W{self._n}", "title": f"问题{self._n}", "kind": "problem"}
        if unit and self._dice.random() < 0.5:
            body["department_id"] = unit.id
        self.put(laptop, "issue", body, project.id)

    def assign(self, laptop: Laptop) -> None:
        """Assign an issue, half of the time to several departments, or transfer it to another after a dispute."""
        issue, unit = self.any(laptop, "issue"), self.any(laptop, "unit")
        if issue is None or unit is None:
            return
        if self._state(laptop, issue.id) == "assigned":
            self._step(laptop, issue, "disputed")
        other = self.any(laptop, "unit")
        more = {"with_ids": [other.id]} if other and self._dice.random() < 0.5 else {}
        self._step(laptop, issue, "assigned", department_id=unit.id, due="2026-12-01", **more)

    def step(self, laptop: Laptop) -> None:
        """Act on an issue, most often as its state allows."""
        if not (issue := self.any(laptop, "issue")):
            return
        acts = [*allowed_acts(self._state(laptop, issue.id))] if self._dice.random() < 0.8 else list(TRANSITIONS)
        acts = [act for act in acts if act not in ("assigned", "approved")]
        if acts:
            act, unit = self._dice.choice(acts), self.any(laptop, "unit")
            speaks = unit is not None and act in ("opinion", "disputed") and self._dice.random() < 0.7
            self._step(laptop, issue, act, **({"department_id": unit.id} if speaks and unit else {}))

    def settle(self, laptop: Laptop) -> None:
        """Record an issue with all that was done about it, so that only the approval is left."""
        project, unit = self.any(laptop, "project"), self.any(laptop, "unit")
        if project is None or unit is None:
            return
        body = {"number": f"W{self._n}", "title": f"问题{self._n}", "kind": "problem"}
        issue = self.put(laptop, "issue", body, project.id)
        self._step(laptop, issue, "assigned", department_id=unit.id, due="2026-12-01")
        self._step(laptop, issue, "accepted")
        self._step(laptop, issue, "settled", measure="接电", evidence="照片")

    def approve(self, laptop: Laptop) -> None:
        """Approve an issue that another has settled, naming the versions read."""
        others = f"SELECT id FROM issue WHERE author_id != '{derived_id('person', laptop.account)}'"
        query = f"{SETTLED} AND id IN ({others}) ORDER BY id"
        if issue := self._pick(laptop, "issue", query):
            steps = f"SELECT id, stamp, device_id FROM issue_step WHERE issue_id = '{issue.id}' ORDER BY id"
            read = [(issue.id, issue.stamp, issue.device)]
            read += laptop.ledger.database.connection().execute(steps).fetchall()
            versions = [{"id": line_id, "stamp": stamp, "device": device} for line_id, stamp, device in read]
            self._step(laptop, issue, "approved", versions=versions)

    def contact(self, laptop: Laptop) -> None:
        """Note or correct a person's phone: its line has an id that follows from the person, so that several laptops
        may begin it."""
        if not (person := self.any(laptop, "person")):
            return
        line_id = derived_id(laptop.district, "contact", person.id)
        if line := line_on(laptop, "contact", line_id):
            self.edit(laptop, line)
            return
        body = {"person_id": person.id, "phone": "0418-1234567", TEXT["contact"]: self.new_text()}
        self._wrote(laptop, laptop.ledger.put("contact", body, id=line_id), None)

    def delete(self, laptop: Laptop) -> None:
        """Delete a visit."""
        if line := self.any(laptop, "visit"):
            self._wrote(laptop, laptop.ledger.delete(line.kind, line.id), content_of(line))

    def restore(self, laptop: Laptop) -> None:
        """Restore an older version; not of who serves a project, which would give the role back."""
        connection = laptop.ledger.database.connection()
        query = (
            "SELECT id, stamp, device_id, kind FROM history WHERE kind NOT IN ('issue_step', 'assignment') "
            "ORDER BY body, stamp, device_id"
        )
        found = [row for row in connection.execute(query) if line_on(laptop, row[3], row[0])]
        if found:
            line_id, stamp, device, kind = self._dice.choice(found)
            before = line_on(laptop, kind, line_id)
            assert before is not None
            self._wrote(laptop, laptop.ledger.restore(line_id, stamp, device), content_of(before))

    def _step(self, laptop: Laptop, issue: Line, act: str, **fields: Any) -> None:
        self.put(laptop, "issue_step", {"issue_id": issue.id, "act": act, **fields}, issue.project)

    @staticmethod
    def _state(laptop: Laptop, issue: str) -> State:
        query = "SELECT state FROM issue_state WHERE id = ?"
        state: State = laptop.ledger.database.connection().execute(query, (issue,)).fetchone()[0]
        return state


Act = Callable[[Officer, Laptop], None]
_BUTLER: dict[Act, int] = {
    Officer.visit: 4,
    Officer.edit_own: 4,
    Officer.edit_common: 5,
    Officer.edit_step: 1,
    Officer.issue: 3,
    Officer.assign: 3,
    Officer.step: 4,
    Officer.delete: 1,
    Officer.restore: 2,
    Officer.new_person: 1,
}
ACTS: dict[str, dict[Act, int]] = {
    "bureau": {**_BUTLER, Officer.new_project: 1, Officer.new_unit: 1, Officer.settle: 2, Officer.approve: 4},
    "butler": _BUTLER,
    "lead_leader": {Officer.visit: 2, Officer.assign: 3, Officer.step: 2, Officer.edit_common: 1},
    "department": {Officer.step: 8, Officer.edit_step: 2, Officer.edit_common: 1, Officer.edit_own: 1},
    "supervision_office": {Officer.step: 2, Officer.edit_common: 1},
}
"""The acts of each role with their weights. Where the central rejects one, the line stays on the laptop."""


def line_on(laptop: Laptop, kind: str, line_id: str) -> Line | None:
    """The current version of a line on this laptop."""
    connection = laptop.ledger.database.connection()
    held = stored_lines_of(connection, kinds()[kind], [line_id]) or stored_unknown_lines(connection, [line_id])
    return held[line_id].line if line_id in held else None
