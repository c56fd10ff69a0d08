"""Reads one row of a table as a project with the people and units that serve it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from store.importing.cell_parsing import (
    CellPeople,
    CellPerson,
    has_rounded_phone,
    is_blank,
    is_ditto,
    is_unusual_name,
    is_usual_phone,
    one_line,
    parse_cell_phones,
    parse_people,
    parse_units,
    preferred_phone,
    split_units,
)
from store.importing.cell_source import Cell, SourceRow
from store.importing.columns import EMPLOYER_PREFIX, PHONE_PREFIX, TITLE_PREFIX, ImportColumns
from store.importing.exceptions import TooManyNames
from store.importing.facts import category_of, investment_of, prefixed_number, stage_of, yuan_unit
from store.importing.headings import EXPECTED_ROLES, PERSON_ROLES, UNIT_ROLES, meaning_of, normalize_heading
from store.importing.import_report import TableImportWarning
from store.importing.name_parsing import is_unit

MAX_NAMES = 60
"""The most people or units in one cell; the longest service team of the published tables has under twenty."""
_LONGEST_SHOWN = 60
_LONGEST_NAME_CELL = 40
_USUAL_NAME = 3
Name = TypeVar("Name", str, CellPerson)
_ROLE_LABEL = re.compile(r"([\u4e00-\u9fff]{2,8})\s*[:：]")
_CLAUSE = re.compile(r"[\n:：。；;]")
_TEAM_UNIT = re.compile(
    r".*(局|委|办|部|处|室|科|中心|公司|集团|政府|街道|镇|乡|院|所|站|队|会|厂|行|专班|班子|组|园区|支行)"
)


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A person whom a row names in a role. ``phone``, ``title`` and ``employer``, the unit where they work, are empty
    where the table has none."""

    role: str
    name: str
    phone: str = ""
    title: str = ""
    employer: str = ""
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class UnitMention:
    """A unit that a row names in a role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One project in the table. A role without a name in ``people`` and ``units`` is left as it is in the ledger, and
    so is a fact that is None. ``investment`` is in yuan. ``counts_in_category``: the number has its category's prefix
    (续3), so that it counts within it."""

    row: int | None
    number: int | None
    name: str
    people: tuple[PersonMention, ...] = ()
    units: tuple[UnitMention, ...] = ()
    category: str | None = None
    owner: str | None = None
    investment: int | None = None
    stage: str | None = None
    counts_in_category: bool = False


