"""The rows of a register's table: what their cells say by field, with what the lines between them say.

> A line of one text between the rows says something of those below (a department, a state, a year), or is told. Nothing
> of a table is dropped in silence but empty rows, sums, headings that are repeated, and signatures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from store.importing.cell_parsing import NO_DITTO, is_blank, is_ditto, one_line
from store.importing.cell_source import Cell, SourceRow
from store.importing.facts import yuan_unit
from store.importing.headings import SET_ASIDE
from store.importing.import_report import TableImportWarning
from store.importing.number_spans import spans_text
from store.importing.records.between import UNIT_FIELDS, said_between, said_by_place, year_between
from store.importing.records.shape import PROJECT_FIELD, PROJECT_NUMBER, RecordField, RecordRegister
from store.importing.sections import is_section_heading, year_in
from store.values.text import sanitize

_SUMS = re.compile(r"(?:合|小|总|共)计.{0,6}|.{0,6}(?:合|小|总)计")
_FOOTER = re.compile(
    r"(?:填[报表]|制表|审核|审批|注|备注|说明|联系|报送|负责|分管|主管|经办|统计|单位)(?:单位|领导|人|时间|日期)?(?:电话)?(?:[(（].{0,6}[)）])?\s*[:：].*|20\d\d年\d{1,2}月\d{1,2}日|第?\s*\d+\s*页.*"
)
_COLOURS = re.compile(r"[红黄绿蓝橙紫灰]色|标[红黄绿]|颜色|底色|[红黄绿蓝]底")
_SAMPLE = 200
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row: its number in the file, its texts by field, and its cells as they are. ``money``: how many yuan a number
    of a field is worth by the heading, or by the table's title; a field is not in it where neither says. ``year`` is
    that of the table, where its title or the line above says one."""

    number: int
    texts: Mapping[str, str]
    cells: tuple[str, ...]
    money: Mapping[str, int] = field(default_factory=dict)
    year: int | None = None

    def line(self, name: str) -> str:
        """The text of a field on one line; empty where the row has none."""
        return one_line(self.texts.get(name, ""))


@dataclass(slots=True)
class RecordTable:
    """The rows of all tables of a file that are the register's, and the columns of all with what each was taken for.
    The cells of every row stand below these headings, whatever order its own table has."""

    headings: tuple[str, ...]
    meanings: tuple[str | None, ...]
    rows: list[RecordRow] = field(default_factory=list)
    warnings: list[TableImportWarning] = field(default_factory=list)

    def places_of(self, headed: HeadedTable) -> list[int]:
        """Where each column of a table stands among the columns of all; one that no other table had is added."""
        places: list[int] = []
        for column in zip(headed.headings, headed.meanings, strict=True):
            place = next((n for n in range(len(self.headings)) if n not in places and self._is_at(n, *column)), None)
            if place is None:
                place = len(self.headings)
                self.headings, self.meanings = (*self.headings, column[0]), (*self.meanings, column[1])
            places.append(place)
        return places

    def _is_at(self, place: int, heading: str, meaning: str | None) -> bool:
        alike = meaning not in (None, SET_ASIDE) or self.headings[place] == heading
        return alike and self.meanings[place] == meaning

    def place_for(self, register: RecordRegister, name: str) -> int:
        """Where the column of a field stands; it is added where there is none."""
        if name not in self.meanings:
            known = register.field(name)
            self.headings, self.meanings = (*self.headings, known.heading if known else name), (*self.meanings, name)
        return self.meanings.index(name)


