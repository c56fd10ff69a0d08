"""Plans lines of the registers in ``store/domain/registers.py``: procedures, policies, progress, trainings and others.

> A line is known by what it is about (`_Layout.key`), whoever wrote it: the same table, or one of another office, meets
> it. What a table says less exactly than the ledger (a day where that knows the hour, an amount as lists round it)
> changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from store.commands.visits import split_names
from store.domain.procedure_catalogue import definitions
from store.domain.registers import (
    ADOPTION_REGISTER,
    DATA_RETURN_REGISTER,
    DELIVERY_REGISTER,
    FOLLOW_UP_REGISTER,
    PEOPLE_FIELDS,
    POLICY_REGISTER,
    PROCEDURE_REGISTER,
    PROGRESS_REGISTER,
    STATISTICS_REGISTER,
    TRAINING_REGISTER,
    Register,
    RegisterField,
)
from store.importing.cell_parsing import parse_people
from store.importing.import_report import FieldChange
from store.importing.records.fields import REGISTERS
from store.importing.records.planner import RecordPlanner, RowRefused
from store.importing.records.record_rows import RecordRow
from store.importing.records.shape import RecordField, RecordRegister, RegisterName
from store.ledger.kinds import kinds
from store.ledger.line import Line, derived_id
from store.ledger.models.base import WrittenLength
from store.values.amounts import format_wan
from store.values.name_lists import split_name_list
from store.values.text import normalize_name
from store.values.times import minute_of
from store.writer.local_writes import Draft

_MIDNIGHT = "T00:00+08:00"
_LEAST_SHOWN = 100
"""Amounts are shown in ten thousand yuan with two places: in steps of so many yuan."""
_HOURS = re.compile(r"(?:约)?(\d+(?:\.\d+)?)(?:个)?(小时|学时|课时|h|hours?|分钟|分|min)?")
Values = dict[str, object]


@dataclass(slots=True)
class _KnownLines:
    """The lines that are here, by what they are about without their time, and by project and name; and the ids of
    those that the table has named."""

    by_key: dict[tuple[str, ...], list[Line]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[tuple[str, str], Line] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a register's table becomes lines. ``key``: the stored fields that, with the project, say what a line is
    about, compared as names are; ``at`` the moment among them. ``complete`` adds what the key follows from, ``usual``
    gives what a new line has where the row does not say it, ``beside`` drafts what comes with a line."""

    register: Register
    key: tuple[str, ...]
    complete: Callable[[_KnownLines, str, Values], None] = lambda _known, _project, _values: None
    usual: Callable[[Values], Values] = lambda _values: {}
    beside: Callable[[RecordPlanner, RecordRow, str], list[FieldChange]] = lambda _planner, _row, _id: []

    @property
    def is_dated(self) -> bool:
        """Whether the time of a line says which it is."""
        return "at" in self.key


def kinds_of(register: RegisterName) -> tuple[str, ...]:
    """The kinds of lines with which a register's table is compared: its own, and those that it names. People, units and
    projects are read for all."""
    if register not in _LAYOUTS:
        return {"issues": ("issue", "issue_step"), "visits": ("visit",)}.get(register, ())
    layout = register_of(register)
    named = (field.type for field in layout.fields if field.type in ("issue", "policy"))
    return tuple(dict.fromkeys((layout.kind, *named, *(("attendance",) if register == "trainings" else ()))))


def register_of(register: RegisterName) -> Register:
    """The register whose lines the rows of a table are."""
    return _LAYOUTS[register].register


def plan_lines(register: RegisterName, planner: RecordPlanner, rows: Sequence[RecordRow]) -> None:
    """Draft a line for each row."""
    layout, known = _LAYOUTS[register], _KnownLines()
    for line in planner.live(layout.register.kind):
        for key in _keys_of(layout, line.project or "", line.body):
            known.by_key[key].append(line)
        known.by_name[line.project or "", _plain(line.body.get("name"))] = line
    planner.plan_rows(rows, lambda row: _plan(planner, REGISTERS[register], layout, known, row))


