"""The filter of the list of projects: as text, and as the store takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.i18n.translate import _, value_label

if TYPE_CHECKING:
    from store.queries.project_filters import ProjectFilter

FilterChoices = Mapping[str, str | None]
"""The chosen values by option; "" does not filter."""


def project_filter(choices: FilterChoices) -> ProjectFilter:
    """The choices as a filter for the query."""
    from store.queries.project_filters import ProjectFilter  # noqa: PLC0415 - not imported before the first paint

    values = {name: choices.get(name) or None for name in ("category", "stage", "light", "lacks")}
    values |= {name: choices.get(f"{name}_id") or None for name in ("unit", "person")}
    flags = {name: bool(choices.get(name)) for name in ("mine", "silent", "reverse")}
    return ProjectFilter(**values, **flags, order=choices.get("order") or "table")  # type: ignore[arg-type]


def project_filter_text(choices: FilterChoices) -> str:
    """The filter and the order as text."""
    texts = [
        value_or_all_label("project.category", choices.get("category") or ""),
        value_label("project.stage", str(choices["stage"])) if choices.get("stage") else "",
        light_filter_label(str(choices["light"])) if choices.get("light") else "",
        _("mine") if choices.get("mine") else "",
        _("silent") if choices.get("silent") else "",
        _("lacks: {names}").format(names=missing_role_label(str(choices["lacks"]))) if choices.get("lacks") else "",
        choices.get("unit") or "",
        choices.get("person") or "",
        order_text("order", choices.get("order") or "table", reverse=bool(choices.get("reverse"))),
    ]
    return "   ".join(one for one in texts if one)


def order_text(family: str, order: str, *, reverse: bool) -> str:
    """An order as text; ``family`` has its labels."""
    text = value_label(family, order)
    return _("{order}, reversed").format(order=text) if reverse else text


def period_text(since: str, until: str) -> str:
    """The days between which something was; empty where neither is given."""
    return f"{since} - {until}".strip() if since or until else ""


def light_filter_label(light: str) -> str:
    """The label of a light, or of no filter by light."""
    return value_label("light_name", light) if light else _("any")


def value_or_all_label(family: str, value: str) -> str:
    """The label of a value, or of no filter by it."""
    return value_label(family, value) if value else _("all")


def missing_role_label(value: str) -> str:
    """The label of the missing role that is filtered by."""
    return {"": _("any"), "any": _("something")}.get(value) or value_label("six_ones", value)
