"""What the lists of projects and of the registers can be narrowed by, as questions of the one panel, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store.domain.registers import Book
from tui.i18n.filter_text import Chosen, either, lacks_word, light_word
from tui.i18n.labels import FAMILIES
from tui.i18n.register_text import choice_word, dated, label_of
from tui.i18n.translate import N_, _, word
from tui.screens.filters import LIGHTS
from tui.screens.issue_form import DAY_HINT
from tui.screens.project_form import CATEGORIES, STAGES
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, Field, TextField

if TYPE_CHECKING:
    from tui.data.reader import Desk

LACKS = ("", "any", "lead_leader", "lead_unit", "service_team", "enterprise_contact")
ORDERS = FAMILIES["order"]


# ── projects ────────────────────────────────────────────────────────────────────────────────────────────────────────


def project_questions() -> Sequence[Field]:
    """Category, stage, light, whose, contact, what is lacking, and the order."""
    return (
        ChoiceField("category", N_("Category"), ("", *CATEGORIES), lambda one: either("project.category", one)),
        ChoiceField("stage", N_("Stage"), STAGES, lambda one: either("project.stage", one)),
        ChoiceField("light", N_("Light"), LIGHTS, light_word),
        ChoiceField("mine", N_("Whose"), ("", "yes"), lambda one: _("mine") if one else _("all")),
        ChoiceField("silent", N_("Contact"), ("", "yes"), lambda one: _("silent") if one else _("any")),
        ChoiceField("lacks", N_("Lacks"), LACKS, lacks_word),
        ChoiceField("order", N_("Order"), ORDERS, lambda one: word("order", one)),
    )


# ── registers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def book_questions(book: Book, *, of_project: bool) -> Sequence[Field]:
    """The project, each choice that a line makes, whom it names, and the period."""
    asked: list[Field] = []
    if book.of != "district" and not of_project:
        asked.append(NameField("project", N_("Project"), "project"))
    for field in book.fields:
        if field.shape == "choice":
            words = _choice_words(book, field.name)
            asked.append(ChoiceField(field.name, field.label, ("", *field.choices), lambda one, w=words: w[one]))  # type: ignore[misc]
        elif field.shape in ("unit", "policy"):
            asked.append(NameField(field.name, field.label, field.shape))
    if dated(book):
        asked += [TextField("since", N_("From day"), hint=DAY_HINT), TextField("until", N_("To day"), hint=DAY_HINT)]
    return asked


def _choice_words(book: Book, name: str) -> dict[str, str]:
    field = book.field(name)
    return {"": _("all"), **{one: choice_word(book, field, one) for one in field.choices}}


def book_filter(desk: Desk, book: Book, chosen: Chosen) -> dict[str, str | None]:
    """The filter as the named read takes it. Raises `BadTime` where a day of the period is none."""
    from store.values.times import now_in, parse_day  # noqa: PLC0415 - not imported before the first paint

    narrowed: dict[str, str | None] = {"project": chosen.get("project_id") or None}
    for field in book.fields:
        if field.shape == "choice":
            narrowed[field.name] = chosen.get(field.name) or None
        elif field.shape in ("unit", "policy"):
            narrowed[field.name] = chosen.get(f"{field.name}_id") or None
    now = now_in(desk.district_ms())
    for name in ("since", "until"):
        text = chosen.get(name)
        narrowed[name] = parse_day(text, now) if text else None
    return narrowed


def book_words(book: Book, chosen: Chosen) -> str:
    """The filter in words; nothing where all is listed."""
    told = [chosen.get("project") or ""]
    for field in book.fields:
        value = chosen.get(field.name)
        if value and field.shape == "choice":
            told.append(f"{label_of(field)}: {choice_word(book, field, value)}")
        elif value and field.shape in ("unit", "policy"):
            told.append(value)
    if chosen.get("since") or chosen.get("until"):
        told.append(f"{chosen.get('since') or ''} - {chosen.get('until') or ''}".strip())
    return "   ".join(one for one in told if one)
