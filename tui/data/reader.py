"""The desk: the only way from the screens to the store. Reads by ``store.queries``, writes by ``store.commands``.

Every method blocks and is called in a thread (``tui/screens/base.py``: `DataWorkerMixin.ask` and
`DataWorkerMixin.do`); each thread has its own connection. Imported in a thread, too, after the first paint.
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
from store.db.meta import read_device_state
from store.domain.issue_lifecycle import IssueState
from store.domain.limits import Limits, read_configured_limits, read_limits
from store.domain.status_lights import LightThresholds, compute_light, light_thresholds
from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line
from store.queries import status
from store.values.times import district_time
from tui.data.lazy import LazyModule
from tui.data.paging import PagedSource
from tui.data.rows import RowSource
from tui.data.sync_status import SyncStatus
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import value_label

if TYPE_CHECKING:
    from store.domain.registers import Register
    from store.home.sync_progress import RoundProgress
    from store.queries import issues, lines, name_lookup, project_filters, projects, timeline, visits
    from store.queries.issues import IssueDetail, IssueFilter, IssueRow
    from store.queries.lines import RejectedLine, Version
    from store.queries.project_filters import ProjectFilter
    from store.queries.projects import ProjectDetail, ProjectRow
    from store.queries.register_lines import RegisterRecord
    from store.queries.status import Notification, StoreStatus
    from store.queries.timeline import TimelineEvent
    from store.queries.visits import VisitRow
    from store.search.ranking import SearchHit
    from store.search.session import SearchSession
    from tui.data.readers import register_lines as shelf
    from tui.data.summary_cache import SummaryCache
    from tui.data.writer import Writer
    from tui.i18n.register_text import RegisterLineRow
    from tui.widgets.autocomplete import Suggestion
else:  # loaded with the first question to each: the first list waits for its own only
    issues, lines, name_lookup = (
        LazyModule("store.queries.issues"),
        LazyModule("store.queries.lines"),
        LazyModule("store.queries.name_lookup"),
    )
    projects, project_filters = LazyModule("store.queries.projects"), LazyModule("store.queries.project_filters")
    timeline, visits = LazyModule("store.queries.timeline"), LazyModule("store.queries.visits")
    shelf = LazyModule("tui.data.readers.register_lines")


MIN_CHANGE_INTERVAL_S = 0.4
"""Changes are told at most this often; the first one at once."""


class Reader:
    """One opened home. ``wall`` is this machine's clock in ms."""

    def __init__(self, database: Database, home: Path, *, now_ms: Callable[[], int] = system_clock_ms) -> None:
        self.database = database
        self.home = home
        self.now_ms = now_ms
        self._epoch = 0
        self._thresholds: tuple[tuple[date, int], LightThresholds] | None = None
        self._writer: Writer | None = None
        self._writer_lock = threading.Lock()

    @cached_property
    def lookup(self) -> SearchSession:
        """What looks up; loaded with the first question."""
        looking: SearchSession = import_module("store.search.session").SearchSession(self.database.connection)
        return looking

    @property
    def writer(self) -> Writer:
        """What writes. The first to ask waits until it is loaded."""
        with self._writer_lock:
            if self._writer is None:
                self._writer = import_module("tui.data.writer").Writer(self.database, self.now_ms)
            return self._writer

    @cached_property
    def summary_cache(self) -> SummaryCache:
        """The figures of periods, counted once for each state of the ledger."""
        found: SummaryCache = import_module("tui.data.summary_cache").SummaryCache(
            self.database, self.thresholds, self.epoch
        )
        return found

    # ── today ───────────────────────────────────────────────────────────────────────────────────────────────────

    def thresholds(self) -> LightThresholds:
        """What decides on lights today; worked out once a day, and again when the ledger has changed."""
        known = (district_time(self.now_ms()).date(), self._epoch)
        if self._thresholds is None or self._thresholds[0] != known:
            self._thresholds = (known, light_thresholds(known[0], read_limits(self.database.connection())))
        return self._thresholds[1]

    def corrected_now_ms(self) -> int:
        """The district's time in ms: this machine's clock, corrected by what the last round measured."""
        return self.now_ms() + int(read_device_state(self.database.connection()).get("offset_ms", "0"))

    def invalidate(self) -> None:
        """The ledger has changed: what was surveyed of it no longer holds."""
        self._epoch += 1

    def epoch(self) -> int:
        """A number that changes with the ledger."""
        return self._epoch

    # ── following ───────────────────────────────────────────────────────────────────────────────────────────────

    def changes(
        self, stop_event: threading.Event, delay_s: float = 0
    ) -> Iterator[tuple[SyncStatus | None, RoundProgress | None]]:
        """The standing after each commit of anybody, and a round as it goes on, until ``leaving`` is set. The watcher
        is loaded after ``calm_s`` seconds; what was committed meanwhile counts."""
        seen = status.change_token(self.database.connection())
        stop_event.wait(delay_s)
        from tui.data.change_watcher import watch_home  # noqa: PLC0415 - the watcher costs 60 ms and is needed only now

        for noticed in watch_home(self.database, self.home, stop_event, seen):
            if noticed.committed:
                self.invalidate()
            yield self.sync_status() if noticed.committed else None, noticed.round
            if noticed.committed:
                stop_event.wait(
                    MIN_CHANGE_INTERVAL_S
                )  # a round commits many times a second; the screen need not follow each

    def sync_status(self) -> SyncStatus:
        """Whose home this is and how it stands with its central."""
        with self.database.read() as connection:
            meta, waiting = read_device_state(connection), status.outbox_counts(connection)
        return sync_status_from(meta, waiting)

    # ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────

    def projects(self, criteria: ProjectFilter | None = None) -> PagedSource[ProjectRow]:
        """The projects that are chosen, in the order that is asked for; all, where nothing is."""
        wanted = criteria or project_filters.EVERY_PROJECT

        def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[ProjectRow]:
            return projects.projects(
                connection, self.thresholds(), selection=listing, limit=limit, index=entered, position=position
            )

        def key(row: ProjectRow) -> Any:
            return projects.project_key(row, wanted.order)

        return PagedSource(
            self.database, lambda: project_filters.listing(wanted, self.thresholds()), read, key, self.epoch
        )

    def issues(self, criteria: IssueFilter) -> PagedSource[IssueRow]:
        """The issue ledger, newest first."""

        def read(connection: Connection, _listing: Any, entered: Any, position: int, limit: int) -> list[IssueRow]:
            return issues.issues(connection, self.thresholds(), criteria, limit=limit, index=entered, position=position)

        return PagedSource(
            self.database, lambda: issues.listing(self.thresholds(), criteria), read, issues.issue_key, self.epoch
        )

    def visits(self, project: str | None = None) -> PagedSource[VisitRow]:
        """The service log of a project or of all, newest first."""

        def read(connection: Connection, listing: Any, entered: Any, position: int, limit: int) -> list[VisitRow]:
            return visits.visits(connection, listing, limit=limit, index=entered, position=position)

        return PagedSource(self.database, lambda: visits.listing(project=project), read, visits.visit_key, self.epoch)

    def register_lines(
        self, register: Register, project: str | None = None, **criteria: str | None
    ) -> RowSource[RegisterLineRow]:
        """A register's lines, of a project or of all, newest first; a project's procedures in their own order.
        ``chosen`` narrows them (`books.listing`)."""
        found: RowSource[RegisterLineRow] = shelf.register_rows(self, register, project, **criteria)
        return found

    def register_counts(self, project: str | None = None) -> dict[str, int]:
        """How many lines each register has, in a project or in all."""
        with self.database.read() as connection:
            return shelf.register_counts(connection, project)

    def write_report(self, name: str, path: Path, options: Mapping[str, Any]) -> str:
        """Write a report to a file; ``chosen`` by its options, names as ids or as typed. Gives the file. Raises what
        the report, its options or its file raise."""
        from tui.reports import write_report  # noqa: PLC0415 - only who writes a report waits for it
        from tui.reports.options import REPORTS, ReportRequest, resolve_options  # noqa: PLC0415

        with self.database.read() as connection:
            asked = ReportRequest(
                connection,
                self.thresholds(),
                resolve_options(connection, district_time(self.corrected_now_ms()), options),
            )
            write_report(REPORTS[name].build(asked), path)
        return str(path)

    def limits(self) -> tuple[Limits, frozenset[str]]:
        """The district's limits, and which of them it has set itself."""
        with self.database.read() as connection:
            return read_limits(connection), frozenset(read_configured_limits(connection))

    # ── one line ────────────────────────────────────────────────────────────────────────────────────────────────

    def project(self, project_id: str) -> ProjectDetail | None:
        """One project with its people."""
        with self.database.read() as connection:
            return projects.project(connection, project_id, self.thresholds())

    def timeline(self, project_id: str, limit: int = 300) -> list[TimelineEvent]:
        """What happened at a project, newest first."""
        with self.database.read() as connection:
            return timeline.timeline(connection, project_id, limit)

    def issue(self, issue_id: str) -> IssueDetail | None:
        """One issue with its steps."""
        with self.database.read() as connection:
            return issues.issue(connection, issue_id, self.thresholds())

    def visit(self, visit_id: str) -> VisitRow | None:
        """One visit with the issues it names."""
        with self.database.read() as connection:
            return visits.visit(connection, visit_id)

    def register_line(self, register: Register, line_id: str) -> RegisterRecord | None:
        """One line of a register, with what follows from it."""
        with self.database.read() as connection:
            return shelf.register_row(connection, register, line_id, self.thresholds())

    def name_of(self, kind: name_lookup.NamedKind, line_id: str) -> str | None:
        """What this line is called; None when it is not here."""
        with self.database.read() as connection:
            return next((one.name for one in name_lookup.find_by_name(connection, kind, line_id)), None)

    def issue_numbers(self, issue_ids: Iterable[str]) -> list[str]:
        """The numbers by which people call these issues."""
        with self.database.read() as connection:
            meant = [one for line_id in issue_ids for one in name_lookup.find_by_name(connection, "issue", line_id)]
        return [one.number or one.name for one in meant]

    def line(self, line_id: str) -> Line | None:
        """The current version of any line."""
        with self.database.read() as connection:
            return lines.current_line(connection, line_id)

    def history(self, line_id: str) -> tuple[list[Version], dict[str, str]]:
        """All versions of a line, newest first, and the names of what they mention."""
        with self.database.read() as connection:
            versions = lines.version_history(connection, line_id)[::-1]
            return versions, referenced_names(connection, [version.body for version in versions])

    def line_with_names(self, line_id: str) -> tuple[Line | None, dict[str, str]]:
        """Any line, with the names of what it mentions."""
        with self.database.read() as connection:
            found = lines.current_line(connection, line_id)
            return found, referenced_names(connection, [found.body]) if found else {}

    def rejected(self) -> list[RejectedLine]:
        """What the central refused."""
        with self.database.read() as connection:
            return lines.rejected_lines(connection)

    def status(self) -> tuple[StoreStatus, list[Notification]]:
        """What this home knows of itself, and what a person should be told."""
        with self.database.read() as connection:
            return status.store_status(connection), status.notifications(connection)

    def roles(self) -> tuple[str, ...]:
        """The roles this person holds, as far as this device knows; empty when it knows of none."""
        return roles_in(read_device_state(self.database.connection()))

    # ── looking up ──────────────────────────────────────────────────────────────────────────────────────────────

    def find(self, text: str, limit: int = 60) -> list[SearchHit] | None:
        """What ``text`` finds, scopes included; None when a later question made this one stale. Raises
        `UnknownQualifier`."""
        hits = self.lookup.find(text, value_label, limit=limit)
        return None if hits is None else [self.with_light(hit) for hit in hits]

    def with_light(self, hit: SearchHit) -> SearchHit:
        """A hit with its light of today."""
        if hit.state is None:
            return hit
        state: Any = hit.state
        known = IssueState(state, due=hit.due, waiting_until=hit.waiting_until, progress_at=hit.progress_at)
        return replace(hit, light=compute_light(self.thresholds(), known))

    def suggest(self, kind: str, text: str, project: str | None) -> list[Suggestion]:
        """Who or what a form's field can mean. With nothing typed: those who serve the project, or the projects last
        visited."""
        from tui.data import suggestions  # noqa: PLC0415 - fields and their widgets are loaded with the first form

        with self.database.read() as connection:
            if not text:
                return suggestions.initial_suggestions(connection, kind, project, self.thresholds())
            return suggestions.matching_suggestions(connection, kind, text, project, self.thresholds())

    def likely_project(self) -> tuple[str, str] | None:
        """The project that a new visit is probably to, as id and name: the one that this person visited last."""
        from tui.data import suggestions  # noqa: PLC0415

        with self.database.read() as connection:
            return suggestions.last_visited(connection)


