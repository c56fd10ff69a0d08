"""The desk: the only way from the screens to the store. Reads by ``store.queries``, writes by ``store.commands``.

Every method blocks and is called in a thread (``tui/screens/base.py``: `Reading.ask` and `Reading.do`); each thread
has its own connection. Imported in a thread, too, after the first paint.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.db.connection import Connection
from store.db.database import Database
from store.db.meta import read_meta
from store.domain.issue_lifecycle import IssueState
from store.domain.limits import Limits, limits, set_limits
from store.domain.status_lights import Marks, light_by, marks
from store.ledger.hlc import wall_ms
from store.ledger.line import Line
from store.queries import status
from store.values.times import now_in
from tui.data.lazy import Later
from tui.data.paging import Paged
from tui.data.rows import Source
from tui.data.sync_status import Standing
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import word

if TYPE_CHECKING:
    from store.domain.registers import Book
    from store.home.sync_progress import Progress
    from store.queries import issues, lines, names, project_filters, projects, timeline, visits
    from store.queries.issues import IssueDetail, IssueFilter, IssueRow
    from store.queries.lines import Rejected, Version
    from store.queries.project_filters import ProjectFilter
    from store.queries.projects import ProjectDetail, ProjectRow
    from store.queries.register_lines import Row
    from store.queries.status import Notice, Status
    from store.queries.timeline import Event
    from store.queries.visits import VisitRow
    from store.search.ranking import Hit
    from store.search.session import Lookup
    from tui.data.readers import register_lines as shelf
    from tui.data.summary_cache import Overviews
    from tui.data.writer import Pen
    from tui.i18n.register_text import BookRow
    from tui.widgets.autocomplete import Suggestion
else:  # loaded with the first question to each: the first list waits for its own only
    issues, lines, names = Later("store.queries.issues"), Later("store.queries.lines"), Later("store.queries.names")
    projects, project_filters = Later("store.queries.projects"), Later("store.queries.project_filters")
    timeline, visits = Later("store.queries.timeline"), Later("store.queries.visits")
    shelf = Later("tui.data.readers.register_lines")


PACE_S = 0.4
"""Changes are told at most this often; the first one at once."""


class Desk:
    """One opened home. ``wall`` is this machine's clock in ms."""

    def __init__(self, database: Database, home: Path, *, wall: Callable[[], int] = wall_ms) -> None:
        self.database = database
        self.home = home
        self.wall = wall
        self._epoch = 0
        self._marks: tuple[tuple[date, int], Marks] | None = None
        self._pen: Pen | None = None
        self._taking_pen = threading.Lock()

    @cached_property
    def lookup(self) -> Lookup:
        """What looks up; loaded with the first question."""
        looking: Lookup = import_module("store.search.session").Lookup(self.database.connection)
        return looking

    @property
    def pen(self) -> Pen:
        """What writes. The first to ask waits until it is loaded."""
        with self._taking_pen:
            if self._pen is None:
                self._pen = import_module("tui.data.writer").Pen(self.database, self.wall)
            return self._pen

    @cached_property
    def overviews(self) -> Overviews:
        """The figures of periods, counted once for each state of the ledger."""
        found: Overviews = import_module("tui.data.summary_cache").Overviews(self.database, self.today, self.epoch)
        return found

    # ── today ───────────────────────────────────────────────────────────────────────────────────────────────────

    def today(self) -> Marks:
        """What decides on lights today; worked out once a day, and again when the ledger has changed."""
        known = (now_in(self.wall()).date(), self._epoch)
        if self._marks is None or self._marks[0] != known:
            self._marks = (known, marks(known[0], limits(self.database.connection())))
        return self._marks[1]

    def district_ms(self) -> int:
        """The district's time in ms: this machine's clock, corrected by what the last round measured."""
        return self.wall() + int(read_meta(self.database.connection()).get("offset_ms", "0"))

    def noticed(self) -> None:
        """The ledger has changed: what was surveyed of it no longer holds."""
        self._epoch += 1

    def epoch(self) -> int:
        """A number that changes with the ledger."""
        return self._epoch

    # ── following ───────────────────────────────────────────────────────────────────────────────────────────────

    def changes(self, leaving: threading.Event, calm_s: float = 0) -> Iterator[tuple[Standing | None, Progress | None]]:
        """The standing after each commit of anybody, and a round as it goes on, until ``leaving`` is set. The watcher
        is loaded after ``calm_s`` seconds; what was committed meanwhile counts."""
        seen = status.change_token(self.database.connection())
        leaving.wait(calm_s)
        from tui.data.change_watcher import happenings  # noqa: PLC0415 - the watcher costs 60 ms and is needed only now

        for noticed in happenings(self.database, self.home, leaving, seen):
            if noticed.committed:
                self.noticed()
            yield self.standing() if noticed.committed else None, noticed.round
            if noticed.committed:
                leaving.wait(PACE_S)  # a round commits many times a second; the screen need not follow each

    def standing(self) -> Standing:
        """Whose home this is and how it stands with its central."""
        with self.database.read() as connection:
            meta, waiting = read_meta(connection), status.pending(connection)
        return standing_from(meta, waiting)

    # ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────

    def projects(self, chosen: ProjectFilter | None = None) -> Paged[ProjectRow]:
        """The projects that are chosen, in the order that is asked for; all, where nothing is."""
        wanted = chosen or project_filters.EVERY_PROJECT

        def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[ProjectRow]:
            return projects.projects(
                connection, self.today(), chosen=listing, limit=limit, entered=entered, position=position
            )

        def key(row: ProjectRow) -> Any:
            return projects.project_key(row, wanted.order)

        return Paged(self.database, lambda: project_filters.listing(wanted, self.today()), read, key, self.epoch)

    def issues(self, chosen: IssueFilter) -> Paged[IssueRow]:
        """The issue ledger, newest first."""

        def read(connection: Connection, _listing: Any, entered: Any, position: int, limit: int) -> list[IssueRow]:
            return issues.issues(connection, self.today(), chosen, limit=limit, entered=entered, position=position)

        return Paged(self.database, lambda: issues.listing(self.today(), chosen), read, issues.issue_key, self.epoch)

    def visits(self, project: str | None = None) -> Paged[VisitRow]:
        """The service log of a project or of all, newest first."""

        def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[VisitRow]:
            return visits.visits(connection, listing, limit=limit, entered=entered, position=position)

        return Paged(self.database, lambda: visits.listing(project=project), read, visits.visit_key, self.epoch)

    def book(self, book: Book, project: str | None = None, **chosen: str | None) -> Source[BookRow]:
        """A register's lines, of a project or of all, newest first; a project's procedures in their own order.
        ``chosen`` narrows them (`books.listing`)."""
        found: Source[BookRow] = shelf.rows_of(self, book, project, **chosen)
        return found

    def book_counts(self, project: str | None = None) -> dict[str, int]:
        """How many lines each register has, in a project or in all."""
        with self.database.read() as connection:
            return shelf.counts(connection, project)

    def write_report(self, name: str, path: Path, chosen: Mapping[str, Any]) -> str:
        """Write a report to a file; ``chosen`` by its options, names as ids or as typed. Gives the file. Raises what
        the report, its options or its file raise."""
        from tui.reports import write_report  # noqa: PLC0415 - only who writes a report waits for it
        from tui.reports.options import REPORTS, Asked, meant  # noqa: PLC0415

        with self.database.read() as connection:
            asked = Asked(connection, self.today(), meant(connection, now_in(self.district_ms()), chosen))
            write_report(REPORTS[name].build(asked), path)
        return str(path)

    def limits(self) -> tuple[Limits, frozenset[str]]:
        """The district's limits, and which of them it has set itself."""
        with self.database.read() as connection:
            return limits(connection), frozenset(set_limits(connection))

    # ── one line ────────────────────────────────────────────────────────────────────────────────────────────────

    def project(self, project_id: str) -> ProjectDetail | None:
        """One project with its people."""
        with self.database.read() as connection:
            return projects.project(connection, project_id, self.today())

    def timeline(self, project_id: str, limit: int = 300) -> list[Event]:
        """What happened at a project, newest first."""
        with self.database.read() as connection:
            return timeline.timeline(connection, project_id, limit)

    def issue(self, issue_id: str) -> IssueDetail | None:
        """One issue with its steps."""
        with self.database.read() as connection:
            return issues.issue(connection, issue_id, self.today())

    def visit(self, visit_id: str) -> VisitRow | None:
        """One visit with the issues it names."""
        with self.database.read() as connection:
            return visits.visit(connection, visit_id)

    def book_line(self, book: Book, line_id: str) -> Row | None:
        """One line of a register, with what follows from it."""
        with self.database.read() as connection:
            return shelf.row_of(connection, book, line_id, self.today())

    def named(self, kind: names.Nameable, line_id: str) -> str | None:
        """What this line is called; None when it is not here."""
        with self.database.read() as connection:
            return next((one.name for one in names.meant(connection, kind, line_id)), None)

    def numbers(self, issue_ids: Iterable[str]) -> list[str]:
        """The numbers by which people call these issues."""
        with self.database.read() as connection:
            meant = [one for line_id in issue_ids for one in names.meant(connection, "issue", line_id)]
        return [one.number or one.name for one in meant]

    def line(self, line_id: str) -> Line | None:
        """The current version of any line."""
        with self.database.read() as connection:
            return lines.line(connection, line_id)

    def history(self, line_id: str) -> tuple[list[Version], dict[str, str]]:
        """All versions of a line, newest first, and the names of what they mention."""
        with self.database.read() as connection:
            versions = lines.history(connection, line_id)[::-1]
            return versions, named_in(connection, [version.body for version in versions])

    def named_line(self, line_id: str) -> tuple[Line | None, dict[str, str]]:
        """Any line, with the names of what it mentions."""
        with self.database.read() as connection:
            found = lines.line(connection, line_id)
            return found, named_in(connection, [found.body]) if found else {}

    def rejected(self) -> list[Rejected]:
        """What the central refused."""
        with self.database.read() as connection:
            return lines.rejected(connection)

    def status(self) -> tuple[Status, list[Notice]]:
        """What this home knows of itself, and what a person should be told."""
        with self.database.read() as connection:
            return status.status(connection), status.notices(connection)

    def roles(self) -> tuple[str, ...]:
        """The roles this person holds, as far as this device knows; empty when it knows of none."""
        return roles_in(read_meta(self.database.connection()))

    # ── looking up ──────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, text: str, limit: int = 60) -> list[Hit] | None:
        """What ``text`` finds, scopes included; None when a later question made this one stale. Raises
        `ScopeUnknown`."""
        hits = self.lookup.find(text, word, limit=limit)
        return None if hits is None else [self.lit(hit) for hit in hits]

    def lit(self, hit: Hit) -> Hit:
        """A hit with its light of today."""
        if hit.state is None:
            return hit
        state: Any = hit.state
        known = IssueState(state, due=hit.due, waiting_until=hit.waiting_until, progress_at=hit.progress_at)
        return replace(hit, light=light_by(self.today(), known))

    def suggest(self, kind: str, text: str, project: str | None) -> list[Suggestion]:
        """Who or what a form's field can mean. With nothing typed: those who serve the project, or the projects last
        visited."""
        from tui.data import suggestions  # noqa: PLC0415 - fields and their widgets are loaded with the first form

        with self.database.read() as connection:
            if not text:
                return suggestions.before_typing(connection, kind, project, self.today())
            return suggestions.while_typing(connection, kind, text, project, self.today())

    def likely_project(self) -> tuple[str, str] | None:
        """The project that a new visit is probably to, as id and name: the one that this person visited last."""
        from tui.data import suggestions  # noqa: PLC0415

        with self.database.read() as connection:
            return suggestions.last_visited(connection)


