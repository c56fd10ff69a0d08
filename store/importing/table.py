"""Parses rows of cells into a responsibility table: judges each sheet or table of a file, and takes those that are one.

> Judge first: a table is taken only when every column that holds names is understood or set aside. A table of another
> register is refused by its name, of tables of several years the newest is taken, and what is left out is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from store.importing.adjoining_tables import continues_table, grouped_tables
from store.importing.blocks import BlockParser, OpenSection
from store.importing.cell_parsing import is_blank
from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.columns import ColumnMapping, ImportColumns, columns_of, field_said
from store.importing.exceptions import FullOfFormulas, NoProjects, NotATable
from store.importing.headings import SET_ASIDE, normalize_heading
from store.importing.import_report import TableImportWarning
from store.importing.judge import asked_column, cell_texts, columns_with_names, shown_columns, unknown_keys
from store.importing.refusals import (
    ColumnNotThere,
    ColumnsNotUnderstood,
    HeadingsNotUnderstood,
    OtherTableRefused,
    ReportRefused,
)
from store.importing.registers import is_report, other_register, unknown_register
from store.importing.rows import TableRow, row_excerpt
from store.importing.sections import year_in
from store.values.name_cores import name_core
from store.values.text import FORBIDDEN, normalize_name, sanitize

_BREAKS = re.compile("[\x0b\x0c\u2028\u2029]")
_FORMULA = re.compile(r"\s*(=|[+\-@][A-Za-z_]+[(|!])")
"""Text that a spreadsheet program would compute: never taken as a name."""
_NO_TITLE = re.compile(r"附件|附表|附：|填报|单位|制表|日期|页")
_SPARE_PLACE = re.compile(r"样表|示例|模板|模版|填报说明|填表说明|备份|作废|旧表|旧版|调整前|历史")
_LATEST_PLACE = re.compile(r"(?:调整|修订|更新|修改|变更)后|最新|定稿|终稿|新版")
_LONGEST_TITLE = 80
_NARROWEST = 3
"""The least number of columns of a row of a table."""
_MOST_TOLD = 20
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
    """A responsibility table as read, with warnings, and what its columns were taken for."""

    title: str | None
    year: int | None
    sections: tuple[TableSection, ...]
    warnings: tuple[TableImportWarning, ...] = ()
    columns: ImportColumns = ()


def parse_table(
    source: CellSource, mapping: ColumnMapping | None = None, *, accept: bool = False, this_year: int | None = None
) -> ResponsibilityTable:
    """The table. ``mapping`` is what a person said of columns; with ``accept`` columns that are not understood are set
    aside. Beside a table without a year those of years before ``this_year`` are former ones. Raises `NotATable`,
    `OtherTableRefused`, `ColumnsNotUnderstood`, `ColumnNotThere`, `FullOfFormulas` or `Truncated`."""
    return _Judge(source, mapping or {}, accept, this_year).table()


@dataclass(slots=True)
class _Judge:
    """Parses the blocks of a file, chooses those that are the responsibility table, and joins them."""

    source: CellSource
    mapping: ColumnMapping
    accept: bool
    this_year: int | None
    warnings: list[TableImportWarning] = field(default_factory=list)

    def table(self) -> ResponsibilityTable:
        self.warnings += self.source.warnings
        blocks = self._blocks()
        refusals = {id(block): refusal for block in blocks if (refusal := self._refusal(block))}
        tables = [block for block in blocks if block.columns and block.seen and id(block) not in refusals]
        self._check(blocks, tables, list(refusals.values()))
        chosen = self._chosen(tables)
        for block in blocks:
            if id(block) in refusals:
                self._warn(None, "other_table_left_out", place=self._place(block, blocks))
            elif block.columns is None:
                self._note_rows(block)
        self._check_columns(chosen)
        sections = self._sections(chosen)
        self._note_phones(sections)
        self._note_columns(chosen)
        title = next(filter(None, map(_title, chosen)), None)
        year = next(filter(None, map(_year, chosen)), None)
        return ResponsibilityTable(title, year, sections, tuple(self.warnings), chosen[0].columns or ())

    def _blocks(self) -> list[BlockParser]:
        """Every sheet or table, parsed. One without headings continues the one before when it is as wide."""
        blocks: list[BlockParser] = []
        groups = list(grouped_tables([self._cleaned(row) for row in self.source.rows], self.mapping))
        for at, (number, rows) in enumerate(groups):
            place = self.source.places[number] if number < len(self.source.places) else ""
            before = next((block for block in reversed(blocks) if block.columns), None)
            fits = before is not None and continues_table(rows, before.columns or (), self.mapping)
            blocks.append(
                BlockParser(
                    rows,
                    place,
                    self.mapping,
                    before.columns if before and fits else None,
                    before.sections[-1] if before and before.sections else None,
                    self.source.complete or at < len(groups) - 1,
                ).parse()
            )
        return blocks

    def _cleaned(self, row: SourceRow) -> SourceRow:
        """The row with sanitized text; warns where control characters were removed."""
        texts = [_BREAKS.sub("\n", cell.text.replace("\r\n", "\n").replace("\r", "\n")) for cell in row.cells]
        if any(FORBIDDEN.search(text) for text in texts):
            self._warn(row.number, "control_characters")
        return row._replace(cells=tuple(_cleaned_cell(cell, text) for cell, text in zip(row.cells, texts, strict=True)))

    def _refusal(self, block: BlockParser) -> OtherTableRefused | None:
        """The error that refuses a block as another register's."""
        if block.heading is None:
            if block.columns is not None:
                return None
            return unknown_register([[cell.text for cell in row.cells] for row in block.rows[:10]])
        counted = [
            column
            for number, column in enumerate(block.heading.columns, 1)
            if field_said(column, number, self.mapping) != SET_ASIDE
        ]
        return other_register(counted, block.titles)

    def _check(
        self, blocks: Sequence[BlockParser], tables: Sequence[BlockParser], refusals: Sequence[OtherTableRefused]
    ) -> None:
        """Raises the error of a file that has no responsibility table."""
        headed = [block for block in blocks if block.columns]
        cells = [cell for row in self.source.rows for cell in row.cells if cell.text or cell.formula]
        formulas = sum(block.formulas for block in headed) if headed else sum(_is_formula(cell) for cell in cells)
        total = sum(block.cells for block in headed) if headed else len(cells)
        if formulas and formulas * _FORMULA_SHARE >= total:
            raise FullOfFormulas(found=formulas)
        if tables and not any(is_report(block.rows, block.place) for block in blocks):
            return
        if tables:
            raise ReportRefused()
        if refusals:
            raise refusals[0]
        if headed:
            raise NoProjects()
        seen = next((columns for block in blocks if (columns := _likely_headings(block))), ())
        if seen:
            lacks = "butler" if any(column.field == "name" for column in seen) else "name"
            raise HeadingsNotUnderstood(
                seen=shown_columns(seen), headings=tuple(column.heading for column in seen), lacks=lacks
            )
        raise NotATable()

    def _note_rows(self, block: BlockParser) -> None:
        """Tell the rows of a table without headings, the first ones of a long table."""
        for row in block.rows[:_MOST_TOLD]:
            if sum(not is_blank(cell.text) for cell in row.cells) >= _NARROWEST:
                self._warn(row.number, "ignored_row", text=row_excerpt(row.cells))

    def _chosen(self, tables: Sequence[BlockParser]) -> list[BlockParser]:
        """The tables that are taken: of the newest year, without samples and spare copies."""
        current = [table for table in tables if not _SPARE_PLACE.search(table.place + (_title(table) or ""))] or [
            *tables
        ]
        newest = max((year for table in current if (year := _year(table))), default=None)
        undated = any(_year(table) is None for table in current)
        if undated and newest is not None and self.this_year is not None and newest < self.this_year:
            newest = None
        chosen = _without_former([table for table in current if _year(table) in (None, newest)])
        for table in tables:
            if table not in chosen:
                year = _year(table)
                place = self._place(table, tables)
                self._warn(table.heading_row, "table_left_out", place=place, year=year or "", count=len(table.seen))
        return chosen

    def _place(self, block: BlockParser, blocks: Sequence[BlockParser]) -> str:
        title = _title(block)
        if sum(each.place == block.place for each in blocks) > 1 and title:
            return f"{block.place} {title}".strip()
        return block.place or title or str(1 + [id(each) for each in blocks].index(id(block)))

    def _check_columns(self, chosen: Sequence[BlockParser]) -> None:
        """Raises `ColumnNotThere` or `ColumnsNotUnderstood`."""
        columns = chosen[0].columns or ()
        if missing := unknown_keys(self.mapping, chosen):
            raise ColumnNotThere(column=missing[0], seen=shown_columns(columns))
        asked = [
            asked_column(block, column, number)
            for block in chosen
            for number, column in columns_with_names(block, self.mapping)
        ]
        if asked and not self.accept:
            names = list(dict.fromkeys(column.heading for column in asked))
            different = tuple({column.key: column for column in asked}.values())
            raise ColumnsNotUnderstood(
                columns="、".join(names), seen=shown_columns(columns), first=asked[0].key, asked=different
            )

    def _sections(self, chosen: Sequence[BlockParser]) -> tuple[TableSection, ...]:
        """The sections of all tables, a project in the first place that lists it."""
        joined: list[OpenSection] = []
        seen: dict[str, TableRow] = {}
        for block in chosen:
            self.warnings += block.warnings
            for section in block.sections:
                rows = [row for row in section.rows if self._is_new(row, seen)]
                if section.continues and joined:
                    joined[-1].rows.extend(rows)
                else:
                    joined.append(OpenSection(section.heading, section.row, rows))
        closed = [self._finished_section(joined, place) for place in range(len(joined))]
        return tuple(section for section in closed if section.project_count or section.declared is not None)

    def _is_new(self, row: TableRow, seen: dict[str, TableRow]) -> bool:
        key = name_core("project", row.name)
        before = seen.setdefault(key, row)
        if before is not row and (before.people, before.units) != (row.people, row.units):
            self._warn(row.row, "duplicate_project", None, name=row.name)
        return before is row

    def _finished_section(self, sections: Sequence[OpenSection], place: int) -> TableSection:
        this = sections[place]
        count, category = len(this.rows), this.heading.category
        if this.heading.level == 1:
            for other in sections[place + 1 :]:
                if other.heading.level == 1:
                    break
                count += len(other.rows)
        elif category is None:
            above = [section.heading for section in sections[:place] if section.heading.level == 1]
            category = above[-1].category if above else None
        self._note_section(this, count, category)
        rows = tuple(row if row.number is not None else replace(row, number=n) for n, row in enumerate(this.rows, 1))
        return TableSection(this.heading.title, category, this.heading.declared, rows, count, this.row)

    def _note_section(self, section: OpenSection, project_count: int, category: str | None) -> None:
        declared = section.heading.declared
        if declared is not None and declared != project_count:
            title = section.heading.title[:_LONGEST_TITLE]
            self._warn(section.row, "count_differs", title=title, declared=declared, found=project_count)
        if category is None and any(row.category is None for row in section.rows):
            self._warn(section.row, "unknown_category")

    def _note_phones(self, sections: Sequence[TableSection]) -> None:
        people = [person for section in sections for row in section.rows for person in row.people]
        with_phone = {normalize_name(person.name) for person in people if person.phone}
        for person in people:
            if not person.phone and normalize_name(person.name) not in with_phone:
                self._warn(person.row, "missing_phone", person.column, name=person.name)

    def _note_columns(self, chosen: Sequence[BlockParser]) -> None:
        """Tell which columns with text in them are not read, and what those were taken for that others decided."""
        for block in chosen:
            for number, column in enumerate(block.columns or (), 1):
                if block.heading and column.guessed:
                    role = str(column.field).rpartition("&")[2]
                    self._warn(block.heading_row, f"guessed_{role}", column.heading, heading=column.heading)
                unread = column.field in (None, SET_ASIDE) and field_said(column, number, self.mapping) is None
                if block.heading and unread and column.heading and any(cell_texts(block, number - 1)):
                    shown = column.heading[:_LONGEST_TITLE]
                    self._warn(block.heading_row, "unknown_column", column.heading, heading=shown)

    def _warn(self, row: int | None, code: str, column: str | None = None, **values: object) -> None:
        self.warnings.append(TableImportWarning(row, column, code, values))


