"""What the list of projects is narrowed to, in words and as the store takes it; without the panel that asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui.i18n.translate import _, word

if TYPE_CHECKING:
    from store.queries.project_filters import ProjectFilter

Chosen = Mapping[str, str | None]
"""What is chosen, by the questions' names; "" is anything."""


def project_filter(chosen: Chosen) -> ProjectFilter:
    """The filter as the named read takes it."""
    from store.queries.project_filters import ProjectFilter  # noqa: PLC0415 - not imported before the first paint

    words = {name: chosen.get(name) or None for name in ("category", "stage", "light", "lacks")}
    flags = {name: bool(chosen.get(name)) for name in ("mine", "silent")}
    return ProjectFilter(**words, **flags, order=chosen.get("order") or "table")  # type: ignore[arg-type]


def project_words(chosen: Chosen) -> str:
    """The filter in words, and the order."""
    told = [
        either("project.category", chosen.get("category") or ""),
        word("project.stage", str(chosen["stage"])) if chosen.get("stage") else "",
        light_word(str(chosen["light"])) if chosen.get("light") else "",
        _("mine") if chosen.get("mine") else "",
        _("silent") if chosen.get("silent") else "",
        _("lacks: {names}").format(names=lacks_word(str(chosen["lacks"]))) if chosen.get("lacks") else "",
        word("order", chosen.get("order") or "table"),
    ]
    return "   ".join(one for one in told if one)


def light_word(light: str) -> str:
    """A choice of lights in words."""
    return word("light_name", light) if light else _("any")


def either(family: str, value: str) -> str:
    """A value's word, or that all are meant."""
    return word(family, value) if value else _("all")


def lacks_word(value: str) -> str:
    """What of the six ones is lacking."""
    return {"": _("any"), "any": _("something")}.get(value) or word("six_ones", value)
