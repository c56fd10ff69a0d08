"""A project's timeline: all its dated lines as one list, newest first (R14, R24, R42).

Each kind gives its events in the same columns; a list of any length is entered by key like every other
(``store/queries/paging.py``). Each part uses the index on its project, or on its issue.
"""

from __future__ import annotations

from dataclasses import dataclass

from store.db.connection import Connection
from store.queries.name_sql import written_by_sql
from store.queries.paging import KeysetIndex, Listing, Row, RowKey, page_sql


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event of a project. ``what`` is an issue step's act, a kind of line, or ``adjustment``;
    ``id`` the line to open (of a step its issue, of an adjustment the project), ``line`` its source, unique in the
    timeline. ``detail`` is a stored value: how, status, act, satisfaction, or yuan done. ``at`` is a
    moment, a day or a month."""

    at: str
    what: str
    id: str
    line: str
    title: str
    detail: str | None
    author: str | None


def _written_at_sql(alias: str) -> str:
    """The moment at which a line was written, for lines without a date of their own."""
    return f"strftime('%Y-%m-%dT%H:%M+08:00', ({alias}.stamp >> 16) / 1000 + 28800, 'unixepoch')"


_OF_PROJECT = "FROM {0} {1} WHERE {1}.project_id = :project AND {1}.deleted = 0"
_PARTS = (
    "SELECT v.at, 'visit' AS what, v.id, v.id AS line, coalesce(v.text, v.place, '') AS title, v.how AS detail, "
    "v.author_id, v.acting_for_id " + _OF_PROJECT.format("visit", "v"),
    f"SELECT coalesce(t.at, {_written_at_sql('t')}), t.act, t.issue_id, t.id, i.title, "
    "coalesce(t.text, t.measure, t.reason), t.author_id, t.acting_for_id "
    "FROM issue i JOIN issue_step t ON t.issue_id = i.id "
    "WHERE i.project_id = :project AND i.deleted = 0 AND t.deleted = 0",
    "SELECT f.at, 'follow_up', f.id, f.id, i.title, f.satisfaction, f.author_id, f.acting_for_id FROM issue i "
    "JOIN follow_up f ON f.issue_id = i.id WHERE i.project_id = :project AND i.deleted = 0 AND f.deleted = 0",
    "SELECT m.at, 'meeting', m.id, m.id, m.title, m.number, m.author_id, m.acting_for_id "
    + _OF_PROJECT.format("meeting", "m"),
    "SELECT coalesce(c.day, c.submitted_on), 'procedure', c.id, c.id, c.name, c.status, c.author_id, c.acting_for_id "
    + _OF_PROJECT.format("procedure", "c") + " AND coalesce(c.day, c.submitted_on) IS NOT NULL",
    "SELECT d.at, 'policy_delivery', d.id, d.id, coalesce((SELECT title FROM policy WHERE id = d.policy_id), ''), "
    "d.act, d.author_id, d.acting_for_id " + _OF_PROJECT.format("policy_delivery", "d"),
    "SELECT r.month, 'progress_report', r.id, r.id, coalesce(r.physical, r.text, ''), r.done, r.author_id, "
    "r.acting_for_id " + _OF_PROJECT.format("progress_report", "r"),
    "SELECT e.entered, 'statistics_entry', e.id, e.id, coalesce(e.note, ''), NULL, e.author_id, NULL "
    + _OF_PROJECT.format("statistics_entry", "e") + " AND e.entered IS NOT NULL",
    "SELECT b.returned, 'data_return', b.id, b.id, b.period, NULL, b.author_id, NULL "
    + _OF_PROJECT.format("data_return", "b") + " AND b.returned IS NOT NULL",
    "SELECT json_extract(j.value, '$.date'), 'adjustment', p.id, p.id || '/' || j.key, "
    "coalesce(json_extract(j.value, '$.reason'), ''), json_extract(j.value, '$.act'), p.author_id, NULL "
    "FROM project p JOIN json_each(p.adjustments) j WHERE p.id = :project AND p.deleted = 0 "
    "AND json_extract(j.value, '$.date') IS NOT NULL",
)  # fmt: skip
_EVENTS_SQL = " UNION ALL ".join(_PARTS)


def listing(project: str) -> Listing:
    """Everything that happened at this project, newest first."""
    # ids are ordered by creation time (UUIDv7), which decides between events of one minute
    return Listing(f"({_EVENTS_SQL}) e WHERE TRUE", ("e.at", "e.line"), True, {"project": project})


def event_key(event: TimelineEvent) -> RowKey:
    """An event's key in the timeline's order."""
    return (event.at, event.line)


def timeline(
    connection: Connection,
    project: str,
    limit: int = 100,
    *,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[TimelineEvent]:
    """What happened at this project, newest first? ``limit`` -1 gives all."""
    page, values = page_sql(listing(project), "e.*", limit, index, position)
    columns = f"e.at, e.what, e.id, e.line, e.title, e.detail, {written_by_sql('e')}"
    query = f"WITH page AS MATERIALIZED ({page}) SELECT {columns} FROM page e ORDER BY e.at DESC, e.line DESC"
    return [_event(row) for row in connection.execute(query, values)]


def _event(row: Row) -> TimelineEvent:
    at, what, line_id, line, title, detail, author = row
    text = None if detail is None else str(detail)
    return TimelineEvent(str(at), str(what), str(line_id), str(line), str(title), text, author)
