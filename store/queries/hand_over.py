"""What goes along when a project changes hands: who serves it, what is open, what was promised, whom to call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.db.connection import Connection
from store.queries.name_sql import kept_id_sql, person_name_sql, phone_sql, same_ids_sql
from store.queries.project_filters import SERVES_TODAY_SQL, SERVING_ORDER_SQL, TAKEN_OFF_SQL, UNFINISHED_STATES_SQL


class ServedProject(NamedTuple):
    """A project that somebody serves as its butler today, and the assignment that says so."""

    project: str
    assignment: str
    number: str
    name: str


def served_projects(connection: Connection, person: str, today: str) -> list[ServedProject]:
    """Of which projects on the list is this person the butler on a day?"""
    rows = connection.execute(
        "SELECT p.id, a.id, coalesce(p.number, ''), p.name FROM assignment a JOIN project p ON p.id = a.project_id "
        f"WHERE a.role = 'butler' AND a.person_id IN ({same_ids_sql(':person')}) AND {SERVES_TODAY_SQL} "
        f"AND p.deleted = 0 AND NOT {TAKEN_OFF_SQL} ORDER BY length(p.number), p.number, p.id, {SERVING_ORDER_SQL}",
        {"person": person, "today": today},
    )
    return [ServedProject(*row) for row in rows]


def names_of_people(connection: Connection, people: Sequence[str]) -> list[str | None]:
    """What are these people called? In the order of their ids."""
    rows = connection.execute(
        f"SELECT {person_name_sql('j.value')} FROM json_each(?) j ORDER BY j.key", (json.dumps(list(people)),)
    )
    return [name for (name,) in rows]


@dataclass(frozen=True, slots=True)
class HandOverIssue:
    """An open issue that changes hands: what was last said of it, and until when it waits."""

    project: str
    number: str
    title: str
    state: str
    level: int
    department: str | None
    owner: str | None
    due: str | None
    waiting_until: str | None
    latest: str | None


def issues_to_hand_over(connection: Connection, projects: Sequence[str]) -> list[HandOverIssue]:
    """Which issues of these projects are open, and what was last done or said?"""
    rows = connection.execute(
        "SELECT p.name, i.number, i.title, s.state, s.level, u.name, n.name, s.due, s.waiting_until, "
        "(SELECT coalesce(t.text, t.reason, t.measure) FROM issue_step t WHERE t.issue_id = i.id AND t.deleted = 0 "
        "AND coalesce(t.text, t.reason, t.measure, '') <> '' ORDER BY t.stamp DESC, t.device_id DESC LIMIT 1) "
        "FROM issue_state s JOIN issue i ON i.id = s.id JOIN project p ON p.id = s.project_id "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('s.department_id')} "
        f"LEFT JOIN person n ON n.id = {kept_id_sql('s.owner_id')} "
        "WHERE s.project_id IN (SELECT value FROM json_each(:projects)) AND i.deleted = 0 "
        f"AND s.state IN ({UNFINISHED_STATES_SQL}) ORDER BY length(p.number), p.number, p.id, i.number",
        {"projects": json.dumps(list(projects))},
    )
    return [HandOverIssue(*row) for row in rows]


class HandOverPromise(NamedTuple):
    """Something that was promised for a project until a day: a procedure that is to follow, an issue that waits."""

    project: str
    what: str
    due: str | None
    note: str | None


def promises_to_hand_over(connection: Connection, projects: Sequence[str]) -> list[HandOverPromise]:
    """Which procedures of these projects were granted on a promise, and until when is it to be kept?"""
    rows = connection.execute(
        "SELECT p.name, c.name, c.promise_due, c.note FROM procedure c JOIN project p ON p.id = c.project_id "
        "WHERE c.project_id IN (SELECT value FROM json_each(:projects)) AND c.deleted = 0 "
        "AND (c.status = 'conditional' OR c.promise_due IS NOT NULL AND c.status <> 'granted') "
        "ORDER BY length(p.number), p.number, p.id, c.promise_due, c.code",
        {"projects": json.dumps(list(projects))},
    )
    return [HandOverPromise(*row) for row in rows]


class HandOverContact(NamedTuple):
    """Somebody who serves a project, or its enterprise's contact."""

    project: str
    role: str
    name: str | None
    unit: str | None
    title: str | None
    phone: str | None


def contacts_to_hand_over(connection: Connection, projects: Sequence[str], today: str) -> list[HandOverContact]:
    """Who serves these projects today, and how are they reached?"""
    rows = connection.execute(
        "SELECT p.name, a.role, coalesce(n.name, u.name), CASE WHEN n.id IS NULL THEN NULL ELSE u.name END, n.title, "
        f"coalesce({phone_sql('n')}, {phone_sql('u', 'unit')}) FROM assignment a JOIN project p ON p.id = a.project_id "
        f"LEFT JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('coalesce(a.unit_id, n.unit_id)')} "
        f"WHERE a.project_id IN (SELECT value FROM json_each(:projects)) AND {SERVES_TODAY_SQL} "
        f"ORDER BY length(p.number), p.number, p.id, a.role, {SERVING_ORDER_SQL}",
        {"projects": json.dumps(list(projects)), "today": today},
    )
    return [HandOverContact(*row) for row in rows]
