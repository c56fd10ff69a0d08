"""What can be wrong with a field of a line, as a code, as English, and read back from it.

The central gives a fault as the reason of a rejection; screens say it in the person's language. Which values have which
fault is decided in ``store/ledger/validity.py``. Imports nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

PROBLEMS: Mapping[str, str] = {
    "missing": "is missing",
    "empty": "says nothing",
    "choice": "is none of the known values",
    "no_date": "is no day or time between 1900 and 2100",
    "form": "has another form",
    "range": "is too small or too large",
    "too_long": "is too long",
    "too_many": "has too many parts",
    "nested": "is nested too deep",
    "marks": "has too many marks on one character",
    "unclean": "has characters that no text may have",
    "type": "is of another type",
}
"""What can be wrong with a field, in English; screens translate by the code (family ``problem``)."""


class Fault(NamedTuple):
    """What makes a line invalid: the ``field``, and what is wrong with it (a key of `PROBLEMS`)."""

    field: str
    problem: str

    def __str__(self) -> str:
        """The fault as a sentence in English: the reason of a rejection, which `read_fault` reads again."""
        return f"{self.field} {PROBLEMS[self.problem]}"


def read_fault(reason: str | None) -> Fault | None:
    """The fault that a central gave as its reason; None for any other text."""
    field, _, sentence = (reason or "").partition(" ")
    problem = next((code for code, text in PROBLEMS.items() if text == sentence), None)
    return Fault(field, problem) if problem else None
