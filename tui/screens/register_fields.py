"""The fields of a register's form: the widget for each field type, and how a stored value is shown in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from store.domain.registers import DUE_DAYS, PEOPLE_FIELDS, FieldType, Register
from store.domain.registers import RegisterField as BookField
from store.values.amounts import format_wan
from store.values.dates import Toward
from tui.data.suggestion import ISSUE_NUMBER_FIELD
from tui.i18n.dates import format_period
from tui.i18n.register_text import choice_label
from tui.i18n.translate import N_, _
from tui.screens.issue_form import DAY_HINT, MOMENT_HINT
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField, MultilineField, TextField

HIDDEN = ("session", "scores")
"""Fields that are not typed: written by the register, or typed in another way (`extra_fields`)."""
WHO, LINES = "who", "lines"
"""What a training and an evaluation are given beside their fields: who attended, and points by score line."""
DEFAULT_CHOICES = {
    ("procedure", "status"): "not_started",
    ("evaluation", "outcome"): "none",
    ("training", "kind"): "professional",
    ("follow-up", "how"): "phone",
}
"""The choices that no line is without, and with which a new one begins; the others are to be made."""
ANY_WITHOUT = (("time-rule", "urgency"), ("time-rule", "category"), ("file-rule", "category"))
"""The choices without which a rule holds for all issues."""
HINTS: Mapping[str, str] = {
    "day": DAY_HINT,
    "moment": MOMENT_HINT,
    "month": N_("2026-05, 上月"),
    "yuan": N_("5200万, 1.2亿 or 52000000"),
    "hours": N_("in hours, such as 1.5"),
    "level": N_("1, 2 or 3"),
    "period": N_("2026, 上半年, 2026Q2, 2026-05, 上月 or 1-10月"),
    "code": N_("a standard code brings its name and department"),
}
"""By shape or by the field's name."""
NAMES_HINT = N_("names, 、 between them")
UNITS_HINT = N_("units, 、 between them")


def asked_fields(register: Register, *, new: bool) -> list[BookField]:
    """The register's fields that a form has; those that identify a line only while it is new."""
    return [one for one in register.fields if one.name not in HIDDEN and (new or not is_identity_field(register, one))]


def is_identity_field(register: Register, field: BookField) -> bool:
    """Whether a line is this very line by this field, or in its project by it."""
    return field.name in register.key or (register.parent == "issue" and field.name == "issue")


def field_for(register: Register, field: BookField, *, new: bool) -> FormField:
    """The widget for a field."""
    if field.type == "choice":
        return ChoiceField(
            field.name, field.label, _choices(register, field, new=new), partial(_choice, register, field)
        )
    if field.type in _NAMED:
        return NameField(field.name, field.label, _NAMED[field.type])
    if field.type in ("units", "issues") or field.name in PEOPLE_FIELDS:
        return _multi_name_field(field)
    if field.type in ("day", "moment"):
        toward: Toward | None = "future" if field.name in DUE_DAYS else None
        return DayField(field.name, field.label, hint=HINTS[field.type], toward=toward, moment=field.type == "moment")
    if field.name == "text":
        return MultilineField(field.name, field.label)
    hint = HINTS.get(field.name if field.type in ("text", "number") else field.type, "")
    if register.name != "procedure" and field.name == "code":
        hint = ""
    return TextField(field.name, field.label, hint=NAMES_HINT if field.type == "names" else hint)


_NAMED: Mapping[FieldType, str] = {
    "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
}  # fmt: skip


def _multi_name_field(field: BookField) -> NameField:
    if field.type == "issues":
        return NameField(field.name, field.label, ISSUE_NUMBER_FIELD, several=True, hint=N_("numbers, 、 between them"))
    kind, hint = ("unit", UNITS_HINT) if field.type == "units" else ("person", NAMES_HINT)
    return NameField(field.name, field.label, kind, several=True, hint=hint, as_text=kind == "person")


def _choices(register: Register, field: BookField, *, new: bool) -> Sequence[str]:
    made = (register.name, field.name) in DEFAULT_CHOICES or (field.required and not new)
    return field.choices if made else ("", *field.choices)


def _choice(register: Register, field: BookField, value: str) -> str:
    if value:
        return choice_label(register, field, value)
    if field.required:
        return _("to be chosen")
    return _("any") if (register.name, field.name) in ANY_WITHOUT else _("none")


def extra_fields(register: Register) -> list[FormField]:
    """What a register's line takes that is no field of it."""
    if register.name == "training":
        return [NameField(WHO, N_("Who attended"), "person", several=True, hint=NAMES_HINT)]
    if register.name == "evaluation":
        return [TextField(LINES, N_("Score lines"), hint=N_("CODE=POINTS, ; between them; their sum is the score"))]
    return []


def default_choice(register: Register, field: BookField) -> str:
    """The initial choice of a new line."""
    return DEFAULT_CHOICES.get((register.name, field.name), "")


def typed_value(field: BookField, row: Mapping[str, object]) -> str:
    """A stored value as a person would type it."""
    value = row.get(field.name)
    if value is None or value == []:
        return ""
    how = _SHOWN.get(field.type)
    return how(value) if how else str(value)


def _joined(names: Sequence[str]) -> str:
    return "、".join(names)


def _yuan(value: int) -> str:
    """In units of ten thousand, where nothing is lost by it."""
    return f"{format_wan(value)}万" if value % 100 == 0 else f"{value:,}"


_SHOWN: Mapping[FieldType, Callable[[Any], str]] = {
    "moment": lambda value: str(value)[:16].replace("T", " "),
    "period": lambda value: format_period(str(value)),
    "yuan": _yuan,
    "names": _joined,
    "units": _joined,
}