def referenced_names(connection: Connection, bodies: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of the lines whose ids these bodies hold."""
    found: dict[str, str] = {}
    for body in bodies:
        for field, kind in _REFERENCE_FIELDS.items():
            value = body.get(field)
            for line_id in value if isinstance(value, list) else [value] if value else []:
                if line_id not in found:
                    found.update({one.id: one.name for one in name_lookup.find_by_name(connection, kind, line_id)})
    return found


_REFERENCE_FIELDS: dict[str, name_lookup.NamedKind] = {
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


_UNREACHABLE_OUTCOMES = ("unreachable", "not_the_central", "too_many")


def sync_status_from(meta: Mapping[str, str], queue_counts: Mapping[str, int]) -> SyncStatus:
    """The standing that the device's own facts describe."""
    last = json.loads(meta.get("last_round") or "{}")
    outcome = last.get("outcome")
    reached = _ms(meta.get("reached")) or _ms(last.get("at"))
    return SyncStatus(
        person=meta.get("person_name", ""),
        district=meta.get("district_name", ""),
        central=meta.get("central"),
        unsent=queue_counts.get("pending", 0),
        rejected=queue_counts.get("rejected", 0),
        verified_at=_ms(meta.get("verified_at")),
        offline_since=reached if outcome in _UNREACHABLE_OUTCOMES else None,
        failure_code=_failure_code(outcome),
        offset_ms=int(meta.get("offset_ms", "0")),
        roles=roles_in(meta),
    )


def roles_in(meta: Mapping[str, str]) -> tuple[str, ...]:
    """The roles that the device's own facts name, each once."""
    return tuple(dict.fromkeys(str(role["role"]) for role in json.loads(meta.get("roles") or "[]")))


def _failure_code(outcome: str | None) -> str | None:
    if outcome in (*_UNREACHABLE_OUTCOMES, None, "done"):
        return None
    return outcome if outcome in FAMILIES["trouble"] else "other"


def _ms(moment: str | None) -> int | None:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None
