"""Registers: their columns and the page of a line, derived from ``store/domain/registers.py``; limits and reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.cells import cell_len

from store.domain.registers import LIST_TYPES, REGISTERS, FieldType, Register, RegisterField
from tui.i18n.dates import format_day, format_moment
from tui.i18n.register_labels import REGISTER_DESCRIPTIONS
from tui.i18n.register_text import (
    RegisterLineRow,
    RegisterValues,
    choice_label,
    field_label,
    field_text,
    label_value_pairs,
)
from tui.i18n.translate import N_, _, ngettext
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import COLUMN_GAP, ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.domain.limits import Limits

TITLE_FIELDS = ("title", "name", "policy", "issue", "unit", "person", "month", "period")
"""The fields that identify a line, the best first; without one, its project does."""
_WIDTHS: Mapping[FieldType, int] = {
    "day": 10, "moment": 11, "month": 7, "period": 14, "yuan": 14, "number": 4, "tenths": 5, "hours": 5,
    "person": 8, "unit": 12,
    "policy": 16, "training": 16, "issue": 16, "names": 12, "units": 12, "issues": 12, "text": 14, "scores": 12,
    "choice": 8,
}  # fmt: skip
_GROWING: Mapping[FieldType, int] = {
    "text": 2,
    "policy": 3,
    "issue": 3,
    "training": 3,
    "unit": 1,
    "units": 1,
    "names": 1,
}
_RIGHT = ("yuan", "number", "tenths", "hours")


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def register_line_columns(
    register: Register, now_ms: Callable[[], int], *, of_project: bool = False
) -> Sequence[ListColumn[RegisterLineRow]]:
    """A register's columns: the identifying field first, then as many others as fit, in the register's order; without
    the project where all lines belong to one."""
    listed = [field for field in register.fields if field.in_list]
    head = title_field(register)
    first = [_head_column(register, head, now_ms)] if head else []
    project: ListColumn[RegisterLineRow] = ListColumn(
        N_("Project"), 16, lambda row: row.values.get("project") or "", grow_share=3, sort="project"
    )
    places = [] if of_project or register.parent == "district" else [project]
    rest = [_column(register, field, now_ms) for field in listed if field is not head]
    return _with_min_widths(
        [*first, *([_flag_column(register)] if register.name in _FLAG_WIDTHS else []), *places, *rest]
    )


def title_field(register: Register) -> RegisterField | None:
    """The field that identifies a line of this register; None where there is one line per project."""
    listed = {field.name: field for field in register.fields if field.in_list}
    return next((listed[name] for name in TITLE_FIELDS if name in listed), None)


def _head_column(register: Register, field: RegisterField, now_ms: Callable[[], int]) -> ListColumn[RegisterLineRow]:
    column = _column(register, field, now_ms)
    return replace(column, width=24, grow_share=4) if field.name in ("title", "name", "policy", "issue") else column


def _column(register: Register, field: RegisterField, now_ms: Callable[[], int]) -> ListColumn[RegisterLineRow]:
    width = max([_WIDTHS[field.type], *(cell_len(choice_label(register, field, one)) for one in field.choices)])
    width = min(max(width, cell_len(field_label(field))), 20)
    return ListColumn(
        field.label,
        width,
        partial(_cell, register, field, now_ms),
        grow_share=_GROWING.get(field.type, 0),
        align_right=field.type in _RIGHT,
        sort="" if field.type in LIST_TYPES else field.name,
    )


def _cell(register: Register, field: RegisterField, now_ms: Callable[[], int], row: RegisterLineRow) -> Cell:
    value = row.values.get(field.name)
    if field.type == "moment" and isinstance(value, str):
        return ((format_moment(value, now_ms()), "muted"),)
    if field.type == "day" and isinstance(value, str):
        return format_day(value, now_ms())
    return field_text(register, field, row.values)


def _with_min_widths(columns: Sequence[ListColumn[RegisterLineRow]]) -> list[ListColumn[RegisterLineRow]]:
    """The columns, each with the least list width at which it and all those before it fit."""
    ends = accumulate(column.width + COLUMN_GAP for column in columns)
    return [
        replace(column, min_list_width=end - COLUMN_GAP if place else 0)
        for place, (column, end) in enumerate(zip(columns, ends, strict=True))
    ]


_FLAG_WIDTHS: Mapping[str, int] = {"procedure": 9, "progress": 9, "statistics": 9, "return": 9}


def _flag_column(register: Register) -> ListColumn[RegisterLineRow]:
    return ListColumn("", _FLAG_WIDTHS[register.name], lambda row: flags(row.values)[:1], file_title=N_("Note"))


def flags(row: RegisterValues) -> Spans:
    """The warnings derived from a line."""
    spans: list[Span] = []
    if row.get("late"):
        spans.append((_("late"), "bad"))
    if row.get("behind"):
        spans.append((_("behind"), "bad"))
    if row.get("missing"):
        spans.append((_("lacks {n}").format(n=len(row["missing"])), "warn"))
    if row.get("blocks"):
        spans.append((_("holds up"), "warn"))
    return tuple(spans)


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def line_title(register: Register, row: RegisterValues) -> str:
    """The title of a line."""
    texts = (
        field_text(register, field, row) for name in TITLE_FIELDS for field in register.fields if field.name == name
    )
    return next((one for one in texts if one), row.get("project") or _(register.title))


def register_line_page(register: Register, row: RegisterValues) -> list[PageBlock]:
    """The page of a line: its fields, and what is derived from them."""
    marks = [span for flag in flags(row) for span in (flag, ("  ", ""))]
    title, of_register = line_title(register, row), _(register.title)
    kind = ((of_register + "  ", "muted"),) if title != of_register else ()
    head: list[PageBlock] = [PageTitle(title), *([StyledLine((*kind, *marks))] if kind or marks else []), BlankLine()]
    pairs = [(name, value) for name, value in label_value_pairs(register, row) if value != title]
    return [*head, FactTable(pairs)]


def missing_line_page() -> list[PageBlock]:
    """The page shown instead of a line that is not here."""
    return [Passage(_("This line is not here, or no longer yours to see."), "warn")]


# ── the list of registers, and the limits ───────────────────────────────────────────────────────────────────────────

EXTRA_ROWS = {
    "holidays": (N_("Holidays"), N_("Days off and days worked instead, which working days are counted by.")),
    "limits": (N_("Limits"), N_("Day counts and switches that hold for the whole district.")),
    "reports": (N_("Reports"), N_("Reports to hand in: .xlsx, .docx, .csv, .json or .md.")),
}
"""The rows below the registers in the list of registers, by the screen that each opens: title, what it is."""


class RegisterRow:
    """A register as a row of a list; its id is the register's name, or that of one of the rows below."""

    def __init__(self, name: str, lines: int | None) -> None:
        self.id = name
        title, about = (REGISTERS[name].title, REGISTER_DESCRIPTIONS[name]) if name in REGISTERS else EXTRA_ROWS[name]
        self.title, self.description = _(title), _(about)
        self.lines = lines


