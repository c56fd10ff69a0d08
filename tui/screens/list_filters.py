"""The filters of projects and of registers: the fields of their panel, the criteria for the query, and their text."""

from __future__ import annotations

from collections.abc import Sequence

from store.domain.registers import Register
from store.queries.register_lines import sortable_fields
from tui.i18n.filter_text import (
    FilterChoices,
    light_filter_label,
    missing_role_label,
    period_text,
    value_or_all_label,
)
from tui.i18n.labels import FAMILIES
from tui.i18n.register_text import choice_label, field_label, is_dated
from tui.i18n.translate import N_, _, value_label
from tui.screens.filters import LIGHTS, order_fields
from tui.screens.issue_form import DAY_HINT
from tui.screens.project_form import CATEGORIES, STAGES
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField

NAMED_TYPES = ("person", "unit", "policy")
"""The fields by which a register is filtered with the name of a line."""
MISSING_ROLES = ("", "any", "lead_leader", "lead_unit", "service_team", "enterprise_contact")
ORDERS = FAMILIES["order"]


# ── projects ────────────────────────────────────────────────────────────────────────────────────────────────────────


def project_filter_fields() -> Sequence[FormField]:
    """Category, stage, light, whose, contact, missing roles, who serves it, and the order."""
    return (
        ChoiceField(
            "category", N_("Category"), ("", *CATEGORIES), lambda each: value_or_all_label("project.category", each)
        ),
        ChoiceField("stage", N_("Stage"), STAGES, lambda each: value_or_all_label("project.stage", each)),
        ChoiceField("light", N_("Light"), LIGHTS, light_filter_label),
        ChoiceField("mine", N_("Whose"), ("", "yes"), lambda each: _("mine") if each else _("all")),
        ChoiceField("silent", N_("Contact"), ("", "yes"), lambda each: _("silent") if each else _("any")),
        ChoiceField("lacks", N_("Lacks"), MISSING_ROLES, missing_role_label),
        NameField("unit", N_("Unit"), "unit"),
        NameField("person", N_("Person"), "person"),
        *order_fields(ORDERS, lambda each: value_label("order", each)),
    )


# ── registers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def register_filter_fields(register: Register, *, of_project: bool) -> Sequence[FormField]:
    """The project, each choice that a line makes, whom it names, the period, and the order."""
    asked: list[FormField] = []
    if register.parent != "district" and not of_project:
        asked.append(NameField("project", N_("Project"), "project"))
    for field in register.fields:
        if field.type == "choice":
            words = _choice_words(register, field.name)
            asked.append(ChoiceField(field.name, field.label, ("", *field.choices), lambda each, w=words: w[each]))  # type: ignore[misc]
        elif field.type in NAMED_TYPES:
            asked.append(NameField(field.name, field.label, field.type))
    if is_dated(register):
        asked += [
            DayField("since", N_("From day"), hint=DAY_HINT, toward="past"),
            DayField("until", N_("To day"), hint=DAY_HINT, toward="past"),
        ]
    orders = dict(register_orders(register))
    return [*asked, *order_fields(tuple(orders), lambda each: orders[each])]


def register_orders(register: Register) -> list[tuple[str, str]]:
    """The orders of a register's list, each with its label: its own, and by each column."""
    return [(each, _order_label(register, each)) for each in ("", *sortable_fields(register))]


def _order_label(register: Register, order: str) -> str:
    """The label of an order of a register: the column's, or that of its usual order."""
    if not order:
        return _("newest first")
    return _("Project") if order == "project" else field_label(register.field(order))


def _choice_words(register: Register, name: str) -> dict[str, str]:
    field = register.field(name)
    return {"": _("all"), **{one: choice_label(register, field, one) for one in field.choices}}


def register_filter(register: Register, values: FilterChoices, now_ms: int) -> dict[str, str | None]:
    """The filter as the query takes it; days are counted from ``now_ms``, the district's time. Raises `BadTime` where
    a day of the period is none."""
    from store.values.times import district_time, parse_day  # noqa: PLC0415 - not imported before the first paint

    criteria: dict[str, str | None] = {"project": values.get("project_id") or None}
    for field in register.fields:
        if field.type == "choice":
            criteria[field.name] = values.get(field.name) or None
        elif field.type in NAMED_TYPES:
            criteria[field.name] = values.get(f"{field.name}_id") or None
    now = district_time(now_ms)
    for name in ("since", "until"):
        text = values.get(name)
        criteria[name] = parse_day(text, now, "past") if text else None
    return {**criteria, "sort": values.get("order") or None, "reverse": values.get("reverse") or None}


def register_filter_text(register: Register, values: FilterChoices) -> str:
    """The filter as text; empty where everything is listed."""
    parts = [values.get("project") or ""]
    for field in register.fields:
        value = values.get(field.name)
        if value and field.type == "choice":
            parts.append(f"{field_label(field)}: {choice_label(register, field, value)}")
        elif value and field.type in NAMED_TYPES:
            parts.append(value)
    if values.get("since") or values.get("until"):
        parts.append(period_text(values.get("since") or "", values.get("until") or ""))
    if values.get("order") or values.get("reverse"):
        order = _order_label(register, values.get("order") or "")
        parts.append(_("{order}, reversed").format(order=order) if values.get("reverse") else order)
    return "   ".join(one for one in parts if one)
