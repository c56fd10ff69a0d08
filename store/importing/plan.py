"""Plans an import: a table compared with the store gives drafts and a report. Pure.

> The table says who serves a project in a role; the assignment before gets an end date and is never removed. A role
> without a name in the table stays as it is, and so does a project that the table does not list.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain, count
from typing import NamedTuple

from store.importing.facts import NUMBER_PREFIXES
from store.importing.import_report import ImportCounts, ImportReport, RowVerdict, SectionCounts, TableImportWarning
from store.importing.line_lengths import within_lines
from store.importing.matching import ContactDrafts, IdAllocator, PersonMatcher, ProjectMention, UnitMatcher
from store.importing.row_verdicts import (
    IMPORTED_KINDS,
    ExistingLines,
    RoleAssignee,
    RoleChange,
    RowVerdicts,
    holders_of,
)
from store.importing.rows import TableRow
from store.importing.table import ResponsibilityTable
from store.ledger.line import Line
from store.search.likeness import LikeNames
from store.values.name_cores import name_core, without_marks
from store.values.text import normalize_name
from store.writer.local_writes import Draft

SHARED_ROLES = frozenset({"service_team", "department_contact"})
"""Roles that several hold at once: a table adds assignments and ends none."""


_MOST_SHOWN = 20
_BRACKETED = re.compile(r"[(（].*?[)）]")


class ImportPlan(NamedTuple):
    """The drafts to write, in order, and the report."""

    drafts: tuple[Draft, ...]
    report: ImportReport


def plan_import(table: ResponsibilityTable, existing: ExistingLines, today: date) -> ImportPlan:
    """The lines that importing ``table`` writes, and its report. ``today`` is the day of changed assignments."""
    return _Planner(within_lines(table), existing, today).plan()


@dataclass(slots=True)
class _Planner:
    table: ResponsibilityTable
    existing: ExistingLines
    today: date
    ids: IdAllocator = field(init=False)
    projects: list[Draft] = field(default_factory=list)
    assignments: list[Draft] = field(default_factory=list)
    warnings: list[TableImportWarning] = field(default_factory=list)
    roles: dict[tuple[str, str], list[Line]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.ids = IdAllocator(
            self.existing.district, (line for kind in IMPORTED_KINDS for line in self.existing.lines.get(kind, ()))
        )
        for line in self.existing.not_deleted("assignment"):
            self.roles[str(line.project), str(line.body.get("role"))].append(line)

    def plan(self) -> ImportPlan:
        rows = _ProjectMatcher(self).match()
        contacts = ContactDrafts(self.existing.district, self.existing.lines.get("contact", ()), self.existing.kept)
        units = UnitMatcher(self.existing.named("unit"), self.ids, self.existing.district_name)
        people = PersonMatcher(self.existing.named("person"), contacts, self._holders(), self.ids, units)
        persons = people.resolve([ProjectMention(mention, id) for id, row in rows for mention in row.people])
        changes: dict[str, list[RoleChange]] = defaultdict(list)
        for id, row in rows:
            wanted: dict[str, dict[RoleAssignee, None]] = defaultdict(dict)
            for mention in row.people:
                wanted[mention.role][RoleAssignee("person_id", persons[people.key_of(ProjectMention(mention, id))])] = (
                    None
                )
            for unit in row.units:
                wanted[unit.role][RoleAssignee("unit_id", units.id_of(unit, row.row))] = None
            changes[id] += [self._hand_over(id, role, list(holders)) for role, holders in wanted.items()]
        self.assignments += [
            draft for listed in changes.values() for change in listed for draft in self._drafts(change)
        ]
        drafts = (*units.drafts, *_with_contacts(people.drafts, contacts.drafts), *self.projects, *self.assignments)
        verdicts = RowVerdicts(self.existing, drafts).of(rows, changes, self.table.warnings)
        return ImportPlan(drafts, self._report([id for id, _row in rows], people, units, verdicts))

    def _holders(self) -> dict[tuple[str, str], set[str]]:
        """The people who serve today, by project and role."""
        return {
            place: {
                holder.id
                for line in lines
                if self._serves(line)
                for holder in holders_of(line, self.existing.kept)
                if holder.field == "person_id"
            }
            for place, lines in self.roles.items()
        }

    def _serves(self, assignment: Line) -> bool:
        """Whether the assignment is in force today. A later one is not in the table yet, and no table ends it."""
        today = self.today.isoformat()
        return str(assignment.body.get("from_date") or "") <= today <= str(assignment.body.get("to_date") or today)

    def _hand_over(self, project: str, role: str, assignees: Sequence[RoleAssignee]) -> RoleChange:
        known = self.roles[project, role]
        current = {
            holder: line for line in known if self._serves(line) for holder in holders_of(line, self.existing.kept)
        }
        ended = (
            {}
            if role in SHARED_ROLES
            else {holder: line for holder, line in current.items() if holder not in assignees}
        )
        begun = [holder for holder in assignees if holder not in current]
        return RoleChange(project, role, ended, begun, bool(known))

    def _drafts(self, change: RoleChange) -> Iterator[Draft]:
        yield from (self._ended(line) for line in change.ended.values())
        since = self.today.isoformat() if change.served else None
        for holder in change.begun:
            yield self._begun(change.project, change.role, holder, since)

    def _ended(self, line: Line) -> Draft:
        """The assignment with yesterday as its last day; deleted where it began today."""
        if str(line.body.get("from_date") or "") >= self.today.isoformat():
            return Draft("assignment", line.body, line.project, line.id, deleted=True)
        body = {**line.body, "to_date": (self.today - timedelta(days=1)).isoformat()}
        return Draft("assignment", body, line.project, line.id)

    def _begun(self, project: str, role: str, holder: RoleAssignee, since: str | None) -> Draft:
        body = {"role": role, holder.field: holder.id, **({"from_date": since} if since else {})}
        id = self.ids.allocate(
            "assignment", project, role, holder.id, is_same=lambda line: holder in holders_of(line, self.existing.kept)
        )
        return Draft("assignment", body, project, id)

    def _report(
        self, listed: Sequence[str], people: PersonMatcher, units: UnitMatcher, verdicts: Sequence[RowVerdict]
    ) -> ImportReport:
        known = {line.id for line in self.existing.not_deleted("project")}
        touched = {draft.id for draft in self.projects} | {draft.project for draft in self.assignments}
        counts = ImportCounts(
            added=sum(id not in known for id in listed),
            updated=sum(id in known and id in touched for id in listed),
            unchanged=sum(id in known and id not in touched for id in listed),
        )
        sections = tuple(SectionCounts(part.title, part.declared, part.project_count) for part in self.table.sections)
        columns = tuple((column.heading, column.field) for column in self.table.columns)
        warnings = (*self.table.warnings, *self.warnings, *people.warnings, *units.warnings)
        return ImportReport(sections, counts, people.counts, warnings, tuple(verdicts), columns)


class _ProjectMatcher:
    """Matches the table's rows with projects, and drafts new ones and changed categories."""

    def __init__(self, planner: _Planner) -> None:
        self.planner = planner
        self.known: dict[str, list[Line]] = defaultdict(list)
        for line in planner.existing.not_deleted("project"):
            self.known[name_core("project", str(line.body.get("name", "")))].append(line)
        self.numbers = {str(line.body.get("number")) for line in planner.existing.lines.get("project", ())}

    def match(self) -> list[tuple[str, TableRow]]:
        """Every row with its project's id."""
        listed = [(row, row.category or part.category) for part in self.planner.table.sections for row in part.rows]
        if _runs_on(listed):
            listed = _numbered_by_category(listed)
        elif _is_excerpt(listed):
            numbers = ", ".join(str(row.number) for row, _category in listed[:_MOST_SHOWN])
            self.planner.warnings.append(TableImportWarning(None, None, "numbers_kept", {"numbers": numbers}))
        rows = [(self._project(row, category), row) for row, category in listed]
        self._note_likeness(rows)
        self._note_absent({id for id, _row in rows}, {category for _row, category in listed})
        return rows

    def _project(self, row: TableRow, category: str | None) -> str:
        same = self._same(row)
        if not same:
            return self._new(row, category or "advancing")
        number = self._plain_number(row, category or "advancing")
        line = min(same, key=lambda line: (not str(line.body.get("number")).endswith(number), line.id))
        body = {**line.body, **({"category": category} if category else {}), **_facts_of(row)}
        if body != line.body:
            self.planner.projects.append(Draft("project", body, id=line.id))
        if _is_removed(line):
            self._warn(row.row, "removed_project", line)
        return line.id

    def _same(self, row: TableRow) -> Sequence[Line]:
        """The projects of this name; where only the marks beside it differ, which is told, of the name without them."""
        same = self.known[name_core("project", row.name)]
        exact = [line for line in same if normalize_name(str(line.body.get("name"))) == normalize_name(row.name)]
        if same and not exact:
            self._warn_of_name(row, "marked_name", str(same[0].body.get("name")))
        return exact or same

    def _new(self, row: TableRow, category: str) -> str:
        key = name_core("project", row.name)
        id = self.planner.ids.allocate(
            "project", key, is_same=lambda line: name_core("project", str(line.body.get("name"))) == key
        )
        if (name := without_marks(row.name)) != row.name:
            self._warn_of_name(row, "marked_name", name)
        body = {"name": name, "number": self._number(row, category), "category": category, **_facts_of(row)}
        self.planner.projects.append(Draft("project", body, id=id))
        return id

    def _plain_number(self, row: TableRow, category: str) -> str:
        return f"{NUMBER_PREFIXES[category]}{row.number}"

    def _number(self, row: TableRow, category: str) -> str:
        """A number that no other project has: where needed with the year as prefix, or a count as suffix."""
        plain = self._plain_number(row, category)
        dated = f"{self.planner.table.year or ''}{plain}"
        numbers = chain((plain, dated), (f"{dated}-{copy}" for copy in count(2)))
        number = next(number for number in numbers if number not in self.numbers)
        self.numbers.add(number)
        return number

    def _note_likeness(self, rows: Sequence[tuple[str, TableRow]]) -> None:
        """Tell of new projects whose name is nearly that of one that the table does not list."""
        listed = {id for id, _row in rows}
        here = {line.id for lines in self.known.values() for line in lines}
        absent = {
            key: str(lines[0].body["name"]) for key, lines in self.known.items() if lines and lines[0].id not in listed
        }
        bare: dict[str, list[str]] = defaultdict(list)
        for key in absent:
            bare[_BRACKETED.sub("", key)].append(key)
        like = LikeNames(absent)
        for id, row in rows:
            key = name_core("project", row.name)
            if id not in here and (near := dict.fromkeys((*bare.get(_BRACKETED.sub("", key), ()), *like.of(key)))):
                self._warn_of_name(row, "like_known", "、".join(absent[each] for each in near))

    def _warn_of_name(self, row: TableRow, code: str, known: str) -> None:
        self.planner.warnings.append(TableImportWarning(row.row, None, code, {"name": row.name, "known": known}))

    def _note_absent(self, listed: set[str], categories: set[str | None]) -> None:
        """Warn of projects of the table's categories that it does not list: they may have to be taken off the list."""
        for line in (line for lines in self.known.values() for line in lines):
            if line.id not in listed and line.body.get("category") in categories and not _is_removed(line):
                self._warn(None, "not_in_table", line)

    def _warn(self, row: int | None, code: str, line: Line) -> None:
        values = {"number": line.body.get("number", ""), "name": line.body.get("name", "")}
        self.planner.warnings.append(TableImportWarning(row, None, code, values))