class RowReader:
    """Reads one row with known columns; collects ``warnings``. ``above`` is the row that “同上” means; ``money`` the
    unit of money that the table states, in yuan."""

    def __init__(
        self, columns: ImportColumns, source: SourceRow, above: RowReader | None = None, money: int | None = None
    ) -> None:
        self.source = source
        self.warnings: list[TableImportWarning] = []
        self._above, self._money = above, money
        self._texts: dict[str, str] = {}
        pairs = [pair for pair in zip(columns, source.cells, strict=False) if pair[0].field is not None]
        self._cells: dict[str, tuple[str, Cell]] = {}
        self._joined: set[str] = set()
        for column, cell in pairs:
            for part in str(column.field).split("&"):
                shared = part in (*PERSON_ROLES, *UNIT_ROLES) or ":" in part
                twice = part in self._cells and shared  # two phones, or two columns that a person said are one role
                if twice:
                    self._joined.add(part)
                self._cells[part] = (column.heading, _joined(self._cells[part][1], cell) if twice else cell)
        self._shared = {
            part for column, _cell in pairs if "&" in str(column.field) for part in str(column.field).split("&")
        }
        self._headings = {part: column.heading for column in columns for part in str(column.field).split("&")}
        self._beside = {field for field in self._headings if ":" in field}
        self._phones = [field for field in self._headings if field.startswith(PHONE_PREFIX)]

    @property
    def formulas(self) -> int:
        """How many of its cells are formulas, without the number's."""
        return sum(cell.formula for field, (_heading, cell) in self._cells.items() if field != "number")

    def text(self, field: str) -> str:
        """The text of a field, of the row above where it says so; empty where the cell is a formula."""
        if field not in self._cells:
            return ""
        if field not in self._texts:
            self._texts[field] = self._text(field, self._cells[field][1])
        return self._texts[field]

    def _text(self, field: str, cell: Cell) -> str:
        if is_ditto(cell.text) and field not in ("name", "number"):
            return self._above.text(field) if self._above else ""
        return "" if cell.formula or is_blank(cell.text) else cell.text

    def close(self) -> RowReader:
        """The same row for the next one to refer to, which forgets the row above it."""
        for field in self._cells:
            self.text(field)
        self._above = None
        return self

    def name_cell(self) -> Cell:
        """The cell of the project's name."""
        return self._cells.get("name", ("", Cell()))[1]

    def number(self) -> int | None:
        """The row's own number: 3, 3. or （3）, ③, 续3."""
        if prefixed := prefixed_number(self.text("number")):
            return prefixed[1]
        plain = unicodedata.normalize("NFKC", self.text("number"))
        digits = re.fullmatch(r"\s*\(?(\d{1,6})\)?(?:[.、]\s*|\.0)?\s*", plain)
        return int(digits[1]) if digits else None

    def names_people(self) -> bool:
        """Whether somebody stands in any of its columns for people."""
        return any(parse_people(self.text(role)).people for role in PERSON_ROLES if role in self._headings)

    def fields(self) -> frozenset[str]:
        """The fields that are not empty."""
        return frozenset(field for field in self._cells if self.text(field) and field != "-")

    def read(self) -> TableRow:
        """The row as a project."""
        self._note_formulas()
        people = [mention for role in PERSON_ROLES if role in self._headings for mention in self._people(role)]
        units = [UnitMention("lead_unit", name) for name in self._lead_units()]
        team_units, team = self._team()
        units += [UnitMention("service_team", name) for name in team_units]
        return TableRow(
            self.source.number,
            self.number(),
            self.project_name(),
            (*people, *team),
            tuple(units),
            self._category(),
            self._owner(),
            self._investment(),
            self._fact("stage", stage_of(self.text("stage"))),
            prefixed_number(self.text("number")) is not None,
        )

    def project_name(self) -> str:
        """The project's name; of a cell that holds its description, too, the first clause."""
        text = self.text("name")
        whole = one_line(text)
        if "内容" not in self._headings.get("name", "") or len(whole) <= _LONGEST_NAME_CELL:
            return whole
        first = _CLAUSE.split(text.strip(), maxsplit=1)[0]
        if one_line(first) != whole:
            self.warn("name_with_text", "name", name=one_line(first)[:_LONGEST_SHOWN])
        return one_line(first)

    def warn(self, code: str, field: str | None = None, **values: object) -> None:
        """Add a warning for this row."""
        column = self._headings.get(field) if field else None
        self.warnings.append(TableImportWarning(self.source.number, column, code, values))

    def _note_formulas(self) -> None:
        for field, (_heading, cell) in self._cells.items():
            if cell.formula:
                self.warn("formula", field)

    def _category(self) -> str | None:
        """What a column says, else the prefix of the number."""
        stated = self._fact("category", category_of(self.text("category")))
        prefixed = prefixed_number(self.text("number"))
        return stated or (prefixed[0] if prefixed else None)

    def _fact(self, field: str, value: str | None) -> str | None:
        text = self.text(field)
        if text and value is None:
            self.warn("unknown_value", field, text=one_line(text)[:_LONGEST_SHOWN])
        return value

    def _owner(self) -> str | None:
        text = self.text("owner")
        if "owner" in self._shared or parse_cell_phones(text):
            units, said = split_units(text)
            if "owner" not in self._shared and said.people:
                self.warn("person_among_units", "owner", names="、".join(person.name for person in said.people))
            return units[0] if units else None
        return one_line(text) or None

    def _investment(self) -> int | None:
        text = self.text("investment")
        value = investment_of(text, yuan_unit(self._headings.get("investment", "")) or self._money)
        if text and value is None:
            self.warn("unknown_value", "investment", text=one_line(text)[:_LONGEST_SHOWN])
        return value

    def _people(self, role: str) -> Iterator[PersonMention]:
        text = self.text(role)
        said = split_units(text)[1] if role in self._shared else parse_people(text)
        if not said.people and (above := self._phones_below(role, text)):
            yield from (self._mention(role, person) for person in above)
            return
        if len(_roles_labelled(text)) > 1:
            self.warn("several_roles", role, names="、".join(person.name for person in said.people)[:_LONGEST_SHOWN])
            said = CellPeople(())
        self._note_people(role, said)
        people = self._with_column(self._bounded(said.people), role)
        yield from (self._mention(role, person) for person in people)
        computed = self._cells.get(role, ("", Cell()))[1].formula
        if not people and not computed and role in EXPECTED_ROLES and role in self._headings:
            self.warn(f"missing_{role}", role)

    def _phones_below(self, role: str, text: str) -> list[CellPerson]:
        """The people of the row above with the phones that stand below their names, where a project's rows are merged;
        none where there are not as many phones as names."""
        if self._above is None or not (self.name_cell().merged or is_blank(self.name_cell().text)):
            return []
        phones = parse_cell_phones(text)
        people = parse_people(self._above.text(role)).people
        if not phones or len(phones) != len(people) or any(person.phone for person in people):
            return []
        return [person._replace(phone=phone) for person, phone in zip(people, phones, strict=True)]

    def _note_people(self, role: str, said: CellPeople) -> None:
        names = "、".join(person.name for person in said.people)[:_LONGEST_SHOWN]
        for code in said.warning_codes:
            self.warn(code, role, names=names)
        for text in said.left_out:
            if not is_blank(text):
                code = "served_before" if text.startswith("原") else "not_a_person"
                self.warn(code, role, text=text[:_LONGEST_SHOWN])

    def _with_column(self, people: Sequence[CellPerson], role: str) -> list[CellPerson]:
        """The people with phones, posts and employers from columns beside theirs, in order."""
        if not self._beside & {PHONE_PREFIX + role, EMPLOYER_PREFIX + role, TITLE_PREFIX + role} and not self._phones:
            return list(people)
        phone_text = self.text(PHONE_PREFIX + role)
        phones = self._common_phones().get(role) or parse_cell_phones(phone_text)
        if has_rounded_phone(phone_text):
            self.warn("rounded_phone", PHONE_PREFIX + role)
        elif phone_text and not phones:
            self.warn("unknown_value", PHONE_PREFIX + role, text=one_line(phone_text)[:_LONGEST_SHOWN])
        if phones and not people:
            self.warn("phone_alone", PHONE_PREFIX + role)
        lone = [person for person in people if not person.phone]
        if len(people) == 1 and len(phones) > 1:
            self.warn("second_phone", PHONE_PREFIX + role)
            phones = [preferred_phone(phones)]
        numbered = dict(zip(lone, phones, strict=False)) if len(lone) == len(phones) else {}
        if phones and lone and not numbered:
            self.warn("phones_unclear", PHONE_PREFIX + role, names="、".join(person.name for person in lone))
        titles = self._titles(role, len(people))
        return [
            person._replace(
                phone=person.phone or numbered.get(person, ""),
                title=" ".join(filter(None, (title, person.title))) if title != person.title else title,
                employer=employer,
            )
            for person, (employer, title) in zip(people, titles, strict=True)
        ]

    def _common_phones(self) -> dict[str, list[str]]:
        """The phones of each role, where one column has as many phones as all roles have people: in their order."""
        roles = [field for field in self._headings if field in PERSON_ROLES]
        common = len(self._phones) == 1 and len(roles) > 1 and self._phones[0] not in self._joined
        phones = parse_cell_phones(self.text(self._phones[0])) if common else []
        if len(phones) < 2:
            return {}
        amounts = [sum(not person.phone for person in parse_people(self.text(role)).people) for role in roles]
        if sum(amounts) != len(phones) or max(amounts) == len(phones):
            return {}
        rest = iter(phones)
        return {role: list(islice(rest, amount)) for role, amount in zip(roles, amounts, strict=True)}

    def _titles(self, role: str, amount: int) -> list[tuple[str, str]]:
        """Employer and post in the columns beside a role, for each of its people."""
        texts = [self.text(EMPLOYER_PREFIX + role), self.text(TITLE_PREFIX + role)]
        if amount == 1:
            return [_employer_and_title(*map(one_line, texts))]
        parts = [_split_evenly(text, amount) for text in texts]
        fitting = [part if len(part) == amount else [""] * amount for part in parts]
        if any(text and len(part) != amount for text, part in zip(texts, parts, strict=True)) and amount:
            self.warn("titles_unclear", role)
        return [_employer_and_title(*both) for both in zip(*fitting, strict=True)]

    def _lead_units(self) -> Sequence[str]:
        """The lead units; people who stand among them are told, or are another role's."""
        text = self.text("lead_unit")
        if not text:
            return ()
        names = parse_units(text)
        units, said = split_units(text)
        if "lead_unit" in self._shared:
            return self._bounded(units)
        if said.people and (units or parse_cell_phones(text)):
            self.warn("person_among_units", "lead_unit", names="、".join(person.name for person in said.people))
            return self._bounded(units)
        for name in names:
            named = len(name) == _USUAL_NAME and not is_unit(name) and parse_people(name).people
            if named or name[0] in "各有相":
                self.warn("odd_unit", "lead_unit", name=name)
        return self._bounded(names)

    def _team(self) -> tuple[Sequence[str], list[PersonMention]]:
        """The units and the people of the service team."""
        text = self.text("service_team")
        if not text:
            return (), []
        parts = self._bounded(parse_units(text))
        if all(_TEAM_UNIT.fullmatch(part) for part in parts):
            return parts, []
        units, said = split_units(text)
        self._note_people("service_team", said)
        people = self._with_column(self._bounded(said.people), "service_team")
        return self._bounded(units), [self._mention("service_team", person) for person in people]

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


