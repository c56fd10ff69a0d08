"""A project's procedures: its list proposed from the catalogue, and how far each has come (R19, R20, R32, R57)."""

from __future__ import annotations

import re
from typing import Any

from store.commands import register_lines
from store.commands.exceptions import FieldMissing
from store.commands.naming import resolve
from store.commands.people import Newcomers, Written, time_now, write
from store.domain.procedure_catalogue import definition, proposed_for
from store.domain.registers import PROCEDURE
from store.queries.register_lines import line_body
from store.writer.local_writes import Draft, Ledger


def propose(ledger: Ledger, project: str, *, everything: bool = False) -> list[str]:
    """Put the standard procedures of the project's category on its list; those it has are left as they are. Gives the
    ids of the new lines. People edit the list from there. Raises what `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    where, today = resolve(newcomers.connection, "project", project).id, time_now(ledger).date().isoformat()
    row = newcomers.connection.execute("SELECT category FROM project WHERE id = ?", (where,)).fetchone()
    drafts = []
    for one in proposed_for(row[0], today, everything=everything):
        line_id = register_lines.key_id(newcomers, PROCEDURE, where, {"code": one.code})
        if line_id and line_body(newcomers.connection, PROCEDURE, line_id) is None:
            department = newcomers.unit(_first(one.department))
            body = {"code": one.code, "name": one.name, "status": "not_started", "department_id": department}
            if one.department != _first(one.department):
                body["note"] = one.department
            drafts.append(Draft("procedure", body, where, line_id))
    write(ledger, newcomers, drafts, where)
    return [str(draft.id) for draft in drafts]


def add(ledger: Ledger, *, project: str | None = None, **given: Any) -> Written:
    """Put one more procedure on a project's list. A standard code brings its name and department, unless others are
    given; it has not been started unless its status says otherwise. Raises what `books.add` raises,
    `FieldMissing` also where nothing gives it a name."""
    known = definition(str(given.get("code") or "").strip(), time_now(ledger).date().isoformat())
    usual = {"name": known.name, "department": _first(known.department)} if known else {}
    typed = {name: value for name, value in given.items() if value not in (None, "")}
    whole = {"status": "not_started", **usual, **typed}
    if "name" not in whole:
        raise FieldMissing(verb="procedure add", fields="name")
    return register_lines.add(ledger, PROCEDURE, project=project, **whole)


def edit(ledger: Ledger, named: str, **changes: Any) -> Written:
    """Change a procedure. A new status has its day, today unless another is given. Raises what `books.edit` raises."""
    body = line_body(ledger.database.connection(), PROCEDURE, named.strip()) or {}
    if changes.get("status") in (None, "", body.get("status")):
        return register_lines.edit(ledger, PROCEDURE, named, **changes)
    return set_status(ledger, named, **changes)


def _first(departments: str) -> str:
    """The department to ask first, of those that the catalogue names: ``住建局(审图机构)`` is 住建局."""
    return re.split(r"[(（/+]", departments, maxsplit=1)[0]


def set_status(ledger: Ledger, named: str, status: str, **given: Any) -> Written:
    """Note how far a procedure has come; its day is today unless ``day`` says otherwise. ``given`` may hold its
    other fields. Raises what `books.edit` raises."""
    day = given.pop("day", None) or "today"
    if status == "submitted":
        given.setdefault("submitted_on", day)
    return register_lines.edit(ledger, PROCEDURE, named, status=status, day=day, **given)
