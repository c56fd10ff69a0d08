"""Derived facts of register lines: procedures that are late, policies not transmitted, missing documents, attendance.

Nothing here is stored. Each function answers for one register; `with_details` picks the register's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from store.db.connection import Connection
from store.domain.limits import read_limits
from store.domain.procedure_catalogue import BEFORE_BUILDING, definition, procedure_order
from store.domain.registers import DELIVERY_ACTS, STATISTICS_DOCUMENTS, Register
from store.domain.status_lights import LightThresholds
from store.queries.evaluation_facts import ON_LIST, evaluation_facts
from store.queries.name_sql import kept_id_sql
from store.queries.register_lines import RegisterRecord
from store.values.times import stored_day
from store.values.workdays import add_workdays

NON_BLOCKING_STATUSES = ("conditional", "granted", "not_applicable")
"""Statuses that block nothing: after a conditional acceptance the project goes on until the promise is due."""


def with_details(
    connection: Connection, register: Register, row: RegisterRecord, thresholds: LightThresholds
) -> RegisterRecord:
    """The row with its derived facts on the day of the thresholds."""
    more = _DETAILS.get(register.name)
    return {**row, **(more(connection, row, thresholds) if more else {})}


# Procedures


def procedure_details(_connection: Connection, row: RegisterRecord, thresholds: LightThresholds) -> RegisterRecord:
    """Its stage, its usual duration, the day by which it should be granted, and whether it or its promise is
    overdue."""
    known = definition(row["code"], row["submitted_on"] or thresholds.today)
    days = known.days if known else None
    expected = None
    if days is not None and (submitted_on := stored_day(row["submitted_on"])):
        expected = add_workdays(submitted_on, days).isoformat()
    waits = row["status"] not in NON_BLOCKING_STATUSES
    broken = row["status"] == "conditional" and bool(row["promise_due"]) and row["promise_due"] < thresholds.today
    return {
        "stage": known.stage if known else None,
        "core": bool(known and known.core),
        "days": days,
        "expected": expected,
        "late": bool(waits and expected and expected < thresholds.today) or broken,
    }


def critical_path(
    connection: Connection, rows: Sequence[RegisterRecord], thresholds: LightThresholds
) -> list[RegisterRecord]:
    """The critical path to the start of building: in each stage before it the slowest procedure that is still open
    (R19, R57). Stages follow each other, the procedures of one stage run in parallel; an unknown duration counts as 0
    days."""
    waiting = [row for row in rows if row["status"] not in NON_BLOCKING_STATUSES]
    path = []
    for stage in BEFORE_BUILDING:
        open_rows = [{**row, **procedure_details(connection, row, thresholds)} for row in waiting]
        in_stage = [row for row in open_rows if row["stage"] == stage]
        if in_stage:
            path.append(max(in_stage, key=lambda row: (row["days"] or 0, -procedure_order(row["code"]))))
    return path


# Meetings


def meeting_details(connection: Connection, row: RegisterRecord, _thresholds: LightThresholds) -> RegisterRecord:
    """The steps that it decided, and the other projects in which it has a line."""
    decisions = connection.execute(
        "SELECT t.issue_id, i.number, t.act, coalesce(t.text, t.measure, t.reason) "
        "FROM issue_step t JOIN issue i ON i.id = t.issue_id "
        "JOIN meeting m ON m.id = t.meeting_id WHERE m.session = ? AND t.deleted = 0 ORDER BY t.stamp",
        (row["session"],),
    )
    names = ("issue_id", "number", "act", "text")
    others = connection.execute(
        "SELECT p.name FROM meeting m JOIN project p ON p.id = m.project_id "
        "WHERE m.session = ? AND m.id <> ? AND m.deleted = 0 ORDER BY p.name",
        (row["session"], row["id"]),
    )
    return {
        "decisions": [dict(zip(names, decision, strict=True)) for decision in decisions],
        "other_projects": [name for (name,) in others],
    }


# Policies


def policy_details(connection: Connection, row: RegisterRecord, _thresholds: LightThresholds) -> RegisterRecord:
    """How many projects each of the three acts has reached, and the projects to which it was not transmitted."""
    reached = {act: 0 for act in DELIVERY_ACTS}
    reached |= dict(
        connection.execute(
            f"SELECT d.act, count(DISTINCT d.project_id) FROM policy_delivery d JOIN project p ON p.id = d.project_id "
            f"WHERE d.policy_id = ? AND d.deleted = 0 AND {ON_LIST} GROUP BY d.act",
            (row["id"],),
        ).fetchall()
    )
    return {**reached, "untold": [project["name"] for project in projects_without_policy(connection, row["id"])]}


def projects_without_policy(connection: Connection, policy: str) -> list[RegisterRecord]:
    """To which projects has this policy not been transmitted?"""
    rows = connection.execute(
        f"SELECT p.id, p.number, p.name FROM project p WHERE {ON_LIST} AND NOT EXISTS (SELECT 1 FROM policy_delivery d "
        "WHERE d.project_id = p.id AND d.policy_id = ? AND d.act = 'transmit' AND d.deleted = 0) "
        "ORDER BY length(p.number), p.number, p.id",
        (policy,),
    )
    return [{"id": line_id, "number": number, "name": name} for line_id, number, name in rows]


# Progress and statistics


def progress_details(connection: Connection, row: RegisterRecord, _thresholds: LightThresholds) -> RegisterRecord:
    """The completion rate of the year's plan in percent, by how many points it lags behind the elapsed months (0 where
    it does not), and whether that is more than the district's limit."""
    planned, done = row["planned"], row["done"]
    if not planned or done is None:
        return {"rate": None, "lag": None, "behind": False}
    rate = done * 100 / planned
    lag = max(0.0, int(row["month"][5:]) * 100 / 12 - rate)
    return {"rate": round(rate, 1), "lag": round(lag, 1), "behind": lag > read_limits(connection).behind}