def _split_evenly(text: str, amount: int) -> list[str]:
    """The posts in a cell: one a line where there are as many lines as people, else parted by signs, too."""
    lines = [one_line(line) for line in text.split("\n") if line.strip()]
    if len(lines) == amount:
        return lines
    return [one_line(part) for part in re.split(r"[\n、;；]", text) if part.strip()]


def _employer_and_title(employer: str, title: str) -> tuple[str, str]:
    """A person's employer and post; what is no unit (副县长 below 单位) belongs to the post."""
    return (employer, title) if is_unit(employer) else ("", " ".join(filter(None, (employer, title))))


def _joined(cell: Cell, more: Cell) -> Cell:
    """The cells of two columns of a role's phones as one; the formula where one is, since that is told."""
    if cell.formula or more.formula:
        return cell if cell.formula else more
    return more._replace(text="\n".join(text for text in (cell.text, more.text) if not is_blank(text)))


def _roles_labelled(text: str) -> set[str | None]:
    """The roles that a cell itself names before colons: 包保领导：甲建国 项目管家：乙卫东."""
    labels = _ROLE_LABEL.findall(text) if ":" in text or "：" in text else []
    return {meaning for label in labels if (meaning := meaning_of(normalize_heading(label))) in PERSON_ROLES}


def row_excerpt(cells: tuple[Cell, ...]) -> str:
    """The beginning of a row, for a warning."""
    return one_line(" ".join(cell.text for cell in cells if not is_blank(cell.text)))[:_LONGEST_SHOWN]