def _plan(planner: RecordPlanner, fields: RecordRegister, layout: _Layout, known: _KnownLines, row: RecordRow) -> None:
    values: Values = {}
    project = _place(planner, layout, row, values)
    for each in layout.register.fields:
        if (shape := fields.field(each.name)) is not None and each.body_name not in values:
            value = _value(planner, layout.register, each, shape, row)
            if value not in (None, "", []):
                values[each.body_name] = value
    layout.complete(known, project, values)
    line = _known_line(layout, known, project, values)
    if line is None:
        values = {**layout.usual(values), **values}
    before = line.body if line is not None else {}
    _check(fields, layout.register, {**before, **values})
    id = line.id if line is not None else _new_id(planner, layout, project, values)
    what = " ".join(filter(None, (_name_of(planner, project), _headline(planner, layout, {**before, **values}))))
    if id in known.seen:
        raise RowRefused("twice", name=what[:60])
    known.seen.add(id)
    values |= _more_exact(layout.register, before, values)
    changes = planner.put(layout.register.kind, id, values, project or None, told=line is not None)
    changes += layout.beside(planner, row, id)
    planner.judge(row, what, new=line is None, changes=changes)


def _more_exact(register: Register, before: Mapping[str, object], values: Values) -> Values:
    """What is stored where the row says the same less exactly: a time by its day or minute, an amount to two places of
    ten thousand yuan."""
    kept: Values = {}
    at, stored = str(values.get("at", "")), str(before.get("at", ""))
    if at and stored and (at.endswith(_MIDNIGHT) or minute_of(stored) == at):
        kept["at"] = stored
    for name in (each.body_name for each in register.fields if each.type == "yuan"):
        said, exact = values.get(name), before.get(name)
        if isinstance(said, int) and isinstance(exact, int) and format_wan(said) == format_wan(exact):
            kept |= {name: exact} if said % _LEAST_SHOWN == 0 else {}
    return kept


def _place(planner: RecordPlanner, layout: _Layout, row: RecordRow, values: Values) -> str:
    """The project where the line lies; empty for a line of the district."""
    if layout.register.parent == "district":
        return ""
    if layout.register.parent == "project":
        return planner.project(row).id
    named = row.line("project") or row.line("project_number")
    issue = planner.issue(row, planner.project(row).id if named else None)
    values["issue_id"] = issue.id
    return issue.project or ""


# ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _value(
    planner: RecordPlanner, register: Register, each: RegisterField, shape: RecordField, row: RecordRow
) -> object:
    """What the row says of a field, as the line stores it; None where it says nothing. What a line cannot do without
    and is not understood refuses the row, other things are left out and told."""
    name, text = each.name, row.line(each.name)
    if not text:
        return None
    if each.name in PEOPLE_FIELDS or each.type == "names":
        return _names(planner, each, row)
    reader = _READERS.get(each.type)
    if reader is None:
        bound = kinds()[register.kind].written_lengths.get(each.body_name)
        if bound is None:
            return row.texts[name]
        planner.check_length(text, WrittenLength(bound))
        return text
    value = reader(planner, shape, row)
    if value is None and (shape.required or each.type == "choice"):
        raise RowRefused("unclear_value", text=text[:60], heading=shape.heading)
    return value


def _choice(_planner: RecordPlanner, shape: RecordField, row: RecordRow) -> object:
    return shape.coded(row.line(shape.name)) or None


def _person(planner: RecordPlanner, shape: RecordField, row: RecordRow) -> object:
    people = parse_people(row.texts[shape.name]).people
    if len(people) != 1:
        planner.warn(row, "not_a_person", shape.name, text=row.line(shape.name)[:60])
        return None
    return planner.person(people[0], row, shape.name, None)


def _names(planner: RecordPlanner, each: RegisterField, row: RecordRow) -> list[str]:
    if each.name not in PEOPLE_FIELDS:
        names, remark = split_names(row.texts[each.name]), ""
    else:
        said = split_name_list(row.texts[each.name])
        names, remark = list(said.names), said.remark
    if remark:
        planner.warn(row, "unknown_value", each.name, text=remark)
    for name in names:
        planner.check_length(name)
    return names


