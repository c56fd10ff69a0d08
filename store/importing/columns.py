"""Detects what each column of a table holds from one to three rows of headings.

A heading names the projects' column and at least one role. Fields are ``number``, ``name``, the roles of an assignment,
``phone:<role>``, ``title:<role>`` and ``employer:<role>`` beside a role, facts of the project (`headings.FACTS`), and
``-`` for what is knowingly not read; None is what is not understood. The words are in ``headings.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from store.importing.cell_source import Cell
from store.importing.headings import (
    EMPLOYER_LABEL,
    LONGEST_HEADING,
    NAME_LABEL,
    PERSON_ROLES,
    PHONE_LABEL,
    SET_ASIDE,
    TITLE_LABEL,
    UNIT_ROLES,
    WEAK_CHARGE,
    WEAK_CHIEF,
    WEAK_CONTACT,
    WEAK_ENTERPRISE,
    WEAK_RESPONSIBLE,
    WEAK_SECRETARY,
    WEAK_UNIT,
    base_of,
    is_former,
    is_other_party,
    meaning_of,
    normalize_heading,
    part_of,
)
from store.importing.sections import is_plain_section, is_section_heading

PHONE_PREFIX, TITLE_PREFIX, EMPLOYER_PREFIX = "phone:", "title:", "employer:"
_PREFIXES = {PHONE_LABEL: PHONE_PREFIX, TITLE_LABEL: TITLE_PREFIX, EMPLOYER_LABEL: EMPLOYER_PREFIX}
_MAX_HEIGHT = 3
_PAIR = 2
_LEAST_SHARE = 0.6
"""Of the cells of a further heading row at least this share must be known words."""
_WHOLE_NAMES = frozenset(("名称", "单位名称", "企业名称", "全称", "单位"))
_NOTE = re.compile(r"\s*(?:填报|制表|编制|报送|金额)?(?:单位|时间|日期|人)\s*[:：].")
"""Lines above a table: 填报单位：县发改局."""
_ACT_UNIT = re.compile(r"(?:项目)?(.{2,4}?)(?:责任|服务)?(?:单位|部门)")
"""A unit that is called by what it does: 分包单位, 领办部门."""
_DIGITS = re.compile(r"\(?[\d.,+-]+\)?[.、]?(?:万|亿)?元?|[①-⑳]|\(?[一二三四五六七八九十]+\)?、?")


class ImportColumn(NamedTuple):
    """One column: its heading as written (rows joined by ``/``), and the field that it holds, or None. ``guessed``: the
    columns beside it decided the field, so that people are told of it."""

    heading: str
    field: str | None
    guessed: bool = False


ImportColumns = tuple[ImportColumn, ...]
ColumnMapping = Mapping[str, str]
"""What a person said that columns are: fields, by normalized heading or by the column's number from 1."""


class ImportHeading(NamedTuple):
    """The headings of a table: its columns, and how many rows they take."""

    columns: ImportColumns
    height: int


class _Reading(NamedTuple):
    """What a column's headings say before the others are considered. ``part`` is a label of ``headings.py``;
    ``said``: a person said it, and nothing else counts."""

    field: str | None
    part: str = NAME_LABEL
    guessed: bool = False
    said: bool = False


def detect_columns(cells: Sequence[Cell]) -> ImportColumns | None:
    """The columns, when this row alone is a heading."""
    heading = detect_heading([cells])
    return heading.columns if heading else None


def detect_heading(rows: Sequence[Sequence[Cell]], mapping: ColumnMapping | None = None) -> ImportHeading | None:
    """The heading that begins with the first of these rows, or None."""
    if not rows or not _may_begin(rows[0]):
        return None
    height = 1
    while height < min(_MAX_HEIGHT, len(rows)) and _continues(rows[height], rows[:height], mapping or {}):
        height += 1
    for tall in range(height, 0, -1):
        columns = columns_of(rows[:tall], mapping or {})
        if _is_table(columns):
            return ImportHeading(columns, tall)
    return None


def _is_table(columns: ImportColumns) -> bool:
    fields = {part for column in columns for part in (column.field or "").split("&")}
    return "name" in fields and bool(fields & {*PERSON_ROLES, *UNIT_ROLES})


def _may_begin(cells: Sequence[Cell]) -> bool:
    if any(_NOTE.match(cell.text) for cell in cells):
        return False
    return len({normalize_heading(cell.text) for cell in cells if not cell.formula} - {""}) > 1


