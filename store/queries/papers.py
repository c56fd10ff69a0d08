"""What papers of authority tell beside the reports' figures: who issues them, what moved, what comes, and one visit."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.domain.issue_lifecycle import TRANSITIONS
from store.queries.evaluation_facts import ON_LIST
from store.queries.name_sql import kept_id_sql, phone_sql, same_ids_sql, shown_name_sql
from store.queries.project_filters import SERVES_TODAY_SQL, SERVING_ORDER_SQL, serves_on_sql
from store.queries.report_rows import STEP_DAY_SQL
from store.writer.project_figures import IN_TURN_SQL, LIGHT_STATES_SQL

_ACTS_OF_PAPERS = tuple(act for act in TRANSITIONS if act != "told")
"""The acts that a period's paper tells as what moved: all but what the enterprise was told."""
_NAMES = {
    "project": "SELECT name FROM project WHERE id = :id",
    "department": f"SELECT name FROM unit WHERE id = {kept_id_sql(':id')}",
    "unit": f"SELECT name FROM unit WHERE id = {kept_id_sql(':id')}",
    "person": f"SELECT {shown_name_sql('n')} FROM person n WHERE n.id = {kept_id_sql(':id')}",
    "meeting": "SELECT title FROM meeting WHERE id = :id",
    "served_by": f"SELECT {shown_name_sql('n')} FROM person n WHERE n.id = {kept_id_sql(':id')}",
    "led_by": f"SELECT name FROM unit WHERE id = {kept_id_sql(':id')}",
    "issue": "SELECT number || ' ' || title FROM issue WHERE id = :id",
}


def name_of_line(connection: Connection, option: str, line_id: str) -> str | None:
    """What is the line called that an option of a report names? None where it is not here."""
    row = connection.execute(_NAMES[option], {"id": line_id}).fetchone()
    return row[0] if row else None


def unit_of_person(connection: Connection, person: str) -> str | None:
    """At which unit is this person? None where nobody wrote it down."""
    row = connection.execute(
        f"SELECT u.name FROM person n JOIN unit u ON u.id = {kept_id_sql('n.unit_id')} "
        f"WHERE n.id = {kept_id_sql(':person')}",
        {"person": person},
    ).fetchone()
    return row[0] if row else None


class Move(NamedTuple):
    """An act on an issue: what was done on which day, in which words."""

    act: str
    day: str
    text: str | None


class MovedIssue(NamedTuple):
    """An issue that moved in a period, and the acts of that period, oldest first."""

    number: str
    title: str
    project: str | None
    department: str | None
    state: str
    moves: tuple[Move, ...] = ()


def moved_issues(connection: Connection, since: str, until: str) -> list[MovedIssue]:
    """Which issues moved in this period, and by which acts in turn? In the order in which they were recorded."""
    moved: dict[str, MovedIssue] = {}
    for line_id, *issue, act, day, text, _stamp in connection.execute(_MOVED, {"since": since, "until": until}):
        known = moved.get(line_id) or MovedIssue(*issue)
        moved[line_id] = known._replace(moves=(*known.moves, Move(act, day, text)))
    return list(moved.values())


class ComingDate(NamedTuple):
    """Something that is to happen on a day: an issue falls due (``due``), its agreed waiting ends (``waiting``), a
    missing document was promised (``promise``), a ``meeting`` is held, or a project must be visited before it counts
    as silent (``visit``). ``at`` is a day or a moment; ``who`` must see to it; ``stamp`` that of the line that says
    so, ``project_ids`` its projects apart by spaces, ``person_id`` whose it is, where that is one person."""

    id: str
    what: str
    at: str
    project: str | None
    number: str | None
    title: str
    who: str | None
    place: str | None
    stamp: int
    project_ids: str | None = None
    person_id: str | None = None


def past_dates(connection: Connection, since: str) -> list[ComingDate]:
    """Which dates from this day on no longer count: of issues that are settled, wait no more or were deleted since, of
    promises that were kept or deleted, of meetings that were deleted? Whoever has them in a calendar takes them out."""
    return [ComingDate(*row) for row in connection.execute(_PAST, {"since": since})]


def shown_person(connection: Connection, person: str) -> str:
    """Who is shown for this person: the one into whom the record was merged, else the person."""
    return str(connection.execute(f"SELECT {kept_id_sql(':person')}", {"person": person}).fetchone()[0])


def served_by(connection: Connection, person: str, today: str) -> set[str]:
    """Of which projects is this person the butler, the lead leader or the secretary today? Their ids."""
    rows = connection.execute(
        f"SELECT a.project_id FROM assignment a WHERE a.person_id IN ({same_ids_sql(':person')}) "
        "AND a.role IN ('butler', 'lead_leader', 'project_secretary') AND a.project_id IS NOT NULL "
        f"AND {SERVES_TODAY_SQL}",
        {"person": person, "today": today},
    )
    return {row[0] for row in rows}