def register_columns() -> Sequence[ListColumn[RegisterRow]]:
    """The columns of the list of registers."""
    return (
        ListColumn(N_("Register"), 20, lambda row: ((row.title, "strong"),)),
        ListColumn(N_("Lines"), 7, lambda row: "" if row.lines is None else str(row.lines), align_right=True),
        ListColumn("", 1, lambda row: ""),
        ListColumn(N_("What it is"), 20, lambda row: ((row.description, "muted"),), grow_share=1),
    )


class LimitRow:
    """A limit of the district as a row of a list; its id is its name."""

    def __init__(self, name: str, value: int, meaning: str, *, is_set: bool) -> None:
        self.id = name
        self.value = value
        self.meaning = meaning
        self.is_set = is_set


def limit_rows(values: Limits, set_names: frozenset[str]) -> list[LimitRow]:
    """Every limit, in the order of their descriptions."""
    from store.domain.limits import LIMIT_DESCRIPTIONS  # noqa: PLC0415 - loaded already when limits are read

    return [
        LimitRow(name, getattr(values, name), _(text), is_set=name in set_names)
        for name, text in LIMIT_DESCRIPTIONS.items()
    ]


def limit_value_text(name: str, value: int) -> str:
    """The value of a limit as people read it."""
    from store.domain.limits import CLOCK_TIMES, SWITCHES  # noqa: PLC0415 - loaded already when limits are read

    if name in CLOCK_TIMES:
        return f"{value // 100}:{value % 100:02}"
    return (_("yes") if value else _("no")) if name in SWITCHES else str(value)


def limit_columns() -> Sequence[ListColumn[LimitRow]]:
    """The columns of the list of limits."""
    return (
        ListColumn(N_("What it is"), 30, lambda row: row.meaning, grow_share=1),
        ListColumn(N_("Value"), 6, lambda row: limit_value_text(row.id, row.value), align_right=True),
        ListColumn(N_("Set by"), 9, lambda row: ((_("district") if row.is_set else _("default"), "muted"),)),
    )


def line_count_text(count: int) -> str:
    """The number of lines as text."""
    return ngettext("{n} line", "{n} lines", count).format(n=count)
