"""The registers on the screen: each book's columns and a line's page, drawn from ``store/domain/registers.py``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.cells import cell_len

from store.domain.registers import BOOKS, Book, Field, Shape
from tui.i18n.dates import day_shown, moment_shown
from tui.i18n.register_labels import ABOUT
from tui.i18n.register_text import BookRow, Row, cell_of, choice_word, label_of, pairs_of
from tui.i18n.translate import N_, _, ngettext
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import GAP, Column
from tui.widgets.page import Block, Facts, Gap, Passage, Title, Words

if TYPE_CHECKING:
    from store.domain.limits import Limits

NAMING = ("title", "name", "policy", "issue", "unit", "person", "month", "period")
"""The fields that tell a line from its neighbours, the best first; where there is none, its project does."""
_WIDTHS: Mapping[Shape, int] = {
    "day": 10, "moment": 11, "month": 7, "yuan": 14, "number": 4, "tenths": 5, "hours": 5, "person": 8, "unit": 12,
    "policy": 16, "training": 16, "issue": 16, "names": 12, "units": 12, "issues": 12, "text": 14, "scores": 12,
    "choice": 8,
}  # fmt: skip
_GROWING: Mapping[Shape, int] = {"text": 2, "policy": 3, "issue": 3, "training": 3, "unit": 1, "units": 1, "names": 1}
_RIGHT = ("yuan", "number", "tenths", "hours")


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def book_columns(book: Book, now_ms: Callable[[], int], *, of_project: bool = False) -> Sequence[Column[BookRow]]:
    """A book's columns: what tells a line from others first, then as many of the rest as fit, in the book's order;
    without the project where all are of one."""
    listed = [field for field in book.fields if field.listed]
    head = headline(book)
    first = [_head_column(book, head, now_ms)] if head else []
    project: Column[BookRow] = Column(N_("Project"), 16, lambda row: row.values.get("project") or "", grow=3)
    places = [] if of_project or book.of == "district" else [project]
    rest = [_column(book, field, now_ms) for field in listed if field is not head]
    return _as_they_fit([*first, *([_flag_column(book)] if book.name in _FLAG_WIDTHS else []), *places, *rest])


def headline(book: Book) -> Field | None:
    """The field by which a person knows a line of this book; None where there is one line a project."""
    listed = {field.name: field for field in book.fields if field.listed}
    return next((listed[name] for name in NAMING if name in listed), None)


def _head_column(book: Book, field: Field, now_ms: Callable[[], int]) -> Column[BookRow]:
    column = _column(book, field, now_ms)
    return replace(column, width=24, grow=4) if field.name in ("title", "name", "policy", "issue") else column


def _column(book: Book, field: Field, now_ms: Callable[[], int]) -> Column[BookRow]:
    width = max([_WIDTHS[field.shape], *(cell_len(choice_word(book, field, one)) for one in field.choices)])
    width = min(max(width, cell_len(label_of(field))), 20)
    return Column(
        field.label,
        width,
        partial(_cell, book, field, now_ms),
        grow=_GROWING.get(field.shape, 0),
        right=field.shape in _RIGHT,
    )


def _cell(book: Book, field: Field, now_ms: Callable[[], int], row: BookRow) -> Cell:
    value = row.values.get(field.name)
    if field.shape == "moment" and isinstance(value, str):
        return ((moment_shown(value, now_ms()), "muted"),)
    if field.shape == "day" and isinstance(value, str):
        return day_shown(value, now_ms())
    return cell_of(book, field, row.values)


def _as_they_fit(columns: Sequence[Column[BookRow]]) -> list[Column[BookRow]]:
    """The columns, each shown from the width on in which all those before it have room, too."""
    ends = accumulate(column.width + GAP for column in columns)
    return [
        replace(column, from_width=end - GAP if place else 0)
        for place, (column, end) in enumerate(zip(columns, ends, strict=True))
    ]


_FLAG_WIDTHS: Mapping[str, int] = {"procedure": 9, "progress": 9, "statistics": 9, "return": 9}


def _flag_column(book: Book) -> Column[BookRow]:
    return Column("", _FLAG_WIDTHS[book.name], lambda row: flags(row.values)[:1])


def flags(row: Row) -> Spans:
    """What follows from a line and should be seen at once."""
    found: list[Span] = []
    if row.get("late"):
        found.append((_("late"), "bad"))
    if row.get("behind"):
        found.append((_("behind"), "bad"))
    if row.get("missing"):
        found.append((_("lacks {n}").format(n=len(row["missing"])), "warn"))
    if row.get("blocks"):
        found.append((_("holds up"), "warn"))
    return tuple(found)


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def title_of(book: Book, row: Row) -> str:
    """What a line is called."""
    named = (cell_of(book, field, row) for name in NAMING for field in book.fields if field.name == name)
    return next((one for one in named if one), row.get("project") or _(book.title))


def book_page(book: Book, row: Row) -> list[Block]:
    """A line with all its fields, and what follows from it."""
    marks = [span for flag in flags(row) for span in (flag, ("  ", ""))]
    head: list[Block] = [Title(title_of(book, row)), Words(((_(book.title) + "  ", "muted"), *marks)), Gap()]
    pairs = [(name, value) for name, value in pairs_of(book, row) if value != title_of(book, row)]
    return [*head, Facts(pairs)]


def gone_page() -> list[Block]:
    """What stands in the place of a line that is not here."""
    return [Passage(_("This line is not here, or no longer yours to see."), "warn")]


# ── the list of registers, and the limits ───────────────────────────────────────────────────────────────────────────

LIMITS, REPORTS = "limits", "reports"
"""What stands below the books in the list of registers."""
_BELOW = {
    LIMITS: (N_("Limits"), N_("Day counts and switches that hold for the whole district.")),
    REPORTS: (N_("Reports"), N_("Reports to hand in: .xlsx, .docx, .csv, .json or .md.")),
}


class RegisterRow:
    """A register as a row of a list; its id is the book's name, `LIMITS` or `REPORTS`."""

    def __init__(self, name: str, lines: int | None) -> None:
        self.id = name
        title, about = (BOOKS[name].title, ABOUT[name]) if name in BOOKS else _BELOW[name]
        self.title, self.about = _(title), _(about)
        self.lines = lines


