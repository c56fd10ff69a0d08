"""Reads any register of ``store/domain/registers.py``: its list with filters, one line, and the stored body of a
line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from store.db.connection import Connection
from store.domain.registers import LIST_TYPES, REFERENCE_KINDS, Register, RegisterField
from store.ledger.line import Body
from store.queries.name_sql import OWNER_IDS_SQL, kept_id_sql, person_name_sql, shown_name_sql
from store.queries.paging import KeysetIndex, Listing, Row, RowKey, page_sql, sorted_by
from store.values.amounts import unscale

RegisterRecord = dict[str, Any]
"""A line of a register as ``--json`` prints it, by field name."""
_PERIOD = {"since": '>= substr(:since, 1, length(k."{order}"))', "until": "<= :until"}
_TITLES = {"person": "name", "unit": "name", "policy": "title", "training": "title", "issue": "title"}
_LIST_KINDS = {"units": "unit", "issues": "issue"}
_SCALES = {"tenths": 10, "hours": 60}


_OWN = {"phrase": (f"(k.person_id IS NULL OR k.person_id IN ({OWNER_IDS_SQL}))",)}
"""Of what others keep for themselves no list shows anything."""


def sortable_fields(register: Register) -> list[str]:
    """The names by which a register's list can be sorted: its columns, and the project where lines have one."""
    fields = [field.name for field in register.fields if field.in_list and field.type not in LIST_TYPES]
    return [*fields, *(["project"] if register.parent != "district" else [])]


def listing(register: Register, *, sort: str | None = None, reverse: bool = False, **filters: str | None) -> Listing:
    """The register's lines, newest first, or in the order of a column (`sortable_fields`). ``filters``: ``project``
    (its id), fields by their stored value, and ``since`` and ``until``, the first and the last day in the column that
    orders the register; None: no filter."""
    conditions, values = ["k.deleted = 0", *_OWN.get(register.kind, ())], {}
    for name, value in filters.items():
        if value is None:
            continue
        if name in _PERIOD:
            conditions.append(f'substr(k."{register.order}", 1, 10) {_PERIOD[name].format(order=register.order)}')
            values[name] = value
        else:
            column = "project_id" if name == "project" else register.field(name).body_name
            conditions.append(_filter_sql(register, name, column))
            values[name] = value
    source = f"{register.kind} k WHERE " + " AND ".join(conditions)
    listed = Listing(source, (f"coalesce(k.\"{register.order}\", '')", "k.id"), descending=not reverse, values=values)
    return sorted_by(listed, _sort_sql(register, sort), descending=reverse) if sort else listed


def _sort_sql(register: Register, name: str) -> str:
    if name == "project":
        return "(SELECT x.name FROM project x WHERE x.id = k.project_id)"
    field = register.field(name)
    return _name_sql(field) if field.type in REFERENCE_KINDS else f'k."{field.body_name}"'


def counts(connection: Connection, registers: Iterable[Register], project: str | None = None) -> dict[str, int]:
    """How many lines has each of these registers, in this project or in all? By the register's name."""
    listings = {register.name: listing(register, project=project) for register in registers}
    query = "SELECT count(*) FROM {source}"
    return {
        name: int(connection.execute(query.format(source=lines.source), dict(lines.values)).fetchone()[0])
        for name, lines in listings.items()
    }


def row_key(register: Register, row: Mapping[str, object]) -> RowKey:
    """A row's key in the list's order."""
    return (row["_order"], row["id"])


def rows(
    connection: Connection,
    register: Register,
    selection: Listing | None = None,
    *,
    limit: int = -1,
    index: KeysetIndex | None = None,
    position: int = 0,
) -> list[RegisterRecord]:
    """Which lines has this register? ``limit`` -1 gives all. Each line as ``--json`` prints it: its id, project and
    author, then the register's fields, with the names of the people and lines that they refer to."""
    selection = selection or listing(register)
    page, values = page_sql(selection, "k.*", limit, index, position)
    records = connection.execute(f"{_select(register, page)} {selection.order_by}", values)
    return _with_names(connection, register, [_row(register, record) for record in records])