def coming_dates(connection: Connection, since: str, until: str, silence: int) -> list[ComingDate]:
    """What is to happen from one day to another, both included? ``silence``: after so many days without a contact a
    project is silent. In the order of time."""
    values = {"since": since, "until": until, "silence": silence}
    return [ComingDate(*row) for row in connection.execute(_COMING, values)]


def latest_visit(connection: Connection) -> str | None:
    """Which is the latest visit?"""
    row = connection.execute("SELECT id FROM visit WHERE deleted = 0 ORDER BY at DESC, id DESC LIMIT 1").fetchone()
    return row[0] if row else None


def latest_meeting(connection: Connection) -> str | None:
    """Which is the latest meeting?"""
    row = connection.execute("SELECT id FROM meeting WHERE deleted = 0 ORDER BY at DESC, id DESC LIMIT 1").fetchone()
    return row[0] if row else None


class Judged(NamedTuple):
    """A unit or person that an evaluation of a period commends or criticises, and why."""

    name: str
    outcome: str
    fault: str | None
    reason: str | None
    basis: str | None


def judged_in(connection: Connection, period: str) -> list[Judged]:
    """Who was commended or criticised by evaluations of this period? Commendations first."""
    rows = connection.execute(
        f"SELECT coalesce(u.name, {shown_name_sql('n')}, ''), e.outcome, e.fault, e.reason, e.basis FROM evaluation e "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('e.unit_id')} "
        f"LEFT JOIN person n ON n.id = {kept_id_sql('e.person_id')} "
        "WHERE e.deleted = 0 AND e.period = :period AND e.outcome IN ('commendation', 'criticism') "
        "ORDER BY e.outcome, e.unit_id IS NULL, u.name, n.name, e.id",
        {"period": period},
    )
    return [Judged(*row) for row in rows]


class ProjectFace(NamedTuple):
    """A project as a sheet's head has it: number, name, owner, lead leader, butler, enterprise contact with phone."""

    number: str
    name: str
    owner: str | None
    lead_leader: str | None
    butler: str | None
    enterprise_contact: str | None


def project_face(connection: Connection, project: str, today: str) -> ProjectFace | None:
    """Who serves this project today? None where it is not here."""
    row = connection.execute(_FACE, {"project": project, "today": today}).fetchone()
    return ProjectFace(*row) if row else None


def people_with_units(connection: Connection, names: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """At which units are the people of these names? In their order; no unit where nobody or several have the name."""
    rows = connection.execute(
        "SELECT j.value, (SELECT u.name FROM person n JOIN unit u "
        f"ON u.id = {kept_id_sql('n.unit_id')} WHERE n.name = j.value AND n.deleted = 0 "
        "AND n.id NOT IN (SELECT id FROM merged_id) GROUP BY n.name HAVING count(*) = 1) "
        "FROM json_each(?) j ORDER BY j.key",
        (orjson.dumps(list(names)).decode(),),
    )
    return [(row[0], row[1]) for row in rows]


_MOVED = (
    f"SELECT i.id, i.number, i.title, p.name, u.name, s.state, t.act, {STEP_DAY_SQL} AS day, "
    "coalesce(t.text, t.measure, t.reason), t.stamp FROM issue_step t "
    "JOIN issue i ON i.id = t.issue_id AND i.deleted = 0 JOIN issue_state s ON s.id = i.id "
    "LEFT JOIN project p ON p.id = s.project_id "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('s.department_id')} WHERE t.deleted = 0 "
    f"AND t.act IN ({', '.join(repr(act) for act in _ACTS_OF_PAPERS)}) AND day BETWEEN :since AND :until "
    f"AND {IN_TURN_SQL} "
    "UNION ALL SELECT i.id, i.number, i.title, p.name, u.name, s.state, 'recorded', substr(i.raised_at, 1, 10), NULL, "
    "i.stamp "
    "FROM issue i JOIN issue_state s ON s.id = i.id LEFT JOIN project p ON p.id = s.project_id "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('s.department_id')} WHERE i.deleted = 0 "
    "AND substr(i.raised_at, 1, 10) BETWEEN :since AND :until "
    "AND NOT EXISTS (SELECT 1 FROM issue_step x WHERE x.issue_id = i.id AND x.act = 'recorded' AND x.deleted = 0) "
    "ORDER BY 1, 8, 10"
)


def _holders_sql(role: str, day: str, shown: str = shown_name_sql("n")) -> str:
    """Who serves project ``p`` in a role on a day, as they were entered, with 、 between them."""
    return (
        f"(SELECT group_concat({shown}, '、' ORDER BY {SERVING_ORDER_SQL}) FROM assignment a JOIN person n "
        f"ON n.id = {kept_id_sql('a.person_id')} WHERE a.project_id = p.id AND a.role = '{role}' "
        f"AND {serves_on_sql(day)})"
    )