def _continues(cells: Sequence[Cell], above: Sequence[Sequence[Cell]], mapping: ColumnMapping) -> bool:
    """Whether a row goes on with the heading above it: its cells are words of headings, and not the same again."""
    labels = [normalize_heading(cell.text) for cell in cells if cell.text.strip() and not cell.merged]
    if not labels or any(cell.formula for cell in cells) or any(_is_data(label) for label in labels):
        return False
    if labels == [normalize_heading(cell.text) for cell in above[-1] if cell.text.strip() and not cell.merged]:
        return False
    if len(labels) == 1 and not (meaning_of(labels[0]) or "").startswith("label:"):
        return False
    known = sum(label in mapping or meaning_of(label) is not None for label in labels)
    return known >= _LEAST_SHARE * len(labels) and all(len(label) <= LONGEST_HEADING for label in labels)


def _is_data(label: str) -> bool:
    """Whether a cell cannot be a heading: a number, an amount, a phone, the heading of a section."""
    return _DIGITS.fullmatch(label) is not None or is_section_heading(label) or is_plain_section(label)


def columns_of(rows: Sequence[Sequence[Cell]], mapping: ColumnMapping) -> ImportColumns:
    """The columns under these heading rows, whether they make a table or not."""
    paths = [_path(rows, place) for place in range(max(len(row) for row in rows))]
    labels = [[normalize_heading(label) for label in path] for path in paths]
    said = [_mapped("/".join(path), path, number, mapping) for number, path in enumerate(paths, 1)]
    readings = _with_paired_units(labels, [_read_path(path) for path in labels])
    readings = _with_echoes(labels, readings)
    resolver = _Resolver(
        [_Reading(field, said=True) if field else each for field, each in zip(said, readings, strict=True)], labels
    )
    columns = []
    for place, (path, field) in enumerate(zip(paths, resolver.fields(), strict=True)):
        guessed = field not in (None, SET_ASIDE) and resolver.is_guessed(place)
        columns.append(ImportColumn("/".join(path), field, guessed))
    return tuple(_without_doubles(columns, mapping))


def field_said(column: ImportColumn, number: int, mapping: ColumnMapping) -> str | None:
    """The field that a person said a column is, or None; ``number`` counts from 1."""
    return _mapped(column.heading, column.heading.split("/"), number, mapping)


def column_names(column: ImportColumn, number: int) -> set[str]:
    """The keys of a mapping that mean this column."""
    path = column.heading.split("/")
    return {normalize_heading(name) for name in (column.heading, "".join(path), path[-1])} - {""} | {str(number)}


def _mapped(heading: str, path: Sequence[str], number: int, mapping: ColumnMapping) -> str | None:
    names = (normalize_heading(heading), normalize_heading("".join(path)), *map(normalize_heading, path[-1:]))
    return next((mapping[name] for name in (str(number), *names) if name and name in mapping), None)


def _without_doubles(columns: Sequence[ImportColumn], mapping: ColumnMapping) -> list[ImportColumn]:
    """The columns with each field once where a person said that another column holds it."""
    said = {field for number, column in enumerate(columns, 1) if (field := field_said(column, number, mapping))} - {
        SET_ASIDE
    }
    kept = []
    for number, column in enumerate(columns, 1):
        own = field_said(column, number, mapping)
        kept.append(column._replace(field=None) if own is None and column.field in said else column)
    return kept


def _path(rows: Sequence[Sequence[Cell]], place: int) -> list[str]:
    """The headings of a column from the top down. A cell that is empty above others is spanned by the one to its
    left."""
    path: list[str] = []
    for depth, row in enumerate(rows):
        label = _label_at(row, place)
        if not label and any(_label_at(lower, place) for lower in rows[depth + 1 :]) and not path:
            label = next((text for left in range(place - 1, -1, -1) if (text := _label_at(row, left))), "")
        if label and label not in path:
            path.append(label)
    return path


def _label_at(row: Sequence[Cell], place: int) -> str:
    cell = row[place] if place < len(row) else Cell()
    return "" if cell.merged or cell.formula else re.sub(r"\s+", "", cell.text)


