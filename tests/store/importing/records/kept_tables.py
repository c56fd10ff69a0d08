"""Ledgers of five kinds as offices keep them: made from a seed, with what is right for every cell.

All tables of a kind say the same; what differs is how people write: titles, one or two rows of headings, merged cells,
lines between that say whose rows follow, serial numbers, days, 同上, notes, colours, a second table, cards, columns.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, StringIO
from random import Random

import docx
from openpyxl import Workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from store.importing.records.shape import RegisterName
from tests.store.importing.records.kept_records import (
    DAYS,
    FURTHER,
    GROUPS,
    HEADINGS,
    NOTES,
    PHONES,
    SECTIONS,
    SERIALS,
    TITLES,
    WORDS,
    Record,
    Value,
    records_of,
)  # fmt: skip
from tests.store.importing.samples import saved

Position = tuple[int, int]
FORMATS = ("xlsx", "docx", "csv")


@dataclass
class Grid:
    """A sheet: rows of values, merged cells (top, left, bottom, right, from 0), coloured and hidden ones."""

    rows: list[list[Value]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    filled: set[Position] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    name: str = "Sheet1"

    def head(self, name: str) -> Grid:
        """A sheet of this name that begins as this one."""
        return Grid([list(row) for row in self.rows], list(self.merged), name=name)


@dataclass
class KeptTable:
    """A table in a file: what is right, in which row each record is (from 1), the headings of the fields, and what was
    chosen for a person who looks at it."""

    register: RegisterName
    name: str
    content: bytes
    records: dict[tuple[str, ...], Record]
    places: dict[tuple[str, ...], tuple[int, ...]]
    headings: dict[str, str]
    choices: list[str]


# ── how they are written ────────────────────────────────────────────────────────────────────────────────────────────


class _Writer:
    """Writes one table as the seed chooses."""

    def __init__(self, register: RegisterName, random: Random, kind: str) -> None:
        self.register, self.random, self.kind = register, random, kind
        self.records = records_of(register)
        self.choices: list[str] = [kind]
        titled = self._chance(0.5, "titled month") if register == "progress" else False
        self.fields = [name for name in HEADINGS[register] if not (titled and name == "month")]
        self.headings = {name: random.choice(HEADINGS[register][name]) for name in self.fields}
        self.day_style, self.day = self._pick_day()
        self.layout = random.choices(("rows", "cards", "columns"), (8, 1, 1))[0]
        self.grid = Grid()
        self.sheets: list[Grid] = []
        self.places: dict[tuple[str, ...], tuple[int, ...]] = {}
        self.above: tuple[int, ...] = ()

    def _chance(self, share: float, what: str) -> bool:
        chosen = self.random.random() < share
        if chosen:
            self.choices.append(what)
        return chosen

    def _pick_day(self) -> tuple[str, Callable[[date], Value]]:
        styles = [each for each in DAYS if each[0] != "cell" or self.kind == "xlsx"]
        name, style = self.random.choice(styles)
        self.choices.append(f"days {name}")
        return name, style

    def write(self) -> KeptTable:
        """The table as a file."""
        self.choices.append(self.layout)
        if self._needs_year() or self._chance(0.7, "title"):
            year = "2026年" if self.register != "progress" else "2026年3月"
            self._line(year + TITLES[self.register])
        if self.register == "progress":
            self._line("单位：万元")
        {"rows": self._rows, "cards": self._cards, "columns": self._columns}[self.layout]()
        if self.layout == "rows":
            self._below()
        return KeptTable(
            self.register, f"表.{self.kind}", _CONTENT[self.kind]([*self.sheets, self.grid]),
            {record.key: record for record in self.records}, self.places, self.headings, self.choices,
        )  # fmt: skip

    def _needs_year(self) -> bool:
        without = self.day_style.startswith("no year") or self.day_style == "weekday"
        titled = "titled month" in self.choices
        return titled or (without and not self._chance(0.3, "no year anywhere"))

    def _line(self, text: str, width: int = 1) -> None:
        self.grid.rows.append([text])
        if width > 1:
            self.grid.merged.append((len(self.grid.rows) - 1, 0, len(self.grid.rows) - 1, width - 1))

    def value(self, record: Record, name: str) -> Value:
        """A field as the table says it."""
        text = record.values.get(name, "")
        if name in ("raised_at", "due", "at", "issued"):
            return self.day(date.fromisoformat(text))
        if name in ("planned", "done", "total"):
            return float(int(text)) / 10_000 if self.kind == "xlsx" else f"{int(text) / 10_000:g}"
        if name == "month":
            return "2026年3月" if "months" in self.choices else "2026-03"
        if name == "owner" and "several owners" in self.choices:
            return f"{text}、戊晓明"
        if name == "owner" and "phones" in self.choices and text in PHONES:
            return f"{text}\n{PHONES[text]}"
        return WORDS.get(text, text)

    # Rows

    def _rows(self) -> None:
        for name, share in (("phones", 0.3), ("months", 0.5), ("breaks", 0.2), ("several owners", 0.1)):
            self._chance(share, name)
        between = [name for name in SECTIONS[self.register] if name in self.fields]
        section = self.random.choice(between) if between and self._chance(0.3, "sections") else ""
        self.choices += [f"by {section}"] if section else []
        columns: list[str | None] = [name for name in self.fields if name != section]
        if self._chance(0.8, "serials"):
            columns.insert(0, None)
            self.serial = self.random.choice(SERIALS)
        if section:
            self.headings.pop(section)
        if self._chance(0.3, "further column"):
            self.further = self.random.choice(FURTHER)
            columns.append("further")
            self.headings["further"] = self.further[0]
        height = self._heading_rows(columns)
        records = sorted(self.records, key=lambda record: record.values.get(section, ""))
        self.repeated = self.random.choice(("full", "ditto", "blank", "merged"))
        self._chance(0.15, "page breaks")
        before: Record | None = None
        sheets = section in ("department", "unit", "issuer") and self.kind == "xlsx" and self._chance(0.5, "sheets")
        head = self.grid.head("")
        for number, record in enumerate(records, 1):
            if section and (before is None or before.values[section] != record.values[section]):
                if sheets:
                    self.sheets += [self.grid] if before else []
                    self.grid = head.head(record.values[section])
                else:
                    self._section(record.values[section], len(columns), records, section)
                before = None
            self._record(columns, number, record, before)
            if number == 2 and "page breaks" in self.choices and not sheets:
                self.grid.rows += [list(row) for row in self.grid.rows[self.head : self.head + height]]
                before = None
                continue
            before = record
        self._colours(columns)

    def _heading_rows(self, columns: list[str | None]) -> int:
        self.head = len(self.grid.rows)
        upper: list[Value] = ["序号" if name is None else self.headings[name] for name in columns]
        if not self._chance(0.3, "two heading rows"):
            self.grid.rows.append(upper)
            return 1
        lower: list[Value] = [""] * len(columns)
        for group, members in GROUPS[self.register]:
            at = [columns.index(name) for name, _text in members if name in columns]
            if len(at) < 2 or at != list(range(at[0], at[0] + len(at))):
                continue
            for place, (name, text) in zip(at, [each for each in members if each[0] in columns], strict=True):
                upper[place], lower[place] = (group if place == at[0] else ""), text
                self.headings[name] = group + text
            self.grid.merged.append((self.head, at[0], self.head, at[-1]))
        if not any(lower):
            self.grid.rows.append(upper)
            return 1
        for place, below in enumerate(lower):
            if not below and upper[place]:
                self.grid.merged.append((self.head, place, self.head + 1, place))
        self.grid.rows += [upper, lower]
        return 2

    def _section(self, text: str, width: int, records: Sequence[Record], section: str) -> None:
        amount = sum(record.values[section] == text for record in records)
        shown = WORDS.get(text, text)
        shown = f"{shown}问题" if section == "state" else shown
        count = self.random.choice(("", f"（{amount}项）", f"（共{amount}件）"))
        numeral = self.random.choice(("", "一、", "（一）"))
        self._line(f"{numeral}{shown}{count}", width)
        self.above = (len(self.grid.rows),)

    def _record(self, columns: Sequence[str | None], number: int, record: Record, before: Record | None) -> None:
        row: list[Value] = []
        top = len(self.grid.rows)
        for place, name in enumerate(columns):
            value: Value = self.further[1] if name == "further" else ""
            value = self.serial(number) if name is None else value or self.value(record, name or "")
            repeats = "unit" if self.register == "people" else "project"
            if name == repeats and before is not None and before.values[name] == record.values[name]:
                value = {"full": value, "ditto": "同上", "blank": "", "merged": ""}[self.repeated]
                if self.repeated == "merged":
                    self.grid.merged.append((top - 1, place, top, place))
            if name in ("title", "text") and "breaks" in self.choices and isinstance(value, str) and len(value) > 6:
                value = f"{value[:5]}\n{value[5:]}" if self.register != "policies" else value
            row.append(value)
        self.grid.rows.append(row)
        self.places[record.key] = (top + 1, *self.above)

    def _colours(self, columns: Sequence[str | None]) -> None:
        """The state is said by colours alone."""
        if "state" not in columns or self.sheets or not self._chance(0.15, "colours"):
            return
        place = columns.index("state")
        for record in self.records:
            row = self.places[record.key][0]
            self.grid.rows[row - 1][place] = ""
            self.grid.filled.add((row - 1, place))
        if self.kind != "xlsx" or self._chance(0.5, "legend"):
            self.grid.rows.append(["注：红色为未办结，黄色为办理中，绿色为已办结。"])

    def _below(self) -> None:
        if self._chance(0.2, "sum"):
            self.grid.rows.append(["合计", f"{len(self.records)}项"])
        for note in self.random.sample(NOTES, self.random.randrange(3)):
            self.grid.rows.append([note])
            self.choices.append("note")
        width = max(map(len, self.grid.rows))
        if self.kind == "xlsx" and self._chance(0.15, "hidden column"):
            self.grid.hidden.add(width - 1)
        if self._chance(0.12, "second table below"):
            other: list[list[Value]] = [["序号", "值班电话", "传真", "邮箱"], ["1", "0418-0000000", "无", "无"]]
            self.grid.rows += [[], ["联系电话表"], *other]
        elif self.kind != "docx" and self._chance(0.08, "second table beside"):
            duty = [["序号", "单位名称", "值班电话", "传真"], ["1", "区应急局", "0418-0000001", "0418-0000002"]]
            for row, cells in zip(range(self.head, self.head + 2), duty, strict=True):
                self.grid.rows[row] += [""] * (width + 1 - len(self.grid.rows[row])) + list(cells)

    # Cards and columns

    def _pairs(self, record: Record) -> list[tuple[str, Value]]:
        return [(self.headings[name], self.value(record, name)) for name in self.fields]

    def _cards(self) -> None:
        per_row = self.random.choice((1, 2))
        for record in self.records:
            if "card titles" in self.choices or self._chance(0.3, "card titles"):
                self._line(f"{TITLES[self.register]}登记表")
            pairs = self._pairs(record)
            self.places[record.key] = (len(self.grid.rows) + 1,)
            for place in range(0, len(pairs), per_row):
                self.grid.rows.append([text for pair in pairs[place : place + per_row] for text in pair])
            if self._chance(0.2, "empty rows"):
                self.grid.rows.append([])

    def _columns(self) -> None:
        pairs = [self._pairs(record) for record in self.records]
        for number in range(len(self.fields)):
            self.grid.rows.append([pairs[0][number][0], *(each[number][1] for each in pairs)])
        self.places = {record.key: (place,) for place, record in enumerate(self.records, 2)}


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _xlsx(grids: Sequence[Grid]) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for grid in grids:
        _write_sheet(workbook.create_sheet(grid.name), grid)
    return saved(workbook)


def _write_sheet(sheet: Worksheet, grid: Grid) -> None:
    for number, row in enumerate(grid.rows, 1):
        for column, value in enumerate(row, 1):
            if value != "":
                cell = sheet.cell(number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    for down, across in grid.filled:
        sheet.cell(down + 1, across + 1).fill = PatternFill("solid", fgColor=("FFFF0000", "FF00B050")[down % 3 == 0])
    for top, left, bottom, right in _joined(grid.merged):
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    for place in grid.hidden:
        sheet.column_dimensions[get_column_letter(place + 1)].hidden = True


def _joined(merged: Sequence[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """The merged cells, those that go on below each other as one."""
    joined: list[tuple[int, int, int, int]] = []
    for top, left, bottom, right in merged:
        if joined and joined[-1][1::2] == (left, right) and joined[-1][2] == top and bottom > top:
            joined[-1] = (joined[-1][0], left, bottom, right)
        else:
            joined.append((top, left, bottom, right))
    return joined


def _docx(grids: Sequence[Grid]) -> bytes:
    (grid,) = grids
    document = docx.Document()
    table = document.add_table(len(grid.rows), max(map(len, grid.rows)))
    for row, cells in zip(grid.rows, table.rows, strict=True):
        for value, cell in zip(row, cells.cells, strict=False):
            cell.text = _text(value)
    for top, left, bottom, right in _joined(grid.merged):
        kept = table.cell(top, left).text
        table.cell(top, left).merge(table.cell(bottom, right)).text = kept
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def _csv(grids: Sequence[Grid]) -> bytes:
    (grid,) = grids
    out = StringIO(newline="")
    width = max(map(len, grid.rows))
    csv.writer(out).writerows([*map(_text, row), *[""] * (width - len(row))] for row in grid.rows)
    return out.getvalue().encode("gb18030")


_CONTENT: dict[str, Callable[[Sequence[Grid]], bytes]] = {"xlsx": _xlsx, "docx": _docx, "csv": _csv}


def make_table(register: RegisterName, seed: int) -> KeptTable:
    """The table of this kind that the seed makes; formats come in turn."""
    return _Writer(register, Random(f"{register} {seed}"), FORMATS[seed % len(FORMATS)]).write()
