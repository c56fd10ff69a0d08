"""The rows of reports: ledgers of any length, page by page, oldest first (R14, R37, R47, R48).

> Everything here is an iterator over pages of `PAGE_ROWS` rows, so that a report of 100,000 rows never has more in
> memory. Run it inside ``Database.read``, so that all pages are of one snapshot.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.issue_lifecycle import FINISHED_STATES
from store.domain.status_lights import Light, LightThresholds
from store.queries import issues, visits
from store.queries.co_handling import CO_HANDLER_NAMES_SQL, OWED_BY_SQL, OWED_COUNTS_SQL, OWED_NAMES_SQL
from store.queries.evaluation_facts import ON_LIST
from store.queries.issues import EVERY_ISSUE, IssueFilter
from store.queries.light_sql import LIGHT_SQL, SEVERITY_SQL, light_parameters
from store.queries.name_sql import kept_id_sql, phone_sql, shown_name_sql, written_by_sql
from store.queries.paging import STRIDE, Listing, Row, index_listing, page_sql
from store.queries.project_filters import SERVES_TODAY_SQL, SERVING_ORDER_SQL
from store.writer.project_figures import IN_TURN_SQL

PAGE_ROWS = 2 * STRIDE


class IssueLedgerRow(NamedTuple):
    """A row of the issue ledger as submitted. ``raised``, ``due`` and ``closed`` are days; ``measure`` is the measure
    of the latest settlement; ``latest`` the latest text of a step; ``others`` are the co-handling departments,
    ``owed`` those that have not spoken; ``files``: how many are attached to the issue and its
    steps."""

    number: str
    project: str | None
    title: str
    kind: str
    category: str | None
    department: str | None
    owner: str | None
    raised: str | None
    due: str | None
    state: str
    level: int
    light: Light | None
    latest: str | None
    measure: str | None
    closed: str | None
    close_number: str | None
    others: str | None
    owed: str | None
    files: int


class IssueReference(NamedTuple):
    """An issue that a visit, a meeting or a settlement names, in its current state. ``closed`` is a day."""

    number: str
    title: str
    state: str | None
    close_number: str | None
    closed: str | None
    measure: str | None


class WorkEntry(NamedTuple):
    """One piece of work (R47): a visit (``what`` is how it was made), a special ``meeting`` or a ``settlement``."""

    at: str
    id: str
    what: str
    project: str | None
    place: str | None
    participants: tuple[str, ...]
    text: str | None
    issues: tuple[IssueReference, ...]


class ServiceLogEntry(NamedTuple):
    """A line of the service log with the issues it names, and how many ``files`` are attached to it."""

    at: str
    project: str | None
    how: str
    place: str | None
    participants: tuple[str, ...]
    text: str | None
    raised: tuple[str, ...]
    moved: tuple[str, ...]
    author: str | None
    files: int


class RoleHolder(NamedTuple):
    """Who serves a listed project today in a role; ``role`` is None where nobody does."""

    category: str
    project_id: str
    number: str
    project: str
    role: str | None
    name: str | None
    phone: str | None


class DepartmentLoad(NamedTuple):
    """How many issues a department leads that are open, and how many of them show which light; ``owed``: of how many
    that others lead it owes its opinion."""

    department_id: str | None
    department: str | None
    open: int
    red: int
    yellow: int
    blue: int
    owed: int = 0


class OpenIssue(NamedTuple):
    """An open issue on a meeting sheet. ``raised`` and the other dates are days; ``owed`` are the departments whose
    opinion is missing; ``leading`` names the department that leads it, where that is not the one asked about."""

    number: str
    project: str | None
    title: str
    owner: str | None
    raised: str | None
    due: str | None
    waiting_until: str | None
    state: str
    level: int
    light: Light | None
    latest: str | None
    owed: str | None = None
    leading: str | None = None


class StuckIssue(NamedTuple):
    """An issue that is overdue or without progress: its id, the day of its latest progress, and the reason that was
    given last for its waiting, return, dispute, extension or escalation."""

    issue: OpenIssue
    id: str
    progress_on: str | None
    reason: str | None


# The issue ledger


def issue_listing(
    thresholds: LightThresholds,
    issue_filter: IssueFilter = EVERY_ISSUE,
    *,
    since: str | None = None,
    until: str | None = None,
) -> Listing:
    """The issues as recorded, oldest first, from one day to another (both included)."""
    listing = issues.listing(thresholds, issue_filter)
    source, values = listing.source, dict(listing.values)
    for name, sign, day in (("since", ">=", since), ("until", "<=", until)):
        if day is not None:
            source, values[name] = f"{source} AND {issues.RAISED_SQL} {sign} :{name}", day
    return replace(listing, source=source, descending=False, values=values)


def issue_ledger_rows(
    connection: Connection, thresholds: LightThresholds, listing: Listing, page_rows: int = PAGE_ROWS
) -> Iterator[IssueLedgerRow]:
    """Which issues were recorded, who settles them by when, and what became of them? Read ``page_rows`` at a time."""
    rows = _paged(connection, listing, "s.*", _ISSUES, light_parameters(thresholds), page_rows)
    return (IssueLedgerRow(*row) for row in rows)


# The service log and the work ledger


def service_log_entries(connection: Connection, listing: Listing) -> Iterator[ServiceLogEntry]:
    """Which visits were made when and by whom, and which issues did they raise or advance? Oldest first."""
    for at, project, how, place, participants, text, raised, moved, author, files in _paged(
        connection, replace(listing, descending=False), "v.*", _LOG
    ):
        yield ServiceLogEntry(
            at,
            project,
            how,
            place,
            _json_strings(participants),
            text,
            _json_strings(raised),
            _json_strings(moved),
            author,
            files,
        )


def work_entries(
    connection: Connection, *, project: str | None = None, since: str | None = None, until: str | None = None
) -> Iterator[WorkEntry]:
    """What was done when, where, by whom, which issues did it solve, and were they approved? Oldest first."""
    streams = (
        _work_entries_of(connection, listing, columns, query)
        for listing, columns, query in _work_listings(project, since, until)
    )
    return heapq.merge(*streams, key=lambda entry: (entry.at, entry.id))


def count_work_entries(connection: Connection, **filters: str | None) -> int:
    """How many entries does `work_entries` give for these filters?"""
    listings = _work_listings(filters.get("project"), filters.get("since"), filters.get("until"))
    return sum(row_count(connection, listing) for listing, _columns, _query in listings)


def row_count(connection: Connection, listing: Listing) -> int:
    """How long is this list?"""
    return int(connection.execute(f"SELECT count(*) FROM {listing.source}", dict(listing.values)).fetchone()[0])


def _work_listings(project: str | None, since: str | None, until: str | None) -> list[tuple[Listing, str, str]]:
    logged = replace(visits.listing(project=project, since=since, until=until), descending=False)
    meetings = Listing("meeting m WHERE m.deleted = 0", ("m.at", "m.id"))
    settled = Listing(f"issue_step t JOIN issue_state s ON s.id = t.issue_id WHERE {_SETTLED}", (_SETTLED_AT, "t.id"))
    return [
        (logged, "v.*", _VISITS),
        (_between(meetings, "m.project_id", "m.at", project, since, until), "m.*", _MEETINGS),
        (_between(settled, "s.project_id", _SETTLED_AT, project, since, until), "t.*", _SETTLEMENTS),
    ]


def _between(
    listing: Listing, place: str, at: str, project: str | None, since: str | None, until: str | None
) -> Listing:
    wanted = {"project": (f"{place} = :project", project), "since": (f"{at} >= :since", since)}
    wanted["until"] = (f"{at} < :until || 'U'", until)  # a moment of that day goes on with T, which sorts before U
    values = {name: value for name, (_condition, value) in wanted.items() if value is not None}
    source = " AND ".join([listing.source, *(wanted[name][0] for name in values)])
    return replace(listing, source=source, values=values)


def _work_entries_of(connection: Connection, listing: Listing, columns: str, query: str) -> Iterator[WorkEntry]:
    for at, line_id, what, project, place, participants, text, mentions in _paged(connection, listing, columns, query):
        references = tuple(IssueReference(*reference) for reference in orjson.loads(mentions or "[]"))
        yield WorkEntry(at, line_id, what, project, place, _json_strings(participants), text, references)


# The responsibility table and the meeting sheet


def project_numbering(connection: Connection, category: str, prefix: str) -> tuple[int, bool]:
    """How many projects of this category are on the list, and has each a number of its own after this prefix?"""
    total, own = connection.execute(
        "SELECT count(*), count(DISTINCT CASE WHEN substr(p.number, 1, length(:prefix)) = :prefix AND "
        "substr(p.number, length(:prefix) + 1) GLOB '[1-9]*' AND "
        "substr(p.number, length(:prefix) + 1) NOT GLOB '*[^0-9]*' AND length(p.number) <= length(:prefix) + 4 "
        f"THEN p.number END) FROM project p WHERE {ON_LIST} AND p.category = :category",
        {"category": category, "prefix": prefix},
    ).fetchone()
    return total, total == own


def role_holders(connection: Connection, thresholds: LightThresholds, category: str) -> Iterator[RoleHolder]:
    """Which projects of this category are on the list, and who leads, serves and answers for each today?"""
    rows = connection.execute(_HOLDERS, {"today": thresholds.today, "category": category})
    return (RoleHolder(*row) for row in rows)


def department_loads(
    connection: Connection, thresholds: LightThresholds, department: str | None = None
) -> list[DepartmentLoad]:
    """How many open issues has each department, with which lights, and of how many others does it owe its opinion?
    Issues of no department come last."""
    rows = connection.execute(_LOADS, {**light_parameters(thresholds), "department": department})
    return [DepartmentLoad(*row) for row in rows]


def open_issues(connection: Connection, thresholds: LightThresholds, department: str | None) -> Iterator[OpenIssue]:
    """Which issues has this department open (None: no department yet)? The worst light first."""
    which = f"s.department_id IS {kept_id_sql(':department')}"
    rows = connection.execute(
        _OPEN.format(which=which, more=""), {**light_parameters(thresholds), "department": department}
    )
    return (OpenIssue(*row[:-1]) for row in rows)


def owed_issues(connection: Connection, thresholds: LightThresholds, department: str) -> Iterator[OpenIssue]:
    """Of which issues that others lead does this department owe its opinion? The worst light first."""
    which = OWED_BY_SQL.format(units=kept_id_sql(":department"))
    rows = connection.execute(
        _OPEN.format(which=which, more=""), {**light_parameters(thresholds), "department": department}
    )
    return (OpenIssue(*row) for row in rows)


def stuck_issues(
    connection: Connection, thresholds: LightThresholds, department: str | None = None
) -> list[StuckIssue]:
    """Which issues are overdue or without progress, and why? Of all, or of those that this department leads. The worst
    light first."""
    which = f"{LIGHT_SQL} IN ('red', 'yellow')"
    if department is not None:
        which += f" AND s.department_id IS {kept_id_sql(':department')}"
    values = {**light_parameters(thresholds), "department": department}
    rows = connection.execute(_OPEN.format(which=which, more=_WHY), values)
    return [StuckIssue(OpenIssue(*row[:-3]), *row[-3:]) for row in rows]


def _paged(
    connection: Connection,
    listing: Listing,
    columns: str,
    query: str,
    values: dict[str, object] | None = None,
    page_rows: int = PAGE_ROWS,
) -> Iterator[Row]:
    index = index_listing(connection, listing)
    for position in range(0, index.count, page_rows):
        page, bound = page_sql(listing, columns, page_rows, index, position)
        yield from connection.execute(query.format(page=page), {**bound, **(values or {})})


def _json_strings(text: str | None) -> tuple[str, ...]:
    return tuple(str(item) for item in orjson.loads(text)) if text else ()


def day_sql(milliseconds: str) -> str:
    """An SQL expression for the district's day at so many milliseconds since 1970."""
    return f"strftime('%Y-%m-%d', {milliseconds} / 1000 + {_OFFSET}, 'unixepoch')"


