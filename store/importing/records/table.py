"""Reads the table of a register from rows of cells: which columns hold what, and the rows with their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from store.importing.cell_parsing import is_blank, is_ditto, one_line, parse_people
from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.headings import normalize_heading
from store.importing.import_report import TableImportWarning
from store.importing.records.exceptions import NoRecords, RegisterColumnsMissing, RegisterColumnsNotUnderstood
from store.importing.records.fields import SET_ASIDE, RecordField, RecordRegister
from store.importing.refusals import ColumnNotThere, MappingNotUnderstood
from store.values.text import sanitize

Mapped = Mapping[str, str]
_LOOK_FOR_HEADINGS = 20
_LEAST_KNOWN = 2
_SAMPLE = 200
_SHOWN = 60
_SUMS = re.compile(r"(?:合|小|总|共)计.{0,6}|.{0,6}(?:合|小|总)计")
_SPARE_PLACE = re.compile(r"示例|样表|填[表报]说明|模[板版]说明")
"""A sheet that shows how to fill in, and is not read."""
_FOOTER = re.compile(r"(?:填报|制表|审核|注|备注|说明|联系)(?:单位|人|时间|日期)?\s*[:：].*")


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One row: its number in the file, its texts by field, and its cells as they are."""

    number: int
    texts: Mapping[str, str]
    cells: tuple[str, ...]

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


def read_records(source: CellSource, register: RecordRegister, mapped: Mapped, *, accept: bool) -> RecordTable:
    """The register's rows. Raises `RegisterColumnsMissing`, `RegisterColumnsNotUnderstood`, `ColumnNotThere`
    or `NoRecords`."""
    found = list(_headed_tables(source, register, mapped))
    shown = "、".join(dict.fromkeys(heading for each in found for heading in each.headings if heading))
    keys = {normalize_heading(heading) for each in found for heading in each.headings}
    keys |= {str(number) for each in found for number in range(1, 1 + len(each.headings))}
    if unknown := [key for key in mapped if key not in keys]:
        raise ColumnNotThere(column=unknown[0], seen=shown)
    chosen = [each for each in found if not each.lacking(register)]
    if not chosen:
        lacking = min((each.lacking(register) for each in found), key=len, default=register.required)
        missing = "、".join(each.heading for each in lacking)
        raise RegisterColumnsMissing(missing=missing, seen=shown or "—", first=lacking[0].name)
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


class _Headed(NamedTuple):
    """A sheet or table with the rows below its headings, and what these mean."""

    place: str
    headings: tuple[str, ...]
    meanings: tuple[str | None, ...]
    rows: Sequence[SourceRow]

    def lacking(self, register: RecordRegister) -> tuple[RecordField, ...]:
        """The fields that it must have and has not."""
        return tuple(each for each in register.required if each.name not in self.meanings)


def _headed_tables(source: CellSource, register: RecordRegister, mapped: Mapped) -> Iterator[_Headed]:
    for number in dict.fromkeys(row.block for row in source.rows):
        place = source.places[number] if number < len(source.places) else str(number + 1)
        rows = [row for row in source.rows if row.block == number]
        found = None if _SPARE_PLACE.search(place) else _find_headings(rows, register, mapped)
        if found is not None:
            at, headings, meanings = found
            yield _Headed(place, headings, meanings, rows[at + 1 :])


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
        said = mapped.get(label) or mapped.get(str(number))
        meaning = said or (register.meaning(label) if label else None)
        if meaning and not said and meaning != SET_ASIDE and meaning in (*meanings, *mapped.values()):
            meaning = "text" if meaning == "title" and "text" not in meanings and register.field("text") else None
        meanings.append(meaning)
    return tuple(meanings)


def _take(table: RecordTable, register: RecordRegister, headed: _Headed, *, accept: bool) -> None:
    """Add the rows below these headings. Raises `RegisterColumnsNotUnderstood`."""
    headings, meanings, rows = headed.headings, headed.meanings, headed.rows
    unknown = [place for place, meaning in enumerate(meanings) if meaning is None and headings[place]]
    asked = [headings[place] for place in unknown if _holds_people(rows, place)]
    if asked and not accept:
        raise RegisterColumnsNotUnderstood(
            columns="、".join(asked),
            seen="、".join(filter(None, headings)),
            fields=", ".join(each.name for each in register.fields),
        )
    for place in unknown:
        if any(place < len(row.cells) and not is_blank(row.cells[place].text) for row in rows):
            values: dict[str, object] = {"heading": headings[place][:_SHOWN]}
            table.warnings.append(TableImportWarning(None, headings[place], "unknown_column", values))
    above: Mapping[str, str] = {}
    places = table.places_of(headed)
    for row in rows:
        texts = _texts(row, meanings, above)
        if row.number is None or not texts or _is_note(row):
            continue
        if [one_line(cell.text) for cell in row.cells[: len(headings)]] == [*headings]:
            continue
        cells = dict(zip(places, (cell.text for cell in row.cells), strict=False))
        table.rows.append(RecordRow(row.number, texts, tuple(cells.get(n, "") for n in range(len(table.headings)))))
        table.warnings += _computed(row, headings, meanings)
        above = texts


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
    filled: list[Cell] = [cell for cell in row.cells if cell.text.strip()]
    texts = list(dict.fromkeys("".join(cell.text.split()) for cell in filled))
    return any(_SUMS.fullmatch(text) for text in texts[:2]) or (len(texts) == 1 and bool(_FOOTER.fullmatch(texts[0])))


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