def _without_former(tables: Sequence[BlockParser]) -> list[BlockParser]:
    """The tables without those that one of adjusted ones replaces: it lists all their projects."""
    latest = [table for table in tables if _LATEST_PLACE.search(table.place + (_title(table) or ""))]
    replaced = {name for table in latest for name in table.seen}
    return [table for table in tables if table in latest or not set(table.seen) <= replaced]


def _title(block: BlockParser) -> str | None:
    titles = [text for text in block.titles if year_in(text)]
    titles = titles or [text for text in block.titles if not _NO_TITLE.match(text)] or block.titles
    return titles[-1] if titles else None


def _year(block: BlockParser) -> int | None:
    return year_in(_title(block) or "") or year_in(block.place)


def _likely_headings(block: BlockParser) -> ImportColumns:
    """The columns of the first row that looks like headings of a table; none where there is no such row."""
    for row in block.rows[:10]:
        texts = [re.sub(r"\s+", "", cell.text) for cell in row.cells if not is_blank(cell.text)]
        if any(re.search(r"\d{3}", text) or text.isdigit() for text in texts):
            continue
        if (
            row.number is not None
            and len(texts) >= _NARROWEST
            and all(len(normalize_heading(text)) < 20 for text in texts)
        ):
            columns = columns_of([[Cell(text) for text in texts]], block.mapping)
            return tuple(column for column in columns if column.heading)
    return ()


def _is_formula(cell: Cell) -> bool:
    return cell.formula


def _cleaned_cell(cell: Cell, text: str) -> Cell:
    text = sanitize(text)
    return cell._replace(text=text, formula=cell.formula or _FORMULA.match(text) is not None)
