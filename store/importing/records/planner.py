"""What the planners of all registers share: names looked up or made, values read, drafts and verdicts collected. Pure.

> A row that says something wrong or unclear of its project, its time or its main name is refused with the reason, and
> comes back in a file; what is unclear beside that is left out and told. Ids follow from what a row is about, so that
> the same or a corrected table meets the lines that it made.
"""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from store.domain.registers import DUE_DAYS
from store.exceptions import BadTime
from store.importing.cell_parsing import CellPerson, parse_people, split_units
from store.importing.facts import investment_of
from store.importing.import_report import FieldChange, ImportCounts, RowVerdict, TableImportWarning
from store.importing.matching import ContactDrafts, IdAllocator, UnitMatcher
from store.importing.records.days import read_table_day
from store.importing.records.record_rows import RecordRow
from store.importing.records.report import RefusedRow
from store.importing.row_verdicts import ExistingLines
from store.importing.rows import PersonMention
from store.ledger.line import Line
from store.ledger.models.base import ONE_LINE, PHONE_LINE, WrittenLength
from store.values.dates import Toward
from store.values.exceptions import BadPeriod
from store.values.name_cores import name_core
from store.values.name_lists import split_name_list
from store.values.periods import parse_month, parse_period
from store.values.text import normalize_name, phone_key
from store.writer.local_writes import Draft

_SHOWN = 60
_EXCERPT = 20
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.{5,15}")
_LEAST_PART = 4
_MONTH = re.compile(r"\s*(?:1[0-2]|0?[1-9]|[一二三四五六七八九十]+)月|第?[一二三四1-4]季度|[上下]半年")
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d\d\d)|[去今本上当]年")
_LABELS = {("person", "title"): "post"}
"""What a verdict calls a field, where its name means something else elsewhere."""
_UNTOLD = frozenset((("contact", "unit_id"),))


_folded = lru_cache(16_384)(normalize_name)
_core = lru_cache(16_384)(name_core)
"""Tables name the same projects, units and people in row after row."""


def moment_text(moment: str) -> str:
    """A stored moment as a table says it: to the minute; the day alone where that is all that was said."""
    return moment[:16].replace("T", " ").removesuffix(" 00:00")


def _is_same(known: object, said: object) -> bool:
    """Whether a table says what is known; a cell's spaces are not those of a text."""
    return known == said or (isinstance(known, str) and isinstance(said, str) and known.split() == said.split())


