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

from store.exceptions import ScopeMistyped, ScopeUnknown
from store.search.query import MAX_LENGTH, MAX_WORDS, reads
from store.search.tokenizer import fold

SIGNS = {"person": "@", "number": "#", "department": "dept:", "state": "state:", "kind": "kind:"}
"""Each scope and how it is written."""
_NAMES = {
    "@": "person", "#": "number", "dept:": "department", "department:": "department", "部门:": "department",
    "state:": "state", "状态:": "state", "kind:": "kind", "类别:": "kind", "种类:": "kind",
}  # fmt: skip
_WIDE = str.maketrans("＠＃：", "@#:")
_PART = re.compile(r"[^\s、，,。;；]+")
_SIGN = re.compile(r"[@#]|[^@#:]{1,10}:")
_NEAREST = 3
_MOST_UNITS = 50
KINDS = (
    "adoption", "close_out", "criterion", "data_return", "evaluation", "follow_up", "issue", "issue_step", "meeting",
    "person", "policy", "policy_delivery", "procedure", "progress_report", "project", "training", "unit", "visit",
)  # fmt: skip
"""The kinds that are looked up. Named here because the registry would load every model for them."""
ISSUE_KINDS = ("issue", "issue_step", "follow_up", "close_out")
"""Those whose lines have a state: an issue's own, and what belongs to one."""

Said = Callable[[str, str], str]
"""Gives the reader's word for a stored value of a family."""
Find = Callable[[str, str, int], Sequence[tuple[str, str]]]
"""Gives the id and name of the lines of a kind whose name has or spells a text, some at most."""


class Scope(NamedTuple):
    """One scope as it was typed: its name, its value, and from where to where its value stands in the text."""

    name: str
    value: str
    start: int
    end: int


class Typed(NamedTuple):
    """What was typed, cut up."""

    words: str
    scopes: tuple[Scope, ...]

    def values(self, name: str) -> list[str]:
        """What was typed for one scope, where anything was."""
        return [scope.value for scope in self.scopes if scope.name == name and fold(scope.value)]

    def at(self, place: int) -> Scope | None:
        """The scope whose value is being typed at a place of the text."""
        return next((scope for scope in self.scopes if scope.start <= place <= scope.end), None)


class Kept(NamedTuple):
    """What a lookup is kept to; None where anything will do, and nothing at all fits an empty tuple."""

    kinds: tuple[str, ...] | None = None
    departments: tuple[str, ...] | None = None
    states: tuple[str, ...] | None = None

    def within(self, other: Kept) -> Kept:
        """Kept to both."""
        return Kept(*map(_both, self, other))

    @property
    def nothing(self) -> bool:
        """Whether no line can fit."""
        return () in self


ANYTHING = Kept()
"""Nothing is left out."""


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return one if other is None else other
    return tuple(value for value in one if value in other)


def parse(text: str) -> Typed:
    """Words and scopes of what was typed. Never raises."""
    words: list[str] = []
    scopes: list[Scope] = []
    for part in _PART.finditer(text[: MAX_WORDS * MAX_LENGTH]):
        sign = _SIGN.match(part[0].translate(_WIDE))
        name = _NAMES.get(sign[0].casefold()) if sign else None
        if sign is None or name is None:
            words.append(part[0])
        elif len(scopes) < MAX_WORDS:
            scopes.append(Scope(name, part[0][sign.end() :], part.start() + sign.end(), part.end()))
    return Typed(" ".join(words), tuple(scopes))


def narrowed(typed: Typed, find: Find, said: Said) -> Kept:
    """What the scopes of kind, department and state keep. Raises `ScopeMistyped` or `ScopeUnknown`."""
    departments: list[str] = []
    for value in typed.values("department"):
        units = find("unit", value, _MOST_UNITS)
        exact = [line_id for line_id, name in units if fold(name) == fold(value)]
        departments += exact or [line_id for line_id, _name in units]
        if not units:
            raise _unknown("department", value, (name for _id, name in find("unit", value[:1], _MOST_UNITS)))
    kinds, states = (_among(typed, name, said) for name in ("kind", "state"))
    return Kept(kinds, tuple(departments) if typed.values("department") else None, states)


def unknown_person(value: str, find: Find) -> ScopeUnknown:
    """What to say where nobody is called so."""
    return _unknown("person", value, (name for _id, name in find("person", value[:1], _MOST_UNITS)))


def _among(typed: Typed, name: str, said: Said) -> tuple[str, ...] | None:
    asked = typed.values(name)
    if not asked:
        return None
    found: dict[str, None] = {}
    for value in asked:
        meant = [one for one, _word in fitting(name, value, said)]
        if not meant:
            words = {one: said(name, one) for one in _all(name)}
            raise _unknown(name, value, [*words.values(), *words])
        found |= dict.fromkeys(meant)
    return tuple(found)


def fitting(name: str, value: str, said: Said) -> list[tuple[str, str]]:
    """The kinds or states that ``value`` can mean, each with its word: one called exactly so, or all whose stored
    value starts so or whose word has it or spells it."""
    typed = fold(value)
    known = [(one, said(name, one)) for one in _all(name)]
    exact = [(one, word) for one, word in known if typed and typed in (fold(one), fold(word))]
    return exact or [
        (one, word)
        for one, word in known
        if fold(one).startswith(typed) or typed in fold(word) or (typed.isascii() and reads(fold(word), typed))
    ]


def _all(name: str) -> tuple[str, ...]:
    if name == "kind":
        return KINDS
    from store.domain.issue_lifecycle import STATES  # noqa: PLC0415 - most lookups name no state

    return STATES


def _unknown(name: str, value: str, near: Iterable[str]) -> ScopeUnknown:
    from difflib import get_close_matches  # noqa: PLC0415 - only who mistypes waits for it

    names = list(dict.fromkeys(near))
    close = get_close_matches(value.casefold(), names, _NEAREST, 0.3) or names[:_NEAREST]
    if not close:
        return ScopeUnknown(scope=name, value=value)
    return ScopeMistyped(scope=name, value=value, nearest="、".join(f"“{one}”" for one in close))
