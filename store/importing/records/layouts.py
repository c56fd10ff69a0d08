"""Parts a sheet into the tables that stand on it, and turns records that are no rows into rows: cards and columns.

> Tables stand one below the other or side by side. A card (label, value, label, value) and a table whose records are
> columns are read where every label is known and every value has one; else the sheet is refused as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from store.importing.cell_parsing import is_blank, one_line
from store.importing.cell_source import Cell, SourceRow
from store.importing.headings import SET_ASIDE, meaning_of, normalize_heading
from store.importing.records.fields import REGISTERS
from store.importing.records.heads import texts_of
from store.importing.records.shape import RecordRegister

_SAMPLE = 200
_LONGEST_LABEL = 20
_NARROWEST = 3
_LEAST_LABELS = 3
_MOST_FIELDS = 60
_DATA = re.compile(r"\d{3}|^\s*[\d.,%()（）-]+\s*$")
_CARD_TITLE = re.compile(r".{0,16}(?:表|单|卡|记录|台账|登记)(?:[(（].*)?")
_INLINE = re.compile(r"\s*([^:：\n]{2,20}?)\s*[:：]\s*(\S[\s\S]*)")


class Part(NamedTuple):
    """A table on a sheet. ``layout`` is “columns” or “cards” where its records were none of the sheet's rows."""

    rows: Sequence[SourceRow]
    layout: str = ""


def parts_of(rows: Sequence[SourceRow], register: RecordRegister) -> Iterator[Part]:
    """The tables of a sheet or a Word table, in their order."""
    if (turned := _turned(rows, register)) is not None:
        yield Part(turned, "columns")
        return
    if (cards := _cards(rows, register)) is not None:
        if cards:
            yield Part(cards, "cards")
        return
    for stacked in _stacked(rows):
        yield from map(Part, _beside(stacked))


# ── one below the other ─────────────────────────────────────────────────────────────────────────────────────────────


def _stacked(rows: Sequence[SourceRow]) -> Iterator[Sequence[SourceRow]]:
    """The tables that stand one below the other: each begins with the lines of one cell above its headings."""
    start, head = 0, -2
    first: tuple[str, ...] = ()
    for at, row in enumerate(rows):
        if not is_heading(row):
            continue
        labels = tuple(filter(None, map(normalize_heading, texts_of(row))))
        if first and at > head + 1 and not set(labels) <= set(first):
            cut = at
            while cut > start and len(_distinct(rows[cut - 1])) <= 1:
                cut -= 1
            yield rows[start:cut]
            start = cut
            first = labels
        else:
            first = (*first, *labels)
        head = at
    yield rows[start:]


def _distinct(row: SourceRow) -> list[str]:
    """The texts of a row, each once, without what reaches down from a row above."""
    return list(dict.fromkeys(cell.text.strip() for cell in row.cells if cell.text.strip() and not cell.merged))


def is_heading(row: SourceRow) -> bool:
    """Whether a row is one of headings, of whatever ledger: short words without digits, most of them known as such."""
    texts = [cell.text for cell in row.cells if cell.text and not cell.merged]
    if len(texts) < _NARROWEST or any(len(text) > _LONGEST_LABEL or _DATA.search(text) for text in texts):
        return False
    labels = [label for text in texts if (label := normalize_heading(one_line(text)))]
    known = sum(map(_is_known_label, labels))
    return known >= _NARROWEST and 5 * known >= 3 * len(labels)


@lru_cache(4096)
def _is_known_label(label: str) -> bool:
    return meaning_of(label) is not None or any(each.meaning(label) for each in REGISTERS.values())


# ── side by side ────────────────────────────────────────────────────────────────────────────────────────────────────


def _beside(rows: Sequence[SourceRow]) -> Iterator[Sequence[SourceRow]]:
    """The tables that stand side by side: with the same headings once more, or parted by an empty column. The lines of
    one cell above count for all."""
    at = next((place for place, row in enumerate(rows) if is_heading(row)), None)
    if at is None:
        yield rows
        return
    labels = [normalize_heading(text) for text in texts_of(rows[at])]
    for first, last in _spans(labels, rows[at:]):
        cut = [row._replace(cells=row.cells[first:last]) for row in rows[at:]]
        yield [*rows[:at], *(row for row in cut if any(cell.text or cell.formula for cell in row.cells))]


def _spans(labels: Sequence[str], rows: Sequence[SourceRow]) -> list[tuple[int, int]]:
    """The columns of each table: from one to before the other."""
    width = max(len(row.cells) for row in rows[:_SAMPLE])
    starts = _repeated_starts(labels)
    if not starts:
        gaps = [place for place, label in enumerate(labels) if not label and _is_empty(rows, place)]
        starts = [0, *(place + 1 for place in gaps)]
        edges = list(zip(starts, [*(place - 1 for place in starts[1:]), width], strict=True))
        lower = [normalize_heading(text) for text in texts_of(rows[1])] if len(rows) > 1 else []
        both = [[*labels[first:last], *lower[first:last]] for first, last in edges]
        if any(sum(map(_is_known_label, filter(None, each))) < _NARROWEST for each in both):
            return [(0, width)]
        return edges
    return list(zip(starts, [*starts[1:], width], strict=True))