def _read_path(path: Sequence[str]) -> _Reading:
    """What the headings of one column say by themselves."""
    if not path:
        return _Reading(None)
    leaf, groups = path[-1], path[:-1]
    if any(map(is_former, path)):
        return _Reading(SET_ASIDE)
    own = meaning_of(leaf)
    group = next((field for label in reversed(groups) if (field := meaning_of(label))), None)
    if group is not None and group != SET_ASIDE and (leaf in _WHOLE_NAMES or (own or "").startswith("label:")):
        return _below(group, EMPLOYER_LABEL if leaf in _WHOLE_NAMES else str(own))
    if own is None or own.startswith("weak:") or own == EMPLOYER_LABEL:
        joined = next((field for label in reversed(groups) if (field := meaning_of(label + leaf))), None)
        if joined in UNIT_ROLES or (joined in PERSON_ROLES and own != EMPLOYER_LABEL):
            return _Reading(joined, part_of(leaf) if own != EMPLOYER_LABEL else NAME_LABEL)
    if (own or "").startswith("weak:") and any(map(is_other_party, groups)):
        return _Reading(None)
    if own == "owner" and part_of(leaf) == PHONE_LABEL:
        own = "enterprise_contact"  # 企业联系方式 is no company's name
    return _Reading(own, part_of(leaf)) if own is None or not own.startswith("label:") else _Reading(None, own)


def _with_paired_units(paths: Sequence[Sequence[str]], readings: Sequence[_Reading]) -> list[_Reading]:
    """The readings with 领办单位 beside 领办领导 as the lead unit, whatever a district calls what its leaders do."""
    leaders = [
        path[0]
        for path, reading in zip(paths, readings, strict=True)
        if reading.field in ("lead_leader", WEAK_CHARGE) and path
    ]
    paired = list(readings)
    for place, path in enumerate(paths):
        unit = _ACT_UNIT.fullmatch(path[-1]) if path and readings[place].field in (None, SET_ASIDE) else None
        if unit and any(unit[1] in leader for leader in leaders):
            paired[place] = _Reading("lead_unit", guessed=True)
    return paired


def _with_echoes(paths: Sequence[Sequence[str]], readings: Sequence[_Reading]) -> list[_Reading]:
    """The readings with phones and posts that repeat the end of the heading to their left as those people's (负责人电话
    beside 企业负责人), and so those beneath a unit's heading that follow its people (责任单位: 名称, 管家, 电话)."""
    echoing = list(readings)
    named: int | None = None
    for place, (path, reading) in enumerate(zip(paths, readings, strict=True)):
        if reading.part == NAME_LABEL:
            named = place if path else None
        elif named is not None and (reading.field is None or reading.field.startswith("weak:")):
            base, label = base_of(path[-1]), path[-1]
            repeats = label != base and base_of(paths[named][-1]).endswith(base) and base_of(paths[named][-1]) != base
            grouped = len(path) > 1 and path[0] == paths[named][0] and (meaning_of(label) or "").startswith("label:")
            if (repeats or grouped) and echoing[named].field in PERSON_ROLES:
                echoing[place] = _Reading(echoing[named].field, reading.part)
    return echoing


def _below(group: str, label: str) -> _Reading:
    """What a label says beneath a group's heading: 姓名 beneath 包保领导."""
    unit, _, person = group.partition("&")
    if person:
        return _Reading(unit) if label == EMPLOYER_LABEL else _Reading(person, label)
    if group in (*PERSON_ROLES, "service_team") or group.startswith("weak:"):
        return _Reading(group, label)
    if label == EMPLOYER_LABEL or (label == NAME_LABEL and group != "lead_unit"):
        return _Reading(group)
    return _Reading(WEAK_RESPONSIBLE if group == "lead_unit" else None, label)


_FIRST_ROLES = {
    WEAK_UNIT: ("lead_unit", SET_ASIDE),
    WEAK_ENTERPRISE: ("enterprise_contact",),
    WEAK_SECRETARY: ("butler", "project_secretary"),
    WEAK_CHIEF: ("lead_leader",),
}
"""What weak headings are: the first role that no other column has."""


