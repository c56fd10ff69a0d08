"""Scopes of a lookup, typed among its words: ``@张三``, ``#W2026-001``, ``dept:住建局``, ``state:waiting``,
``kind:visit``.

`parse` cuts what was typed into words and scopes; it never fails. `narrowed` finds out what the scopes mean, by name,
by a part of a name, by pinyin or its initials; of several that are meant, any will do. Names of scopes are known in
Chinese and English alike, with narrow or wide signs, as an input method happens to write them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from store.exceptions import MistypedQualifier, UnknownQualifier
from store.ledger.kind_facts import searchable_kinds
from store.search.query import MAX_LENGTH, MAX_WORDS, matches_pinyin
from store.search.tokenizer import fold

QUALIFIER_PREFIXES = {"person": "@", "number": "#", "department": "dept:", "state": "state:", "kind": "kind:"}
"""Each scope and how it is written."""
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
"""Gives the reader's word for a stored value of a family."""
NameFinder = Callable[[str, str, int], Sequence[tuple[str, str]]]
"""Gives the id and name of the lines of a kind whose name has or spells a text, some at most."""


class Qualifier(NamedTuple):
    """One scope as it was typed: its name, its value, and from where to where its value stands in the text."""

    name: str
    value: str
    start: int
    end: int


class ParsedQuery(NamedTuple):
    """What was typed, cut up."""

    words: str
    qualifiers: tuple[Qualifier, ...]

    def values(self, name: str) -> list[str]:
        """What was typed for one scope, where anything was."""
        return [scope.value for scope in self.qualifiers if scope.name == name and fold(scope.value)]

    def qualifier_at(self, position: int) -> Qualifier | None:
        """The scope whose value is being typed at a place of the text."""
        return next((scope for scope in self.qualifiers if scope.start <= position <= scope.end), None)


class SearchFilter(NamedTuple):
    """What a lookup is kept to; None where anything will do, and nothing at all fits an empty tuple."""

    kinds: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None

    def intersect(self, other: SearchFilter) -> SearchFilter:
        """Kept to both."""
        return SearchFilter(*map(_intersect, self, other))

    @property
    def matches_nothing(self) -> bool:
        """Whether no line can fit."""
        return () in self


NO_FILTER = SearchFilter()
"""Nothing is left out."""


def _intersect(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if first is None or second is None:
        return first if second is None else second
    return tuple(value for value in first if value in second)


def parse_query(text: str) -> ParsedQuery:
    """Words and scopes of what was typed. Never raises."""
    words: list[str] = []
    scopes: list[Qualifier] = []
    for part in _PART.finditer(text[: MAX_WORDS * MAX_LENGTH]):
        sign = _SIGN.match(part[0].translate(_FULLWIDTH_SIGNS))
        name = _QUALIFIER_NAMES.get(sign[0].casefold()) if sign else None
        if sign is None or name is None:
            words.append(part[0])
        elif len(scopes) < MAX_WORDS:
            scopes.append(Qualifier(name, part[0][sign.end() :], part.start() + sign.end(), part.end()))
    return ParsedQuery(" ".join(words), tuple(scopes))


def resolve_qualifiers(parsed: ParsedQuery, find: NameFinder, label_of: LabelOf) -> SearchFilter:
    """What the scopes of kind, department and state keep. Raises `MistypedQualifier` or `UnknownQualifier`."""
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
    """What to say where nobody is called so."""
    return _unknown_qualifier("person", value, (name for _id, name in find("person", value[:1], _MAX_UNITS)))


def _resolve_values(parsed: ParsedQuery, name: str, label_of: LabelOf) -> tuple[str, ...] | None:
    asked = parsed.values(name)
    if not asked:
        return None
    found: dict[str, None] = {}
    for value in asked:
        meant = [one for one, _word in matching_values(name, value, label_of)]
        if not meant:
            words = {one: label_of(name, one) for one in _values_of(name)}
            raise _unknown_qualifier(name, value, [*words.values(), *words])
        found |= dict.fromkeys(meant)
    return tuple(found)


def matching_values(name: str, value: str, label_of: LabelOf) -> list[tuple[str, str]]:
    """The kinds or states that ``value`` can mean, each with its word: one called exactly so, or all whose stored
    value starts so or whose word has it or spells it."""
    typed = fold(value)
    known = [(one, label_of(name, one)) for one in _values_of(name)]
    exact = [(one, word) for one, word in known if typed and typed in (fold(one), fold(word))]
    return exact or [
        (one, word)
        for one, word in known
        if fold(one).startswith(typed) or typed in fold(word) or (typed.isascii() and matches_pinyin(fold(word), typed))
    ]


def _values_of(name: str) -> tuple[str, ...]:
    if name == "kind":
        return searchable_kinds()
    from store.domain.issue_lifecycle import STATES  # noqa: PLC0415 - most lookups name no state

    return STATES


def _unknown_qualifier(name: str, value: str, candidates: Iterable[str]) -> UnknownQualifier:
    from difflib import get_close_matches  # noqa: PLC0415 - only who mistypes waits for it

    names = list(dict.fromkeys(candidates))
    close = get_close_matches(value.casefold(), names, _MAX_SUGGESTIONS, 0.3) or names[:_MAX_SUGGESTIONS]
    if not close:
        return UnknownQualifier(scope=name, value=value)
    return MistypedQualifier(scope=name, value=value, nearest="、".join(f"“{one}”" for one in close))
