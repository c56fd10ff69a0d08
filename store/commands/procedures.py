"""A project's procedures: its list proposed from the catalogue, and how far each has come (R19, R20, R32, R57)."""

from __future__ import annotations

import re
from typing import Any

from store.commands import register_lines
from store.commands.exceptions import FieldMissing
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.domain.procedure_catalogue import definition, procedures_for
from store.domain.registers import PROCEDURE_REGISTER
from store.queries.register_lines import current_body
from store.writer.local_writes import Draft, Ledger


def propose(ledger: Ledger, project: str, *, everything: bool = False) -> list[str]:
    """Put the standard procedures of the project's category on its list; those it has are left as they are. Gives the
    ids of the new lines. People edit the list from there. Raises what `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    where, today = resolve(newcomers.connection, "project", project).id, corrected_now(ledger).date().isoformat()
    row = newcomers.connection.execute("SELECT category FROM project WHERE id = ?", (where,)).fetchone()
    drafts = []
    for one in procedures_for(row[0], today, include_optional=everything):
        line_id = register_lines.keyed_line_id(newcomers, PROCEDURE_REGISTER, where, {"code": one.code})
        if line_id and current_body(newcomers.connection, PROCEDURE_REGISTER, line_id) is None:
            department = newcomers.unit(_first_department(one.department))
            body = {"code": one.code, "name": one.name, "status": "not_started", "department_id": department}
            if one.department != _first_department(one.department):
                body["note"] = one.department
            drafts.append(Draft("procedure", body, where, line_id))
    write_drafts(ledger, newcomers, drafts, where)
    return [str(draft.id) for draft in drafts]


def add(ledger: Ledger, *, project: str | None = None, **fields: Any) -> WriteResult:
    """Put one more procedure on a project's list. A standard code brings its name and department, unless others are
    given; it has not been started unless its status says otherwise. Raises what `books.add_roles` raises,
    `FieldMissing` also where nothing gives it a name."""
    known = definition(str(fields.get("code") or "").strip(), corrected_now(ledger).date().isoformat())
    usual = {"name": known.name, "department": _first_department(known.department)} if known else {}
    typed = {name: value for name, value in fields.items() if value not in (None, "")}
    whole = {"status": "not_started", **usual, **typed}
    if "name" not in whole:
        raise FieldMissing(verb="procedure add", fields="name")
    return register_lines.add(ledger, PROCEDURE_REGISTER, project=project, **whole)


def edit(ledger: Ledger, reference: str, **changes: Any) -> WriteResult:
    """Change a procedure. A new status has its day, today unless another is given. Raises what `books.edit` raises."""
    body = current_body(ledger.database.connection(), PROCEDURE_REGISTER, reference.strip()) or {}
    if changes.get("status") in (None, "", body.get("status")):
        return register_lines.edit(ledger, PROCEDURE_REGISTER, reference, **changes)
    return set_status(ledger, reference, **changes)


def _first_department(departments: str) -> str:
    """The department to ask first, of those that the catalogue names: ``住建局(审图机构)`` is 住建局."""
    return re.split(r"[(（/+]", departments, maxsplit=1)[0]


def set_status(ledger: Ledger, reference: str, status: str, **fields: Any) -> WriteResult:
    """Note how far a procedure has come; its day is today unless ``day`` says otherwise. ``given`` may hold its
    other fields. Raises what `books.edit` raises."""
    day = fields.pop("day", None) or "today"
    if status == "submitted":
        fields.setdefault("submitted_on", day)
    return register_lines.edit(ledger, PROCEDURE_REGISTER, reference, status=status, day=day, **fields)
