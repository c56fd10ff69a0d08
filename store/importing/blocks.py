"""Parses one sheet or Word table of a file: headings, sections, projects. Pure; knows nothing of file formats.

> A table may be split by sections or over pages with repeated headings, and may have two blocks side by side. Rows that
> are not understood are left out with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from store.importing.cell_parsing import (
    CellPerson,
    half_width,
    is_blank,
    is_usual_phone,
    one_line,
    parse_cell_phones,
    split_units,
)
from store.importing.cell_source import Cell, SourceRow
from store.importing.columns import ColumnMapping, ImportColumn, ImportColumns, ImportHeading, detect_heading
from store.importing.exceptions import Truncated
from store.importing.facts import category_of, yuan_unit
from store.importing.headings import EXPECTED_ROLES, SET_ASIDE, meaning_of, normalize_heading
from store.importing.import_report import TableImportWarning
from store.importing.name_parsing import begins_as_name, is_no_name, is_unit
from store.importing.registers import tells_of_roles
from store.importing.rows import RowReader, TableRow, row_excerpt
from store.importing.sections import (
    SectionHeading,
    category_in,
    is_numeral,
    is_plain_section,
    is_section_heading,
    parse_section_heading,
    title_category,
)
from store.values.name_cores import name_core
from store.values.text import normalize_name

_FOOTERS = re.compile(
    r"[*※]?(?:注|备注|说明|附注|填表|填报|制表|制作|联系人|联系电话|审核|审批|负责人|单位|日期|附件|第.*页|以上|本表|（?此页|\(?此页|统计|报送|主要领导|签字)"
)
_SUMS = re.compile(r"(?:.{0,12})?(?:合计|总计|小计|累计|共计|总个?数|平均)(?:\(.*\)|:?共?\d+.{0,3})?")
_NOTES = re.compile(r"[*※]?(?:注|备注|说明|附注|填表说明|填报说明)[:：]?")
_FILLED_IN = re.compile(
    r"(?=..)(?:填[表报写]|制表|制作|编制|录入|报送|上报|审核|复核|审批|审定|统计|印发|抄送|主送|抄报|截[至止]|更新|联系|负责|经办|主管|分管|单位|主要)*"
    r"(?:人|人员|负责人|领导|单位|部门|日期|时间|电话|方式)?(?:签[字名]|盖章)?:?"
)
"""The label of who filled a table in, and when, in a cell of its own."""
_EXAMPLE = re.compile(r"\(?(?:示|样|范)?例(?:子|如|表)?\)?|举例|样表|示范")
_LABEL = re.compile(r"[\u4e00-\u9fff]{2,12}:?")
_NO_PROJECT = re.compile(
    r"[\W_]*|\([^()]*\)|(?:(?:某某|[xX×*]{2}|○○).*|某)(?:项目|工程|公司|企业)|.{0,2}预留.{0,2}|以下空白|20\d\d[年./-]\d{1,2}(?:月|[月./-]\d{1,2}日?)?"
)
"""What stands in the place of a project's name and is none: dots, a remark in brackets, 某某项目, a date."""
_COUNTS = ("甲乙丙丁戊己庚辛壬癸", "一二三四五六七八九十", "abcdefghijkl")
_LONGEST_TITLE = 80
_NARROWEST = 3
"""The least number of columns of a row of a table."""
_BARE_CATEGORY = re.compile(r"(?:新建|续建|新开工|结转|正在推进)(?:类|项目)?")
_LOOK_AHEAD = 3
_LONGEST_CATEGORY = 12
_MOST_ROWS_TOLD = 20


@dataclass(slots=True)
class OpenSection:
    """A section whose rows are being collected; ``continues`` the last one of the block before."""

    heading: SectionHeading
    row: int | None
    rows: list[TableRow] = field(default_factory=list)
    continues: bool = False


