"""The lines of registers as text: labels and values of the fields in ``store/domain/registers.py``.

Used by the command line (``tui/cli/commands/registers.py``) and the screens (``tui/presenters/register_lines.py``);
imports no Textual.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from store.domain.registers import REGISTERS, FieldType, Register, RegisterField
from store.values.amounts import format_wan
from tui.i18n.dates import format_period
from tui.i18n.translate import N_, _, value_label

RegisterValues = Mapping[str, Any]
DERIVED_LABELS: Mapping[str, str] = {
    "stage": N_("Stage"),
    "days": N_("Usual working days"),
    "expected": N_("Expected by"),
    "late": N_("Late"),
    "decisions": N_("Decisions"),
    "other_projects": N_("Also about"),
    "transmit": N_("Transmitted to"),
    "interpret": N_("Interpreted at"),
    "implement": N_("Implemented at"),
    "untold": N_("Not told yet"),
    "rate": N_("Completion rate"),
    "lag": N_("Behind by points"),
    "behind": N_("Behind schedule"),
    "missing": N_("Missing"),
    "who": N_("Attended"),
    "facts": N_("What the ledger says"),
}
"""The labels of what is derived from a line."""


FLAGGED_REGISTERS = ("procedure", "progress", "statistics", "return")
"""The registers whose list shows what is derived from each line, because that costs no further query."""


class RegisterLineRow(NamedTuple):
    """A line as a row of a list, with the values that the query gives."""

    id: str
    values: RegisterValues


_SHARED_FAMILIES = {"criterion.fact": "fact"}
"""Families of values that other texts have too."""


def register_of(kind: str) -> Register | None:
    """The register of a kind of line, or None."""
    return next((register for register in REGISTERS.values() if register.kind == kind), None)


def is_dated(register: Register) -> bool:
    """Whether the register is ordered by a date, so that a period can be selected."""
    return any(
        field.body_name == register.order and field.type in ("day", "moment", "month") for field in register.fields
    )


def choice_label(register: Register, field: RegisterField, value: str) -> str:
    """The label of a stored choice."""
    return value_label(choice_family(register, field), value)


def choice_family(register: Register, field: RegisterField) -> str:
    """The family of the labels of a field's choices."""
    family = f"{register.kind}.{field.body_name}"
    return _SHARED_FAMILIES.get(family, family)


def field_label(field: RegisterField) -> str:
    """The label of a field."""
    return _(field.label)


def field_text(register: Register, field: RegisterField, row: RegisterValues) -> str:
    """A field's value in one line; "" without a value."""
    value = row.get(field.name)
    if value is None or value in ([], ""):
        return ""
    if field.type == "choice":
        return choice_label(register, field, str(value))
    formatter = _FORMATTERS.get(field.type)
    if formatter:
        return formatter(value)
    return _(", ").join(map(str, value)) if isinstance(value, list) else str(value)


def yuan_text(yuan: int) -> str:
    """An amount of money as offices write it: in units of ten thousand."""
    return _("{amount} wan yuan").format(amount=format_wan(yuan))


_FORMATTERS: Mapping[FieldType, Callable[[Any], str]] = {
    "moment": lambda value: str(value)[:16].replace("T", " "),
    "period": lambda value: format_period(str(value)),
    "yuan": yuan_text,
    "scores": lambda value: _(", ").join(f"{line['line']} {line['points'] / 10:g}" for line in value),
}


def number_text(kind: str, stored: str, value: object) -> str | None:
    """A stored figure as text, for money and points; None where it is neither."""
    register = register_of(kind)
    shape = next((field.type for field in register.fields if field.body_name == stored), None) if register else None
    if not isinstance(value, int):
        return None
    if shape == "yuan" or stored == "investment_yuan":
        return yuan_text(value)
    return f"{value / 10:g}" if shape == "tenths" else None


def label_value_pairs(register: Register, row: RegisterValues) -> list[tuple[str, str | None]]:
    """A line as labels and values: project, fields, what is derived from them, author."""
    own = [
        (field_label(field), field_text(register, field, row) or None)
        for field in register.fields
        if field.name != "session"
    ]
    names = {field.name for field in register.fields}
    following = [
        (_(label), _derived_text(name, row[name]))
        for name, label in DERIVED_LABELS.items()
        if name in row and name not in names
    ]
    return [(_("Project"), row.get("project")), *own, *following, (_("By"), row.get("author"))]


def _derived_text(name: str, value: object) -> str | None:
    if value is None or value is False or value in ([], {}):
        return None
    if value is True:
        return _("yes")
    formatter = _DERIVED_FORMATTERS.get(name)
    if formatter:
        return formatter(value)
    return _(", ").join(map(str, value)) if isinstance(value, list) else str(value)


def _attendee_text(attendee: RegisterValues) -> str:
    return f"{attendee['name']} ({attendee['unit']})" if attendee["unit"] else str(attendee["name"])


def _decision_text(decision: RegisterValues) -> str:
    return f"{decision['number']} {value_label('issue_step.act', decision['act'])} {decision['text'] or ''}"


_DERIVED_FORMATTERS: Mapping[str, Callable[[Any], str]] = {
    "stage": lambda value: value_label("procedure_stage", str(value)),
    "missing": lambda value: _(", ").join(value_label("field", str(one)) for one in value),
    "decisions": lambda value: "\n".join(map(_decision_text, value)),
    "who": lambda value: _(", ").join(map(_attendee_text, value)),
    "facts": lambda value: _(", ").join(f"{value_label('fact', fact)} {figure}" for fact, figure in value.items()),
}
