"""A book's line in words: the labels and values of ``store/domain/registers.py`` as people read them. Loads no Textual.

Used by the command line (``tui/cli/commands/registers.py``), the screens (``tui/presenters/register_lines.py``) and
the reports.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from store.domain.registers import BOOKS, Book, Field
from store.values.amounts import wan
from tui.i18n.translate import N_, _, word

Row = Mapping[str, Any]
FOLLOWING: Mapping[str, str] = {
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
"""What follows from a line (``store/queries/details.py``), and what people call it."""


FLAGGED = ("procedure", "progress", "statistics", "return")
"""Books whose list says beside each line what follows from it: that costs no further reading of the ledger."""


class BookRow(NamedTuple):
    """A line as a row of a list: ``values`` as the named read gives them."""

    id: str
    values: Row


def book_of(kind: str) -> Book | None:
    """The register that keeps this kind of line."""
    return next((book for book in BOOKS.values() if book.kind == kind), None)


def dated(book: Book) -> bool:
    """Whether the book's lines are in the order of a date, so that a period of them can be asked for."""
    return any(field.stored == book.order and field.shape in ("day", "moment", "month") for field in book.fields)


def choice_word(book: Book, field: Field, value: str) -> str:
    """A stored choice in words."""
    return word(f"{book.kind}.{field.stored}", value)


def label_of(field: Field) -> str:
    """A field's name for people."""
    return _(field.label)


def cell_of(book: Book, field: Field, row: Row) -> str:
    """A field's value in one line; nothing where there is none."""
    value = row.get(field.name)
    if value is None or value in ([], ""):
        return ""
    if field.shape == "choice":
        return choice_word(book, field, str(value))
    if field.shape == "moment":
        return str(value)[:16].replace("T", " ")
    if field.shape == "yuan":
        return _("{amount} wan yuan").format(amount=wan(value))
    if field.shape == "scores":
        return _(", ").join(f"{one['line']} {one['points'] / 10:g}" for one in value)
    return _(", ").join(map(str, value)) if isinstance(value, list) else str(value)


def figure_of(kind: str, stored: str, value: object) -> str | None:
    """A stored figure as people read it: money and points; None where it is neither."""
    book = book_of(kind)
    shape = next((field.shape for field in book.fields if field.stored == stored), None) if book else None
    if not isinstance(value, int) or shape not in ("yuan", "tenths"):
        return None
    return _("{amount} wan yuan").format(amount=wan(value)) if shape == "yuan" else f"{value / 10:g}"


def pairs_of(book: Book, row: Row) -> list[tuple[str, str | None]]:
    """A line as names and values: the project, the fields, what follows from them, and who wrote it."""
    own = [(label_of(field), cell_of(book, field, row) or None) for field in book.fields if field.name != "session"]
    names = {field.name for field in book.fields}
    following = [
        (_(label), _said(name, row[name])) for name, label in FOLLOWING.items() if name in row and name not in names
    ]
    return [(_("Project"), row.get("project")), *own, *following, (_("By"), row.get("author"))]


def _said(name: str, value: Any) -> str | None:
    if value is None or value is False or value in ([], {}):
        return None
    if value is True:
        return _("yes")
    said = _SAYING.get(name)
    if said:
        return said(value)
    return _(", ").join(map(str, value)) if isinstance(value, list) else str(value)


def _attended(one: Row) -> str:
    return f"{one['name']} ({one['unit']})" if one["unit"] else str(one["name"])


def _decided(one: Row) -> str:
    return f"{one['number']} {word('issue_step.act', one['act'])} {one['text'] or ''}"


_SAYING: Mapping[str, Callable[[Any], str]] = {
    "stage": lambda value: word("procedure_stage", str(value)),
    "missing": lambda value: _(", ").join(word("field", str(one)) for one in value),
    "decisions": lambda value: "\n".join(map(_decided, value)),
    "who": lambda value: _(", ").join(map(_attended, value)),
    "facts": lambda value: _(", ").join(f"{word('fact', fact)} {figure}" for fact, figure in value.items()),
}
