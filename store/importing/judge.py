"""Judges the columns of a table that nobody explained: which of them hold names, and what a person said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from store.exceptions import GuanjiaError
from store.importing.blocks import BlockParser
from store.importing.cell_parsing import is_blank, one_line, parse_people
from store.importing.cell_source import SourceRow
from store.importing.columns import (
    EMPLOYER_PREFIX,
    PHONE_PREFIX,
    TITLE_PREFIX,
    ColumnMapping,
    ImportColumn,
    column_names,
    field_said,
)
from store.importing.headings import (
    FACTS,
    PERSON_ROLES,
    PHONE_LABEL,
    SET_ASIDE,
    TITLE_LABEL,
    UNIT_ROLES,
    meaning_of,
    names_people,
    normalize_heading,
    part_of,
)
from store.importing.refusals import MappingNotUnderstood

FIELDS = ("name", "number", *PERSON_ROLES, *UNIT_ROLES, *FACTS)
"""What a column can be said to be; with `PHONE_PREFIX` and others before a role, what stands beside it."""
_SAMPLE = 200
_SAMPLES, _LONGEST_SAMPLE, _LONGEST_KEY = 2, 40, 40
_SHARE = 0.5
_USUAL_LENGTH = 3


def parse_mapping(said: Sequence[str]) -> ColumnMapping:
    """What a person said of columns, each ``COLUMN=FIELD``; FIELD is one of `FIELDS`, a known heading (项目管家,
    管家电话), or ``-`` for a column that is not to be read. Raises `MappingNotUnderstood`."""
    mapping = {}
    for text in said:
        column, equals, meant = text.replace("＝", "=").rpartition("=")
        field = _field_named(meant.strip())
        key = normalize_heading(column)
        if not equals or not key or field is None:
            raise MappingNotUnderstood(text=text, fields=", ".join((*FIELDS, SET_ASIDE)))
        mapping[key] = field
    return mapping


def is_field(text: str) -> bool:
    """Whether this is a field that a column can be said to be, as `parse_mapping` gives it."""
    return text == SET_ASIDE or _field_named(text) == text


def _field_named(text: str) -> str | None:
    text = text.casefold().replace(" ", "_")  # lead leader, as the screen says it in English
    prefix, colon, role = text.rpartition(":")
    if text in (*FIELDS, SET_ASIDE) or (colon and f"{prefix}:" in _PREFIXES and role in PERSON_ROLES):
        return text
    label = normalize_heading(text)
    meaning = meaning_of(label)
    if meaning is None or meaning.startswith(("label:", "weak:")) or meaning == SET_ASIDE or "&" in meaning:
        return None
    return {PHONE_LABEL: PHONE_PREFIX, TITLE_LABEL: TITLE_PREFIX}.get(part_of(label), "") + meaning


_PREFIXES = (PHONE_PREFIX, TITLE_PREFIX, EMPLOYER_PREFIX)


class AskedColumn(NamedTuple):
    """A column that a person is asked about: the key by which a mapping means it, its heading, and what stands below
    it."""

    key: str
    heading: str
    sample: str


def asked_column(block: BlockParser, column: ImportColumn, number: int) -> AskedColumn:
    """What is asked about a column. The key is its heading, or its number where that is clearer, or where the heading
    means another column, too: an answer about 管家（二） is none about 管家."""
    meant = normalize_heading(column.heading)
    same = sum(meant in column_names(other, place) for place, other in enumerate(block.columns or (), 1))
    plain = same == 1 and column.heading and not re.search(r"[;；=＝\n]", column.heading)
    key = column.heading if plain and len(column.heading) <= _LONGEST_KEY else str(number)
    sample = "、".join(one_line(text) for text in islice(cell_texts(block, number - 1), _SAMPLES))
    return AskedColumn(key, shown_column(column, number), sample[:_LONGEST_SAMPLE])


def asked_columns(error: GuanjiaError) -> list[AskedColumn]:
    """The columns that an error of an import asks about."""
    asked = error.values.get("asked")
    return [column for column in asked if isinstance(column, AskedColumn)] if isinstance(asked, tuple) else []


def shown_columns(columns: Sequence[ImportColumn]) -> str:
    """The columns as a person is told of them: headings, or numbers where there are none."""
    return "、".join(shown_column(column, number) for number, column in enumerate(columns, 1) if column.heading)


def shown_column(column: ImportColumn, number: int) -> str:
    """A column's heading; its number where it has none."""
    return column.heading[:40] or str(number)


def columns_with_names(block: BlockParser, mapping: Mapping[str, str]) -> Iterator[tuple[int, ImportColumn]]:
    """The columns that are not understood and hold names, with their numbers: their heading speaks of people, or half
    of their cells are names or phones."""
    for number, column in enumerate(block.columns or (), 1):
        if column.field is None and field_said(column, number, mapping) is None:
            texts = list(cell_texts(block, number - 1))
            label = normalize_heading(column.heading.rpartition("/")[2])
            if texts and (names_people(label) or _hold_people(texts)):
                yield number, column


def cell_texts(block: BlockParser, place: int) -> Iterator[str]:
    """The texts below a column's heading, some of a long table."""
    rows: Sequence[SourceRow] = block.rows
    start = next((at for at, row in enumerate(rows) if row.number == block.heading_row), 0) if block.heading else 0
    height = block.heading.height if block.heading else 0
    for row in rows[start + height : start + height + _SAMPLE]:
        text = row.cells[place].text if place < len(row.cells) else ""
        if row.number is not None and not is_blank(text):
            yield text


def unknown_keys(mapping: Mapping[str, str], blocks: Sequence[BlockParser]) -> list[str]:
    """What was said of columns that no block has."""
    known = {
        name
        for block in blocks
        for number, column in enumerate(block.columns or (), 1)
        for name in column_names(column, number)
    }
    return [key for key in mapping if key not in known]


def _hold_people(texts: Sequence[str]) -> bool:
    holding = usual = 0
    for text in texts:
        said = parse_people(text)
        phones = any(person.phone for person in said.people) or "rounded_phone" in said.warning_codes
        holding += phones or bool(said.people and not said.left_out)
        usual += phones or any(len(person.name) == _USUAL_LENGTH for person in said.people)
    return holding >= _SHARE * len(texts) and 3 * usual >= len(texts)