def _minutes(planner: RecordPlanner, shape: RecordField, row: RecordRow) -> object:
    said = _HOURS.fullmatch("".join(row.line(shape.name).split()).casefold())
    if said is None:
        return None
    return round(float(said[1]) * (1 if said[2] in ("分钟", "分", "min") else 60))


_READERS: Mapping[str, Callable[[RecordPlanner, RecordField, RecordRow], object]] = {
    "choice": _choice,
    "day": lambda planner, shape, row: planner.day(row, shape.name),
    "moment": lambda planner, shape, row: planner.moment(row, shape.name),
    "month": lambda planner, shape, row: planner.period(row, shape.name, months=True),
    "period": lambda planner, shape, row: planner.period(row, shape.name),
    "yuan": lambda planner, shape, row: planner.yuan(row, shape.name),
    "hours": _minutes,
    "person": _person,
    "unit": lambda planner, shape, row: planner.unit(row.line(shape.name), row),
    "policy": lambda planner, shape, row: planner.policy(row).id,
}


def _check(fields: RecordRegister, register: Register, body: Mapping[str, object]) -> None:
    """Refuse the row whose line would lack what it cannot do without."""
    for shape in fields.fields:
        each = next((one for one in register.fields if one.name == shape.name), None)
        if each is not None and shape.required and body.get(each.body_name) in (None, ""):
            raise RowRefused("not_given", heading=shape.heading)
    for name, value, needs in register.required_when:
        cause = fields.field(name)
        for needed in needs if cause and body.get(register.field(name).body_name) == value else ():
            shape_needed = fields.field(needed)
            if cause and shape_needed and not body.get(register.field(needed).body_name):
                word = next((word for word, code in cause.words if code == value), value)
                raise RowRefused("field_needed", value=word, heading=shape_needed.heading)


# ── which line it is ────────────────────────────────────────────────────────────────────────────────────────────────


def _keys_of(layout: _Layout, project: str, body: Mapping[str, object]) -> list[tuple[str, ...]]:
    """What a line is about, without its time; a policy by its number and by its title."""
    if layout.register is POLICY_REGISTER:
        both = (body.get("number"), body.get("title"))
        return [(name, normalize_name(str(value))) for name, value in zip("nt", both, strict=True) if value]
    fields = [_plain(body.get(name)) for name in layout.key if name != "at"]
    return [(project, *fields)]


def _plain(value: object) -> str:
    return normalize_name(str(value or ""))


def _known_line(layout: _Layout, known: _KnownLines, project: str, values: Values) -> Line | None:
    """The line that is about the same. A policy of the same title with another number is another."""
    for key in _keys_of(layout, project, values):
        lines = known.by_key.get(key, [])
        if layout.register is POLICY_REGISTER and key[0] == "t":
            numbers = (_plain(values.get("number")), "")
            lines = [one for one in lines if not numbers[0] or _plain(one.body.get("number")) in numbers]
        if layout.is_dated:
            lines = _of_time(lines, str(values.get("at", "")))
        if lines:
            return lines[0]
    return None


def _of_time(lines: Sequence[Line], at: str) -> list[Line]:
    """Those at this time, or in this minute; for a day without an hour, those of that day, if it is one."""
    exact = [line for line in lines if line.body.get("at") == at]
    exact = exact or [line for line in lines if minute_of(str(line.body.get("at", ""))) == at]
    of_day = [line for line in lines if at.endswith(_MIDNIGHT) and str(line.body.get("at", ""))[:10] == at[:10]]
    return exact or (of_day if len(of_day) == 1 else [])


def _new_id(planner: RecordPlanner, layout: _Layout, project: str, values: Values) -> str:
    """The id of a new line: that of its key where the register has one (`store.commands.register_lines`)."""
    register, district = layout.register, planner.existing.district
    if register.key:
        stored = [str(values.get(register.field(name).body_name, "")) for name in register.key if name]
        return derived_id(district, register.kind, project, *stored)
    (key, *_others) = _keys_of(layout, project, values)
    moment = [str(values["at"])] if layout.is_dated else []
    return derived_id(district, register.kind, "taken over", *key, *moment)