class _Resolver:
    """Decides what columns are by those beside them: 责任人, 联系人, 联系电话 …"""

    def __init__(self, readings: Sequence[_Reading], paths: Sequence[Sequence[str]]) -> None:
        self._readings = list(readings)
        self._dealt = _deal_phones(readings, paths)
        self._in_order = _phones_in_order(readings, paths)
        charges = [reading for reading in readings if reading == _Reading(WEAK_CHARGE)]
        self._ranked = len(charges) < 2

    def fields(self) -> list[str | None]:
        """The fields."""
        for place, reading in enumerate(self._readings):
            if (reading.field or "").startswith("weak:") and reading.part == NAME_LABEL:
                self._decide(place, str(reading.field))
        self._decide_rest()
        fields: list[str | None] = []
        for place, reading in enumerate(self._readings):
            fields.append(self._field(place, reading, fields))
        return fields

    def _roles(self) -> set[str]:
        """The roles whose names have a column."""
        named = [reading.field for reading in self._readings if reading.field and reading.part == NAME_LABEL]
        return {part for field in named for part in field.split("&")}

    def _decide(self, place: int, weak: str) -> None:
        """Give a heading that could be several roles the one that the others leave, and its phones and titles too."""
        role = self._role_of(weak, place)
        for at in range(place, len(self._readings)):
            if self._readings[at].field == weak and (at == place or self._readings[at].part != NAME_LABEL):
                self._readings[at] = self._readings[at]._replace(field=role, guessed=True)
            elif at > place and self._readings[at].part == NAME_LABEL:
                break

    def _decide_rest(self) -> None:
        """A weak heading of phones alone (联系人电话) names the people, too."""
        for place, reading in enumerate(self._readings):
            if (reading.field or "").startswith("weak:"):
                role = self._role_of(str(reading.field), place)
                part = reading.part if role in self._roles() else NAME_LABEL
                self._readings[place] = _Reading(role, part, guessed=True)

    def is_guessed(self, place: int) -> bool:
        """Whether a column of names or units was decided by the others."""
        return self._readings[place].guessed and self._readings[place].part == NAME_LABEL

    def _role_of(self, weak: str, place: int) -> str | None:
        roles, left = self._roles(), self._left(place)
        if weak == WEAK_CHARGE:
            return self._charged(roles)
        others = roles - {weak}
        if weak in _FIRST_ROLES:
            return next((role for role in _FIRST_ROLES[weak] if role not in others), None)
        if left == "owner" and not others & {"enterprise_contact", WEAK_CONTACT}:
            return "enterprise_contact"
        if weak == WEAK_RESPONSIBLE:
            return _free("butler", roles) or (_free("department_contact", roles) if left == "lead_unit" else None)
        if left == "lead_unit" and ("enterprise_contact" in roles or "butler" in roles or "owner" in roles):
            return _free("butler" if "enterprise_contact" in roles else "department_contact", roles) or _free(
                "department_contact", roles
            )
        return _free("enterprise_contact", roles) or _free("butler", roles)

    def _charged(self, roles: set[str]) -> str | None:
        """Whom 包保责任人 means: the leader where a butler stands beside, else the butler."""
        if not self._ranked:
            return None  # 包保责任人 beside 帮扶责任人: who of them leads is for a person to say
        served = roles & {"butler", WEAK_RESPONSIBLE}
        return "lead_leader" if "lead_leader" not in roles and served else _free("butler", roles)

    def _left(self, place: int) -> str | None:
        """The field of the nearest column of names to the left."""
        for reading in reversed(self._readings[:place]):
            if reading.part == NAME_LABEL and reading.field not in (None, SET_ASIDE):
                return reading.field
            if reading.part == NAME_LABEL:
                return None
        return None

    def _field(self, place: int, reading: _Reading, before: Sequence[str | None]) -> str | None:
        role = reading.field
        if reading.said:
            return role
        if reading.part == NAME_LABEL:
            return self._once(place, role, before)
        if role is None:
            role = self._beside(place, reading.part, before)
            if role is None and reading.part == EMPLOYER_LABEL:
                return None
            if role is None:
                return SET_ASIDE
        role = role.rpartition("&")[2]
        if role not in self._roles():
            return role if reading.part == PHONE_LABEL and role not in before else SET_ASIDE
        field = _PREFIXES[reading.part] + role
        again = field in before and reading.part != PHONE_LABEL  # 办公电话 and 手机 are both phones
        return SET_ASIDE if again or role not in (*PERSON_ROLES, "service_team") else field

    def _once(self, place: int, field: str | None, before: Sequence[str | None]) -> str | None:
        """A field unless an earlier column has it: of several projects' names or facts the first, of several columns
        with one role nobody knows which."""
        taken = {part for each in before for part in (each or "").split("&")}
        unit, _, person = (field or "").partition("&")
        if person and unit in taken:
            field = person  # 责任单位 has a column of its own beside 责任单位责任人
        elif person and any(other.field == person and other.part == NAME_LABEL for other in self._readings):
            field = unit  # the role has a column of its own; people among the units are told
        if field is None or field == SET_ASIDE or field not in taken:
            return field
        return None if field in (*PERSON_ROLES, *UNIT_ROLES) else SET_ASIDE

    def _beside(self, place: int, part: str, before: Sequence[str | None]) -> str | None:
        """The role that a bare 联系电话, 职务 or 单位 belongs to; None where it is not clear whose it is. Of as many
        phones as people nobody can tell where those beside them are not those of the same place in order."""
        role = self._nearest(place, part, before)
        if part == PHONE_LABEL and place in self._in_order and self._readings[self._in_order[place]].field != role:
            return None
        return role

    def _nearest(self, place: int, part: str, before: Sequence[str | None]) -> str | None:
        """The role of the people directly to the left, unless `_deal_phones` says otherwise."""
        if part == PHONE_LABEL and place in self._dealt:
            owner = self._dealt[place]
            role = None if owner is None else self._readings[owner].field
            return role if role in PERSON_ROLES else None
        for at in range(place - 1, -1, -1):
            field = (before[at] or "").rpartition("&")[2]
            if field in PERSON_ROLES:
                return field
            if field in UNIT_ROLES and part == PHONE_LABEL:
                return None
            own = self._readings[at].field
            if self._readings[at].part == NAME_LABEL or (own and own.rpartition("&")[2] not in PERSON_ROLES):
                return None
        return None


