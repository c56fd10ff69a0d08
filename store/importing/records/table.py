"""Reads the table of a register from rows of cells: which columns hold what, and the rows with their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from store.importing.cell_parsing import is_blank, is_ditto, one_line, parse_people
from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.facts import money_unit, yuan_unit
from store.importing.headings import SET_ASIDE, normalize_heading
from store.importing.import_report import TableImportWarning
from store.importing.judge import AskedColumn
from store.importing.records.exceptions import NoRecords, RegisterColumnsMissing, RegisterColumnsNotUnderstood
from store.importing.records.shape import RecordField, RecordRegister
from store.importing.refusals import ColumnNotThere, MappingNotUnderstood
from store.values.text import sanitize

Mapped = Mapping[str, str]
_LOOK_FOR_HEADINGS = 20
_LEAST_KNOWN = 2
_SAMPLE = 200
_SHOWN = 60
_SAMPLES = 2
_SUMS = re.compile(r"(?:合|小|总|共)计.{0,6}|.{0,6}(?:合|小|总)计")
_SPARE_PLACE = re.compile(r"示例|样表|填[表报]说明|模[板版]说明")
"""A sheet that shows how to fill in, and is not read."""
_FOOTER = re.compile(r"(?:填报|制表|审核|注|备注|说明|联系)(?:单位|人|时间|日期)?\s*[:：].*")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row: its number in the file, its texts by field, and its cells as they are. ``money``: how many yuan a number
    of a field is worth by the heading, or by the table's title; a field is not in it where neither says."""

    number: int
    texts: Mapping[str, str]
    cells: tuple[str, ...]
    money: Mapping[str, int] = field(default_factory=dict)

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

    def places_of(self, headed: _Headed) -> list[int]:
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


def parse_said(register: RecordRegister, said: Sequence[str]) -> Mapped:
    """What a person said of columns, each ``COLUMN=FIELD``. Raises `MappingNotUnderstood`."""
    mapped = {}
    for text in said:
        column, equals, meant = text.replace("＝", "=").rpartition("=")
        known = register.field(meant.strip())
        name = SET_ASIDE if meant.strip() == SET_ASIDE else known.name if known else None
        if not equals or not column.strip() or name is None:
            fields = ", ".join((*(each.name for each in register.fields), SET_ASIDE))
            raise MappingNotUnderstood(text=text, fields=fields)
        mapped[normalize_heading(column)] = name
    return mapped


def read_records(
    source: CellSource,
    register: RecordRegister,
    said: Mapped,
    *,
    accept: bool,
    remembered: Mapped = MappingProxyType({}),
) -> RecordTable:
    """The register's rows; ``said`` is what a person says of columns, ``remembered`` what was said before of headings
    that stand in the file. Raises `RegisterColumnsMissing`, `RegisterColumnsNotUnderstood`, `ColumnNotThere`
    or `NoRecords`."""
    fields = {SET_ASIDE, *(each.name for each in register.fields)} - ({*said.values()} - {SET_ASIDE})
    mapped = {**{heading: field for heading, field in remembered.items() if field in fields}, **said}
    found = list(_headed_tables(source, register, mapped))
    shown = "、".join(dict.fromkeys(heading for each in found for heading in each.headings if heading))
    keys = {normalize_heading(heading) for each in found for heading in each.headings}
    keys |= {str(number) for each in found for number in range(1, 1 + len(each.headings))}
    if unknown := [key for key in said if key not in keys]:
        raise ColumnNotThere(column=unknown[0], seen=shown)
    chosen = [each for each in found if not register.lacking(each.meanings)]
    if not chosen:
        lacking = min((register.lacking(each.meanings) for each in found), key=len, default=register.lacking(()))
        missing = "、".join(each.heading for each in lacking)
        headings = tuple(dict.fromkeys(heading for each in found for heading in each.headings if heading))
        raise RegisterColumnsMissing(
            missing=missing, seen=shown or "—", first=lacking[0].name, headings=headings, lacks=lacking[0].heading
        )
    table = RecordTable((), (), warnings=list(source.warnings))
    for each in found:
        if each in chosen:
            _take(table, register, each, accept=accept)
        else:
            values: dict[str, object] = {"place": each.place}
            table.warnings.append(TableImportWarning(None, None, "other_table_left_out", values))
    if not table.rows:
        raise NoRecords()
    return table