@dataclass(slots=True)
class BlockParser:
    """Parses the rows of one block. ``columns`` are at first those of the block before, where this one may continue it;
    ``section`` likewise. ``whole``: the block does not end where a cut file ends."""

    rows: Sequence[SourceRow]
    place: str = ""
    mapping: ColumnMapping = field(default_factory=dict)
    columns: ImportColumns | None = None
    section: OpenSection | None = None
    whole: bool = True
    heading: ImportHeading | None = None
    titles: list[str] = field(default_factory=list)
    sections: list[OpenSection] = field(default_factory=list)
    warnings: list[TableImportWarning] = field(default_factory=list)
    seen: dict[str, TableRow] = field(default_factory=dict)
    money: int | None = None
    cells: int = 0
    formulas: int = 0
    heading_row: int | None = None
    _above: RowReader | None = None
    _labels: tuple[str, ...] = ()
    _sums_follow: bool = False

    def parse(self) -> BlockParser:
        """Parse all rows. Raises `Truncated`."""
        rows = self.rows
        at = 0
        while at < len(rows):
            row = rows[at]
            filled = [cell for cell in row.cells if cell.formula or not is_blank(cell.text)]
            if not filled or all(cell.merged for cell in filled):
                at += 1
                continue
            heading = self._heading_at(at, row)
            if heading is not None and self.heading is None and (halves := _side_by_side(rows, at, heading)):
                self.rows = rows = halves
                continue
            if heading is not None:
                self._head(heading, row)
                at = self._filled_from(at)[heading.height - 1] + 1
                continue
            self._row(row, filled)
            at += 1
        self._carry_categories()
        return self

    def _carry_categories(self) -> None:
        """Give rows whose category is left empty that of the row above, where it stands only where it changes: formats
        without merged cells write it so. It is told."""
        rows = [row for section in self.sections for row in section.rows]
        stated = [row.category for row in rows if row.category is not None]
        once = all(before != after for before, after in pairwise(stated))
        in_column = any(column.field == "category" for column in self.columns or ())
        if not (in_column and once and stated and rows[0].category) or len(stated) == len(rows):
            return
        current, carried = stated[0], []
        for section in self.sections:
            for place, row in enumerate(section.rows):
                current = row.category or current
                if row.category is None:
                    section.rows[place] = replace(row, category=current)
                    carried.append(str(row.row))
        shown = ", ".join((*carried[:_MOST_ROWS_TOLD], *(["…"] if len(carried) > _MOST_ROWS_TOLD else [])))
        self._warn(None, "carried_category", rows=shown)

    def _heading_at(self, at: int, row: SourceRow) -> ImportHeading | None:
        """The heading that begins at a row. A row whose first cell is a number, or without a word of the heading that
        is known already, is none: this is asked of every row of a long table."""
        if row.number is None:
            return None
        if self.heading is not None:
            if row.cells and row.cells[0].text.strip().isdecimal():
                return None
            labels = [normalize_heading(cell.text) for cell in row.cells]
            if not any(label in self._labels for label in labels if label):
                return None
        return detect_heading([self.rows[place].cells for place in self._filled_from(at)], self.mapping)

    def _filled_from(self, at: int) -> list[int]:
        """The places of the next rows that are not blank, as many as a heading can have."""
        ahead = range(at, min(at + 2 * _LOOK_AHEAD, len(self.rows)))
        return [place for place in ahead if any(cell.text.strip() for cell in self.rows[place].cells)][:_LOOK_AHEAD]

    def _head(self, heading: ImportHeading, row: SourceRow) -> None:
        known = self.heading is not None and self.heading.columns == heading.columns
        first = self.heading is None and self.columns is None
        if self.titles and first and is_section_heading(self.titles[-1]) and category_in(self.titles[-1]):
            self.sections.append(OpenSection(parse_section_heading(self.titles.pop()), None))
        self.heading, self.columns, self.heading_row = heading, self._with_content(heading), row.number
        self._labels = (*self._labels, *(part for column in heading.columns for part in _labels_of(column.heading)))
        if known:
            return
        fields = {part for column in heading.columns for part in (column.field or "").split("&")}
        for role in EXPECTED_ROLES:
            if role not in fields:
                self._warn(row.number, f"missing_{role}")

    def _with_content(self, heading: ImportHeading) -> ImportColumns:
        """The columns with one that has no heading or tells of the state, but only categories in it, known as such; and
        a legal person's (项目法人) that holds units as the owner's. Where nothing else tells of a responsibility table,
        a guessed role (项目名称, 经办人) is not understood."""
        fields = {column.field for column in heading.columns}
        columns = list(heading.columns)
        if not tells_of_roles(columns, self.titles):
            columns = [column._replace(field=None) if column.guessed else column for column in columns]
        for place, column in enumerate(columns):
            if column.field in (None, "stage", SET_ASIDE) and not fields & {"category"}:
                if self._holds_categories(place, column.heading):
                    columns[place], fields = column._replace(field="category"), fields | {"category"}
            elif column.field == "owner" and (phoned := self._holds_people(place)) is not None:
                free = phoned and "enterprise_contact" not in fields
                columns[place] = column._replace(field="enterprise_contact" if free else None, guessed=True)
            elif _may_be_owner(column) and not fields & {"owner"} and self._holds_units(place):
                columns[place] = column._replace(field="owner")
        return tuple(columns)

    def _holds_people(self, place: int) -> bool | None:
        """Whether the people that all cells of a column hold instead of companies have phones; None where it holds
        companies, which the first of them tells."""
        texts = (row.cells[place].text for row in self.rows if place < len(row.cells) and row.number is not None)
        people: list[CellPerson] = []
        for text in texts:
            if is_blank(text) or meaning_of(normalize_heading(text)):
                continue
            units, said = split_units(text)
            if units or not all(person.phone or begins_as_name(person.name) for person in said.people):
                return None
            people += said.people
        return all(person.phone for person in people) if people else None

    def _holds_units(self, place: int) -> bool:
        """Whether most cells of a column are units."""
        texts = [row.cells[place].text for row in self.rows if place < len(row.cells) and row.number is not None]
        held = [one_line(text) for text in texts if not is_blank(text)]
        return 2 * sum(is_unit(text) for text in held) > len(held)

    def _holds_categories(self, place: int, heading: str) -> bool:
        """Whether the cells of a column, beside others that are filled, are categories; below a heading of its own all
        of them, and the bare word (续建)."""
        rows = [row.cells for row in self.rows if sum(bool(cell.text) for cell in row.cells) >= _NARROWEST]
        texts = [cells[place].text for cells in rows if place < len(cells) and cells[place].text.strip()]
        if heading:
            below = [text for text in texts if normalize_heading(text) not in _labels_of(heading)]
            return bool(below) and all(_BARE_CATEGORY.fullmatch("".join(text.split())) for text in below)
        known = sum(category_of(text) is not None and len(text) <= _LONGEST_CATEGORY for text in texts)
        return 0 < len(texts) <= known + 1 and known > 0

    def _row(self, row: SourceRow, filled: list[Cell]) -> None:
        if self.columns is None:
            self._before_headings(row, filled)
        elif not self._section(row, filled) and row.number is not None:
            self._project(row, filled)

    def _before_headings(self, row: SourceRow, cells: list[Cell]) -> None:
        texts = list(dict.fromkeys(cell.text for cell in cells))
        for text in texts:
            self.money = yuan_unit(text) or self.money
        if len(texts) == 1 and len(texts[0]) <= _LONGEST_TITLE and not cells[0].formula:
            self.titles.append(one_line(texts[0]))

    def _section(self, row: SourceRow, cells: list[Cell]) -> bool:
        """Whether the row is a section heading; if so, a new section is begun. Its other cells may hold sums."""
        if any(cell.formula for cell in cells):
            cells = [cell for cell in cells if not cell.formula]
        texts = list(dict.fromkeys(cell.text for cell in cells if not re.fullmatch(r"[\d.,\s]+[个项]?", cell.text)))
        numbered = row.cells and re.fullmatch(r"\s*\d+\s*", row.cells[0].text)
        if not texts or (numbered and (len(texts) > 1 or not is_plain_section(texts[0]))):
            return False
        text = texts[0]
        if len(texts) == 2 and is_numeral(texts[0]):
            text = f"{texts[0].strip()}、{texts[1]}"
        elif len(texts) > 1 or not (is_section_heading(text) or is_plain_section(text)):
            return False
        if _SUMS.fullmatch(re.sub(r"\s+", "", half_width(text))) and self.seen and not self._begun_by_sums():
            return False
        if row.number is None and not category_in(text):
            return False
        self.sections.append(OpenSection(parse_section_heading(text), row.number))
        return True

    def _begun_by_sums(self) -> bool:
        """Whether sections begin with their sums (续建项目合计3个), and do not end with them."""
        return bool(self.sections) and self.sections[0].row is not None and not self._sums_follow

    def _project(self, row: SourceRow, cells: list[Cell]) -> None:
        reader = RowReader(self.columns or (), row, self._above, self.money)
        if _is_sum_or_note(reader, cells):
            self._sums_follow = self._sums_follow or bool(self.seen)
            return
        if _is_no_project(reader):
            reader.warn("ignored_row", text=row_excerpt(row.cells))
            self.warnings += reader.warnings
            return
        fields = reader.fields()
        if not self.whole and row is self.rows[-1]:
            self._check_end(reader, row)
        if not fields & {"name"}:
            self._without_name(reader, row, bool(fields - {"number"}) or reader.number() is not None)
        elif len(cells) == 1 and reader.number() is None:
            reader.warn("ignored_row", text=row_excerpt(row.cells))
        else:
            self._add(reader, reader.read())
        self.cells += len(cells)
        self.formulas += reader.formulas
        self.warnings += reader.warnings
        self._above = reader.close()

    def _without_name(self, reader: RowReader, row: SourceRow, meant: bool) -> None:
        rows = self.sections[-1].rows if self.sections else []
        if reader.name_cell().formula:
            reader.warn("formula", "name")
        elif rows and reader.fields() and not reader.fields() & {"number"} and self._is_numbered():
            more = reader.read()
            reader.warnings = [warning for warning in reader.warnings if not warning.code.startswith("missing_")]
            rows[-1] = _merged_rows(rows[-1], more)
        elif meant:
            reader.warn("missing_name", "name")
        else:
            reader.warn("ignored_row", text=row_excerpt(row.cells))

    def _is_numbered(self) -> bool:
        """Whether projects have numbers, so that a row without number and name goes on with the project above it. In a
        table without numbers a row without a name is a fault."""
        return any(row.number is not None for row in self.seen.values())

    def _add(self, reader: RowReader, row: TableRow) -> None:
        key = name_core("project", row.name)
        if not self.sections:
            title = next((text for text in reversed(self.titles) if title_category(text)), "")
            title = title or (self.titles[-1] if self.titles else "")
            category = title_category(title) or category_of(self.place)
            heading = SectionHeading(title or (self.place if category else ""), category, None, 1)
            before = self.section if category is None and not title else None
            self.sections.append(OpenSection(before.heading if before else heading, None, continues=before is not None))
        rows = self.sections[-1].rows
        if reader.name_cell().merged and rows and name_core("project", rows[-1].name) == key:
            rows[-1] = _merged_rows(rows[-1], row)
        elif key in self.seen:
            reader.warn("duplicate_project", "name", name=row.name)
        else:
            self.seen[key] = row
            rows.append(row)

    def _check_end(self, reader: RowReader, row: SourceRow) -> None:
        """Raises `Truncated` unless the last row of a text that may be cut off has all cells and does not end in a
        phone."""
        wanted = max(place for place, column in enumerate(self.columns or ()) if column.field) + 1
        last = row.cells[-1].text
        at_the_edge = len(row.cells) == wanted and (not last.strip() or _breaks_off(last))
        if reader.number() is not None and (len(row.cells) < wanted or at_the_edge):
            raise Truncated()

    def _warn(self, row: int | None, code: str, column: str | None = None, **values: object) -> None:
        self.warnings.append(TableImportWarning(row, column, code, values))


