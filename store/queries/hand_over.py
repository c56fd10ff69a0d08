"""What goes along when a project changes hands: who serves it, what is open, what was promised, whom to call."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.grants import WITHDRAWAL_GRACE_DAYS
from store.queries.co_handling import OWED_NAMES_SQL
from store.queries.name_sql import kept_id_sql, person_name_sql, phone_sql, same_ids_sql
from store.queries.project_filters import SERVES_TODAY_SQL, SERVING_ORDER_SQL, TAKEN_OFF_SQL
from store.writer.project_figures import UNFINISHED_STATES_SQL


class ServedProject(NamedTuple):
    """A project that somebody serves as its butler today, the assignment that says so, and its open issues."""

    project: str
    assignment: str
    number: str
    name: str
    open_issues: int


def served_projects(connection: Connection, person: str, today: str) -> list[ServedProject]:
    """Of which projects on the list is this person the butler on a day?"""
    rows = connection.execute(
        "SELECT p.id, a.id, coalesce(p.number, ''), p.name, (SELECT count(*) FROM issue_state s "
        f"WHERE s.project_id = p.id AND s.state IN ({UNFINISHED_STATES_SQL})) "
        "FROM assignment a JOIN project p ON p.id = a.project_id "
        f"WHERE a.role = 'butler' AND a.person_id IN ({same_ids_sql(':person')}) AND {SERVES_TODAY_SQL} "
        f"AND p.deleted = 0 AND NOT {TAKEN_OFF_SQL} ORDER BY length(p.number), p.number, p.id, {SERVING_ORDER_SQL}",
        {"person": person, "today": today},
    )
    return [ServedProject(*row) for row in rows]


MAX_TAKEN_OVER = 20
"""So many projects are told of, the latest first."""


class TakenOver(NamedTuple):
    """A project that the officer of this device serves since lately, as what, since when, and who did before."""

    project: str
    name: str
    role: str
    since: str
    before: str | None


def taken_over(connection: Connection, today: str) -> list[TakenOver]:
    """Which projects has the officer of this device begun to serve within the last seven days, today included, and from
    whom?"""
    mine = same_ids_sql("(SELECT value FROM meta WHERE key = 'person')")
    before = (
        f"(SELECT group_concat({person_name_sql('b.person_id')}, '、') FROM assignment b WHERE b.project_id = p.id "
        "AND b.role = a.role AND b.person_id <> a.person_id "
        "AND (b.deleted = 0 AND b.to_date = date(a.from_date, '-1 day') "
        "OR b.deleted = 1 AND b.from_date = a.from_date))"  # handed over on the day on which it began
    )
    rows = connection.execute(
        f"SELECT p.id, p.name, a.role, a.from_date, {before} FROM assignment a JOIN project p ON p.id = a.project_id "
        f"WHERE a.person_id IN ({mine}) AND {SERVES_TODAY_SQL} AND a.from_date > date(:today, '-7 days') "
        "AND p.deleted = 0 ORDER BY a.from_date DESC, p.number, a.id LIMIT :most",
        {"today": today, "most": MAX_TAKEN_OVER},
    )
    return [TakenOver(*row) for row in rows]


class GivenUp(NamedTuple):
    """Projects that left this device since somebody else serves them; how many unsent lines of it the central still
    takes, and until which day. ``butlers`` names, project by project, who serves them as far as that was told."""

    day: str
    projects: tuple[str, ...]
    unsent: int
    until: str
    butlers: tuple[str, ...] = ()


def given_up(connection: Connection, today: str) -> list[GivenUp]:
    """Which projects have left this device within the last seven days, and what of them is still unsent?"""
    rows = connection.execute(
        "SELECT date(at / 1000 + 28800, 'unixepoch'), detail, "
        f"date(at / 1000 + 28800, 'unixepoch', '+{WITHDRAWAL_GRACE_DAYS} days') "
        "FROM notice WHERE code = 'scope_withdrawn' AND date(at / 1000 + 28800, 'unixepoch') > date(?, '-7 days') "
        "ORDER BY n DESC",
        (today,),
    )
    told = [(day, json.loads(detail), until) for day, detail, until in rows]
    return [
        GivenUp(
            day, tuple(map(str, detail["projects"])), int(detail.get("unsent") or 0), until,
            tuple("、".join(str(name) for _person, name in people) for people in detail.get("butlers") or ()),
        )
        for day, detail, until in told
        if detail.get("projects")
    ]  # fmt: skip


def names_of_people(connection: Connection, people: Sequence[str]) -> list[str | None]:
    """What are these people called? In the order of their ids."""
    rows = connection.execute(
        f"SELECT {person_name_sql('j.value')} FROM json_each(?) j ORDER BY j.key", (json.dumps(list(people)),)
    )
    return [name for (name,) in rows]


@dataclass(frozen=True, slots=True)
class HandOverIssue:
    """An open issue that changes hands: what was last said of it, until when it waits, and which departments owe their
    opinion."""

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
    owed: str | None


def issues_to_hand_over(connection: Connection, projects: Sequence[str]) -> list[HandOverIssue]:
    """Which issues of these projects are open, and what was last done or said?"""
    rows = connection.execute(
        "SELECT p.name, i.number, i.title, s.state, s.level, u.name, n.name, s.due, s.waiting_until, "
        "(SELECT coalesce(t.text, t.reason, t.measure) FROM issue_step t WHERE t.issue_id = i.id AND t.deleted = 0 "
        "AND coalesce(t.text, t.reason, t.measure, '') <> '' ORDER BY t.stamp DESC, t.device_id DESC LIMIT 1), "
        f"{OWED_NAMES_SQL} FROM issue_state s JOIN issue i ON i.id = s.id JOIN project p ON p.id = s.project_id "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('s.department_id')} "
        f"LEFT JOIN person n ON n.id = {kept_id_sql('s.owner_id')} "
        "WHERE s.project_id IN (SELECT value FROM json_each(:projects)) AND i.deleted = 0 "
        f"AND s.state IN ({UNFINISHED_STATES_SQL}) ORDER BY length(p.number), p.number, p.id, i.number",
        {"projects": json.dumps(list(projects))},
    )
    return [HandOverIssue(*row) for row in rows]


class HandOverPromise(NamedTuple):
    """A procedure that was granted for a project on a promise, and until which day it is to be kept."""

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
