"""Writing in any book of ``store/domain/registers.py``: what a person typed, field by field, as its line keeps it.

Books with more to them (meetings, trainings, procedures) have their own file beside this one and end here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from store.commands.exceptions import FieldMissing, LineExists
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.commands.visits import split_names
from store.db.meta import read_device_state
from store.domain.registers import FieldType, Register, RegisterField
from store.exceptions import LineNotFound
from store.ledger.line import derived_id, is_id, new_id
from store.queries.name_lookup import NamedKind
from store.queries.register_lines import current_body
from store.values.amounts import parse_scaled, parse_yuan
from store.values.times import parse_day, parse_month, parse_time
from store.writer.local_writes import Draft, Ledger

FieldInput = Mapping[str, Any]


def add(ledger: Ledger, register: Register, *, project: str | None = None, **fields: Any) -> WriteResult:
    """Write a new line; ``given`` by the book's field names, as typed. Raises `FieldMissing`, `LineExists` where
    the line is there by its key, `BadTime`, `BadAmount`, `BadLine` and what `resolve` raises."""
    newcomers = Newcomers(ledger.database.connection())
    place = resolve_project(newcomers, register, project, fields)
    body = parse_body(ledger, newcomers, register, fields)
    check_required(register, "add", body)
    line_id = keyed_line_id(newcomers, register, place, body) or new_id(ledger.wall_clock())
    if current_body(newcomers.connection, register, line_id) is not None:
        raise LineExists(id=line_id)
    return write_drafts(ledger, newcomers, [Draft(register.kind, body, place, line_id)], line_id)


def upsert(ledger: Ledger, register: Register, *, project: str | None = None, **fields: Any) -> WriteResult:
    """As `add`, but where the line is there by its key, what is given changes it."""
    newcomers = Newcomers(ledger.database.connection())
    place = resolve_project(newcomers, register, project, fields)
    body = parse_body(ledger, newcomers, register, fields)
    line_id = keyed_line_id(newcomers, register, place, body) or new_id(ledger.wall_clock())
    before = current_body(newcomers.connection, register, line_id) or {}
    after = {**before, **body}
    check_required(register, "set", after)
    return write_drafts(ledger, newcomers, [Draft(register.kind, after, place, line_id)], line_id)


def edit(ledger: Ledger, register: Register, reference: str, **changes: Any) -> WriteResult:
    """Change a line; what is None stays, an empty text removes a field. The fields by which it is this very line stay
    as they are. Raises what `add` raises, and `LineNotFound`."""
    newcomers = Newcomers(ledger.database.connection())
    line_id = resolve_line(newcomers, register, reference)
    before = current_body(newcomers.connection, register, line_id)
    if before is None:
        raise LineNotFound(id=reference)
    changed = {name: value for name, value in changes.items() if value is not None and name not in register.key}
    gone = {register.field(name).body_name for name, value in changed.items() if value == ""}
    after = {name: value for name, value in before.items() if name not in gone}
    after |= parse_body(ledger, newcomers, register, changed)
    check_required(register, "edit", after)
    place = newcomers.connection.execute(f"SELECT project_id FROM {register.kind} WHERE id = ?", (line_id,)).fetchone()
    return write_drafts(ledger, newcomers, [Draft(register.kind, after, place[0], line_id)], line_id)


def resolve_line(newcomers: Newcomers, register: Register, reference: str) -> str:
    """The line that ``named`` means: an id, or what the book's lines go by, where they have names."""
    if is_id(reference.strip()):
        return reference.strip()
    if register.kind in ("policy", "training", "meeting"):
        return resolve(newcomers.connection, cast(NamedKind, register.kind), reference).id
    raise LineNotFound(id=reference)


def resolve_project(newcomers: Newcomers, register: Register, project: str | None, fields: FieldInput) -> str | None:
    """The id of the project whose line this is; None for the district's."""
    if register.parent == "district":
        return None
    if register.parent == "project":
        if not project:
            raise FieldMissing(verb="add", fields="project")
        return resolve(newcomers.connection, "project", project).id
    issue = resolve(newcomers.connection, "issue", str(fields.get("issue") or "")).id
    row = newcomers.connection.execute("SELECT project_id FROM issue WHERE id = ?", (issue,)).fetchone()
    return str(row[0])


def check_required(register: Register, verb: str, body: FieldInput) -> None:
    """Raises `FieldMissing` when the line lacks what the book, or one of its own values, calls for."""
    wanted = [field.name for field in register.fields if field.required]
    for name, value, needs in register.required_when:
        if body.get(register.field(name).body_name) == value:
            wanted += needs
    missing = [name for name in wanted if body.get(register.field(name).body_name) in (None, "", [])]
    if missing:
        raise FieldMissing(verb=f"{register.name} {verb}", fields=", ".join(missing))


def keyed_line_id(newcomers: Newcomers, register: Register, project: str | None, body: FieldInput) -> str | None:
    """The id of a line that is one and the same wherever it is written; None where each is its own."""
    if not register.key:
        return None
    district = read_device_state(newcomers.connection).get("district", "")
    values = [str(body.get(register.field(name).body_name, "")) for name in register.key if name]
    return derived_id(district, register.kind, project or "", *values)


def parse_body(ledger: Ledger, newcomers: Newcomers, register: Register, fields: FieldInput) -> dict[str, Any]:
    """What was given, as the line keeps it; what is empty is left out."""
    now = corrected_now(ledger)
    return {
        field.body_name: _parse_field(newcomers, now, field, fields[field.name])
        for field in register.fields
        if fields.get(field.name) not in (None, "", (), [])
    }


def _parse_field(newcomers: Newcomers, now: datetime, field: RegisterField, typed: Any) -> Any:
    if field.type in _PARSERS:
        return _PARSERS[field.type](typed, now)
    finder = _FINDERS.get(field.type)
    return finder(newcomers, typed) if finder else typed


_PARSERS: Mapping[FieldType, Callable[[Any, datetime], Any]] = {
    "day": lambda typed, now: parse_day(str(typed), now),
    "moment": lambda typed, now: parse_time(str(typed), now),
    "month": lambda typed, now: parse_month(str(typed), now),
    "yuan": lambda typed, _now: parse_yuan(str(typed)),
    "tenths": lambda typed, _now: parse_scaled(str(typed), 10),
    "hours": lambda typed, _now: parse_scaled(str(typed), 60),
    "number": lambda typed, _now: parse_scaled(str(typed), 1),
    "names": lambda typed, _now: split_names(typed),
}
_FINDERS: Mapping[FieldType, Callable[[Newcomers, Any], Any]] = {
    "person": lambda newcomers, typed: newcomers.person(typed),
    "unit": lambda newcomers, typed: newcomers.unit(typed),
    "units": lambda newcomers, typed: [newcomers.unit(name) for name in split_names(typed)],
    "issue": lambda newcomers, typed: resolve(newcomers.connection, "issue", typed).id,
    "policy": lambda newcomers, typed: resolve(newcomers.connection, "policy", typed).id,
    "training": lambda newcomers, typed: resolve(newcomers.connection, "training", typed).id,
    "issues": lambda newcomers, typed: [resolve(newcomers.connection, "issue", n).id for n in split_names(typed)],
}
