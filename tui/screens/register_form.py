"""The form of any register: its fields, their shapes and what must be given come from ``store/domain/registers.py``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from store.commands.exceptions import FieldMissing
from store.domain.registers import BOOKS, Book
from store.domain.registers import Field as BookField
from store.exceptions import GuanjiaError
from tui.i18n.dates import full_moment
from tui.i18n.translate import N_, _
from tui.presenters.register_lines import title_of
from tui.screens.form import Filling, Form
from tui.screens.register_fields import LINES, WHO, asked, beside, field_for, first_choice, fixed, shown_value
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import Field, LongField

if TYPE_CHECKING:
    from store.queries.names import Nameable
    from store.queries.register_lines import Row
    from tui.data.reader import Desk

GUESSED = ("moment", "month")
"""Shapes that a new line is given at once: now."""


Given = tuple["Nameable", str]


class BookForm(Form):
    """A new line of a book, or one to correct. ``project`` is the one that a new line belongs to; ``about`` a field
    that is given with it, called as the kind that it names, and the id of the line that it means."""

    def __init__(
        self, book: str, line_id: str | None = None, project: str | None = None, about: Given | None = None
    ) -> None:
        super().__init__(line_id, project)
        self.book: Book = BOOKS[book]
        self._about = about
        if about:
            self.opened_for = about[1]

    @property
    def heading(self) -> str:
        """The register, and whether the line is new."""
        text = _("{register}: edit a line") if self.line_id else _("{register}: add a line")
        return text.format(register=_(self.book.title))

    @property
    def draft_key(self) -> str:
        """One draft for new lines of each book and project, one for each line."""
        name = self.book.name
        return f"{name}:{self.line_id}" if self.line_id else f"{name}:new:{self.opened_for}"

    @property
    def asked(self) -> list[BookField]:
        """The book's fields that can be filled in here: those that make a line this very line only while it is new."""
        return asked(self.book, new=self.line_id is None)

    @property
    def _asks_project(self) -> bool:
        return self.book.of == "project" and self.line_id is None

    @property
    def first(self) -> str:
        """The first field that cannot be guessed; the project, where it is not known."""
        if self._asks_project and not self.project:
            return "project"
        return next(one.name for one in self.asked if one.shape not in GUESSED)

    @property
    def needs(self) -> Sequence[str]:
        """What every line needs, and what the values chosen here call for."""
        there = {one.name for one in self.asked}
        wanted = [one.name for one in self.asked if one.needed or one.shape == "moment"]
        if self._asks_project and self.book.name != "meeting":
            wanted.append("project")
        holds = {one.key: one.value for one in self.fields}
        for name, value, called_for in self.book.calls_for:
            if holds.get(name) == value:
                wanted += [one for one in called_for if one in there]
        return wanted

    def make_fields(self) -> Sequence[Field]:
        """The project of a new line, the book's fields and what stands beside them; long texts last."""
        hint = N_("name, initials or number")
        project = [NameField("project", N_("Project"), "project", hint=hint)] if self._asks_project else []
        own = [field_for(self.book, one, new=self.line_id is None) for one in self.asked]
        return [*project, *sorted([*own, *beside(self.book)], key=lambda one: isinstance(one, LongField))]

    def begin(self, desk: Desk) -> Filling:
        """A new line as of now, or the line as it is."""
        return self._begin_edit(desk, self.line_id) if self.line_id else self._begin_new(desk)

    def _begin_new(self, desk: Desk) -> Filling:
        now = full_moment(desk.district_ms())
        values = {one.name: now for one in self.asked if one.shape == "moment"}
        values |= {one.name: now[:7] for one in self.asked if one.shape == "month"}
        values |= {one.name: first_choice(self.book, one) for one in self.asked if one.shape == "choice"}
        given: list[tuple[Nameable, str]] = [self._about] if self._about else []
        if self.project and self._asks_project:
            given.append(("project", self.project))
        known = [(kind, desk.named(kind, line_id), line_id) for kind, line_id in given]
        values |= {kind: name for kind, name, _line_id in known if name}
        return Filling(values, {name: line_id for _kind, name, line_id in known if name})

    def _begin_edit(self, desk: Desk, line_id: str) -> Filling:
        line, row = desk.line(line_id), desk.book_line(self.book, line_id)
        if line is None or row is None:
            return Filling({}, head=_("This line is not here, or no longer yours to see."))
        self.project = row["project_id"]
        values = {one.name: shown_value(one, row) for one in self.asked}
        values |= {
            one.name: "、".join(desk.numbers(row[f"{one.name}_ids"])) for one in self.asked if one.shape == "issues"
        }
        if self.book.name == "training":
            values[WHO] = "、".join(one["name"] for one in row["who"])
        if self.book.name == "evaluation":
            values[LINES] = "；".join(f"{one['line']}={one['points'] / 10:g}" for one in row["scores"])
        return Filling(values, _ids(self.asked, row), (line.stamp, line.device), head=_head(self.book, row))

    def mark_wrong(self, error: GuanjiaError) -> None:
        """As any form; what the register misses is asked for by its labels."""
        super().mark_wrong(error)
        if isinstance(error, FieldMissing):
            missing = str(error.values["fields"])
            labels = [_(one.label) for one in self.fields if one.key in re.findall(r"\w+", missing)]
            fields = (" / " if "|" in missing else _(", ")).join(labels)
            self.said(_("Please fill in: {fields}.").format(fields=fields), bad=True)

    def project_meant(self) -> str | None:
        """The project in the form, or that of its line."""
        named = self.query("#field-project").results(NameField)
        return next((one.chosen_id for one in named), None) or self.project

    def save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        """Write it, or change what was changed."""
        given = dict(values)
        if given.get(LINES) and self.book.name == "evaluation":
            given[LINES] = [part.strip() for part in given[LINES].replace("；", ";").split(";") if part.strip()]
        elif LINES in given:
            given["scores"] = given.pop(LINES)
        if self.line_id:
            return desk.pen.edit_line(self.book, self.line_id, given)
        return desk.pen.add_line(self.book, given)


def _ids(fields: Sequence[BookField], row: Row) -> dict[str, str]:
    named = ((row.get(one.name), row.get(f"{one.name}_id")) for one in fields)
    return {str(name): str(line_id) for name, line_id in named if name and line_id}


def _head(book: Book, row: Row) -> str:
    told = [title_of(book, row), row.get("project") or ""]
    told += [str(row[one.name]) for one in book.fields if fixed(book, one) and one.name in row and row[one.name]]
    return "   ".join(dict.fromkeys(part for part in told if part))