def _name_of(planner: RecordPlanner, project: str) -> str:
    return planner.shown(project) if project else ""


def _headline(planner: RecordPlanner, layout: _Layout, body: Mapping[str, object]) -> str:
    """What the line is called in a verdict."""
    names = ("title", "name", "policy_id", "issue_id", "unit_id", "month", "period")
    return next((planner.shown(body[name]) for name in names if body.get(name)), "")


# ── what follows from the rest ──────────────────────────────────────────────────────────────────────────────────────


def _complete_procedure(known: _KnownLines, project: str, values: Values) -> None:
    """The code and the name of the procedure that the project has under this name, or of the standard one; a project's
    own procedure has its name as code."""
    name = str(values.get("name") or "")
    if not name or "code" in values:
        return
    here = known.by_name.get((project, _plain(name)))
    found = (here.body["code"], here.body["name"]) if here else _standard_names().get(_plain(name))
    values["code"], values["name"] = found or (name, name)


@cache
def _standard_names() -> Mapping[str, tuple[str, str]]:
    """Code and name of the standard procedures, by name, and by what stands before its bracket: 立项(审批)."""
    shapes = ((re.sub(r"\(.*?\)", "", one.name), one.name) for one in definitions())
    pairs = zip(shapes, definitions(), strict=True)
    return {_plain(name): (one.code, one.name) for names, one in pairs for name in names}


def _usual_procedure(values: Values) -> Values:
    """Who has its paper has it granted."""
    return {"status": "granted" if values.get("document") else "not_started"}


def _usual_training(values: Values) -> Values:
    """The kind that the title tells."""
    if "kind" in values:
        return {}
    shape = REGISTERS["trainings"].field("kind")
    kind = shape.coded(str(values.get("title", ""))) if shape else ""
    if not kind and shape:
        raise RowRefused("not_given", heading=shape.heading)
    return {"kind": kind}


def _attendance(planner: RecordPlanner, row: RecordRow, training: str) -> list[FieldChange]:
    """Draft who attended and is not noted yet; nobody is struck."""
    if not row.line("who"):
        return []
    changes = []
    said = split_name_list(row.texts["who"])
    if said.remark:
        planner.warn(row, "unknown_value", "who", text=said.remark)
    for name in said.names:
        people = parse_people(name).people
        if len(people) != 1:
            planner.warn(row, "not_a_person", "who", text=name[:60])
            continue
        person = planner.person(people[0], row, "who", None)
        if person is None:
            continue
        id = derived_id(planner.existing.district, "attendance", training, person)
        line = planner.by_id.get(id)
        if (line is None or line.deleted) and (training, person) not in planner.noted:
            planner.noted.add((training, person))
            planner.drafts.append(Draft("attendance", {"training_id": training, "person_id": person}, id=id))
            changes.append(FieldChange("who", "", people[0].name))
    return changes


_LAYOUTS: Mapping[str, _Layout] = {
    "procedures": _Layout(PROCEDURE_REGISTER, ("code",), _complete_procedure, _usual_procedure),
    "policies": _Layout(POLICY_REGISTER, ("number", "title")),
    "progress": _Layout(PROGRESS_REGISTER, ("month",)),
    "trainings": _Layout(TRAINING_REGISTER, ("title", "at"), usual=_usual_training, beside=_attendance),
    "returns": _Layout(DATA_RETURN_REGISTER, ("period",)),
    "follow-ups": _Layout(FOLLOW_UP_REGISTER, ("issue_id", "at"), usual=lambda _values: {"how": "other"}),
    "deliveries": _Layout(DELIVERY_REGISTER, ("policy_id", "act", "at")),
    "adoption": _Layout(ADOPTION_REGISTER, ("unit_id",)),
    "statistics": _Layout(STATISTICS_REGISTER, ()),
}