_OF_ISSUE = (
    "FROM issue_state s JOIN issue i ON i.id = s.id AND i.deleted = 0 LEFT JOIN project p ON p.id = s.project_id "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('s.department_id')} "
    f"LEFT JOIN person n ON n.id = {kept_id_sql('s.owner_id')}"
)
_WHO = f"nullif(concat_ws(' ', u.name, {shown_name_sql('n')}), '')"
_STEP_STAMP = "max(i.stamp, coalesce((SELECT max(t.stamp) FROM issue_step t WHERE t.issue_id = i.id), 0))"
_LATEST_CONTACT = "(SELECT max(v.at) FROM visit v WHERE v.project_id = p.id AND v.deleted = 0)"
_SILENT_ON = f"date(substr({_LATEST_CONTACT}, 1, 10), '+' || :silence || ' days')"
_ISSUE_DATE = (
    f"SELECT s.id, '{{what}}', {{day}} AS at, p.name, i.number, i.title, {_WHO}, NULL, {_STEP_STAMP}, s.project_id, "
    f"n.id {_OF_ISSUE}"
)
_PROMISED = "coalesce(k.promise_due, (SELECT max(h.body ->> '$.promise_due') FROM history h WHERE h.id = k.id))"
"""The day by which a document was promised, also where the procedure no longer says so."""
_PROMISE = (
    f"SELECT k.id, 'promise', {_PROMISED} AS promised, p.name, NULL, k.name, {_WHO}, NULL, k.stamp, k.project_id, n.id "
    "FROM procedure k JOIN project p ON p.id = k.project_id "
    f"LEFT JOIN unit u ON u.id = {kept_id_sql('k.department_id')} "
    f"LEFT JOIN person n ON n.id = {kept_id_sql('k.handler_id')}"
)
_MEETING = (
    "SELECT m.session, 'meeting', min(m.at), group_concat(p.name, '、'), m.number, m.title, "
    f"{shown_name_sql('n')}, m.place, max(m.stamp), group_concat(m.project_id, ' '), n.id FROM meeting m "
    f"LEFT JOIN project p ON p.id = m.project_id LEFT JOIN person n ON n.id = {kept_id_sql('m.chair_id')}"
)
_COMING = (
    _ISSUE_DATE.format(what="due", day="s.due")
    + f" WHERE s.state IN ({LIGHT_STATES_SQL}) AND s.due BETWEEN :since AND :until UNION ALL "
    + _ISSUE_DATE.format(what="waiting", day="s.waiting_until")
    + " WHERE s.state = 'waiting' AND s.waiting_until BETWEEN :since AND :until UNION ALL "
    + _PROMISE
    + " WHERE k.deleted = 0 AND k.status = 'conditional' AND k.promise_due BETWEEN :since AND :until "
    f"UNION ALL {_MEETING} WHERE m.deleted = 0 AND substr(m.at, 1, 10) BETWEEN :since AND :until GROUP BY m.session "
    f"UNION ALL SELECT p.id, 'visit', {_SILENT_ON} AS until, p.name, p.number, p.name, "
    f"{_holders_sql('butler', ':since')}, NULL, "
    "(SELECT max(v.stamp) FROM visit v WHERE v.project_id = p.id), p.id, NULL FROM project p "
    f"WHERE {ON_LIST} AND until BETWEEN :since AND :until ORDER BY 3, 2, 5, 1"
)
_HAS_WAITED = " AND EXISTS (SELECT 1 FROM issue_step t WHERE t.issue_id = i.id AND t.act = 'waiting')"
_PAST = (
    _ISSUE_DATE.format(what="due", day="s.due")
    + f" WHERE s.state NOT IN ({LIGHT_STATES_SQL}) AND s.due >= :since UNION ALL "
    + _ISSUE_DATE.format(
        what="waiting",
        day="(SELECT max(t.until) FROM issue_step t WHERE t.issue_id = s.id AND t.act = 'waiting' AND t.deleted = 0)",
    )
    + " WHERE s.state <> 'waiting' AND at >= :since UNION ALL "
    + _PROMISE
    + " WHERE (k.deleted = 1 OR k.status <> 'conditional') AND promised >= :since "
    + "".join(
        f"UNION ALL SELECT i.id, '{what}', substr(coalesce(i.due, i.raised_at), 1, 10) AS day, p.name, i.number, "
        f"coalesce(i.title, ''), NULL, NULL, {_STEP_STAMP}, i.project_id, {kept_id_sql('i.owner_id')} FROM issue i "
        "LEFT JOIN project p ON p.id = i.project_id WHERE i.deleted = 1 "
        f"AND (day >= :since OR date((i.stamp >> 16) / 1000, 'unixepoch') >= :since){only} "
        for what, only in (("due", ""), ("waiting", _HAS_WAITED))
    )
    + f"UNION ALL {_MEETING} WHERE substr(m.at, 1, 10) >= :since GROUP BY m.session HAVING min(m.deleted) = 1 "
    "ORDER BY 3, 2, 1"
)
_FACE = (
    "SELECT coalesce(p.number, ''), p.name, p.owner, "
    f"{_holders_sql('lead_leader', ':today')}, {_holders_sql('butler', ':today')}, "
    + _holders_sql("enterprise_contact", ":today", f"concat_ws(' ', n.name, {phone_sql('n')})")
    + " FROM project p WHERE p.id = :project"
)