class HeadedTable(NamedTuple):
    """A sheet or table with the rows below its headings, and what these mean. ``titled`` is what the title says of
    fields that have no column: the last columns, which the rows do not have. ``written``: the rows of headings as they
    are; ``layout``: see `Part`."""

    place: str
    headings: tuple[str, ...]
    meanings: tuple[str | None, ...]
    rows: Sequence[SourceRow]
    titled: tuple[str, ...]
    written: tuple[tuple[str, ...], ...]
    above: list[str]
    layout: str

    @property
    def width(self) -> int:
        """How many columns the rows have."""
        return len(self.headings) - len(self.titled)

    def year(self) -> int | None:
        """The year that the title or the sheet's name says; None where they say several."""
        years = {year for text in self.above if (year := year_in(text))}
        return years.pop() if len(years) == 1 else None

    def lacking(self, register: RecordRegister) -> tuple[RecordField, ...]:
        """The fields that the register needs, and for which nothing stands: no column, and of projects no line between
        the rows."""
        lacking = register.lacking(self.meanings)
        between = lacking == (PROJECT_FIELD,) and any(
            "project" in said_between(register, _alone(row), projects=True)
            for row in self.rows[:_SAMPLE]
            if not _is_note(row)
        )
        return () if between else lacking

    @property
    def names_projects(self) -> bool:
        """Whether a column or the title names projects."""
        return not {PROJECT_FIELD.name, PROJECT_NUMBER.name}.isdisjoint(filter(None, self.meanings))

    def money(self, register: RecordRegister) -> dict[str, int]:
        """How many yuan a number of a field is worth by its heading."""
        known = zip(self.headings, map(register.field, map(str, self.meanings)), strict=True)
        units = {field.name: yuan_unit(heading) for heading, field in known if field and field.is_money}
        return {name: unit for name, unit in units.items() if unit}


def take_rows(table: RecordTable, register: RecordRegister, headed: HeadedTable) -> None:
    """Add the rows below these headings to the table, and what is to be told of them."""
    taker = _Taker(table, register, headed)
    for row in headed.rows:
        taker.take(row)
    taker.tell()


class _Taker:
    """Takes the rows of one table, in their order."""

    def __init__(self, table: RecordTable, register: RecordRegister, headed: HeadedTable) -> None:
        self._table, self._register, self._headed = table, register, headed
        self._places, self._money = table.places_of(headed), headed.money(register)
        self._added = tuple(map(Cell, headed.titled))
        self._above: Mapping[str, str] = {}
        self._year = headed.year()
        self._said: dict[str, str] = dict(said_by_place(register, headed.place, headed.meanings))
        self._needed = [each.name for each in register.fields if each.required]
        self._projects = PROJECT_FIELD.name in self._needed and not headed.names_projects
        self._carried: list[int] = []
        self._between: dict[str, list[int]] = {}
        self._stateless: list[int] = []

    def take(self, row: SourceRow) -> None:
        """Take a row, or note what it says of those below."""
        texts = _texts(row, self._headed.meanings, self._above)
        if row.number is None or _is_note(row) or _repeats(row, self._headed.written):
            self._note_colours(row)
            return
        alone = _alone(row)
        if alone and (not all(name in texts for name in self._needed) or self._is_between(alone)):
            self._read_between(row.number, alone)
        elif texts:
            self._add(row, texts)

    def _add(self, row: SourceRow, texts: dict[str, str]) -> None:
        whole = row._replace(cells=(*_filled(row.cells, self._headed.width), *self._added)) if self._added else row
        texts = _texts(whole, self._headed.meanings, self._above) if self._added else texts
        cells = dict(zip(self._places, (cell.text for cell in whole.cells), strict=False))
        number = row.number or 0
        for name, text in self._filled_in(number, texts).items():
            texts[name] = text
            cells[self._table.place_for(self._register, name)] = text
        if "state" in self._headed.meanings and "state" not in texts:
            self._stateless.append(number)
        in_place = tuple(cells.get(n, "") for n in range(len(self._table.headings)))
        self._table.rows.append(RecordRow(number, texts, in_place, self._money, self._year))
        self._table.warnings += _computed(row, self._headed.headings, self._headed.meanings)
        self._above = texts

    def _filled_in(self, number: int, texts: Mapping[str, str]) -> dict[str, str]:
        """What the lines between, and the row above, say of fields that the row leaves empty. A row without a project
        is of the project above it, as where that cell was merged over both; so is one without a unit in a list of
        people."""
        said = {name: text for name, text in self._said.items() if name not in texts}
        for name in said:
            self._between.setdefault(name, []).append(number)
        carried = "unit" if self._register.name == "people" else PROJECT_FIELD.name
        has = texts.keys() | said.keys()
        if carried not in has and "project_number" not in has and carried in self._above and self._is_more(texts):
            self._carried.append(number)
            said[carried] = self._above[carried]
        return said

    def _is_more(self, texts: Mapping[str, str]) -> bool:
        """Whether a row has all that it needs but the project."""
        return all(name in texts for name in self._needed if name != PROJECT_FIELD.name)

    def _is_between(self, text: str) -> bool:
        """Whether a text that stands alone where a name or title would is a line between all the same: with a section's
        numeral, or a unit where units are no records."""
        units = any(self._register.field(name) for name in UNIT_FIELDS)
        return is_section_heading(text) or (units and bool(said_between(self._register, text, projects=False)))

    def _read_between(self, number: int, text: str) -> None:
        """Note what a line of one text says of the rows below, or tell that it says nothing."""
        if (year := year_between(text)) is not None:
            self._year = year
            return
        said = said_between(self._register, text, projects=self._projects)
        self._said |= said
        if not said:
            self._warn(number, "ignored_row", text=text[:_SHOWN])

    def _note_colours(self, row: SourceRow) -> None:
        text = "".join(cell.text for cell in row.cells)
        if row.number is not None and _COLOURS.search(text):
            self._warn(row.number, "colours_unread", text=" ".join(text.split())[:_SHOWN])

    def tell(self) -> None:
        """Tell what was filled in, and how the table is laid out."""
        for text in self._headed.above:
            if _COLOURS.search(text):
                self._warn(None, "colours_unread", text=text[:_SHOWN])
        if self._headed.layout:
            self._warn(None, f"read_{self._headed.layout}", place=self._headed.place)
        if self._carried:
            self._warn(None, "carried_above", heading=self._heading_of_carried(), rows=spans_text(self._carried))
        if self._stateless:
            heading = self._headed.headings[self._headed.meanings.index("state")]
            self._warn(None, "state_unsaid", heading=heading, rows=spans_text(self._stateless))
        for name, rows in self._between.items():
            known = self._register.field(name)
            heading = known.heading if known else name
            self._warn(None, "from_between", heading=heading, rows=spans_text(rows))

    def _heading_of_carried(self) -> str:
        known = self._register.field("unit" if self._register.name == "people" else PROJECT_FIELD.name)
        return known.heading if known else ""

    def _warn(self, row: int | None, code: str, **values: object) -> None:
        self._table.warnings.append(TableImportWarning(row, None, code, values))


