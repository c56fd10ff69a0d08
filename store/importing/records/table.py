"""Reads the table of a register from rows of cells: which columns hold what, and the rows with their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from types import MappingProxyType

from store.importing.cell_parsing import is_blank, one_line, parse_people
from store.importing.cell_source import CellSource, SourceRow
from store.importing.facts import money_unit, yuan_unit
from store.importing.headings import SET_ASIDE, meaning_of, normalize_heading
from store.importing.import_report import TableImportWarning
from store.importing.judge import AskedColumn
from store.importing.number_spans import column_letters
from store.importing.records.exceptions import NoRecords, RegisterColumnsMissing, RegisterColumnsNotUnderstood
from store.importing.records.heads import Headings, Mapped, find_headings, texts_of
from store.importing.records.layouts import is_heading, parts_of
from store.importing.records.record_rows import HeadedTable, RecordTable, take_rows
from store.importing.records.shape import RecordField, RecordRegister
from store.importing.refusals import ColumnNotThere, MappingNotUnderstood

_SAMPLE = 200
_SHOWN = 60
_SAMPLES = 2
_SPARE_PLACE = re.compile(r"示例|样表|填[表报]说明|模[板版]说明")
"""A sheet that shows how to fill in, and is not read."""


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
    chosen = [each for each in found if not each.lacking(register)]
    if not chosen:
        lacking = min((each.lacking(register) for each in found), key=len, default=register.lacking(()))
        missing = "、".join(each.heading for each in lacking)
        headings = tuple(dict.fromkeys(heading for each in found for heading in each.headings if heading))
        raise RegisterColumnsMissing(
            missing=missing, seen=shown or "—", first=lacking[0].name, headings=headings, lacks=lacking[0].heading
        )
    table = RecordTable((), (), warnings=list(source.warnings))
    for each in found:
        if each in chosen:
            _tell_of_columns(table, register, each, accept=accept)
            take_rows(table, register, each)
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


def _headed_tables(source: CellSource, register: RecordRegister, mapped: Mapped) -> Iterator[HeadedTable]:
    for number, lines in _blocks(source):
        place = source.places[number] if number < len(source.places) else str(number + 1)
        if _SPARE_PLACE.search(place):
            continue
        for rows, layout in parts_of(lines, register):
            if found := find_headings(rows, register, mapped) or _other_headings(rows):
                above = [place, *(one_line(cell.text) for row in rows[: found.at] for cell in row.cells if cell.text)]
                titled = _titled(register, found.meanings, above)
                shown = tuple(map(partial(_with_unit, register, above), found.texts, found.meanings))
                yield HeadedTable(
                    place,
                    (*shown, *(field.heading for field in titled)),
                    (*found.meanings, *(field.name for field in titled)),
                    rows[found.end :],
                    tuple(titled.values()),
                    found.written,
                    above,
                    layout,
                )


def _other_headings(rows: Sequence[SourceRow]) -> Headings | None:
    """Headings of which none is the register's."""
    at = next((place for place, row in enumerate(rows) if is_heading(row)), None)
    if at is None:
        return None
    texts = texts_of(rows[at])
    return Headings(at, texts, (None,) * len(texts), (texts,))


def _blocks(source: CellSource) -> Iterator[tuple[int, list[SourceRow]]]:
    """The rows of each sheet or Word table, with the paragraphs above it."""
    blocks: dict[int, list[SourceRow]] = {}
    waiting: list[SourceRow] = []
    for row in source.rows:
        if row.number is None:
            waiting.append(row)
        else:
            blocks.setdefault(row.block, []).extend((*waiting, row))
            waiting = []
    return iter(blocks.items())


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


def _tell_of_columns(table: RecordTable, register: RecordRegister, headed: HeadedTable, *, accept: bool) -> None:
    """Tell which columns are not read, and what the title gives. Raises `RegisterColumnsNotUnderstood`."""
    headings, rows = headed.headings, headed.rows
    unknown = [place for place, meaning in enumerate(headed.meanings) if meaning is None and headings[place]]
    asked = tuple(
        _asked(headed, place) for place in unknown if _may_be_people(headings[place]) and _holds_people(rows, place)
    )
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
    for place in _unnamed(headed):
        table.warnings.append(TableImportWarning(None, None, "unnamed_column", {"column": column_letters(place)}))
    for heading, text in zip(headings[headed.width :], headed.titled, strict=True):
        told: dict[str, object] = {"heading": heading, "text": text}
        table.warnings.append(TableImportWarning(None, None, "from_title", told))


def _unnamed(headed: HeadedTable) -> list[int]:
    """The columns without a heading in which rows of several texts have one."""
    named = {place for place, heading in enumerate(headed.headings) if heading or headed.meanings[place]}
    filled: set[int] = set()
    for row in headed.rows:
        places = [place for place, cell in enumerate(row.cells) if cell.text.strip()]
        if len(places) > 1 and not named.issuperset(places):
            filled.update(places)
    return sorted(filled - named)


def _asked(headed: HeadedTable, place: int) -> AskedColumn:
    sample = "、".join(one_line(text) for text in islice(_cells(headed.rows, place), _SAMPLES))
    return AskedColumn(column_key(headed.headings, place), headed.headings[place][:_SHOWN], sample[:_SHOWN])


def column_key(headings: Sequence[str], place: int) -> str:
    """By what a mapping means a column: its heading, or its number where others have that, or it has other marks."""
    meant = normalize_heading(headings[place])
    same = sum(normalize_heading(heading) == meant for heading in headings)
    plain = meant and same == 1 and len(meant) <= _SHOWN and not re.search(r"[;；=＝\n]", headings[place])
    return headings[place] if plain else str(place + 1)


def _may_be_people(heading: str) -> bool:
    """Whether a heading is not known to be of something else: a place (所属乡镇) has names like people."""
    return meaning_of(normalize_heading(heading)) != SET_ASIDE


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