_OFFSET = 8 * 3600
"""China's hours before Greenwich, in seconds (``store/values/times.py``)."""
STEP_DAY_SQL = f"substr(coalesce(nullif(t.at, ''), {day_sql('(t.stamp >> 16)')}), 1, 10)"
"""The day on which the step ``t`` happened: as it says, else when it was written."""
_UNFINISHED = f"s.state NOT IN ({', '.join(repr(state) for state in FINISHED_STATES)})"
_CLOSED = f"CASE WHEN s.closed_at IS NULL THEN NULL ELSE {day_sql('s.closed_at')} END"
_SETTLED = f"t.act = 'settled' AND t.deleted = 0 AND {IN_TURN_SQL}"
_SETTLED_AT = f"coalesce(t.at, strftime('%Y-%m-%dT%H:%M+08:00', (t.stamp >> 16) / 1000 + {_OFFSET}, 'unixepoch'))"
_MEASURE = (
    "(SELECT x.measure FROM issue_step x WHERE x.issue_id = i.id AND x.act = 'settled' AND x.deleted = 0 "
    "ORDER BY x.stamp DESC, x.device_id DESC LIMIT 1)"
)
_LATEST = (
    "(SELECT coalesce(x.text, x.measure, x.reason) FROM issue_step x WHERE x.issue_id = i.id AND x.deleted = 0 "
    "AND coalesce(x.text, x.measure, x.reason) IS NOT NULL ORDER BY x.stamp DESC, x.device_id DESC LIMIT 1)"
)
_ISSUES = (
    "WITH page AS ({page}) SELECT i.number, p.name, i.title, i.kind, i.category, u.name, "
    f"{shown_name_sql('n')}, "
    f"substr(i.raised_at, 1, 10), s.due, s.state, s.level, {LIGHT_SQL}, {_LATEST}, {_MEASURE}, {_CLOSED}, "
    f"s.close_number, {CO_HANDLER_NAMES_SQL}, {OWED_NAMES_SQL}, "
    "(SELECT count(*) FROM attachment f WHERE f.issue_id = s.id AND f.deleted = 0) "
    "FROM page s JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    "LEFT JOIN unit u ON u.id = s.department_id LEFT JOIN person n ON n.id = s.owner_id ORDER BY s.id"
)


