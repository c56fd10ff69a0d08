"""A project's procedures: its list, proposed from the catalogue, and the status of each (R19, R20, R32, R57)."""

from __future__ import annotations

import re

from store.commands import register_lines
from store.commands.exceptions import EntryFieldMissing
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.domain.procedure_catalogue import definition, procedures_for
from store.domain.registers import PROCEDURE_REGISTER
from store.queries.register_lines import current_body
from store.values.text import is_blank
from store.writer.local_writes import Draft, Ledger


def propose(ledger: Ledger, project: str, *, everything: bool = False) -> list[str]:
    """Add the standard procedures of the project's category to its list, with ``everything`` also those that only some
    projects need; existing ones are not changed. Returns the ids of the new lines. Raises what `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    where, today = resolve(newcomers.connection, "project", project).id, corrected_now(ledger).date().isoformat()
    row = newcomers.connection.execute("SELECT category FROM project WHERE id = ?", (where,)).fetchone()
    drafts = []
    for standard in procedures_for(row[0], today, include_optional=everything):
        line_id = register_lines.keyed_line_id(newcomers, PROCEDURE_REGISTER, where, {"code": standard.code})
        if line_id and current_body(newcomers.connection, PROCEDURE_REGISTER, line_id) is None:
            first = _first_department(standard.department)
            body = {"code": standard.code, "name": standard.name, "status": "not_started"}
            body["department_id"] = newcomers.unit(first)
            if standard.department != first:
                body["note"] = standard.department
            drafts.append(Draft("procedure", body, where, line_id))
    write_drafts(ledger, newcomers, drafts, where)
    return [str(draft.id) for draft in drafts]


def add(ledger: Ledger, **fields: object) -> WriteResult:
    """Add a procedure to a project's list. A standard code sets its name and department, unless others are given; the
    status is ``not_started`` unless another is given. Raises what `register_lines.add` raises, `FieldMissing` also
    where it has no name."""
    known = definition(str(fields.get("code") or "").strip(), corrected_now(ledger).date().isoformat())
    usual = {"name": known.name, "department": _first_department(known.department)} if known else {}
    typed = {name: value for name, value in fields.items() if not is_blank(value)}
    body = {"status": "not_started", **usual, **typed}
    if "name" not in body:
        raise EntryFieldMissing(fields="name")
    return register_lines.add(ledger, PROCEDURE_REGISTER, **body)


def edit(ledger: Ledger, reference: str, **changes: object) -> WriteResult:
    """Change a procedure. A new status gets a day, today unless another is given. Raises what `register_lines.edit`
    raises."""
    body = current_body(ledger.database.connection(), PROCEDURE_REGISTER, reference.strip()) or {}
    if changes.get("status") in (None, "", body.get("status")):
        return register_lines.edit(ledger, PROCEDURE_REGISTER, reference, **changes)
    return set_status(ledger, reference, str(changes.pop("status")), **changes)


def _first_department(departments: str) -> str:
    """The first of the departments that the catalogue names: ``住建局(审图机构)`` gives 住建局."""
    return re.split(r"[(（/+]", departments, maxsplit=1)[0]


def set_status(ledger: Ledger, reference: str, status: str, **fields: object) -> WriteResult:
    """Set the status of a procedure, from today on unless ``day`` is given, and its other ``fields``. Raises what
    `register_lines.edit` raises."""
    day = fields.pop("day", None) or "today"
    if status == "submitted":
        fields.setdefault("submitted_on", day)
    return register_lines.edit(ledger, PROCEDURE_REGISTER, reference, status=status, day=day, **fields)