def register_columns() -> Sequence[Column[RegisterRow]]:
    """The registers: what they are called, how many lines they have, what they are for."""
    return (
        Column(N_("Register"), 20, lambda row: ((row.title, "strong"),)),
        Column(N_("Lines"), 7, lambda row: "" if row.lines is None else str(row.lines), right=True),
        Column("", 1, lambda row: ""),
        Column(N_("What it is"), 20, lambda row: ((row.about, "muted"),), grow=1),
    )


class LimitRow:
    """A limit of the district as a row of a list; its id is its name."""

    def __init__(self, name: str, value: int, meaning: str, *, said: bool) -> None:
        self.id = name
        self.value = value
        self.meaning = meaning
        self.said = said


def limit_rows(values: Limits, said: frozenset[str]) -> list[LimitRow]:
    """Every limit, in the order in which they are explained."""
    from store.domain.limits import MEANINGS  # noqa: PLC0415 - loaded already: the desk is open

    return [LimitRow(name, getattr(values, name), _(text), said=name in said) for name, text in MEANINGS.items()]


def limit_columns() -> Sequence[Column[LimitRow]]:
    """The limits: what each is, its value, and who has set it."""
    return (
        Column(N_("What it is"), 30, lambda row: row.meaning, grow=1),
        Column(N_("Value"), 6, lambda row: str(row.value), right=True),
        Column(N_("Set by"), 9, lambda row: ((_("district") if row.said else _("default"), "muted"),)),
    )


def lines_text(count: int) -> str:
    """How many lines, in words."""
    return ngettext("{n} line", "{n} lines", count).format(n=count)