def _may_be_owner(column: ImportColumn) -> bool:
    return (column.guessed or column.field is None) and "法人" in column.heading


def _labels_of(heading: str) -> list[str]:
    return [label for part in heading.split("/") if (label := normalize_heading(part))]


def _is_sum_or_note(reader: RowReader, cells: Sequence[Cell]) -> bool:
    """Whether a row is a sum, a note below the table, or who filled it in."""
    texts = [re.sub(r"\s+", "", half_width(cell.text[:_LONGEST_TITLE])) for cell in cells]
    name = re.sub(r"\s+", "", half_width(reader.text("name")[:_LONGEST_TITLE]))
    if any(_SUMS.fullmatch(text) for text in (*texts[:2], name)) or _numbers_columns(texts):
        return True
    if _NOTES.fullmatch(texts[0]) and reader.number() is None:
        return True
    if len(set(texts)) == 1 and reader.number() is None:
        return _FOOTERS.match(texts[0]) is not None
    noted = [text for text in texts if re.match(rf"{_FOOTERS.pattern}[^:：]{{0,10}}[:：]", text)]
    return reader.number() is None and bool(noted) and texts[0] in noted


def _is_no_project(reader: RowReader) -> bool:
    """Whether what stands in a project's place is a label with what it labels (制表日期 | 3月1日), an example, or no
    name at all."""
    number, name = (re.sub(r"\s+", "", half_width(reader.text(field))[:_LONGEST_TITLE]) for field in ("number", "name"))
    if not name:
        return False
    if _NO_PROJECT.fullmatch(name) or _FILLED_IN.fullmatch(name) or is_no_name(name) or _EXAMPLE.fullmatch(number):
        return True
    if reader.number() is not None or not _LABEL.fullmatch(number) or is_numeral(number) or category_in(number):
        return False
    return _FILLED_IN.fullmatch(number) is not None or not reader.names_people()


