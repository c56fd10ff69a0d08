"""The long lists of the screens as queries for `Reader.paged`: projects, issues, visits, registers, timelines.

Importing this module loads none of ``store.queries``: the first window of a list loads what it reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store import queries
from store.domain.procedure_catalogue import procedure_order
from store.domain.registers import PROCEDURE_REGISTER, PROGRESS_REGISTER, Register
from tui.data.list_query import ListQuery, Page
from tui.data.rows import ContactRow, EventRow
from tui.i18n.register_text import FLAGGED_REGISTERS, RegisterLineRow

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.domain.status_lights import LightThresholds
    from store.queries.issues import IssueFilter, IssueRow
    from store.queries.paging import Listing, RowKey
    from store.queries.people import ContactFilter, ContactKind
    from store.queries.project_filters import ProjectFilter
    from store.queries.projects import ProjectRow
    from store.queries.provisional import ProvisionalEntry
    from store.queries.visits import VisitRow
    from tui.data.reader import Reader
    from tui.data.rows import RowSource


def project_list(wanted: ProjectFilter) -> ListQuery[ProjectRow]:
    """The projects that a filter leaves, in the order that it asks for."""

    def listing(thresholds: LightThresholds) -> Listing:
        return queries.project_filters.listing(wanted, thresholds)

    def read(connection: Connection, page: Page, thresholds: LightThresholds) -> list[ProjectRow]:
        listing, index, position, limit = page
        return queries.projects.projects(
            connection, thresholds, selection=listing, limit=limit, index=index, position=position
        )

    def key(row: ProjectRow) -> RowKey:
        return queries.projects.project_key(row, wanted.order)

    return ListQuery(listing, read, None if wanted.order in queries.project_filters.PROJECT_SORTS else key)


def issue_list(wanted: IssueFilter) -> ListQuery[IssueRow]:
    """The issues that a filter leaves, in its order."""

    def listing(thresholds: LightThresholds) -> Listing:
        return queries.issues.listing(thresholds, wanted)

    def read(connection: Connection, page: Page, thresholds: LightThresholds) -> list[IssueRow]:
        _listing, index, position, limit = page
        return queries.issues.issues(connection, thresholds, wanted, limit=limit, index=index, position=position)

    def key(row: IssueRow) -> RowKey:
        return queries.issues.issue_key(row, wanted.order)

    return ListQuery(listing, read, key if wanted.order in ("newest", "light") else None)


def visit_list(project: str | None = None) -> ListQuery[VisitRow]:
    """The service log of a project or of all, newest first."""

    def listing(_thresholds: LightThresholds) -> Listing:
        return queries.visits.listing(project=project)

    def read(connection: Connection, page: Page, _thresholds: LightThresholds) -> list[VisitRow]:
        listing, index, position, limit = page
        return queries.visits.visits(connection, listing, limit=limit, index=index, position=position)

    def key(row: VisitRow) -> RowKey:
        return queries.visits.visit_key(row)

    return ListQuery(listing, read, key)


def contact_list(kind: ContactKind, wanted: ContactFilter) -> ListQuery[ContactRow]:
    """The people or units that a filter leaves, by name."""

    def listing(thresholds: LightThresholds) -> Listing:
        return queries.people.listing(kind, thresholds.today, wanted)

    def read(connection: Connection, page: Page, _thresholds: LightThresholds) -> list[ContactRow]:
        listing, index, position, limit = page
        entries = queries.people.contacts(connection, kind, listing, limit=limit, index=index, position=position)
        return [ContactRow(entry) for entry in entries]

    return ListQuery(listing, read, lambda row: queries.people.contact_key(row.entry))


def timeline_list(project: str) -> ListQuery[EventRow]:
    """Everything that happened at a project, newest first."""

    def read(connection: Connection, page: Page, _thresholds: LightThresholds) -> list[EventRow]:
        _listing, index, position, limit = page
        events = queries.timeline.timeline(connection, project, limit, index=index, position=position)
        return [EventRow(event) for event in events]

    return ListQuery(
        lambda _thresholds: queries.timeline.listing(project),
        read,
        lambda row: queries.timeline.event_key(row.event),
    )


def provisional_list() -> ListQuery[ProvisionalEntry]:
    """What was given in meetings and is not judged yet, the latest first."""

    def read(connection: Connection, page: Page, _thresholds: LightThresholds) -> list[ProvisionalEntry]:
        listing, index, position, limit = page
        return queries.provisional.provisional_entries(connection, listing, limit=limit, index=index, position=position)

    return ListQuery(lambda _thresholds: queries.provisional.listing(), read, queries.provisional.provisional_key)


def register_list(register: Register, **criteria: str | None) -> ListQuery[RegisterLineRow]:
    """A register's lines, of a ``project`` or of all; ``criteria`` as `store.queries.register_lines.listing` takes
    them, with ``sort`` the column of their order, and ``reverse`` not None for the opposite one."""
    sort, reverse = criteria.pop("sort", None), criteria.pop("reverse", None) is not None

    def listing(_thresholds: LightThresholds) -> Listing:
        return queries.register_lines.listing(register, sort=sort, reverse=reverse, **criteria)

    def read(connection: Connection, page: Page, thresholds: LightThresholds) -> list[RegisterLineRow]:
        listing, index, position, limit = page
        rows = queries.register_lines.rows(connection, register, listing, limit=limit, index=index, position=position)
        if register.name in FLAGGED_REGISTERS:
            rows = [queries.details.with_details(connection, register, row, thresholds) for row in rows]
        return [RegisterLineRow(row["id"], row) for row in rows]

    def key(row: RegisterLineRow) -> RowKey:
        return queries.register_lines.row_key(register, row.values)

    return ListQuery(listing, read, None if sort else key)


def register_source(
    reader: Reader, register: Register, project: str | None = None, **criteria: str | None
) -> RowSource[RegisterLineRow]:
    """A register's lines as a source; a project's procedures, unless filtered, in their own order."""
    if register is PROCEDURE_REGISTER and project is not None and not any(criteria.values()):
        return reader.unpaged(lambda connection, thresholds: procedures_in_order(connection, thresholds, project))
    return reader.paged(register_list(register, **{**criteria, "project": project}))


def procedures_in_order(connection: Connection, thresholds: LightThresholds, project: str) -> list[RegisterLineRow]:
    """A project's procedures in the order in which it meets them, each with whether others wait for it."""
    rows = queries.register_lines.rows(
        connection, PROCEDURE_REGISTER, queries.register_lines.listing(PROCEDURE_REGISTER, project=project)
    )
    rows.sort(key=lambda row: (procedure_order(row["code"]), row["code"]))
    blocking = {row["id"] for row in queries.details.critical_path(connection, rows, thresholds)}
    detailed = [queries.details.with_details(connection, PROCEDURE_REGISTER, row, thresholds) for row in rows]
    return [RegisterLineRow(row["id"], {**row, "blocks": row["id"] in blocking}) for row in detailed]


def progress_by_month(project: str, connection: Connection, thresholds: LightThresholds) -> list[RegisterLineRow]:
    """A project's progress, newest month first; each month also with what was done in it (``month_done``, in yuan),
    where the month before is known."""
    rows = queries.register_lines.rows(
        connection, PROGRESS_REGISTER, queries.register_lines.listing(PROGRESS_REGISTER, project=project)
    )
    done = {row["month"]: row["done"] for row in rows}
    detailed = [queries.details.with_details(connection, PROGRESS_REGISTER, row, thresholds) for row in rows]
    return [RegisterLineRow(row["id"], {**row, "month_done": _done_in_month(row["month"], done)}) for row in detailed]


def _done_in_month(month: str, done: dict[str, int | None]) -> int | None:
    """What was done in one month: the year's sum less that of the month before, which is nothing in January."""
    now, number = done.get(month), int(month[5:])
    before = 0 if number == 1 else done.get(f"{month[:5]}{number - 1:02}")
    return None if now is None or before is None else now - before
