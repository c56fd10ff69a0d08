"""Adds and edits lines of any register of ``store/domain/registers.py``: typed fields parsed into the line's body.

Registers with more rules (meetings, trainings, procedures, evaluations) have a file of their own, which ends here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from store.commands.exceptions import EntryFieldMissing, LineExists, RemarkAmongNames, StartNotCalled
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.commands.visits import split_names
from store.db.device_facts import read_device_facts
from store.domain.registers import DUE_DAYS, PEOPLE_FIELDS, FieldType, Register, RegisterField
from store.domain.time_rules import CALLED
from store.exceptions import LineNotFound
from store.ledger.line import derived_id, is_id, new_id
from store.queries.name_lookup import NamedKind
from store.queries.register_lines import current_body
from store.values.amounts import parse_scaled, parse_yuan
from store.values.name_lists import split_name_list
from store.values.periods import parse_month, parse_period
from store.values.text import is_blank
from store.values.times import parse_day, parse_time
from store.writer.local_writes import Draft, Ledger

FieldInput = Mapping[str, object]
"""Fields by name, as typed: texts, numbers, or lists of texts. ``project`` is the project that a line belongs to."""


def add(ledger: Ledger, register: Register, /, **fields: object) -> WriteResult:
    """Write a new line. ``fields`` are by the register's field names, as typed. Raises `FieldMissing`, `LineExists`
    where a line with this key exists, `BadTime`, `BadAmount`, `BadLine` and what `resolve` raises."""
    ledger.require_role(register.kind)
    newcomers = Newcomers(ledger.database.connection())
    place = resolve_project(newcomers, register, fields)
    body = parse_body(ledger, newcomers, register, fields)
    check_required(register, body)
    line_id = keyed_line_id(newcomers, register, place, body) or new_id(ledger.wall_clock())
    if current_body(newcomers.connection, register, line_id) is not None:
        raise LineExists()
    return write_drafts(ledger, newcomers, [Draft(register.kind, body, place, line_id)], line_id)


def upsert(ledger: Ledger, register: Register, /, **fields: object) -> WriteResult:
    """As `add`, but where a line with this key exists, the fields change it."""
    newcomers = Newcomers(ledger.database.connection())
    place = resolve_project(newcomers, register, fields)
    body = parse_body(ledger, newcomers, register, fields)
    line_id = keyed_line_id(newcomers, register, place, body) or new_id(ledger.wall_clock())
    before = current_body(newcomers.connection, register, line_id) or {}
    after = {**before, **body}
    check_required(register, after)
    return write_drafts(ledger, newcomers, [Draft(register.kind, after, place, line_id)], line_id)


def edit(ledger: Ledger, register: Register, reference: str, /, **changes: object) -> WriteResult:
    """Change a line; None leaves a field as it is, an empty text removes it. Key fields are never changed. Raises what
    `add` raises, and `LineNotFound`."""
    newcomers = Newcomers(ledger.database.connection())
    line_id = resolve_line(newcomers, register, reference)
    before = current_body(newcomers.connection, register, line_id)
    if before is None:
        raise LineNotFound(id=reference)
    changed = {name: value for name, value in changes.items() if value is not None and name not in register.key}
    gone = {register.field(name).body_name for name, value in changed.items() if value == ""}
    after = {name: value for name, value in before.items() if name not in gone}
    after |= parse_body(ledger, newcomers, register, changed)
    check_required(register, after)
    place = newcomers.connection.execute(f"SELECT project_id FROM {register.kind} WHERE id = ?", (line_id,)).fetchone()
    return write_drafts(ledger, newcomers, [Draft(register.kind, after, place[0], line_id)], line_id)


def resolve_line(newcomers: Newcomers, register: Register, reference: str) -> str:
    """The id of the line that ``reference`` means: an id, or a name where the register's lines have names."""
    if is_id(reference.strip()):
        return reference.strip()
    if register.kind in ("policy", "training", "meeting"):
        return resolve(newcomers.connection, cast(NamedKind, register.kind), reference).id
    raise LineNotFound(id=reference)