def _numbers_columns(texts: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: 1, 2, 3 or 甲, 乙, 丙."""
    bare = [text.strip("()栏").casefold() for text in texts]
    if len(bare) < _NARROWEST:
        return False
    digits = re.fullmatch(r"[0-9]{1,2}", bare[0]) is not None and bare == [
        str(int(bare[0]) + step) for step in range(len(bare))
    ]
    return digits or any("".join(bare) in signs and all(len(text) == 1 for text in bare) for signs in _COUNTS)


def _side_by_side(rows: Sequence[SourceRow], at: int, heading: ImportHeading) -> list[SourceRow]:
    """The rows of blocks that stand side by side, one below the other; empty where there is one block only."""
    labels = [normalize_heading(cell.text) for cell in rows[at].cells]
    first = next((label for label in labels if label), "")
    starts = [place for place, label in enumerate(labels) if label == first]
    if len(starts) < 2 or heading.columns[starts[0]].field not in ("number", "name"):
        return []
    ends = [*starts[1:], max(len(row.cells) for row in rows)]
    height = heading.height
    parts = [
        [row._replace(cells=row.cells[start:end]) for row in rows[at:]] for start, end in zip(starts, ends, strict=True)
    ]
    if any(detect_heading([row.cells for row in part[:height]]) is None for part in parts):
        return []
    return [*rows[:at], *(row for part in parts for row in part)]


def _breaks_off(text: str) -> bool:
    """Whether a cell of people ends in an incomplete phone or name."""
    if len(text.strip()) == 1 and not is_blank(text):
        return True
    phones = parse_cell_phones(text)
    return re.search(r"\d$", text.strip()) is not None and not (phones and is_usual_phone(phones[-1]))


def _merged_rows(row: TableRow, more: TableRow) -> TableRow:
    """A project whose row is merged over several, with everybody named in them; who has a phone in one of them only, is
    one person."""
    phoned = {(person.role, normalize_name(person.name)) for person in more.people if person.phone}
    people = [
        person for person in row.people if person.phone or (person.role, normalize_name(person.name)) not in phoned
    ]
    known = {(person.role, normalize_name(person.name), person.phone) for person in people}
    people += [
        person for person in more.people if (person.role, normalize_name(person.name), person.phone) not in known
    ]
    units = dict.fromkeys((*row.units, *more.units))
    return replace(row, people=tuple(people), units=tuple(units))