def _alone(row: SourceRow) -> str:
    """The only text of a row, which may be filled in cell by cell or stand in a merged cell; empty where there are
    several, or where it is a serial number or what reaches down from above."""
    texts = dict.fromkeys(one_line(cell.text) for cell in row.cells if cell.text.strip() and not cell.merged)
    (text, *others) = texts or ("",)
    below = any(cell.merged for cell in row.cells)
    return "" if others or below or len(text) < 2 or text.isdigit() else text


def _filled(cells: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    return (*cells[:width], *(Cell() for _place in range(width - len(cells))))


def _repeats(row: SourceRow, written: Sequence[Sequence[str]]) -> bool:
    """Whether a row is one of the headings once more, as at the top of each printed page."""
    return any(
        len(row.cells) >= len(headings)
        and all(one_line(cell.text) == heading for cell, heading in zip(row.cells, headings, strict=False))
        for headings in written
    )


def _computed(row: SourceRow, headings: Sequence[str], meanings: Sequence[str | None]) -> Iterator[TableImportWarning]:
    """A warning for each cell that is a formula and so left out."""
    for heading, meaning, cell in zip(headings, meanings, row.cells, strict=False):
        if cell.formula and meaning not in (None, SET_ASIDE):
            yield TableImportWarning(row.number, heading, "formula")


def _texts(row: SourceRow, meanings: Sequence[str | None], above: Mapping[str, str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for meaning, cell in zip(meanings, row.cells, strict=False):
        if meaning in (None, SET_ASIDE) or cell.formula:
            continue
        text = above.get(str(meaning), "") if is_ditto(cell.text) else cell.text
        if not is_blank(text) and (said := sanitize(text).strip().removesuffix(NO_DITTO)):
            texts[str(meaning)] = f"{texts[str(meaning)]}\n{said}" if str(meaning) in texts else said
    return texts


def _is_note(row: SourceRow) -> bool:
    """Whether a row is a sum or a note below the table."""
    texts: list[str] = []
    for cell in row.cells:
        text = "".join(cell.text.split())
        if text and text not in texts:
            texts.append(text)
        if len(texts) == 2:
            break
    if any(map(_SUMS.fullmatch, texts)):
        return True
    return bool(texts) and all(_FOOTER.fullmatch("".join(cell.text.split())) for cell in row.cells if cell.text.strip())
