"""Reads one row of a table as a project with the people and units that serve it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from store.importing.cell_parsing import (
    CellPerson,
    is_blank,
    is_unusual_name,
    is_usual_phone,
    one_line,
    parse_cell_phone,
    parse_people,
    parse_units,
)
from store.importing.cell_source import Cell, SourceRow
from store.importing.columns import EXPECTED_ROLES, PERSON_ROLES, PHONE_PREFIX, ImportColumns
from store.importing.exceptions import TooManyNames
from store.importing.import_report import TableImportWarning

MAX_NAMES = 60
"""The most people or units in one cell; the longest service team of the published tables has under twenty."""
_LONGEST_SHOWN = 60
Name = TypeVar("Name", str, CellPerson)
_UNIT = re.compile(
    r".*(局|委|办|部|处|室|科|中心|公司|集团|政府|街道|镇|乡|院|所|站|队|会|厂|行|专班|班子|组|园区|支行)"
)


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A person whom a row names in a role. ``phone`` and ``title`` are empty where the table has none."""

    role: str
    name: str
    phone: str = ""
    title: str = ""
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class UnitMention:
    """A unit that a row names in a role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One project in the table. A role without a name in ``people`` and ``units`` is left as it is in the ledger."""

    row: int | None
    number: int | None
    name: str
    people: tuple[PersonMention, ...] = ()
    units: tuple[UnitMention, ...] = ()


class RowReader:
    """Reads one row with known columns; collects ``warnings``."""

    def __init__(self, columns: ImportColumns, source: SourceRow) -> None:
        self.source = source
        self.warnings: list[TableImportWarning] = []
        self._cells = {
            column.field: (column.heading, cell)
            for column, cell in zip(columns, source.cells, strict=False)
            if column.field is not None
        }
        self._headings = {column.field: column.heading for column in columns}

    @property
    def formulas(self) -> int:
        """How many of its cells are formulas, without the number's."""
        return sum(cell.formula for field, (_heading, cell) in self._cells.items() if field != "number")

    def text(self, field: str) -> str:
        """The text of a field; empty where the cell is a formula."""
        cell = self._cells.get(field, ("", Cell()))[1]
        return "" if cell.formula or is_blank(cell.text) else cell.text

    def name_cell(self) -> Cell:
        """The cell of the project's name."""
        return self._cells.get("name", ("", Cell()))[1]

    def number(self) -> int | None:
        """The row's own number."""
        digits = re.fullmatch(r"\s*(\d{1,6})(?:[.、]\s*|\.0)?\s*", self.text("number"))
        return int(digits[1]) if digits else None

    def fields(self) -> frozenset[str]:
        """The fields that are not empty."""
        return frozenset(field for field in self._cells if self.text(field))

    def read(self) -> TableRow:
        """The row as a project."""
        self._note_formulas()
        people = tuple(mention for role in PERSON_ROLES for mention in self._people(role))
        team = self._bounded(parse_units(self.text("service_team")))
        members = tuple(mention for part in team if not _UNIT.fullmatch(part) for mention in self._members(part))
        units = [UnitMention("lead_unit", name) for name in self._bounded(parse_units(self.text("lead_unit")))]
        units += [UnitMention("service_team", part) for part in team if _UNIT.fullmatch(part)]
        name = one_line(self.text("name"))
        return TableRow(self.source.number, self.number(), name, (*people, *members), tuple(units))

    def warn(self, code: str, field: str | None = None, **values: object) -> None:
        """Add a warning for this row."""
        column = self._headings.get(field) if field else None
        self.warnings.append(TableImportWarning(self.source.number, column, code, values))

    def _note_formulas(self) -> None:
        for field, (_heading, cell) in self._cells.items():
            if cell.formula:
                self.warn("formula", field)

    def _people(self, role: str) -> Iterator[PersonMention]:
        text = self.text(role)
        cell_people = parse_people(text)
        own_phone = parse_cell_phone(self.text(PHONE_PREFIX + role))
        for code in cell_people.warning_codes:
            self.warn(code, role, names="、".join(person.name for person in cell_people.people))
        for place, person in enumerate(self._bounded(cell_people.people)):
            known = person._replace(phone=own_phone) if own_phone and place == 0 and not person.phone else person
            yield self._mention(role, known)
        computed = self._cells.get(role, ("", Cell()))[1].formula
        if not cell_people.people and not computed and role in EXPECTED_ROLES and role in self._headings:
            self.warn(f"missing_{role}", role)

    def _members(self, text: str) -> Iterator[PersonMention]:
        yield from (self._mention("service_team", person) for person in self._bounded(parse_people(text).people))

    def _bounded(self, names: Sequence[Name]) -> Sequence[Name]:
        """The names of one cell. Raises `TooManyNames` for more than a cell can mean: each becomes lines."""
        if len(names) > MAX_NAMES:
            raise TooManyNames(row=self.source.number, names=len(names), most=MAX_NAMES)
        return names

    def _mention(self, role: str, person: CellPerson) -> PersonMention:
        if is_unusual_name(person.name):
            self.warn("odd_name", role, name=person.name[:_LONGEST_SHOWN])
        if person.phone and not is_usual_phone(person.phone):
            self.warn("odd_phone", role, phone=person.phone[:_LONGEST_SHOWN])
        return PersonMention(role, *person, self.source.number, self._headings.get(role))


def row_excerpt(cells: tuple[Cell, ...]) -> str:
    """The beginning of a row, for a warning."""
    return one_line(" ".join(cell.text for cell in cells if not is_blank(cell.text)))[:_LONGEST_SHOWN]