def _titles_sql(field: str) -> str:
    return (
        "(SELECT json_group_array(i.number || ' ' || i.title) FROM "
        f"json_each(coalesce(v.{field}, '[]')) m JOIN issue i ON i.id = m.value)"
    )


def _issues_sql(ids: str, measure: str = _MEASURE) -> str:
    return (
        f"(SELECT json_group_array(json_array(i.number, i.title, s.state, s.close_number, {_CLOSED}, {measure})) "
        f"FROM issue i LEFT JOIN issue_state s ON s.id = i.id WHERE i.id IN ({ids}))"
    )


_PARTICIPANTS = (
    "iif(v.participants_note IS NULL, v.participants, "
    "json_insert(coalesce(v.participants, '[]'), '$[#]', v.participants_note))"
)
"""The participants with the remark that stands beside their names (等5人)."""
_LOG = (
    "WITH page AS ({page}) SELECT v.at, p.name, v.how, v.place, " + _PARTICIPANTS + ", v.text, "
    f"{_titles_sql('issues_raised')}, {_titles_sql('issues_moved')}, {written_by_sql('v')}, "
    "(SELECT count(*) FROM attachment f WHERE f.of_id = v.id AND f.deleted = 0) "
    "FROM page v LEFT JOIN project p ON p.id = v.project_id ORDER BY v.at, v.id"
)
_OF_VISIT = (
    "SELECT value FROM json_each(coalesce(v.issues_raised, '[]')) UNION "
    "SELECT value FROM json_each(coalesce(v.issues_moved, '[]'))"
)
_DECIDED = (
    "(SELECT x.text FROM issue_step x WHERE x.issue_id = i.id AND x.meeting_id = m.id AND x.deleted = 0 "
    "ORDER BY x.stamp DESC LIMIT 1)"
)
_VISITS = (
    "WITH page AS ({page}) SELECT v.at, v.id, v.how, p.name, v.place, " + _PARTICIPANTS + ", v.text, "
    f"{_issues_sql(_OF_VISIT)} FROM page v LEFT JOIN project p ON p.id = v.project_id ORDER BY v.at, v.id"
)
_MEETINGS = (
    "WITH page AS ({page}) SELECT m.at, m.id, 'special_meeting', p.name, m.place, m.participants, "
    "coalesce(m.title || char(10) || m.text, m.title), "
    + _issues_sql("SELECT value FROM json_each(coalesce(m.issues, '[]'))", f"coalesce({_DECIDED}, {_MEASURE})")
    + " FROM page m LEFT JOIN project p ON p.id = m.project_id ORDER BY m.at, m.id"
)
_SETTLEMENTS = (
    f"WITH page AS ({{page}}) SELECT {_SETTLED_AT}, t.id, 'settlement', p.name, NULL, "
    f"json_array(coalesce({written_by_sql('t')}, '')), coalesce(t.evidence, t.text), "
    + _issues_sql("t.issue_id", "t.measure")
    + f" FROM page t LEFT JOIN project p ON p.id = t.project_id ORDER BY {_SETTLED_AT}, t.id"
)
_HOLDERS = (
    f"SELECT p.category, p.id, p.number, p.name, a.role, n.name, {phone_sql('n')} FROM project p LEFT JOIN "
    f"assignment a "
    "ON a.project_id = p.id AND a.role IN ('lead_leader', 'butler', 'enterprise_contact') "
    f"AND a.person_id IS NOT NULL AND {SERVES_TODAY_SQL} "
    f"LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} AND n.deleted = 0 "
    f"WHERE {ON_LIST} AND p.category = :category "
    f"ORDER BY length(p.number), p.number, p.id, {SERVING_ORDER_SQL}"
)
_LOADS = (
    f"WITH led AS (SELECT s.department_id, count(*) AS open, sum({LIGHT_SQL} = 'red') AS red, "
    f"sum({LIGHT_SQL} = 'yellow') AS yellow, sum({LIGHT_SQL} = 'blue') AS blue FROM issue_state s "
    f"WHERE {_UNFINISHED} GROUP BY s.department_id), owing AS ({OWED_COUNTS_SQL}), "
    "load AS (SELECT iif(l.open IS NULL, o.department_id, l.department_id) AS id, coalesce(l.open, 0) AS open, "
    "coalesce(l.red, 0) AS red, coalesce(l.yellow, 0) AS yellow, coalesce(l.blue, 0) AS blue, "
    "coalesce(o.owed, 0) AS owed FROM led l FULL JOIN owing o ON o.department_id = l.department_id) "
    "SELECT d.id, u.name, d.open, d.red, d.yellow, d.blue, d.owed FROM load d LEFT JOIN unit u ON u.id = d.id "
    f"WHERE :department IS NULL OR d.id = {kept_id_sql(':department')} ORDER BY d.id IS NULL, u.name, d.id"
)
_WHY = (
    f", s.id, CASE WHEN s.progress_at IS NULL THEN NULL ELSE {day_sql('s.progress_at')} END, "
    "(SELECT x.reason FROM issue_step x WHERE x.issue_id = i.id AND x.deleted = 0 AND x.reason IS NOT NULL "
    "ORDER BY x.stamp DESC, x.device_id DESC LIMIT 1)"
)
_OPEN = (
    f"SELECT i.number, p.name, i.title, {shown_name_sql('n')}, substr(i.raised_at, 1, 10), s.due, "
    f"s.waiting_until, s.state, s.level, {LIGHT_SQL}, {_LATEST}, {OWED_NAMES_SQL}, u.name{{more}} "
    "FROM issue_state s JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    "LEFT JOIN unit u ON u.id = s.department_id "
    f"LEFT JOIN person n ON n.id = s.owner_id WHERE {_UNFINISHED} AND {{which}} "
    f"ORDER BY coalesce({SEVERITY_SQL}, 9), coalesce(s.due, '9999'), s.id"
)