def statistics_details(_connection: Connection, row: RegisterRecord, _thresholds: LightThresholds) -> RegisterRecord:
    """Which of the four documents are missing."""
    return {"missing": [document for document in STATISTICS_DOCUMENTS if not row[document]]}


def return_details(_connection: Connection, row: RegisterRecord, thresholds: LightThresholds) -> RegisterRecord:
    """Whether the figures are overdue."""
    return {"late": bool(row["due"] and not row["returned"] and row["due"] < thresholds.today)}


# Training


def training_details(connection: Connection, row: RegisterRecord, _thresholds: LightThresholds) -> RegisterRecord:
    """Who attended, by name and unit."""
    rows = connection.execute(
        f"SELECT n.name, u.name FROM attendance a JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('n.unit_id')} "
        "WHERE a.training_id = ? AND a.deleted = 0 ORDER BY u.name, n.name",
        (row["id"],),
    )
    return {"who": [{"name": name, "unit": unit} for name, unit in rows]}


def training_hours(connection: Connection) -> list[RegisterRecord]:
    """How many hours has each person been trained, of which kind? Those of one unit stand together (R44, R45)."""
    rows = connection.execute(
        "SELECT n.name, u.name, sum(CASE t.kind WHEN 'integrity' THEN t.minutes ELSE 0 END), "
        "sum(CASE t.kind WHEN 'professional' THEN t.minutes ELSE 0 END), count(*) FROM attendance a "
        f"JOIN training t ON t.id = a.training_id JOIN person n ON n.id = {kept_id_sql('a.person_id')} "
        f"LEFT JOIN unit u ON u.id = {kept_id_sql('n.unit_id')} WHERE a.deleted = 0 AND t.deleted = 0 "
        "GROUP BY n.id ORDER BY u.name, n.name"
    )
    return [
        {
            "person": name,
            "unit": unit,
            "integrity": integrity / 60,
            "professional": professional / 60,
            "trainings": count,
        }
        for name, unit, integrity, professional, count in rows
    ]


# Evaluation


def evaluation_details(connection: Connection, row: RegisterRecord, thresholds: LightThresholds) -> RegisterRecord:
    """The ledger's figures of the unit or person, shown beside the score."""
    return {
        "facts": evaluation_facts(connection, thresholds, row["period"], unit=row["unit_id"], person=row["person_id"])
    }


_DETAILS: Mapping[str, Callable[[Connection, RegisterRecord, LightThresholds], RegisterRecord]] = {
    "procedure": procedure_details,
    "meeting": meeting_details,
    "policy": policy_details,
    "progress": progress_details,
    "statistics": statistics_details,
    "return": return_details,
    "training": training_details,
    "evaluation": evaluation_details,
}