def headings_as(source: CellSource, register: RecordRegister) -> Iterator[tuple[list[str], tuple[str | None, ...]]]:
    """Of every sheet or table with headings of this register: the texts above them, and what they mean."""
    for headed in _headed_tables(source, register, {}):
        yield headed.above, headed.meanings


class _Headed(NamedTuple):
    """A sheet or table with the rows below its headings, and what these mean. ``titled`` is what the title says of
    fields that have no column: the last columns, which the rows do not have. ``written``: the headings as they are."""

    place: str
    headings: tuple[str, ...]
    meanings: tuple[str | None, ...]
    rows: Sequence[SourceRow]
    titled: tuple[str, ...]
    written: tuple[str, ...]
    above: list[str]

    @property
    def width(self) -> int:
        """How many columns the rows have."""
        return len(self.written)

    def money(self, register: RecordRegister) -> dict[str, int]:
        """How many yuan a number of a field is worth by its heading."""
        known = zip(self.headings, map(register.field, map(str, self.meanings)), strict=True)
        units = {field.name: yuan_unit(heading) for heading, field in known if field and field.is_money}
        return {name: unit for name, unit in units.items() if unit}


def _headed_tables(source: CellSource, register: RecordRegister, mapped: Mapped) -> Iterator[_Headed]:
    for number in dict.fromkeys(row.block for row in source.rows):
        place = source.places[number] if number < len(source.places) else str(number + 1)
        rows = [row for row in source.rows if row.block == number]
        found = None if _SPARE_PLACE.search(place) else _find_headings(rows, register, mapped)
        if found is not None:
            at, headings, meanings = found
            above = [place, *(one_line(cell.text) for row in rows[:at] for cell in row.cells if cell.text)]
            titled = _titled(register, meanings, above)
            shown = tuple(map(partial(_with_unit, register, above), headings, meanings))
            yield _Headed(
                place,
                (*shown, *(field.heading for field in titled)),
                (*meanings, *(field.name for field in titled)),
                rows[at + 1 :],
                tuple(titled.values()),
                headings,
                above,
            )


def _titled(register: RecordRegister, meanings: Sequence[str | None], above: Sequence[str]) -> dict[RecordField, str]:
    """What the title says of fields that no column gives; nothing where it says several things."""
    said: dict[RecordField, str] = {}
    for each in register.fields:
        if each.titled and each.name not in meanings:
            plain = ("".join(text.split()) for text in above)
            values = {value for text in plain for value in re.findall(each.titled, text)}
            said |= {each: values.pop()} if len(values) == 1 else {}
    return said


def _with_unit(register: RecordRegister, above: Sequence[str], heading: str, meaning: str | None) -> str:
    """The heading, with the unit of money that a line above gives where it has none: it goes with a row left out."""
    field = register.field(meaning or "")
    if field is None or not field.is_money or yuan_unit(heading):
        return heading
    over = next((unit for text in above if (unit := money_unit(text))), "")
    return f"{heading}（{over}）" if over else heading


def _find_headings(
    rows: Sequence[SourceRow], register: RecordRegister, mapped: Mapped
) -> tuple[int, tuple[str, ...], tuple[str | None, ...]] | None:
    """The place of the row whose cells are most of all known headings, the headings, and their meanings."""
    best: tuple[int, int, tuple[str, ...], tuple[str | None, ...]] | None = None
    for at, row in enumerate(rows[:_LOOK_FOR_HEADINGS]):
        headings = tuple(one_line(cell.text) for cell in row.cells)
        meanings = _meanings(headings, register, mapped)
        known = len({meaning for meaning in meanings if meaning})
        if known >= min(_LEAST_KNOWN, len(headings)) and (best is None or known > best[0]):
            best = known, at, headings, meanings
    return best[1:] if best else None


def _meanings(headings: Sequence[str], register: RecordRegister, mapped: Mapped) -> tuple[str | None, ...]:
    meanings: list[str | None] = []
    for number, heading in enumerate(headings, 1):
        label = normalize_heading(heading)
        said = mapped.get(str(number)) or mapped.get(label)
        meaning = said or (register.meaning(label) if label else None)
        if meaning and not said and meaning != SET_ASIDE and meaning in (*meanings, *mapped.values()):
            meaning = "text" if meaning == "title" and "text" not in meanings and register.field("text") else None
        meanings.append(meaning)
    return tuple(meanings)


