"""The fields of a register's form: which widget asks for which shape, and how a stored value is shown in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from store.domain.registers import Book, Shape
from store.domain.registers import Field as BookField
from store.values.amounts import wan
from tui.data.suggestions import BY_NUMBER
from tui.i18n.register_text import choice_word
from tui.i18n.translate import N_, _
from tui.screens.issue_form import DAY_HINT
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, Field, LongField, TextField

HIDDEN = ("session", "scores")
"""Fields that nobody types: written by the register, or typed in another way (`beside`)."""
WHO, LINES = "who", "lines"
"""What a training and an evaluation are given beside their fields: who attended, and points by score line."""
USUAL = {
    ("procedure", "status"): "not_started",
    ("evaluation", "outcome"): "none",
    ("training", "kind"): "professional",
    ("follow-up", "how"): "phone",
}
"""The choices that no line is without, and with which a new one begins; the others are to be made."""
HINTS: Mapping[str, str] = {
    "day": DAY_HINT,
    "moment": N_("now; 14:30; yesterday 9:00; 2026-05-20 14:30"),
    "month": "2026-05",
    "yuan": N_("5200万, 1.2亿 or 52000000"),
    "hours": N_("in hours, such as 1.5"),
    "level": N_("1, 2 or 3"),
    "period": N_("2026, 2026H1, 2026Q2 or 2026-05"),
    "code": N_("a standard code brings its name and department"),
}
"""By shape or by the field's name."""
NAMES_HINT = N_("names, 、 between them")
PEOPLE = ("participants", "who")
"""Lists of names that are people's."""


def asked(book: Book, *, new: bool) -> list[BookField]:
    """The book's fields that a form asks for: those that make a line this very line only while it is new."""
    return [one for one in book.fields if one.name not in HIDDEN and (new or not fixed(book, one))]


def fixed(book: Book, field: BookField) -> bool:
    """Whether a line is this very line by this field, or in its project by it."""
    return field.name in book.key or (book.of == "issue" and field.name == "issue")


def field_for(book: Book, field: BookField, *, new: bool) -> Field:
    """The widget that asks for a field."""
    if field.shape == "choice":
        return ChoiceField(field.name, field.label, _choices(book, field, new=new), partial(_choice, book, field))
    if field.shape in _NAMED:
        return NameField(field.name, field.label, _NAMED[field.shape])
    if field.shape in ("units", "issues") or field.name in PEOPLE:
        return _several(field)
    if field.name == "text":
        return LongField(field.name, field.label)
    hint = HINTS.get(field.name if field.shape in ("text", "number") else field.shape, "")
    if book.name != "procedure" and field.name == "code":
        hint = ""
    return TextField(field.name, field.label, hint=NAMES_HINT if field.shape == "names" else hint)


_NAMED: Mapping[Shape, str] = {
    "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
}  # fmt: skip


def _several(field: BookField) -> NameField:
    if field.shape == "issues":
        return NameField(field.name, field.label, BY_NUMBER, several=True, hint=N_("numbers, 、 between them"))
    kind = "unit" if field.shape == "units" else "person"
    return NameField(field.name, field.label, kind, several=True, hint=NAMES_HINT)


def _choices(book: Book, field: BookField, *, new: bool) -> Sequence[str]:
    made = (book.name, field.name) in USUAL or (field.needed and not new)
    return field.choices if made else ("", *field.choices)


def _choice(book: Book, field: BookField, value: str) -> str:
    if value:
        return choice_word(book, field, value)
    return _("to be chosen") if field.needed else _("none")


def beside(book: Book) -> list[Field]:
    """What a book's line is given that is no field of it."""
    if book.name == "training":
        return [NameField(WHO, N_("Who attended"), "person", several=True, hint=NAMES_HINT)]
    if book.name == "evaluation":
        return [TextField(LINES, N_("Score lines"), hint=N_("CODE=POINTS, ; between them; their sum is the score"))]
    return []


def first_choice(book: Book, field: BookField) -> str:
    """What a new line's choice stands at."""
    return USUAL.get((book.name, field.name), "")


def shown_value(field: BookField, row: Mapping[str, Any]) -> str:
    """A stored value as a person would type it."""
    value = row.get(field.name)
    if value is None or value == []:
        return ""
    how = _SHOWN.get(field.shape)
    return how(value) if how else str(value)


def _joined(names: Sequence[str]) -> str:
    return "、".join(names)


def _yuan(value: int) -> str:
    """In units of ten thousand, where nothing is lost by it."""
    return f"{wan(value)}万" if value % 100 == 0 else f"{value:,}"


_SHOWN: Mapping[Shape, Callable[[Any], str]] = {
    "moment": lambda value: str(value)[:16].replace("T", " "),
    "yuan": _yuan,
    "names": _joined,
    "units": _joined,
}