def _repeated_starts(labels: Sequence[str]) -> list[int]:
    """Where each repetition of the headings begins: 姓名, 单位, 电话, 姓名, 单位, 电话."""
    for step in range(2, len(labels) // 2 + 1):
        whole = [*labels, *[""] * (-len(labels) % step)]
        groups = [whole[place : place + step] for place in range(0, len(whole), step)]
        if len(set(filter(None, groups[0]))) >= 2 and all(group == groups[0] for group in groups):
            return list(range(0, len(labels), step))
    return []


def _is_empty(rows: Sequence[SourceRow], place: int) -> bool:
    return not any(place < len(row.cells) and row.cells[place].text.strip() for row in rows[:_SAMPLE])


# ── records that are columns ────────────────────────────────────────────────────────────────────────────────────────


def _turned(rows: Sequence[SourceRow], register: RecordRegister) -> list[SourceRow] | None:
    """A table whose records are columns, as rows that have the numbers of these; None where it is none for sure: a
    label before each row, all of them of the register, and the ones that it needs among them."""
    table = [row for row in rows[:_MOST_FIELDS] if row.number is not None and len(_distinct(row)) > 1]
    if not len(table) >= _NARROWEST or len(rows) > _MOST_FIELDS:
        return None
    first = 1 if all(_is_serial(row.cells[0].text) for row in table) else 0
    labels = [row.cells[first].text if first < len(row.cells) else "" for row in table]
    meanings = [register.meaning(normalize_heading(label)) if label else None for label in labels]
    fields = [meaning for meaning in meanings if meaning not in (None, SET_ASIDE)]
    if _lacks(register, meanings) or len(fields) < _LEAST_LABELS or None in meanings or len(set(fields)) < len(fields):
        return None
    width = max(len(row.cells) for row in table)
    if any(register.meaning(normalize_heading(cell.text)) for row in table for cell in row.cells[first + 1 :]):
        return None
    block = table[0].block
    turned = [*_titles(rows, table[0]), SourceRow(first + 1, tuple(Cell(label) for label in labels), block)]
    for place in range(first + 1, width):
        cells = tuple(row.cells[place] if place < len(row.cells) else Cell() for row in table)
        if any(not is_blank(cell.text) for cell in cells):
            turned.append(SourceRow(place + 1, cells, block))
    return turned


def _lacks(register: RecordRegister, meanings: Sequence[str | None]) -> bool:
    """Whether a field is missing that no title can give."""
    return any(not field.titled for field in register.lacking(meanings))


def _titles(rows: Sequence[SourceRow], first: SourceRow) -> list[SourceRow]:
    """The lines above the first row with a label."""
    return [row for row in rows[: rows.index(first)] if _distinct(row)]


def _is_serial(text: str) -> bool:
    return not text.strip() or re.fullmatch(r"\s*[(（]?[\d一二三四五六七八九十]{1,3}[)）.、]?\s*", text) is not None


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Pair(NamedTuple):
    """A label and its value, which may be empty, in a row."""

    row: int
    label: str
    value: Cell


def _cards(rows: Sequence[SourceRow], register: RecordRegister) -> list[SourceRow] | None:
    """Cards as rows, below their labels; each has the number of its first row. None where these are no cards, nothing
    where they are but are not clear: a text without a label, or cards that begin with different ones."""
    pairs, strays, labelled = _pairs(rows, register)
    if labelled < 2 or len(pairs) < _LEAST_LABELS:
        return None
    cards: list[list[_Pair]] = []
    for pair in pairs:
        if not cards or pair.label in (each.label for each in cards[-1]):
            cards.append([])
        cards[-1].append(pair)
    labels = list(dict.fromkeys(pair.label for card in cards for pair in card))
    meanings = [register.meaning(normalize_heading(label)) for label in labels]
    if strays or len({card[0].label for card in cards}) > 1 or _lacks(register, meanings):
        return []
    first = next(row for row in rows if row.number == cards[0][0].row)
    turned = [*_titles(rows, first), SourceRow(first.number, tuple(map(Cell, labels)), first.block)]
    for card in cards:
        values = {pair.label: pair.value for pair in card}
        turned.append(SourceRow(card[0].row, tuple(values.get(label, Cell()) for label in labels), first.block))
    return turned


def _pairs(rows: Sequence[SourceRow], register: RecordRegister) -> tuple[list[_Pair], int, int]:
    """The labels with their values, how many texts have no label, and how many rows have a label with its value; no
    pair where these rows are a table, which has its labels beside each other."""
    pairs: list[_Pair] = []
    strays = labelled = 0
    for row in rows:
        found, without, beside = _pairs_of_row(row, register)
        if beside > 1 or strays > len(pairs) + _NARROWEST:
            return [], strays, 0
        labelled += any(pair.value.text for pair in found)
        alone = len(_distinct(row)) == 1
        strays += 0 if alone and (not pairs or _CARD_TITLE.fullmatch(_distinct(row)[0])) else without
        pairs += found
    return pairs, strays, labelled


def _pairs_of_row(row: SourceRow, register: RecordRegister) -> tuple[list[_Pair], int, int]:
    """The pairs of a row, how many of its texts have no label, and how many labels stand directly beside another."""
    pairs: list[_Pair] = []
    strays = beside = 0
    label, at = "", -1
    for place, cell in enumerate(row.cells):
        text = one_line(cell.text)
        if not text or cell.merged:
            continue
        field = register.field(register.meaning(normalize_heading(label)) or "") if label else None
        is_label = len(text) <= _LONGEST_LABEL and register.meaning(normalize_heading(text)) is not None
        if is_label and not (field and text in field.choices):
            beside += bool(label) and place == at + 1
            pairs += [_Pair(row.number or 0, label, Cell())] if label else []
            label, at = text, place
        elif label:
            pairs.append(_Pair(row.number or 0, label, cell))
            label = ""
        elif (inline := _INLINE.fullmatch(cell.text)) and register.meaning(normalize_heading(inline[1])):
            pairs.append(_Pair(row.number or 0, inline[1], Cell(inline[2])))
        else:
            strays += 1
    return [*pairs, *([_Pair(row.number or 0, label, Cell())] if label else [])], strays, beside