def _take(table: RecordTable, register: RecordRegister, headed: _Headed, *, accept: bool) -> None:
    """Add the rows below these headings. Raises `RegisterColumnsNotUnderstood`."""
    _tell_of_columns(table, register, headed, accept=accept)
    above: Mapping[str, str] = {}
    places, money = table.places_of(headed), headed.money(register)
    added = tuple(map(Cell, headed.titled))
    for row in headed.rows:
        texts = _texts(row, headed.meanings, above)
        if row.number is None or not texts or _is_note(row) or _repeats(row, headed.written):
            continue
        whole = row._replace(cells=(*_filled(row.cells, headed.width), *added)) if added else row
        texts = _texts(whole, headed.meanings, above) if added else texts
        cells = dict(zip(places, (cell.text for cell in whole.cells), strict=False))
        in_place = tuple(cells.get(n, "") for n in range(len(table.headings)))
        table.rows.append(RecordRow(row.number, texts, in_place, money))
        table.warnings += _computed(row, headed.headings, headed.meanings)
        above = texts


def _tell_of_columns(table: RecordTable, register: RecordRegister, headed: _Headed, *, accept: bool) -> None:
    """Tell which columns are not read, and what the title gives. Raises `RegisterColumnsNotUnderstood`."""
    headings, rows = headed.headings, headed.rows
    unknown = [place for place, meaning in enumerate(headed.meanings) if meaning is None and headings[place]]
    asked = tuple(_asked(headed, place) for place in unknown if _holds_people(rows, place))
    if asked and not accept:
        raise RegisterColumnsNotUnderstood(
            columns="、".join(column.heading for column in asked),
            asked=asked,
            seen="、".join(filter(None, headings)),
            fields=", ".join(each.name for each in register.fields),
        )
    for place in unknown:
        if any(place < len(row.cells) and not is_blank(row.cells[place].text) for row in rows):
            values: dict[str, object] = {"heading": headings[place][:_SHOWN]}
            table.warnings.append(TableImportWarning(None, headings[place], "unknown_column", values))
    for heading, text in zip(headings[headed.width :], headed.titled, strict=True):
        told: dict[str, object] = {"heading": heading, "text": text}
        table.warnings.append(TableImportWarning(None, None, "from_title", told))


def _asked(headed: _Headed, place: int) -> AskedColumn:
    sample = "、".join(one_line(text) for text in islice(_cells(headed.rows, place), _SAMPLES))
    return AskedColumn(column_key(headed.headings, place), headed.headings[place][:_SHOWN], sample[:_SHOWN])


def column_key(headings: Sequence[str], place: int) -> str:
    """By what a mapping means a column: its heading, or its number where others have that, or it has other marks."""
    meant = normalize_heading(headings[place])
    same = sum(normalize_heading(heading) == meant for heading in headings)
    plain = meant and same == 1 and len(meant) <= _SHOWN and not re.search(r"[;；=＝\n]", headings[place])
    return headings[place] if plain else str(place + 1)


def _filled(cells: Sequence[Cell], width: int) -> tuple[Cell, ...]:
    return (*cells[:width], *(Cell() for _place in range(width - len(cells))))


def _repeats(row: SourceRow, headings: Sequence[str]) -> bool:
    """Whether a row is the headings once more, as at the top of each printed page."""
    cells = row.cells[: len(headings)]
    return len(cells) == len(headings) and all(
        one_line(cell.text) == heading for cell, heading in zip(cells, headings, strict=True)
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
        if not is_blank(text) and (said := sanitize(text).strip()):
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
    return any(map(_SUMS.fullmatch, texts)) or (len(texts) == 1 and bool(_FOOTER.fullmatch(texts[0])))


def _holds_people(rows: Sequence[SourceRow], place: int) -> bool:
    """Whether most cells of a column are nothing but people of the usual shape."""
    texts = list(_cells(rows, place))
    said = [parse_people(text) for text in texts]
    people = sum(bool(each.people) and not each.left_out for each in said)
    usual = sum(any(person.phone or len(person.name) == len("甲建国") for person in each.people) for each in said)
    return bool(texts) and 2 * people >= len(texts) and 3 * usual >= len(texts)


def _cells(rows: Sequence[SourceRow], place: int) -> Iterator[str]:
    for row in rows[:_SAMPLE]:
        if place < len(row.cells) and not is_blank(row.cells[place].text):
            yield row.cells[place].text