def row(connection: Connection, register: Register, line_id: str) -> RegisterRecord | None:
    """What does this line say? None when it is not here."""
    page = f"SELECT k.* FROM {register.kind} k WHERE k.id = :id AND k.deleted = 0"
    record = connection.execute(_select(register, page), {"id": line_id}).fetchone()
    return _with_names(connection, register, [_row(register, record)])[0] if record else None


def current_body(connection: Connection, register: Register, line_id: str) -> Body | None:
    """What is the stored body of this line? None when it is not here, or deleted."""
    columns = ", ".join(f'"{field.body_name}"' for field in register.fields)
    query = f"SELECT extra, {columns} FROM {register.kind} WHERE id = ? AND deleted = 0"
    record = connection.execute(query, (line_id,)).fetchone()
    if record is None:
        return None
    extra, *values = record
    stored = zip(register.fields, values, strict=True)
    known = {
        field.body_name: orjson.loads(value) if field.type in LIST_TYPES else value
        for field, value in stored
        if value is not None
    }
    return {**known, **(orjson.loads(extra) if extra else {})}


def _select(register: Register, page: str) -> str:
    own = [f'k."{field.body_name}"' for field in register.fields]
    named = [_name_sql(field) for field in register.fields if field.type in REFERENCE_KINDS]
    head = ["k.id", "k.project_id", "p.name", person_name_sql("k.author_id"), f"coalesce(k.\"{register.order}\", '')"]
    return (
        f"WITH page AS ({page}) SELECT {', '.join((*head, *own, *named))} "
        "FROM page k LEFT JOIN project p ON p.id = k.project_id"
    )


def _filter_sql(register: Register, name: str, column: str) -> str:
    """The condition that a field has this value; a merged person or unit counts as the one that stands for it."""
    if name != "project" and register.field(name).type in ("person", "unit"):
        return f"{_shown_id_sql(register.field(name).type, column)} = {kept_id_sql(':' + name)}"
    return f'k."{column}" = :{name}'


def _shown_id_sql(kind: str, column: str) -> str:
    return kept_id_sql(f'k."{column}"') if kind in ("person", "unit") else f'k."{column}"'


def _name_sql(field: RegisterField) -> str:
    """The name of what the field of line ``k`` refers to."""
    kind = REFERENCE_KINDS[field.type]
    name = shown_name_sql("n") if kind == "person" else _TITLES[kind]
    return f"(SELECT {name} FROM {kind} n WHERE n.id = {_shown_id_sql(kind, field.body_name)})"


def _row(register: Register, record: Row) -> RegisterRecord:
    line_id, project_id, project, author, order, *values = record
    own, names = values[: len(register.fields)], iter(values[len(register.fields) :])
    shown: RegisterRecord = {"id": line_id, "project_id": project_id, "project": project}
    for field, value in zip(register.fields, own, strict=True):
        if field.type in REFERENCE_KINDS:
            shown[f"{field.name}_id"], shown[field.name] = value, next(names)
        else:
            shown[field.name] = _readable_value(field, value)
    return {**shown, "author": author, "_order": order}


def _readable_value(field: RegisterField, value: str | int | None) -> object:
    if field.type in LIST_TYPES:
        return orjson.loads(str(value)) if value else []
    if field.type in _SCALES and isinstance(value, int):
        return unscale(value, _SCALES[field.type])
    return value


def _with_names(connection: Connection, register: Register, records: list[RegisterRecord]) -> list[RegisterRecord]:
    """The rows with names instead of the ids in their list fields; the ids are kept beside them."""
    for field in register.fields:
        kind = _LIST_KINDS.get(field.type)
        if kind is None:
            continue
        ids = sorted({line_id for record in records for line_id in record[field.name]})
        chosen = orjson.dumps(ids).decode()
        shown = kept_id_sql("j.value") if kind == "unit" else "j.value"
        query = f"SELECT j.value, k.{_TITLES[kind]} FROM json_each(?) j JOIN {kind} k ON k.id = {shown}"
        names = dict(connection.execute(query, (chosen,)).fetchall())
        for record in records:
            record[f"{field.name}_ids"] = record[field.name]
            record[field.name] = [names.get(line_id, line_id) for line_id in record[field.name]]
    return records
