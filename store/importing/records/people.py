"""Plans people and units: known by name, and people among namesakes by phone or unit."""

from __future__ import annotations

from collections.abc import Sequence

from store.importing.cell_parsing import parse_cell_phones, parse_people, preferred_phone
from store.importing.import_report import FieldChange
from store.importing.name_parsing import is_no_name
from store.importing.records.fields import UNIT_WORDS
from store.importing.records.planner import RecordPlanner, RowRefused
from store.importing.records.record_rows import RecordRow
from store.ledger.line import derived_id
from store.ledger.models.base import PHONE_LINE
from store.search.contact_phones import contact_id
from store.values.text import normalize_name, phone_key
from store.writer.local_writes import Draft

_UNIT_PARTS = {
    "企业": "enterprise",
    "公司": "enterprise",
    "部门": "department",
    "局": "department",
    "牵头": "lead_unit",
}


def plan_people(planner: RecordPlanner, rows: Sequence[RecordRow]) -> None:
    """Draft a person with phones for each row."""
    seen: set[str] = set()
    planner.plan_rows(rows, lambda row: _plan_person(planner, row, seen))


def _plan_person(planner: RecordPlanner, row: RecordRow, seen: set[str]) -> None:
    said = parse_people(row.texts.get("name", "")).people
    if len(said) != 1:
        raise RowRefused("no_one_person", text=row.line("name")[:60])
    unit = planner.unit(row.line("unit"), row) if row.line("unit") else None
    phones = parse_cell_phones(row.texts.get("phone", "")) or ([said[0].phone] if said[0].phone else [])
    others = parse_cell_phones(row.texts.get("other_phone", ""))
    if (row.line("phone") and not phones) or (row.line("other_phone") and not others):
        planner.warn(row, "unknown_value", "phone", text=row.line("phone") or row.line("other_phone"))
    for phone in (*phones, *others):
        planner.check_length(phone, PHONE_LINE)
    main = preferred_phone([*phones, *others]) if phones or others else ""
    person = planner.person(said[0]._replace(phone=main, title=row.line("title")), row, "name", unit)
    if person is None:
        raise RowRefused("several_namesakes", name=said[0].name)
    if person in seen:
        raise RowRefused("twice", name=said[0].name)
    seen.add(person)
    line = planner.by_id.get(person)
    body = {"title": row.line("title") or said[0].title, "unit_id": unit, "note": row.texts.get("note", "")}
    if line is None:
        made = planner.new_people[person]
        full = {**made.body, **{name: value for name, value in body.items() if value}}
        planner.new_people[person] = made._replace(body=full)
        changes: list[FieldChange] = []
    else:
        changes = planner.put("person", person, body, None)
        if main and not planner.contacts.has_phone(line, phone_key(main)):
            before = planner.contacts.phone_of(line)
            changes.append(FieldChange("phone", before, main))
            if before:
                planner.warn(row, "phone_changed", "phone", name=said[0].name, before=before)
            planner.contacts.set_phone(person, main)
    planner.taken.add(person)
    changes += _further_phones(planner, person, [each for each in (*phones, *others) if each != main])
    planner.judge(row, said[0].name, new=line is None, changes=changes)


def _further_phones(planner: RecordPlanner, person: str, phones: Sequence[str]) -> list[FieldChange]:
    """The further phones that the person does not have yet."""
    line = planner.by_id.get(person)
    changes = []
    for phone in phones:
        if line is not None and planner.contacts.has_phone(line, phone_key(phone)):
            continue
        id = derived_id(planner.existing.district, "contact", "further", person, phone_key(phone))
        known = planner.by_id.get(id)
        if known is None or known.deleted:
            planner.drafts.append(Draft("contact", {"further_of": person, "phone": phone}, id=id))
            changes.append(FieldChange("phone", "", phone))
    return changes


def plan_units(planner: RecordPlanner, rows: Sequence[RecordRow]) -> None:
    """Draft a unit for each row."""
    seen: set[str] = set()
    planner.plan_rows(rows, lambda row: _plan_unit(planner, row, seen))


def _plan_unit(planner: RecordPlanner, row: RecordRow, seen: set[str]) -> None:
    name = row.line("name")
    if is_no_name(normalize_name(name)):
        raise RowRefused("no_unit", text=name)
    unit = planner.unit(name, row)
    if unit in seen:
        raise RowRefused("twice", name=name)
    seen.add(unit)
    phones = parse_cell_phones(row.texts.get("phone", ""))
    if row.line("phone") and not phones:
        planner.warn(row, "unknown_value", "phone", text=row.line("phone"))
    for phone in phones:
        planner.check_length(phone, PHONE_LINE)
    kind = planner.code(row, "kind", UNIT_WORDS, _UNIT_PARTS)
    body = {"kind": kind, "note": row.texts.get("note", "")}
    line = planner.by_id.get(unit)
    if line is None:
        planner.units.complete(unit, {name: value for name, value in body.items() if value})
    planner.taken.add(unit)
    changes = [] if line is None else planner.put("unit", unit, body, None)
    if phones:
        contact = {"unit_id": unit, "phone": phones[0]}
        changes += planner.put("contact", contact_id(planner.existing.district, unit), contact, None)
    planner.judge(row, name, new=line is None, changes=changes)