def _deal_phones(readings: Sequence[_Reading], paths: Sequence[Sequence[str]]) -> dict[int, int | None]:
    """The columns of people that bare phones belong to which do not simply follow theirs: phones that stand before
    their people, and rows of equal headings (管家, 联系人, 电话, 电话). None where it is not clear whose they are."""
    bare = [place for place, reading in enumerate(readings) if reading == _Reading(None, PHONE_LABEL)]
    people = [place for place, reading in enumerate(readings) if _names_people(reading)]
    if bare and people and _do_phones_lead(readings, bare, people):
        clear = all(place + 1 in people for place in bare)
        return {place: place + 1 if clear else None for place in bare}
    dealt: dict[int, int | None] = {}
    for _path, group in groupby(bare, key=lambda place: (place - bare.index(place), tuple(paths[place]))):
        row = list(group)
        served = [place for place in people if place < row[0]]
        lacking = [place for place in served if place + 1 == row[0] or readings[place + 1].part != PHONE_LABEL]
        if len(row) >= _PAIR and lacking != [row[0] - 1]:
            owners = lacking if len(lacking) == len(row) else [None] * len(row)
            dealt |= dict(zip(row, owners, strict=True))
    return dealt


def _phones_in_order(readings: Sequence[_Reading], paths: Sequence[Sequence[str]]) -> dict[int, int]:
    """Bare phones with the people of the same place in order, where there are as many of one heading as of people
    without a phone that names their role."""
    bare = [place for place, reading in enumerate(readings) if reading == _Reading(None, PHONE_LABEL)]
    own = {reading.field for reading in readings if reading.part == PHONE_LABEL and reading.field}
    people = [place for place, reading in enumerate(readings) if _names_people(reading) and reading.field not in own]
    one_heading = len({tuple(paths[place]) for place in bare}) == 1
    return dict(zip(bare, people, strict=True)) if one_heading and len(bare) == len(people) else {}


def _do_phones_lead(readings: Sequence[_Reading], bare: Sequence[int], people: Sequence[int]) -> bool:
    """Whether phones stand before their people: two or more, the first of them before all people and beside no unit, or
    one with a role's name (管家电话) to the left of that role; and none follows its people."""
    units = (*UNIT_ROLES, WEAK_UNIT, "owner")
    beside_unit = bare[0] > 0 and readings[bare[0] - 1].field in units
    first = len(bare) >= _PAIR and bare[0] < people[0] and not beside_unit
    labelled = any(place and _is_phone_of(readings[place - 1], readings[place]) for place in people)
    after = people[-1] + 1 in bare or any(
        _is_phone_of(readings[place + 1], readings[place]) for place in people if place + 1 < len(readings)
    )
    return (first or labelled) and not after


def _is_phone_of(phone: _Reading, person: _Reading) -> bool:
    return phone.part == PHONE_LABEL and phone.field == person.field


def _names_people(reading: _Reading) -> bool:
    """Whether a column has the names of people in a role, or in one that those beside it decide."""
    role = reading.field or ""
    return reading.part == NAME_LABEL and (role in PERSON_ROLES or (role.startswith("weak:") and role != WEAK_UNIT))


def _free(role: str, roles: set[str]) -> str | None:
    return None if role in roles else role