class RowRefused(Exception):
    """A row that is not taken; ``code`` and ``values`` are those of its warning."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Responsible(NamedTuple):
    """The leading department, the owner, and the departments that co-handle."""

    department: str | None
    owner: str | None
    others: list[str]


@dataclass(slots=True)
class RecordPlanner:
    """Collects what a table of a register writes. ``lines`` are those of the register's own kinds. One that
    ``rehearses`` keeps no drafts of rows, only whom they name: those of a large table would take most of the memory."""

    existing: ExistingLines
    lines: Mapping[str, Sequence[Line]]
    now: datetime
    source: str
    drafts: list[Draft] = field(default_factory=list)
    verdicts: list[RowVerdict] = field(default_factory=list)
    warnings: list[TableImportWarning] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    counts: ImportCounts = field(default_factory=ImportCounts)
    new_people: dict[str, Draft] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    ids: IdAllocator = field(init=False)
    units: UnitMatcher = field(init=False)
    contacts: ContactDrafts = field(init=False)
    by_id: dict[str, Line] = field(init=False)
    _projects: dict[str, list[Line]] = field(init=False)
    _people: dict[str, list[Line]] = field(init=False)
    _unit_names: dict[str, set[str]] = field(init=False)
    _made: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: dict[str, Line] = field(default_factory=dict)
    _found: dict[tuple[str, str], Line] = field(default_factory=dict)
    _responsible: dict[tuple[str, str, str], Responsible] = field(default_factory=dict)
    _titles: dict[str, dict[str, list[Line]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    noted: set[tuple[str, str]] = field(default_factory=set)
    rehearses: bool = False

    def __post_init__(self) -> None:
        everything = [line for lines in (*self.existing.lines.values(), *self.lines.values()) for line in lines]
        self.by_id = {line.id: line for line in everything}
        self.ids = IdAllocator(self.existing.district, everything)
        self.units = UnitMatcher(self.existing.named("unit"), self.ids, self.existing.district_name)
        self.contacts = ContactDrafts(
            self.existing.district, self.existing.lines.get("contact", ()), self.existing.kept
        )
        self._projects, self._people, self._unit_names = defaultdict(list), defaultdict(list), defaultdict(set)
        for line in self.existing.not_deleted("project"):
            self._numbers[self._key(line.body["number"])] = line
            for name in dict.fromkeys((_core("project", str(line.body["name"])), self._key(line.body["number"]))):
                self._projects[name].append(line)
        for name, line in self.existing.named("person"):
            if line not in self._people[_folded(name)]:
                self._people[_folded(name)].append(line)
        for name, line in self.existing.named("unit"):
            self._unit_names[self._unit_core(name)].add(line.id)

    # Names

    def project(self, row: RecordRow) -> Line:
        """The project that the row names: by number, by name, by the only name of which it is a part (told). A number
        that is none of this ledger's (the investment platform's) says nothing; another project's refuses the row."""
        said = row.line("project"), row.line("project_number")
        if (line := self._found.get(said)) is not None:
            return line
        warnings = len(self.warnings)
        line = self._project(row, *said)
        if len(self.warnings) == warnings:  # what is told is told of each row
            self._found[said] = line
        return line

    def _project(self, row: RecordRow, text: str, number: str) -> Line:
        numbered = self._numbers.get(self._key(number)) if number else None
        if numbered is not None and (not text or self._is_called(numbered, text)):
            return numbered
        if numbered is not None:
            raise RowRefused("project_differs", number=number, name=str(numbered.body["name"]), text=text[:_SHOWN])
        text = text or number
        if not text:
            raise RowRefused("no_project")
        found = self._projects.get(self._key(text)) or self._projects.get(_core("project", text), [])
        if not found and len(text) >= _LEAST_PART:
            core = _core("project", text)
            parts = {line.id: line for name, lines in self._projects.items() if core in name for line in lines}
            found = list(parts.values())
            if len(found) == 1:
                self.warn(row, "project_by_part", "project", text=text[:_SHOWN], name=str(found[0].body["name"]))
        if not found:
            raise RowRefused("unknown_project", text=text[:_SHOWN])
        if len(found) > 1:
            names = "、".join(f"{line.body['number']} {line.body['name']}" for line in found[:3])
            raise RowRefused("several_projects", text=text[:_SHOWN], names=names[: 3 * _SHOWN])
        return found[0]

    def _is_called(self, project: Line, text: str) -> bool:
        core = _core("project", text)
        return self._key(text) == self._key(project.body["number"]) or core == _core(
            "project", str(project.body["name"])
        )

    def issue(self, row: RecordRow, project: str | None) -> Line:
        """The issue that the row names by number or title, of this project, if one is named."""
        return self._titled(row.line("issue"), "issue", project)

    def policy(self, row: RecordRow) -> Line:
        """The policy that the row names by number or title."""
        return self._titled(row.line("policy"), "policy", None)

    def _titled(self, text: str, kind: str, project: str | None) -> Line:
        if not self._titles[kind]:
            for line in self.live(kind):
                for name in {self._key(line.body.get("number") or ""), self._key(line.body["title"])} - {""}:
                    self._titles[kind][name].append(line)
        found = [line for line in self._titles[kind].get(self._key(text), ()) if project in (None, line.project)]
        if not text or not found:
            raise RowRefused(f"unknown_{kind}", text=text[:_SHOWN])
        if len(found) > 1:
            names = "、".join(f"{line.body.get('number') or ''} {line.body['title']}".strip() for line in found[:3])
            raise RowRefused("several_meant", text=text[:_SHOWN], names=names[: 3 * _SHOWN])
        return found[0]

    def unit(self, name: str, row: RecordRow, role: str = "department") -> str:
        """The unit of this name, with or without the district before it; a new one where there is none."""
        self.check_length(name)
        same = self._unit_names.get(self._unit_core(name), set())
        if len(same) == 1:
            return next(iter(same))
        return self.units.employer(PersonMention(role, "", employer=name, row=row.number))

    def person(self, said: CellPerson, row: RecordRow, column: str, unit: str | None) -> str | None:
        """The person of this name: the one with this phone, else with this unit, else the only one. None where several
        could be meant, which is told; a new one where there is none."""
        for text, most in ((said.name, ONE_LINE), (said.title, ONE_LINE), (said.phone, PHONE_LINE)):
            self.check_length(text, most)
        key, phone = _folded(said.name), phone_key(said.phone)
        same = self._people.get(key, [])
        exact = [line for line in same if phone and self.contacts.has_phone(line, phone)]
        exact = exact or [line for line in same if unit and line.body.get("unit_id") == unit] or same
        if len(exact) > 1:
            self.warn(row, "several_namesakes", column, name=said.name)
            return None
        if exact:
            self._note_other_phone(row, column, exact[0], said)
            return exact[0].id
        made = (key, unit or "")
        if made not in self._made:
            id = self.ids.allocate("person", key, unit or "", is_same=lambda line: self._is_named(line, key))
            body = {
                "name": said.name,
                **({"title": said.title} if said.title else {}),
                **({"unit_id": unit} if unit else {}),
            }
            self.new_people[id] = Draft("person", body, id=id)
            self._made[made] = id
            if said.phone:
                self.contacts.set_phone(id, said.phone)
        return self._made[made]

    def _note_other_phone(self, row: RecordRow, column: str, line: Line, said: CellPerson) -> None:
        """Tell of a phone that is none of the person's: it may be another of the name. A list of people says it."""
        if column != "name" and said.phone and not self.contacts.has_phone(line, phone_key(said.phone)):
            before = self.contacts.phone_of(line)
            if before:
                self.warn(row, "phone_differs", column, name=said.name, before=before, phone=said.phone)

    def responsible(self, row: RecordRow) -> Responsible:
        """Who is responsible: the unit and the person in their two columns, or both in one. Of several units the first
        leads and the others co-handle, which is told."""
        said = row.texts.get("department", ""), row.texts.get("with", ""), row.texts.get("owner", "")
        if (known := self._responsible.get(said)) is not None:
            return known
        told = len(self.warnings) + len(self.units.warnings)
        found = self._read_responsible(row)
        if len(self.warnings) + len(self.units.warnings) == told:  # what is told is told of each row
            self._responsible[said] = found
        return found

    def _read_responsible(self, row: RecordRow) -> Responsible:
        units, among = split_units(row.texts.get("department", ""))
        text = row.line("department")
        names = units or ((text,) if text and not among.people else ())
        if len(names) > 1:
            self.warn(row, "first_leads", "department", name=names[0], names="、".join(names[1:]))
        department = self.unit(names[0], row) if names else None
        others = [self.unit(name, row) for name in (*names[1:], *split_name_list(row.line("with")).names)]
        people = parse_people(row.texts.get("owner", "")).people or among.people
        if len(people) > 1:
            self.warn(
                row, "first_of_several", "owner", name=people[0].name, names="、".join(p.name for p in people[1:])
            )
        if not people and row.line("owner"):
            self.warn(row, "not_a_person", "owner", text=row.line("owner")[:_SHOWN])
        owner = self.person(people[0], row, "owner", department) if people else None
        return Responsible(department, owner, [unit for unit in dict.fromkeys(others) if unit != department])

    # Values

    @staticmethod
    def check_length(text: str, bound: WrittenLength = ONE_LINE) -> None:
        """Refuses the row whose text is longer than a line of the ledger: it comes back to be shortened."""
        if len(text) > bound.most:
            raise RowRefused("too_long", text=text[:_EXCERPT], length=len(text), most=bound.most)

    def day(self, row: RecordRow, name: str) -> str | None:
        """The day of a field; what is no day is left out and told."""
        text = row.line(name)
        if not text:
            return None
        try:
            return self._moment(row, name, "future" if name in DUE_DAYS else "past")[:10]
        except BadTime:
            self.warn(row, "unknown_value", name, text=text[:_SHOWN])
            return None

    def moment(self, row: RecordRow, name: str) -> str:
        """The time of a field that the row cannot do without."""
        text = row.line(name)
        if not text:
            raise RowRefused("no_time")
        try:
            at = self._moment(row, name, "past")
        except BadTime:
            raise RowRefused("bad_time", text=text[:_SHOWN]) from None
        if at[:10] > self.now.date().isoformat():
            raise RowRefused("time_ahead", text=text[:_SHOWN])
        return at

    def _moment(self, row: RecordRow, name: str, toward: Toward) -> str:
        """The moment of a field, not before the day on which the row's matter was raised. Raises `BadTime`."""
        text = row.line(name)
        said = read_table_day(text, self.now, toward, year=row.year)
        if said.yearless and name in DUE_DAYS and row.line("raised_at"):
            with contextlib.suppress(BadTime):
                raised = read_table_day(row.line("raised_at"), self.now, "past", year=row.year)
                after = None if raised.guessed else raised.day
                said = read_table_day(text, self.now, toward, year=row.year, after=after)
        if said.guessed:
            self.warn(row, "year_guessed", name, text=text[:_SHOWN], day=said.day)
        return said.at

    def period(self, row: RecordRow, name: str, *, months: bool = False) -> str | None:
        """The period or, with ``months``, the month of a field; None for what is none, or has no year: a table may be
        years old."""
        text = row.line(name)
        if not _YEAR.search(text):
            if row.year is None or not _MONTH.match(text):
                return None
            text = f"{row.year}年{text}"
        try:
            return parse_month(text, self.now) if months else parse_period(text, self.now.date()).name
        except (BadPeriod, BadTime):
            return None

    def yuan(self, row: RecordRow, name: str) -> int | None:
        """The amount of a field in whole yuan. A number of which nothing says what it counts is left out and told."""
        text = row.line(name)
        yuan = 0 if text.strip("0.") == "" else investment_of(text, row.money.get(name))
        if yuan is None:
            bare = name not in row.money and investment_of(text, 1) is not None
            self.warn(row, "no_money_unit" if bare else "unknown_value", name, text=text[:_SHOWN])
        return yuan

    def code(self, row: RecordRow, name: str, words: Mapping[str, str], patterns: Mapping[str, str]) -> str | None:
        """The stored value of a word: one of the drop-down's, or one that contains a known part; else told."""
        text = "".join(row.line(name).split())
        if not text:
            return None
        if text in words or text.casefold() in words.values():
            return words.get(text, text.casefold())
        found = [code for part, code in patterns.items() if part in text]
        if not found:
            self.warn(row, "unknown_value", name, text=text[:_SHOWN])
        return found[0] if found else None

    # Verdicts

    def put(
        self, kind: str, line_id: str, body: Mapping[str, object], project: str | None, *, told: bool = True
    ) -> list[FieldChange]:
        """Draft a line with what the table says of it beside what it says already; returns what changes, or nothing
        where that is not ``told``: of a line that is new as a whole."""
        line = self.by_id.get(line_id)
        known = line.body if line is not None and not line.deleted else {}
        said = {name: value for name, value in body.items() if value not in (None, "", [])}
        changed = {name: value for name, value in said.items() if not _is_same(self._kept(known.get(name)), value)}
        if changed or line is None or line.deleted:
            self.drafts.append(Draft(kind, {**known, **said}, project, line_id))
        if not told:
            return []
        return [
            FieldChange(_LABELS.get((kind, name), name), self.shown(known.get(name)), self.shown(value))
            for name, value in changed.items()
            if (kind, name) not in _UNTOLD
        ]

    def _kept(self, value: object) -> object:
        """A stored value; of a merged person or unit the one that stands for it."""
        return self.existing.kept.get(value, value) if isinstance(value, str) else value

    def shown(self, value: object) -> str:
        """A value as a verdict shows it: the name behind an id."""
        if isinstance(value, list):
            return "、".join(map(self.shown, value))
        if value is None:
            return ""
        if _MOMENT.fullmatch(str(value)):
            return moment_text(str(value))
        line = self.by_id.get(str(value))
        made = self.new_people.get(str(value)) or self.units.made(str(value))
        named = line.body if line else made.body if made else {}
        return str(named.get("name") or named.get("title") or value)[:_SHOWN]

    def judge(self, row: RecordRow, what: str, *, new: bool, changes: Sequence[FieldChange]) -> None:
        """Note the verdict on a row that is taken."""
        verdict = "new" if new else "changes" if changes else "same"
        self.counts.added += verdict == "new"
        self.counts.updated += verdict == "changes"
        self.counts.unchanged += verdict == "same"
        self.verdicts.append(RowVerdict(row.number, verdict, what[:_SHOWN], () if new else tuple(changes)))

    def plan_rows(self, rows: Sequence[RecordRow], plan: Callable[[RecordRow], None]) -> None:
        """Plan each row; one for which ``plan`` raises `RowRefused` is left out, with its reason."""
        for row in rows:
            before = len(self.drafts)
            try:
                plan(row)
            except RowRefused as refusal:
                del self.drafts[before:]
                self._refuse(row, refusal)
            if self.rehearses:
                self.taken |= self._made_in(self.drafts[before:])
                del self.drafts[before:]

    def _refuse(self, row: RecordRow, refusal: RowRefused) -> None:
        warning = TableImportWarning(row.number, None, refusal.code, refusal.values)
        what = " ".join(row.texts.values()).replace("\n", " ")[:_SHOWN]
        self.verdicts.append(RowVerdict(row.number, "refused", what, (), warning))
        self.refused.append(RefusedRow(row.cells, warning))
        self.warnings.append(warning)

    def warn(self, row: RecordRow, code: str, column: str | None = None, **values: object) -> None:
        """Tell of something in a row."""
        self.warnings.append(TableImportWarning(row.number, column, code, values))

    def all_drafts(self) -> list[Draft]:
        """Everything to write, in order: units, people with their phones, the register's lines."""
        people, units = self.named()
        unnamed = self.new_people.keys() - {draft.id for draft in people}
        phones = (draft for draft in self.contacts.drafts if draft.body.get("person_id") not in unnamed)
        return [*units, *people, *phones, *self.drafts]

    def named(self) -> tuple[list[Draft], list[Draft]]:
        """The new people and units that the rows that are taken name; those of refused rows are not entered."""
        taken = self.taken | self._made_in(self.drafts)
        people = [draft for draft in self.new_people.values() if draft.id in taken]
        taken |= self._made_in(people)
        return people, [draft for draft in self.units.drafts if draft.id in taken]

    def _made_in(self, drafts: Iterable[Draft]) -> set[str]:
        """Which of the new people and units the drafts have as values, or among them."""
        found: set[str] = set()
        for draft in drafts:
            for value in draft.body.values():
                for each in value if isinstance(value, list) else (value,):
                    if isinstance(each, str) and (each in self.new_people or self.units.made(each) is not None):
                        found.add(each)
        return found

    def all_warnings(self) -> list[TableImportWarning]:
        """What is to be looked at, in the order of the rows."""
        left_out = {verdict.row for verdict in self.verdicts if verdict.verdict == "refused"}
        of_units = (warning for warning in self.units.warnings if warning.row not in left_out)
        return sorted((*self.warnings, *of_units), key=lambda warning: warning.row or 0)

    def live(self, kind: str) -> Iterable[Line]:
        """The lines of one of the register's kinds that are not deleted."""
        return (line for line in self.lines.get(kind, ()) if not line.deleted)

    def _is_named(self, line: Line, key: str) -> bool:
        return _folded(str(line.body.get("name", ""))) == key

    def _unit_core(self, name: str) -> str:
        return _core("unit", _folded(name), _folded(self.existing.district_name))

    @staticmethod
    def _key(text: object) -> str:
        return _folded(str(text))
