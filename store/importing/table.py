"""Parses rows of cells into a responsibility table: headings, sections, projects. Pure; knows nothing of file formats.

> A table may be split by sections, over sheets or over pages with repeated headings. Rows that are not understood are
> left out with a warning; only a file without headings, without projects or full of formulas is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from store.importing.cell_parsing import is_blank, is_usual_phone, one_line, parse_people
from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.columns import EXPECTED_ROLES, ImportColumns, detect_columns, merge_second_heading_row
from store.importing.exceptions import FullOfFormulas, NoProjects, NotATable, Truncated
from store.importing.import_report import TableImportWarning
from store.importing.rows import RowReader, TableRow, row_excerpt
from store.importing.sections import (
    SectionHeading,
    category_in,
    is_numeral,
    is_section_heading,
    parse_section_heading,
    year_in,
)
from store.values.text import FORBIDDEN, normalize_name, sanitize

_BREAKS = re.compile("[\x0b\x0c\u2028\u2029]")
_FOOTERS = re.compile(r"注|备注|说明|填表|制表|联系人|审核|负责人|单位|日期|附件|第.*页")
_SUMS = re.compile(r"合\s*计|总\s*计|小\s*计|累\s*计")
_FORMULA = re.compile(r"\s*(=|[+\-@][A-Za-z_]+[(|!])")
"""Text that a spreadsheet program would compute: never taken as a name."""
_LONGEST_TITLE = 80
_NARROWEST = 3
"""The least number of columns of a row of a table."""
_FORMULA_SHARE = 4
"""A file is full of formulas from one formula in so many cells."""


@dataclass(frozen=True, slots=True)
class TableSection:
    """A part of the table. ``category`` is None where nothing says it; ``project_count`` includes
    subsections."""

    title: str
    category: str | None
    declared: int | None
    rows: tuple[TableRow, ...]
    project_count: int
    row: int | None = None


@dataclass(frozen=True, slots=True)
class ResponsibilityTable:
    """A responsibility table as read, with warnings."""

    title: str | None
    year: int | None
    sections: tuple[TableSection, ...]
    warnings: tuple[TableImportWarning, ...] = ()


def parse_table(source: CellSource) -> ResponsibilityTable:
    """The table. Raises `NotATable`, `NoProjects`, `FullOfFormulas` or `Truncated`."""
    parser = _TableParser(source, warnings=[*source.warnings])
    for row in source.rows:
        parser.feed(parser.cleaned(row))
    parser.check()
    return parser.table()


@dataclass(slots=True)
class _OpenSection:
    """A section whose rows are being collected."""

    heading: SectionHeading
    row: int | None
    rows: list[TableRow] = field(default_factory=list)


@dataclass(slots=True)
class _TableParser:
    """The state of parsing, row by row."""

    source: CellSource
    columns: ImportColumns | None = None
    latest: ImportColumns | None = None
    block: int = 0
    width: int = 0
    titles: list[str] = field(default_factory=list)
    sections: list[_OpenSection] = field(default_factory=list)
    warnings: list[TableImportWarning] = field(default_factory=list)
    seen: dict[str, TableRow] = field(default_factory=dict)
    after_headings: bool = False
    cells: int = 0
    formulas: int = 0

    def cleaned(self, row: SourceRow) -> SourceRow:
        """The row with sanitized text; warns where control characters were removed."""
        texts = [_BREAKS.sub("\n", cell.text.replace("\r\n", "\n").replace("\r", "\n")) for cell in row.cells]
        cells = [_cleaned_cell(cell, text) for cell, text in zip(row.cells, texts, strict=True)]
        if any(FORBIDDEN.search(text) for text in texts):
            self._warn(row.number, "control_characters")
        return row._replace(cells=tuple(cells))

    def feed(self, row: SourceRow) -> None:
        """Parse the next row."""
        filled = [cell for cell in row.cells if cell.formula or not is_blank(cell.text)]
        if row.block != self.block:
            self._start_block(row)
        if not filled or all(cell.merged for cell in filled):
            return
        if columns := detect_columns(row.cells):
            self._head(columns, row)
        elif self.columns is None:
            self._before_headings(row, filled)
        elif self.after_headings and (columns := merge_second_heading_row(self.columns, row.cells)):
            self.columns = self.latest = columns
        elif not self._section(row, filled) and row.number is not None:
            self._project(row, filled)
        self.after_headings = bool(columns)

    def _start_block(self, row: SourceRow) -> None:
        """A new sheet or table: it has its own headings, or continues with the columns of the one before."""
        self.block = row.block
        self.columns = self.latest if self.latest and len(row.cells) == self.width >= _NARROWEST else None

    def _head(self, columns: ImportColumns, row: SourceRow) -> None:
        known, first = columns == self.latest, self.latest is None
        if self.titles and first and is_section_heading(self.titles[-1]) and category_in(self.titles[-1]):
            self.sections.append(_OpenSection(parse_section_heading(self.titles.pop()), None))
        self.columns = self.latest = columns
        self.width = len(row.cells)
        if known:
            return
        fields = {column.field for column in columns}
        for role in EXPECTED_ROLES:
            if role not in fields:
                self._warn(row.number, f"missing_{role}")
        for column in columns:
            if column.heading and column.field is None:
                self._warn(row.number, "unknown_column", column.heading, heading=column.heading[:_LONGEST_TITLE])

    def _before_headings(self, row: SourceRow, cells: list[Cell]) -> None:
        if len(cells) == 1 and len(cells[0].text) <= _LONGEST_TITLE:
            self.titles.append(one_line(cells[0].text))
        elif self.latest and len(cells) >= _NARROWEST:
            self._warn(row.number, "ignored_row", text=row_excerpt(row.cells))

    def _section(self, row: SourceRow, cells: list[Cell]) -> bool:
        """Whether the row is a section heading; if so, a new section is begun."""
        text = cells[0].text
        if len(cells) == 2 and is_numeral(cells[0].text) and not cells[1].formula:
            text = f"{cells[0].text.strip()}、{cells[1].text}"
        elif len(cells) > 1 or not is_section_heading(text) or (row.number is None and not category_in(text)):
            return False
        self.sections.append(_OpenSection(parse_section_heading(text), row.number))
        return True

    def _project(self, row: SourceRow, cells: list[Cell]) -> None:
        reader = RowReader(self.columns or (), row)
        first = re.sub(r"\s+", "", cells[0].text)
        if _SUMS.match(first) or (len(cells) == 1 and _FOOTERS.match(first)):
            return
        fields = reader.fields()
        if row is self.source.rows[-1] or row.number == self.source.rows[-1].number:
            self._check_end(reader, row)
        if not fields & {"name"}:
            self._without_name(reader, row, bool(fields - {"number"}) or reader.number() is not None)
        elif len(cells) == 1 and reader.number() is None and len(row.cells) < 2:
            reader.warn("ignored_row", text=row_excerpt(row.cells))
        else:
            self._add(reader, reader.read())
        self.cells += len(cells)
        self.formulas += reader.formulas
        self.warnings += reader.warnings

    def _without_name(self, reader: RowReader, row: SourceRow, meant: bool) -> None:
        if reader.name_cell().formula:
            reader.warn("formula", "name")
        elif meant:
            reader.warn("missing_name", "name")
        else:
            reader.warn("ignored_row", text=row_excerpt(row.cells))

    def _add(self, reader: RowReader, row: TableRow) -> None:
        key = normalize_name(row.name)
        if not self.sections:
            title = self.titles[-1] if self.titles else ""
            self.sections.append(_OpenSection(SectionHeading(title, category_in(title), None, 1), None))
        rows = self.sections[-1].rows
        if reader.name_cell().merged and rows and normalize_name(rows[-1].name) == key:
            rows[-1] = _merged_rows(rows[-1], row)
        elif key in self.seen:
            reader.warn("duplicate_project", "name", name=row.name)
        else:
            self.seen[key] = row
            rows.append(row if row.number is not None else replace(row, number=len(rows) + 1))

    def _check_end(self, reader: RowReader, row: SourceRow) -> None:
        """Raises `Truncated` unless the last row of a text that may be cut off has all cells and does not end in a
        phone."""
        if self.source.complete or not self.columns:
            return
        wanted = max(place for place, column in enumerate(self.columns) if column.field) + 1
        last = row.cells[-1].text
        at_the_edge = len(row.cells) == wanted and (not last.strip() or _breaks_off(last))
        if reader.number() is not None and (len(row.cells) < wanted or at_the_edge):
            raise Truncated()

    def check(self) -> None:
        """Raises the error of a file that is no table."""
        cells = [cell for row in self.source.rows for cell in row.cells if cell.text or cell.formula]
        formulas = sum(cell.formula for cell in cells) if self.latest is None else self.formulas
        total = len(cells) if self.latest is None else self.cells
        if formulas and formulas * _FORMULA_SHARE >= total:
            raise FullOfFormulas(found=formulas)
        if self.latest is None:
            raise NotATable()
        if not self.seen:
            raise NoProjects()

    def table(self) -> ResponsibilityTable:
        """The table."""
        titles = [text for text in self.titles if year_in(text)] or self.titles
        title = titles[-1] if titles else None
        closed = [self._finished_section(place) for place in range(len(self.sections))]
        sections = tuple(section for section in closed if section.project_count or section.declared is not None)
        self._note_phones()
        return ResponsibilityTable(title, year_in(title) if title else None, sections, tuple(self.warnings))

    def _finished_section(self, place: int) -> TableSection:
        this = self.sections[place]
        count, category = len(this.rows), this.heading.category
        if this.heading.level == 1:
            for other in self.sections[place + 1 :]:
                if other.heading.level == 1:
                    break
                count += len(other.rows)
        elif category is None:
            above = [section.heading for section in self.sections[:place] if section.heading.level == 1]
            category = above[-1].category if above else None
        self._note_section(this, count, category)
        return TableSection(this.heading.title, category, this.heading.declared, tuple(this.rows), count, this.row)

    def _note_section(self, section: _OpenSection, project_count: int, category: str | None) -> None:
        declared = section.heading.declared
        if declared is not None and declared != project_count:
            title = section.heading.title[:_LONGEST_TITLE]
            self._warn(section.row, "count_differs", title=title, declared=declared, found=project_count)
        if category is None and section.rows:
            self._warn(section.row, "unknown_category")

    def _note_phones(self) -> None:
        people = [person for section in self.sections for row in section.rows for person in row.people]
        with_phone = {normalize_name(person.name) for person in people if person.phone}
        for person in people:
            if not person.phone and normalize_name(person.name) not in with_phone:
                self._warn(person.row, "missing_phone", person.column, name=person.name)

    def _warn(self, row: int | None, code: str, column: str | None = None, **values: object) -> None:
        self.warnings.append(TableImportWarning(row, column, code, values))


def _breaks_off(text: str) -> bool:
    """Whether a cell of people ends in an incomplete phone."""
    last = parse_people(text).people[-1:]
    return any(person.name[-1].isdigit() or (person.phone and not is_usual_phone(person.phone)) for person in last)


def _cleaned_cell(cell: Cell, text: str) -> Cell:
    text = sanitize(text)
    return cell._replace(text=text, formula=cell.formula or _FORMULA.match(text) is not None)


def _merged_rows(row: TableRow, more: TableRow) -> TableRow:
    """A project whose row is merged over several, with everybody named in them."""
    people = [*row.people]
    known = {(person.role, normalize_name(person.name), person.phone) for person in people}
    people += [
        person for person in more.people if (person.role, normalize_name(person.name), person.phone) not in known
    ]
    units = dict.fromkeys((*row.units, *more.units))
    return replace(row, people=tuple(people), units=tuple(units))
