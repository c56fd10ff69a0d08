"""The desk: the only way from the screens to the store. Reads by ``store.queries``, writes by ``store.registers``.

Every method blocks and is called in a thread (``tui/screens/base.py``: `Reading.ask` and `Reading.do`); each thread
has its own connection. Imported in a thread, too, after the first paint.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from store.clock import wall_ms
from store.connection import Connection
from store.database import Database
from store.lights import Marks, marks
from store.meta import read_meta
from store.queries import issues, projects, status, visits
from store.queries.issues import IssueDetail, IssueFilter, IssueRow
from store.queries.projects import Event, ProjectDetail, ProjectRow
from store.queries.visits import VisitRow
from store.times import now_in
from tui.paged import Paged
from tui.standing import Standing


class Desk:
    """One opened home. ``wall`` is this machine's clock in ms."""

    def __init__(self, database: Database, home: Path, *, wall: Callable[[], int] = wall_ms) -> None:
        self.database = database
        self.home = home
        self.wall = wall
        self._epoch = 0
        self._marks: tuple[date, Marks] | None = None

    # ── today ───────────────────────────────────────────────────────────────────────────────────────────────────

    def today(self) -> Marks:
        """What decides on lights today; worked out once a day."""
        day = now_in(self.wall()).date()
        if self._marks is None or self._marks[0] != day:
            self._marks = (day, marks(day))
        return self._marks[1]

    def epoch(self) -> int:
        """A number that changes with the ledger."""
        return self._epoch

    # ── following ───────────────────────────────────────────────────────────────────────────────────────────────

    def changes(self, leaving: threading.Event) -> Iterator[Standing]:
        """The standing after each commit of anybody, until ``leaving`` is set."""
        from tui.following import commits  # noqa: PLC0415 - the watcher costs 60 ms and is needed only now

        for _commit in commits(self.database, self.home, leaving):
            self._epoch += 1
            yield self.standing()

    def standing(self) -> Standing:
        """Whose home this is and how it stands with its central."""
        with self.database.read() as connection:
            meta, waiting = read_meta(connection), status.pending(connection)
        return standing_from(meta, waiting)

    # ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────

    def projects(self) -> Paged[ProjectRow]:
        """The projects, as the responsibility table has them."""

        def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[ProjectRow]:
            return projects.projects(
                connection, self.today(), chosen=listing, limit=limit, entered=entered, position=position
            )

        def key_of(connection: Connection, line_id: str) -> Any:
            found = projects.project(connection, line_id, self.today())
            return projects.project_key(found.row) if found else None

        return Paged(self.database, projects.listing, read, key_of, self.epoch)

    def issues(self, chosen: IssueFilter) -> Paged[IssueRow]:
        """The issue ledger, newest first."""

        def read(connection: Connection, _listing: Any, entered: Any, position: int, limit: int) -> list[IssueRow]:
            return issues.issues(connection, self.today(), chosen, limit=limit, entered=entered, position=position)

        return Paged(
            self.database, lambda: issues.listing(self.today(), chosen), read, lambda _connection, id: (id,), self.epoch
        )

    def visits(self, project: str | None = None) -> Paged[VisitRow]:
        """The service log of a project or of all, newest first."""

        def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[VisitRow]:
            return visits.visits(connection, listing, limit=limit, entered=entered, position=position)

        def key_of(connection: Connection, line_id: str) -> Any:
            found = visits.visit(connection, line_id)
            return visits.visit_key(found) if found else None

        return Paged(self.database, lambda: visits.listing(project=project), read, key_of, self.epoch)

    # ── one line ────────────────────────────────────────────────────────────────────────────────────────────────

    def project(self, project_id: str) -> ProjectDetail | None:
        """One project with its people."""
        with self.database.read() as connection:
            return projects.project(connection, project_id, self.today())

    def timeline(self, project_id: str, limit: int = 300) -> list[Event]:
        """What happened at a project, newest first."""
        with self.database.read() as connection:
            return projects.timeline(connection, project_id, limit)

    def issue(self, issue_id: str) -> IssueDetail | None:
        """One issue with its steps."""
        with self.database.read() as connection:
            return issues.issue(connection, issue_id, self.today())

    def visit(self, visit_id: str) -> VisitRow | None:
        """One visit with the issues it names."""
        with self.database.read() as connection:
            return visits.visit(connection, visit_id)


def standing_from(meta: Mapping[str, str], waiting: Mapping[str, int]) -> Standing:
    """The standing that the device's own facts describe."""
    return Standing(
        person=meta.get("person_name", ""),
        district=meta.get("district_name", ""),
        central=meta.get("central"),
        unsent=waiting.get("pending", 0),
        rejected=waiting.get("rejected", 0),
        offset_ms=int(meta.get("offset_ms", "0")),
    )