def named_in(connection: Connection, bodies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of the lines whose ids these bodies hold."""
    found: dict[str, str] = {}
    for body in bodies:
        for field, kind in _NAMING_FIELDS.items():
            value = body.get(field)
            for line_id in value if isinstance(value, list) else [value] if value else []:
                if line_id not in found:
                    found.update({one.id: one.name for one in names.meant(connection, kind, line_id)})
    return found


_NAMING_FIELDS: dict[str, names.Nameable] = {
    "person_id": "person",
    "owner_id": "person",
    "unit_id": "unit",
    "department_id": "unit",
    "issue_id": "issue",
    "merged_into": "issue",
    "issues_raised": "issue",
    "issues_moved": "issue",
    "issues": "issue",
    "chair_id": "person",
    "handler_id": "person",
    "organiser_id": "unit",
    "departments": "unit",
    "policy_id": "policy",
    "training_id": "training",
    "meeting_id": "meeting",
}


_UNREACHED = ("unreachable", "not_the_central", "too_many")


def standing_from(meta: Mapping[str, str], waiting: Mapping[str, int]) -> Standing:
    """The standing that the device's own facts describe."""
    last = json.loads(meta.get("last_round") or "{}")
    outcome = last.get("outcome")
    reached = _ms(meta.get("reached")) or _ms(last.get("at"))
    return Standing(
        person=meta.get("person_name", ""),
        district=meta.get("district_name", ""),
        central=meta.get("central"),
        unsent=waiting.get("pending", 0),
        rejected=waiting.get("rejected", 0),
        verified_at=_ms(meta.get("verified_at")),
        offline_since=reached if outcome in _UNREACHED else None,
        trouble=_trouble(outcome),
        offset_ms=int(meta.get("offset_ms", "0")),
        roles=roles_in(meta),
    )


def roles_in(meta: Mapping[str, str]) -> tuple[str, ...]:
    """The roles that the device's own facts name, each once."""
    return tuple(dict.fromkeys(str(role["role"]) for role in json.loads(meta.get("roles") or "[]")))


def _trouble(outcome: str | None) -> str | None:
    if outcome in (*_UNREACHED, None, "done"):
        return None
    return outcome if outcome in FAMILIES["trouble"] else "other"


def _ms(moment: str | None) -> int | None:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None
