"""Finds the headings of a register's table: in one row, or in two of which the upper one groups columns.

> A column of two rows is what both say (责任 over 单位), else what the lower says. What stands below a unit or a person
> is of theirs: the 联系人 below 配合单位 is not the issue's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from store.importing.cell_parsing import one_line
from store.importing.cell_source import SourceRow
from store.importing.headings import SET_ASIDE, normalize_heading
from store.importing.records.shape import RecordRegister

Mapped = Mapping[str, str]
_LOOK_FOR_HEADINGS = 20
_LEAST_KNOWN = 2
_LONGEST_LOWER = 16
_BARE = re.compile(r"(?:姓名|名称|名单|内容|情况|详情|描述|时间|日期)")
"""A lower heading that says no more than the upper one does."""
_PARTIES = frozenset(("department", "with", "owner", "who", "unit", "name", "issuer", "project"))
_DATA = re.compile(r"\d{3}")


class Headings(NamedTuple):
    """Where the headings begin, in how many rows they stand, as they are shown, what each column means, and each of the
    rows as it is written."""

    at: int
    texts: tuple[str, ...]
    meanings: tuple[str | None, ...]
    written: tuple[tuple[str, ...], ...]

    @property
    def end(self) -> int:
        """Where the rows below begin."""
        return self.at + len(self.written)


class _Head(NamedTuple):
    """A column's heading: as it is shown, and what the words of its rows mean without regard to other columns."""

    text: str
    keys: tuple[str, ...]
    meaning: str | None


def find_headings(rows: Sequence[SourceRow], register: RecordRegister, mapped: Mapped) -> Headings | None:
    """The rows whose cells are most of all known headings; None where no row is one of headings."""
    best: tuple[int, Headings] | None = None
    skip = -1
    for at, row in enumerate(rows[:_LOOK_FOR_HEADINGS]):
        if at == skip:  # the lower of two
            continue
        upper = texts_of(row)
        lower = texts_of(rows[at + 1]) if at + 1 < len(rows) else ()
        grouped = _grouped(register, upper, lower, rows[at + 1]) if lower else None
        heads = grouped or tuple(_head(register, text) for text in upper)
        skip = at + 1 if grouped else skip
        meanings = _meanings(heads, register, mapped)
        known = len({meaning for meaning in meanings if meaning})
        if known >= min(_LEAST_KNOWN, len(heads)) and (best is None or known > best[0]):
            shown = tuple(head.text for head in heads)
            best = known, Headings(at, shown, meanings, (upper, lower) if grouped else (upper,))
    return best[1] if best else None


def texts_of(row: SourceRow) -> tuple[str, ...]:
    """The cells of a row, each on one line."""
    return tuple(one_line(cell.text) for cell in row.cells)


def _head(register: RecordRegister, text: str) -> _Head:
    label = normalize_heading(text)
    return _Head(text, (label,), register.meaning(label) if label else None)


def _grouped(
    register: RecordRegister, upper: tuple[str, ...], lower: tuple[str, ...], below: SourceRow
) -> tuple[_Head, ...] | None:
    """The headings of two rows, where the upper row groups columns of the lower; None where it does not."""
    parents = _parents(upper, len(lower))
    if not any(text and not wide and _head(register, text).meaning for text, wide in parents):  # a title
        return None
    under: dict[int, str] = {}
    for place, text in enumerate(lower):
        own = parents[place][0]
        if not text or below.cells[place].merged or text == own:
            continue
        joined = parents[place][1] or register.meaning(normalize_heading(own + text)) is not None
        if not joined or len(text) > _LONGEST_LOWER or _DATA.search(text):
            return None
        under[place] = text
    known = sum(_lower_meaning(register, parents[place][0], text) is not None for place, text in under.items())
    if len(under) < 2 or 2 * known < len(under):
        return None
    width = max(len(upper), len(lower))
    heads = []
    for place in range(width):
        own = parents[place][0] if place < len(parents) else ""
        if place in under:
            text = under[place] if under[place].startswith(own) else own + under[place]
            keys = (normalize_heading(text), normalize_heading(under[place]))
            heads.append(_Head(text, keys, _lower_meaning(register, own, under[place])))
        else:
            heads.append(_head(register, upper[place] if place < len(upper) else ""))
    return tuple(heads)


def _parents(upper: Sequence[str], width: int) -> list[tuple[str, bool]]:
    """For each column the heading of the upper row that reaches over it, and whether that reaches over several."""
    spread: list[str] = []
    for place in range(max(width, len(upper))):
        own = upper[place] if place < len(upper) else ""
        spread.append(own or (spread[-1] if spread else ""))
    wide = [
        bool(text)
        and ((place > 0 and spread[place - 1] == text) or (place + 1 < len(spread) and spread[place + 1] == text))
        for place, text in enumerate(spread)
    ]
    return list(zip(spread, wide, strict=True))


def _lower_meaning(register: RecordRegister, upper: str, lower: str) -> str | None:
    both, own, group = (normalize_heading(text) for text in (upper + lower, lower, upper))
    if meaning := register.meaning(both):
        return meaning
    above, said = register.meaning(group), register.meaning(own)
    if above in _PARTIES:
        return above if _BARE.fullmatch(own) or said == above else None
    return said or (above if above and _BARE.fullmatch(own) else None)


def _meanings(heads: Sequence[_Head], register: RecordRegister, mapped: Mapped) -> tuple[str | None, ...]:
    meanings: list[str | None] = []
    for number, head in enumerate(heads, 1):
        said = mapped.get(str(number)) or next((mapped[key] for key in head.keys if key in mapped), None)
        meaning = said or head.meaning
        if meaning and not said and meaning != SET_ASIDE and meaning in (*meanings, *mapped.values()):
            meaning = "text" if meaning == "title" and "text" not in meanings and register.field("text") else None
        meanings.append(meaning)
    return tuple(meanings)
