"""What a valid line is: the one definition, for what officers write, the central takes in and a device receives.

A kind's model says which fields it has and of which form (``store/ledger/models``, field types in
``models/base.py``); here are the bounds that hold for every value of every kind, known or not, and the words for what
is wrong. `store.ledger.kinds.Kind` puts both together. Pure.
"""

from __future__ import annotations

import math
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path

from pydantic import VERSION, ValidationError

from store.ledger.hlc import MAX_HLC
from store.ledger.line import Body
from store.ledger.models import base
from store.ledger.models.base import PATTERN_PROBLEMS
from store.values.faults import Fault
from store.values.text import FORBIDDEN

MAX_TEXT = 100_000
"""The most characters of one text."""
MAX_ITEMS = 2_000
"""The most values in one list or object."""
MAX_DEPTH = 16
"""How deep a field's value may be nested."""
MAX_FIELDS = 200
"""The most fields of a line, unknown ones included."""
MAX_NAME = 100
"""The most characters of a field's name."""
MAX_MARKS = 8
"""The most combining marks on one character: more is drawn over the lines around it."""


def _marks() -> Iterator[str]:
    """The combining marks of the basic plane: a search for them stays fast while they are of one plane."""
    plane = chain(range(0x300, 0xD800), range(0xE000, 0x10000))
    return (chr(code) for code in plane if unicodedata.category(chr(code)).startswith("M"))


_MARK_RUN = re.compile(f"[{''.join(_marks())}]{{{MAX_MARKS + 1}}}")

_BY_ERROR = {
    "missing": "missing",
    "literal_error": "choice",
    "string_too_long": "too_long",
    "too_long": "too_many",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "string_pattern_mismatch": "form",
}


def find_faults(body: Body, types: ValidationError | None) -> dict[str, Fault]:
    """Everything that is wrong with a body, by field: what its model says (``types``), and what no value may be. What
    is wrong with the body as a whole is under the name ``body``."""
    faults = dict(_faults_of_types(types)) if types else {}
    for name, value in body.items():
        if problem := text_problem(name) or _worst_problem(value):
            faults[name[:MAX_NAME]] = Fault(name[:MAX_NAME], problem)
        if len(name) > MAX_NAME:
            faults["body"] = Fault("body", "too_long")
    if len(body) > MAX_FIELDS:
        faults["body"] = Fault("body", "too_many")
    return faults


def _worst_problem(value: object) -> str | None:
    """What is wrong with a value; forbidden characters before all else, however deep they are."""
    problem = value_problem(value)
    return "unclean" if problem and _is_unclean(value) else problem


def _is_unclean(value: object, depth: int = 0) -> bool:
    if isinstance(value, str):
        return FORBIDDEN.search(value) is not None
    if depth > MAX_DEPTH or not isinstance(value, list | dict):
        return False
    parts = value if isinstance(value, list) else [*value, *value.values()]
    return any(_is_unclean(part, depth + 1) for part in parts)


def has_sound_values(body: Body) -> bool:
    """Whether `find_faults` finds nothing wrong with any value; what is fast for what is usual."""
    if len(body) > MAX_FIELDS:
        return False
    for name, value in body.items():
        if len(name) > MAX_NAME or _problem_of_name(name):
            return False
        if text_problem(value) if isinstance(value, str) else value_problem(value):
            return False
    return True


@cache
def rules_of_values() -> bytes:
    """What, beside a model's fields and their types, decides whether a body is valid, to tell one version's rules from
    another's: the text of this module and of the field types, the characters that are forbidden, and what the libraries
    take for a character and a type."""
    try:
        written = [Path(file).read_bytes() for file in (__file__, str(base.__file__))]
    except OSError:
        written = [os.urandom(16)]  # installed without its text: then no two versions' rules are taken for the same
    return b"\0".join(
        [*written, ascii(FORBIDDEN.pattern).encode(), unicodedata.unidata_version.encode(), VERSION.encode()]
    )


def value_problem(value: object, depth: int = 0) -> str | None:
    """What is wrong with a value in itself: a number beyond 64 bits, a text or list too long, a forbidden character."""
    if isinstance(value, str):
        return text_problem(value)
    if isinstance(value, int | float):
        sound = math.isfinite(value) if isinstance(value, float) else -MAX_HLC <= value <= MAX_HLC
        return None if sound else "range"
    if isinstance(value, list | dict):
        parts = value if isinstance(value, list) else [*value, *value.values()]
        return "nested" if depth == MAX_DEPTH else _first_problem(parts, depth)
    return None if value is None else "type"


def _first_problem(values: Sequence[object], depth: int) -> str | None:
    if len(values) > MAX_ITEMS:
        return "too_many"
    return next((problem for value in values if (problem := value_problem(value, depth + 1))), None)


def text_problem(text: str) -> str | None:
    """What is wrong with a text: its length, a forbidden character, a run of combining marks."""
    if len(text) > MAX_TEXT:
        return "too_long"
    if not text.isprintable() and FORBIDDEN.search(text):
        return "unclean"
    return "marks" if len(text) > MAX_MARKS and not text.isascii() and _MARK_RUN.search(text) else None


@lru_cache(maxsize=2_000)
def _problem_of_name(name: str) -> str | None:
    """What is wrong with a field's name as a text: the same names come with every line."""
    return text_problem(name)


def _faults_of_types(error: ValidationError) -> Iterator[tuple[str, Fault]]:
    for item in error.errors(include_url=False, include_input=False):
        name = str(item["loc"][0]) if item["loc"] else "body"
        yield name, Fault(name, _problem_of(item["type"], str(item.get("ctx", {}).get("pattern", ""))))


def _problem_of(error_type: str, pattern: str) -> str:
    if error_type == "string_pattern_mismatch" and pattern in PATTERN_PROBLEMS:
        return PATTERN_PROBLEMS[pattern]
    return _BY_ERROR.get(error_type, "type")
