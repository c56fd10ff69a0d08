"""Qualifiers of a search, typed among its words: ``@张三``, ``#W2026-001``, ``dept:住建局``, ``state:waiting``,
``kind:visit``.

`parse_query` splits what was typed into words and qualifiers; it never fails. `resolve_qualifiers` resolves their
values by name, part of a name, pinyin or initials; where a value matches several lines, any of them qualifies.
Qualifiers have Chinese and English names, in half and full width, as an input method happens to write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from store.exceptions import MistypedQualifier, UnknownQualifier
from store.ledger.kind_facts import searchable_kinds
from store.search.pinyin import matches_pinyin
from store.search.query import MAX_LENGTH, MAX_WORDS
from store.search.tokenizer import fold

QUALIFIER_PREFIXES = {"person": "@", "number": "#", "department": "dept:", "state": "state:", "kind": "kind:"}
"""Each qualifier and how it is written."""
_QUALIFIER_NAMES = {
    "@": "person", "#": "number", "dept:": "department", "department:": "department", "部门:": "department",
    "state:": "state", "状态:": "state", "kind:": "kind", "类别:": "kind", "种类:": "kind",
}  # fmt: skip
_FULLWIDTH_SIGNS = str.maketrans("＠＃：", "@#:")
_PART = re.compile(r"[^\s、，,。;；]+")
_SIGN = re.compile(r"[@#]|[^@#:]{1,10}:")
_MAX_SUGGESTIONS = 3
_MAX_UNITS = 50

LabelOf = Callable[[str, str], str]
"""Gives the label, in the reader's language, of a stored value of a family."""
NameFinder = Callable[[str, str, int], Sequence[tuple[str, str]]]
"""Gives id and name of the lines of a kind whose name matches a text, at most so many."""


class Qualifier(NamedTuple):
    """One qualifier as typed: its name, its value, and the range of its value in the text."""

    name: str
    value: str
    start: int
    end: int


class ParsedQuery(NamedTuple):
    """What was typed, split into words and qualifiers."""

    words: str
    qualifiers: tuple[Qualifier, ...]

    def values(self, name: str) -> list[str]:
        """The values typed for one qualifier, without blank ones."""
        return [one.value for one in self.qualifiers if one.name == name and fold(one.value)]

    def qualifier_at(self, position: int) -> Qualifier | None:
        """The qualifier whose value is typed at a position of the text; None where there is none."""
        return next((one for one in self.qualifiers if one.start <= position <= one.end), None)


class SearchFilter(NamedTuple):
    """The values that lines must have; None: no restriction; an empty tuple: nothing matches."""

    kinds: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None

    def intersect(self, other: SearchFilter) -> SearchFilter:
        """The filter that requires both."""
        return SearchFilter(*map(_intersect, self, other))

    @property
    def matches_nothing(self) -> bool:
        """Whether no line can match."""
        return () in self


NO_FILTER = SearchFilter()
"""No restriction."""


def _intersect(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if first is None or second is None:
        return first if second is None else second
    return tuple(value for value in first if value in second)


def parse_query(text: str) -> ParsedQuery:
    """The words and qualifiers of what was typed. Never raises."""
    words: list[str] = []
    qualifiers: list[Qualifier] = []
    for part in _PART.finditer(text[: MAX_WORDS * MAX_LENGTH]):
        sign = _SIGN.match(part[0].translate(_FULLWIDTH_SIGNS))
        name = _QUALIFIER_NAMES.get(sign[0].casefold()) if sign else None
        if sign is None or name is None:
            words.append(part[0])
        elif len(qualifiers) < MAX_WORDS:
            qualifiers.append(Qualifier(name, part[0][sign.end() :], part.start() + sign.end(), part.end()))
    return ParsedQuery(" ".join(words), tuple(qualifiers))


def resolve_qualifiers(parsed: ParsedQuery, find: NameFinder, label_of: LabelOf) -> SearchFilter:
    """The filter that the qualifiers for kind, department and state mean. Raises `MistypedQualifier` or
    `UnknownQualifier`."""
    departments: list[str] = []
    for value in parsed.values("department"):
        units = find("unit", value, _MAX_UNITS)
        exact = [line_id for line_id, name in units if fold(name) == fold(value)]
        departments += exact or [line_id for line_id, _name in units]
        if not units:
            raise _unknown_qualifier("department", value, (name for _id, name in find("unit", value[:1], _MAX_UNITS)))
    kinds, states = (_resolve_values(parsed, name, label_of) for name in ("kind", "state"))
    return SearchFilter(kinds, tuple(departments) if parsed.values("department") else None, states)


def unknown_person_error(value: str, find: NameFinder) -> UnknownQualifier:
    """The error for a person qualifier that matches nobody."""
    return _unknown_qualifier("person", value, (name for _id, name in find("person", value[:1], _MAX_UNITS)))


def _resolve_values(parsed: ParsedQuery, name: str, label_of: LabelOf) -> tuple[str, ...] | None:
    typed = parsed.values(name)
    if not typed:
        return None
    found: dict[str, None] = {}
    for value in typed:
        matches = [stored for stored, _label in matching_values(name, value, label_of)]
        if not matches:
            labels = {stored: label_of(name, stored) for stored in _values_of(name)}
            raise _unknown_qualifier(name, value, [*labels.values(), *labels])
        found |= dict.fromkeys(matches)
    return tuple(found)


def matching_values(name: str, value: str, label_of: LabelOf) -> list[tuple[str, str]]:
    """The kinds or states that ``value`` can mean, each with its label: the one of exactly this name, or all whose
    stored value starts with it or whose label contains it, as typed or in pinyin."""
    typed = fold(value)
    known = [(stored, label_of(name, stored)) for stored in _values_of(name)]
    exact = [(stored, label) for stored, label in known if typed and typed in (fold(stored), fold(label))]
    return exact or [
        (stored, label) for stored, label in known if _begins_or_contains(fold(stored), fold(label), typed)
    ]


def _begins_or_contains(stored: str, label: str, typed: str) -> bool:
    return stored.startswith(typed) or typed in label or (typed.isascii() and matches_pinyin(label, typed))


def _values_of(name: str) -> tuple[str, ...]:
    if name == "kind":
        return searchable_kinds()
    from store.domain.issue_lifecycle import STATES  # noqa: PLC0415 - most searches name no state

    return STATES


def _unknown_qualifier(name: str, value: str, candidates: Iterable[str]) -> UnknownQualifier:
    from difflib import get_close_matches  # noqa: PLC0415 - only who mistypes waits for it

    names = list(dict.fromkeys(candidates))
    close = get_close_matches(value.casefold(), names, _MAX_SUGGESTIONS, 0.3) or names[:_MAX_SUGGESTIONS]
    if not close:
        return UnknownQualifier(scope=name, value=value)
    return MistypedQualifier(scope=name, value=value, nearest="、".join(f"“{one}”" for one in close))
