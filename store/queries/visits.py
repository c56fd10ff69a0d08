"""Visits: the service log, newest first (R14, R35, R42, R47)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson

from store.db.connection import Connection
from store.queries.name_sql import written_by_sql
from store.queries.paging import KeysetIndex, Listing, Row, RowKey, page_sql
from store.queries.provisional_sql import PROVISIONAL_OF_LINE_SQL
from store.values.records import field_values


@dataclass(frozen=True, slots=True)
class IssueMention:
    """An issue that a visit names."""

    id: str
    number: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One line of the service log. ``at`` is a moment; ``project`` and ``author`` are names. The issues are filled in
    by `visit` only; ``provisional``: how many provisional versions of it are here."""

    id: str
    project_id: str | None
    project: str | None
    at: str
    how: str
    place: str | None
    participants: tuple[str, ...]
    text: str | None
    author: str | None
    participants_note: str | None = None
    provisional: int = 0
    issues_raised: tuple[IssueMention, ...] = ()
    issues_moved: tuple[IssueMention, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The visit as ``guanjia visit --json`` prints it."""
        return field_values(self)

    @property
    def participants_text(self) -> str:
        """The participants as people write them: 张三、李四等5人."""
        return "、".join(self.participants) + (self.participants_note or "")


def listing(*, project: str | None = None, since: str | None = None, until: str | None = None) -> Listing:
    """The visits of one project or of all, from one day to another (both included)."""
    conditions = ["v.deleted = 0"]
    if project is not None:
        conditions.append("v.project_id = :project")
    if since is not None:
        conditions.append("v.at >= :since")
    if until is not None:
        conditions.append("v.at < :until || 'U'")  # a moment of that day goes on with T, which sorts before U
    values = {"project": project, "since": since, "until": until}
    bound = {name: value for name, value in values.items() if value is not None}
    return Listing("visit v WHERE " + " AND ".join(conditions), ("v.at", "v.id"), descending=True, values=bound)


def visit_key(row: VisitRow) -> RowKey:
    """A row's key in the list's order."""
    return (row.at, row.id)


def visits(
    connection: Connection,
    selection: Listing | None = None,
    *,
    limit: int = -1,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[VisitRow]:
    """Which visits were made, when, where, by whom? ``limit`` -1 gives all."""
    page, values = page_sql(selection or listing(), "v.*", limit, index, position)
    return [_row(row) for row in connection.execute(_LIST.format(page=page), values)]


def visit(connection: Connection, visit_id: str) -> VisitRow | None:
    """What does this visit say, and which issues does it name? None when it is not here."""
    page = "SELECT v.* FROM visit v WHERE v.id = :id AND v.deleted = 0"
    record = connection.execute(_LIST.format(page=page), {"id": visit_id}).fetchone()
    if record is None:
        return None
    raised, moved = _mentions(connection, visit_id, "issues_raised"), _mentions(connection, visit_id, "issues_moved")
    return replace(_row(record), issues_raised=raised, issues_moved=moved)


def _mentions(connection: Connection, visit_id: str, field: str) -> tuple[IssueMention, ...]:
    rows = connection.execute(
        f"SELECT m.value, i.number, i.title FROM visit v, json_each(v.{field}) m LEFT JOIN issue i ON i.id = m.value "
        "WHERE v.id = ? ORDER BY m.key",
        (visit_id,),
    )
    return tuple(IssueMention(*row) for row in rows)


def _row(row: Row) -> VisitRow:
    participants = tuple(orjson.loads(row[6])) if row[6] else ()
    values = (*row[:6], participants, *row[7:])
    return VisitRow(*values)


_LIST = (
    "WITH page AS ({page}) SELECT v.id, v.project_id, p.name, v.at, v.how, v.place, v.participants, v.text, "
    f"{written_by_sql('v')}, v.participants_note, {PROVISIONAL_OF_LINE_SQL} FROM page v "
    "LEFT JOIN project p ON p.id = v.project_id "
    "ORDER BY v.at DESC, v.id DESC"
)
