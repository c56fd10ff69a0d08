"""Of what the person at this device is to be reminded: dates that come, and acts of others that arrived for them.

Responsibilities are those of ``own_work``, but who sees the whole district is reminded of what is their own alone; a
home that works alone, of everything where it knows nothing of its person. When: ``store/domain/reminders.py``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.reminders import Occasion
from store.domain.status_lights import LightThresholds
from store.home.reminder_log import ToldMessage
from store.ledger.hlc import hlc_from_ms
from store.queries.co_handling import OWED_BY_SQL
from store.queries.name_sql import kept_id_sql, same_ids_sql
from store.queries.own_work import RETURNING_ACTS, Responsibilities, own_responsibilities
from store.queries.papers import ComingDate, coming_dates, shown_person
from store.values.times import district_time, format_moment
from store.values.workdays import add_days
from store.writer.project_figures import IN_TURN_SQL, LIGHT_STATES_SQL, UNFINISHED_STATES_SQL

ARRIVED_DAYS = 60
"""An act that was written longer ago is told no more when it arrives."""
DATES_BACK, DATES_AHEAD = 30, 60
"""Days around today whose dates are looked at: reminders lie a few working days beside them."""


class ReminderDeviceRow(NamedTuple):
    """The device on which a person is reminded, since when."""

    device: str
    at: str


def reminding_device(connection: Connection) -> ReminderDeviceRow | None:
    """On which device is the person at this device reminded? None where none has said so."""
    row = connection.execute(_DEVICE, {"person": read_device_facts(connection).person}).fetchone()
    return ReminderDeviceRow(*row) if row else None


def has_unsent_work(connection: Connection) -> bool:
    """Has somebody worked at this device since the last round: is a line unsent, other than of reminders?"""
    query = "SELECT 1 FROM outbox WHERE state <> 'rejected' AND kind <> 'reminder_device' LIMIT 1"
    return connection.execute(query).fetchone() is not None


def own_occasions(connection: Connection, thresholds: LightThresholds, now_ms: int, silence: int) -> list[Occasion]:
    """Of what is the person at this device to be reminded around now?"""
    known = own_responsibilities(connection, thresholds)
    own = replace(known, everything=not known.known and read_device_facts(connection).central is None)
    return [*_own_dates(connection, thresholds, own, silence), *_arrivals(connection, thresholds, own, now_ms)]


def told_occasions(connection: Connection, message: ToldMessage) -> list[Occasion]:
    """What is a message about that was told, as it is called today? What is no longer here has no title."""
    about = [each.about for each in message.reminders]
    found = {row[0]: row[1:] for row in connection.execute(_TITLES, (orjson.dumps(about).decode(),))}
    return [
        Occasion(each.line, each.rule, each.at, each.about, *found.get(each.about, ()))  # type: ignore[arg-type]
        for each in message.reminders
    ]


def _own_dates(
    connection: Connection, thresholds: LightThresholds, own: Responsibilities, silence: int
) -> list[Occasion]:
    today = date.fromisoformat(thresholds.today)
    since, until = (add_days(today, days).isoformat() for days in (-DATES_BACK, DATES_AHEAD))
    values = {**own.parameters(thresholds), "since": since, "until": until}
    issues = {row[0] for row in connection.execute(_OWN_ISSUES.format(mine=own.issue_condition), values)}
    coming = coming_dates(connection, since, until, silence)
    person = shown_person(connection, own.person)
    limits = connection.execute(_OWN_LIMITS.format(mine=own.issue_condition), values)
    return [
        *(_occasion(each) for each in coming if _is_own(each, own, issues, person)),
        *(Occasion(row[0], "limit", row[1], row[0], *row[2:]) for row in limits),
    ]


def _is_own(coming: ComingDate, own: Responsibilities, issues: set[str], person: str) -> bool:
    if coming.what in ("due", "waiting"):
        return coming.id in issues
    projects = (coming.project_ids or "").split()
    return own.everything or coming.person_id == person or not set(own.projects).isdisjoint(projects)


def _occasion(coming: ComingDate) -> Occasion:
    rule, title = coming.what, coming.title
    return Occasion(coming.id, rule, coming.at, coming.id, coming.number, title, coming.project)  # type: ignore[arg-type]


def _arrivals(
    connection: Connection, thresholds: LightThresholds, own: Responsibilities, now_ms: int
) -> list[Occasion]:
    since = add_days(date.fromisoformat(thresholds.today), -ARRIVED_DAYS)
    values = {
        **own.parameters(thresholds),
        "since": hlc_from_ms(now_ms - ARRIVED_DAYS * 86_400_000, 0),
        "since_day": since.isoformat(),
        "principal": "principal_leader" in own.roles,
    }
    return [
        Occasion(line, rule, format_moment(district_time(stamp >> 16)), about, number, title, project)
        for line, rule, stamp, about, number, title, project in connection.execute(_ARRIVED, values)
        if rule is not None
    ]


_DEVICE = (
    f"SELECT device_id, at FROM reminder_device WHERE deleted = 0 AND person_id IN ({same_ids_sql(':person')}) "
    "ORDER BY stamp DESC, device_id DESC LIMIT 1"
)
_OWN_ISSUES = (
    "SELECT s.id FROM issue_state s WHERE {mine} AND (s.due BETWEEN :since AND :until "
    "OR s.waiting_until BETWEEN :since AND :until)"
)
_OWN_LIMITS = (  # the end of a day is a minute that is one; a limit that is the due date is told as that
    "SELECT s.id, replace(s.limit_at, 'T24:00', 'T23:59'), i.number, i.title, p.name FROM issue_state s "
    "JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    f"WHERE {{mine}} AND s.state IN ({LIGHT_STATES_SQL}) AND substr(s.limit_at, 1, 10) BETWEEN :since AND :until "
    "AND substr(s.limit_at, 1, 10) <> coalesce(s.due, '')"
)
_TITLES = (
    "WITH wanted AS (SELECT value AS id FROM json_each(?)) "
    "SELECT i.id, i.number, i.title, p.name FROM issue i LEFT JOIN project p ON p.id = i.project_id "
    "WHERE i.id IN (SELECT id FROM wanted) UNION ALL "
    "SELECT p.id, p.number, p.name, p.name FROM project p WHERE p.id IN (SELECT id FROM wanted) UNION ALL "
    "SELECT k.id, NULL, k.name, p.name FROM procedure k LEFT JOIN project p ON p.id = k.project_id "
    "WHERE k.id IN (SELECT id FROM wanted) UNION ALL "
    "SELECT m.session, min(m.number), min(m.title), NULL FROM meeting m "
    "WHERE m.session IN (SELECT id FROM wanted) GROUP BY m.session"
)
_DEPARTMENTS = "(SELECT value FROM json_each(:departments))"
_MINE = f"(s.owner_id = {kept_id_sql(':person')} OR s.department_id IN {_DEPARTMENTS})"
_MY_PROJECT = "s.project_id IN (SELECT value FROM json_each(:{of}))"
_RETURNING = ", ".join(f"'{act}'" for act in RETURNING_ACTS)
_WITH_ME = (
    f"EXISTS (SELECT 1 FROM json_each(coalesce(t.with_ids, '[]')) w WHERE {kept_id_sql('w.value')} IN {_DEPARTMENTS})"
)
_MENTIONED = "instr(concat_ws(' ', {texts}), '@' || (SELECT name FROM me)) > 0"  # NULL, and so never, for nobody
_ARRIVAL_RULE = (
    "CASE "
    f"WHEN t.act = 'assigned' AND (t.owner_id IN ({same_ids_sql(':person')}) "
    f"OR {kept_id_sql('t.department_id')} IN {_DEPARTMENTS}) THEN 'assigned' "
    f"WHEN t.act = 'assigned' AND {_WITH_ME} THEN 'asked' "
    f"WHEN t.act IN ('escalated', 'passed_on') AND s.state = 'escalated' AND ((s.level = 2 AND "
    f"{_MY_PROJECT.format(of='leader_of')}) OR (s.level = 3 AND :principal)) THEN 'asked' "
    f"WHEN t.act = 'extension_asked' AND {_MY_PROJECT.format(of='leader_of')} THEN 'asked' "
    f"WHEN t.act = 'extension_refused' AND {_MINE} THEN 'returned' "
    f"WHEN t.act IN ({_RETURNING}) AND ({_MINE} OR {_MY_PROJECT.format(of='butler_of')}) THEN 'returned' "
    f"WHEN t.act IN ('reminded', 'supervised') AND ({_MINE} OR {_MY_PROJECT.format(of='butler_of')} "
    f"OR {OWED_BY_SQL.format(units=_DEPARTMENTS)}) THEN 'urged' "
    f"WHEN {_MENTIONED.format(texts='t.text, t.reason, t.measure')} THEN 'mentioned' END"
)
_ARRIVED = (
    f"WITH me AS (SELECT coalesce((SELECT name FROM person WHERE id = {kept_id_sql(':person')}), "
    "(SELECT value FROM meta WHERE key = 'person_name')) AS name) "
    f"SELECT t.id, {_ARRIVAL_RULE}, t.stamp, i.id, i.number, i.title, p.name FROM issue_state s "
    "JOIN issue_step t ON t.issue_id = s.id JOIN issue i ON i.id = s.id LEFT JOIN project p ON p.id = s.project_id "
    f"WHERE s.state IN ({UNFINISHED_STATES_SQL}) AND t.deleted = 0 AND t.taken_over IS NULL AND t.stamp >= :since "
    f"AND t.author_id NOT IN ({same_ids_sql(':person')}) AND {IN_TURN_SQL} UNION ALL "
    "SELECT v.id, 'mentioned', v.stamp, v.project_id, p.number, p.name, p.name FROM visit v "
    "LEFT JOIN project p ON p.id = v.project_id WHERE v.deleted = 0 AND v.at >= :since_day "
    f"AND v.author_id NOT IN ({same_ids_sql(':person')}) AND {_MENTIONED.format(texts='v.text')}"
)
