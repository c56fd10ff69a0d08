"""Projects: adding, changing and adjusting the list, and who serves them (R01–R07, R18, R28, R30)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

import orjson

from store.commands.exceptions import EntryFieldMissing
from store.commands.numbers import new_number
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.values.text import is_blank
from store.values.times import parse_day
from store.writer.local_writes import Draft, Ledger

AdjustmentAct = Literal["added", "changed", "removed"]
SINGLE_ROLES = ("lead_leader", "lead_unit", "butler", "project_secretary", "enterprise_contact")
"""Held by one at a time: naming another ends the assignment before (R07)."""
UNIT_ROLES = ("lead_unit",)
"""Held by a unit; every other role is held by a person."""


def add(
    ledger: Ledger,
    *,
    name: str,
    category: str = "new",
    number: str | None = None,
    roles: Mapping[str, str] | None = None,
    reason: str | None = None,
    **fields: str | int | None,
) -> WriteResult:
    """Add a project to the list, with the day and the ``reason``. ``roles`` names who serves it, by role; ``fields``
    may be ``stage``, ``scope_reason``, ``investment_yuan``, ``owner``, ``national_code`` and ``note``. Raises `BadLine`
    and what `resolve` raises."""
    ledger.require_role("project")
    connection, today = ledger.database.connection(), corrected_now(ledger).date()
    newcomers = Newcomers(connection)
    project_id, given_number = new_number(connection, "project", today, ledger.wall_clock())
    body = {
        "name": name.strip(),
        "number": number or given_number,
        "category": category,
        "adjustments": [_adjustment("added", today.isoformat(), reason)],
        **{field: value for field, value in fields.items() if not is_blank(value)},
    }
    served = _assignment_drafts(newcomers, project_id, roles or {}, today)
    return write_drafts(ledger, newcomers, [Draft("project", body, id=project_id), *served], project_id)


def edit(
    ledger: Ledger, reference: str, *, roles: Mapping[str, str] | None = None, **changes: str | int | None
) -> WriteResult:
    """Change a project; None leaves a field as it is, an empty text removes it. Naming another lead leader, butler …
    ends the assignment before, an empty text ends it alone. Raises `BadLine` and what `resolve` raises."""
    connection = ledger.database.connection()
    project_id, newcomers = resolve(connection, "project", reference).id, Newcomers(connection)
    served = _assignment_drafts(newcomers, project_id, roles or {}, corrected_now(ledger).date())
    body = {field: None if is_blank(value) else value for field, value in changes.items() if value is not None}
    if body:
        ledger.edit("project", project_id, **body)
    return write_drafts(ledger, newcomers, served, project_id)


def adjust(ledger: Ledger, reference: str, act: AdjustmentAct, *, reason: str, on: str | None = None) -> WriteResult:
    """Record an adjustment of the list: a project added again, changed, or taken off it (R05). ``on`` is a day as typed
    (default: today). A project is never deleted. Raises `FieldMissing` where the reason is blank."""
    if is_blank(reason):
        raise EntryFieldMissing(fields="reason")
    connection, now = ledger.database.connection(), corrected_now(ledger)
    project_id = resolve(connection, "project", reference).id
    row = connection.execute("SELECT adjustments FROM project WHERE id = ?", (project_id,)).fetchone()
    before = orjson.loads(row[0]) if row[0] else []
    day = parse_day(on, now) if on else now.date().isoformat()
    ledger.edit("project", project_id, adjustments=[*before, _adjustment(act, day, reason)])
    return WriteResult(project_id)


def _adjustment(act: AdjustmentAct, day: str, reason: str | None) -> dict[str, str]:
    adjustment = {"act": act, "date": day}
    return {**adjustment, "reason": reason} if reason else adjustment


def _assignment_drafts(newcomers: Newcomers, project_id: str, roles: Mapping[str, str], today: date) -> list[Draft]:
    """The assignments of these people to the project from today on, and the ends of those that they replace; an empty
    text ends the role, whoever has it."""
    drafts: list[Draft] = []
    for role, text in roles.items():
        if not text.strip():
            current = _current_assignments(newcomers.connection, project_id, role, today)
            drafts += [_ended_assignment(project_id, line_id, body, today) for line_id, body in current]
            continue
        field = "unit_id" if role in UNIT_ROLES else "person_id"
        who = newcomers.unit(text, "lead_unit") if role in UNIT_ROLES else newcomers.person(text)
        current = _current_assignments(newcomers.connection, project_id, role, today)
        if any(body.get(field) == who for _line_id, body in current):
            continue
        if role in SINGLE_ROLES:
            drafts += [_ended_assignment(project_id, line_id, body, today) for line_id, body in current]
        drafts.append(Draft("assignment", {"role": role, field: who, "from_date": today.isoformat()}, project_id))
    return drafts


def _current_assignments(
    connection: Connection, project_id: str, role: str, today: date
) -> list[tuple[str, dict[str, object]]]:
    names = ("role", "person_id", "unit_id", "from_date", "to_date", "stage", "note")
    rows = connection.execute(
        f"SELECT id, extra, {', '.join(names)} FROM assignment WHERE project_id = ? AND role = ? AND deleted = 0 "
        "AND coalesce(to_date, ?) >= ?",
        (project_id, role, today.isoformat(), today.isoformat()),
    )
    return [(line_id, _body(names, values, extra)) for line_id, extra, *values in rows]


def _body(names: Sequence[str], values: Sequence[object], extra: str | None) -> dict[str, object]:
    known = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return {**known, **(orjson.loads(extra) if extra else {})}


def _ended_assignment(project_id: str, line_id: str, body: dict[str, object], today: date) -> Draft:
    """The assignment with yesterday as its last day; deleted where it began only today."""
    if str(body.get("from_date", "")) >= today.isoformat():
        return Draft("assignment", body, project_id, line_id, deleted=True)
    return Draft("assignment", {**body, "to_date": (today - timedelta(days=1)).isoformat()}, project_id, line_id)