def _with_contacts(people: Sequence[Draft], contacts: Sequence[Draft]) -> Iterator[Draft]:
    """The drafts with each person's phone beside the person, so that both are indexed at once."""
    phones = {contact.body["person_id"]: contact for contact in contacts}
    for person in people:
        yield person
        if contact := phones.pop(person.id, None):
            yield contact
    yield from phones.values()


def _is_removed(project: Line) -> bool:
    adjustments = project.body.get("adjustments") or [{}]
    return bool(adjustments[-1].get("act") == "removed")


def _facts_of(row: TableRow) -> dict[str, str | int]:
    """What the row says of the project itself."""
    facts = {"owner": row.owner, "investment_yuan": row.investment, "stage": row.stage}
    return {name: value for name, value in facts.items() if value is not None}


def _runs_on(listed: Sequence[tuple[TableRow, str | None]]) -> bool:
    """Whether the table's numbers run on from 1 through several categories."""
    numbers = [row.number for row, _category in listed]
    return _is_mixed(listed) and numbers == [*range(1, len(numbers) + 1)]


def _is_excerpt(listed: Sequence[tuple[TableRow, str | None]]) -> bool:
    """Whether the numbers have gaps through several categories, so that nobody knows in which of them they count."""
    numbers = [row.number for row, _category in listed]
    return _is_mixed(listed) and len(set(numbers)) == len(numbers)


def _is_mixed(listed: Sequence[tuple[TableRow, str | None]]) -> bool:
    counted = any(row.counts_in_category for row, _category in listed)
    return not counted and len({category for _row, category in listed}) > 1


def _numbered_by_category(listed: Sequence[tuple[TableRow, str | None]]) -> list[tuple[TableRow, str | None]]:
    """The rows with numbers that count within their category: 续1, 续2, 新1, as in a table that counts anew in each
    section."""
    places: dict[str | None, int] = defaultdict(int)
    counted = []
    for row, category in listed:
        places[category] += 1
        counted.append((replace(row, number=places[category]), category))
    return counted