def resolve_project(newcomers: Newcomers, register: Register, fields: FieldInput) -> str | None:
    """The id of the project that the line belongs to; None for a line of the district."""
    if register.parent == "district":
        return None
    if register.parent == "project":
        if not fields.get("project"):
            raise EntryFieldMissing(fields="project")
        return resolve(newcomers.connection, "project", str(fields["project"])).id
    issue = resolve(newcomers.connection, "issue", str(fields.get("issue") or "")).id
    row = newcomers.connection.execute("SELECT project_id FROM issue WHERE id = ?", (issue,)).fetchone()
    return str(row[0])


def check_required(register: Register, body: FieldInput) -> None:
    """Raises `EntryFieldMissing` when the line lacks a field that the register or one of its values requires, and
    `StartNotCalled` for a time rule that earlier versions would take for one of settling."""
    wanted = [field.name for field in register.fields if field.required]
    for name, value, needs in register.required_when:
        if body.get(register.field(name).body_name) == value:
            wanted += needs
    missing = [name for name in wanted if is_blank(body.get(register.field(name).body_name))]
    if missing:
        raise EntryFieldMissing(fields=", ".join(missing))
    if register.kind == "time_rule" and body.get("act") not in (None, "settle") and body.get("start") != CALLED:
        raise StartNotCalled(act=body["act"])


def keyed_line_id(newcomers: Newcomers, register: Register, project: str | None, body: FieldInput) -> str | None:
    """The id derived from the line's key, the same on every device; None where the register has no key."""
    if not register.key:
        return None
    district = read_device_facts(newcomers.connection).district
    values = [str(body.get(register.field(name).body_name, "")) for name in register.key if name]
    return derived_id(district, register.kind, project or "", *values)


def parse_body(ledger: Ledger, newcomers: Newcomers, register: Register, fields: FieldInput) -> dict[str, object]:
    """The fields as the line stores them, without empty ones."""
    now = corrected_now(ledger)
    return {
        field.body_name: _parse_field(newcomers, now, field, fields[field.name])
        for field in register.fields
        if not is_blank(fields.get(field.name))
    }


def _parse_field(newcomers: Newcomers, now: datetime, field: RegisterField, typed: object) -> object:
    if field.name in DUE_DAYS:
        return parse_day(str(typed), now, "future")
    if field.name in PEOPLE_FIELDS:
        return people_in(typed)
    if field.type in _PARSERS:
        return _PARSERS[field.type](typed, now)
    finder = _FINDERS.get(field.type)
    return finder(newcomers, typed) if finder else typed


def people_in(typed: object) -> list[str]:
    """The people or units in a text as people write lists, or in a list of texts. Raises `RemarkAmongNames`."""
    if not isinstance(typed, str):
        return _names_in(typed)
    names, remark = split_name_list(typed)
    if remark:
        raise RemarkAmongNames(text=remark)
    return list(names)


def _names_in(typed: object) -> list[str]:
    """The texts between marks, or in a list of texts: numbers, annexes."""
    return split_names([str(name) for name in typed] if isinstance(typed, list | tuple) else str(typed))


_PARSERS: Mapping[FieldType, Callable[[object, datetime], object]] = {
    "day": lambda typed, now: parse_day(str(typed), now),
    "moment": lambda typed, now: parse_time(str(typed), now),
    "month": lambda typed, now: parse_month(str(typed), now),
    "period": lambda typed, now: parse_period(str(typed), now.date()).name,
    "yuan": lambda typed, _now: parse_yuan(str(typed)),
    "tenths": lambda typed, _now: parse_scaled(str(typed), 10),
    "hours": lambda typed, _now: parse_scaled(str(typed), 60),
    "number": lambda typed, _now: parse_scaled(str(typed), 1),
    "names": lambda typed, _now: _names_in(typed),
}
_FINDERS: Mapping[FieldType, Callable[[Newcomers, object], object]] = {
    "person": lambda newcomers, typed: newcomers.person(str(typed)),
    "unit": lambda newcomers, typed: newcomers.unit(str(typed)),
    "units": lambda newcomers, typed: [newcomers.unit(name) for name in people_in(typed)],
    "issue": lambda newcomers, typed: resolve(newcomers.connection, "issue", str(typed)).id,
    "policy": lambda newcomers, typed: resolve(newcomers.connection, "policy", str(typed)).id,
    "training": lambda newcomers, typed: resolve(newcomers.connection, "training", str(typed)).id,
    "issues": lambda newcomers, typed: [resolve(newcomers.connection, "issue", n).id for n in _names_in(typed)],
}
