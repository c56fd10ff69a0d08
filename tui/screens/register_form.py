"""The form of any register: its fields, their types and which are required come from ``store/domain/registers.py``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import commands, queries
from store.commands.exceptions import FieldMissing
from store.domain.registers import ATTACHABLE_KINDS, REGISTERS, WRITTEN_FOR_OTHERS, Register
from store.domain.registers import RegisterField as BookField
from store.exceptions import GuanjiaError
from tui.data import readers
from tui.data.form_values import FormValues, without_blanks
from tui.i18n.dates import format_full_moment
from tui.i18n.register_text import field_text
from tui.i18n.translate import N_, _
from tui.presenters.register_lines import line_title
from tui.screens.form import Form
from tui.screens.form_state import FormState, missing_line_state
from tui.screens.register_fields import (
    LINES,
    WHO,
    asked_fields,
    default_choice,
    extra_fields,
    field_for,
    is_identity_field,
    typed_value,
)
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import FormField, MultilineField

if TYPE_CHECKING:
    from store.queries.name_lookup import NamedKind
    from store.queries.register_lines import RegisterRecord
    from tui.data.reader import Reader

PREFILLED_SHAPES = ("moment", "month")
"""Shapes that a new line is given at once: now."""


Subject = tuple["NamedKind", str]


class RegisterForm(Form):
    """A new line of a register, or one to correct. ``project`` is the one that a new line belongs to; ``about`` a field
    that is filled in already, named by its kind, and the id of the line that it means."""

    def __init__(
        self, register: str, line_id: str | None = None, project: str | None = None, about: Subject | None = None
    ) -> None:
        super().__init__(line_id, project)
        self.register: Register = REGISTERS[register]
        self._subject = about
        if about:
            self.draft_context = about[1]

    @property
    def heading(self) -> str:
        """The register, and whether the line is new."""
        text = _("{register}: edit a line") if self.line_id else _("{register}: add a line")
        return text.format(register=_(self.register.title))

    @property
    def writes_for_others(self) -> bool:
        """A new line of a register that an office reports in may be entered for it."""
        return self.line_id is None and self.register.kind in WRITTEN_FOR_OTHERS

    @property
    def takes_files(self) -> bool:
        """Where the register's lines can have some."""
        return self.register.kind in ATTACHABLE_KINDS

    @property
    def draft_key(self) -> str:
        """One draft for new lines of each register and project, one for each line."""
        name = self.register.name
        return f"{name}:{self.line_id}" if self.line_id else f"{name}:new:{self.draft_context}"

    @property
    def asked_fields(self) -> list[BookField]:
        """The register's fields that can be filled in here: those that identify a line only while it is new."""
        return asked_fields(self.register, new=self.line_id is None)

    @property
    def _asks_project(self) -> bool:
        return self.register.parent == "project" and self.line_id is None

    @property
    def first_field(self) -> str:
        """The first field that cannot be guessed; the project, where it is not known."""
        if self._asks_project and not self.project:
            return "project"
        return next(one.name for one in self.asked_fields if one.type not in PREFILLED_SHAPES)

    @property
    def required_fields(self) -> Sequence[str]:
        """What every line needs, and what the values chosen here call for."""
        there = {one.name for one in self.asked_fields}
        wanted = [one.name for one in self.asked_fields if one.required or one.type == "moment"]
        if self._asks_project and self.register.name != "meeting":
            wanted.append("project")
        holds = {one.key: one.value for one in self.fields}
        for name, value, called_for in self.register.required_when:
            if holds.get(name) == value:
                wanted += [one for one in called_for if one in there]
        return wanted

    def make_fields(self) -> Sequence[FormField]:
        """The project of a new line, the register's fields and those beside them; long texts last."""
        hint = N_("name, initials or number")
        project = [NameField("project", N_("Project"), "project", hint=hint)] if self._asks_project else []
        own = [field_for(self.register, one, new=self.line_id is None) for one in self.asked_fields]
        return [
            *project,
            *sorted([*own, *extra_fields(self.register)], key=lambda each: isinstance(each, MultilineField)),
        ]

    def load_state(self, reader: Reader) -> FormState:
        """A new line as of now, or the line as it is."""
        return self._begin_edit(reader, self.line_id) if self.line_id else self._begin_new(reader)

    def _begin_new(self, reader: Reader) -> FormState:
        now = format_full_moment(reader.corrected_now_ms())
        values = {one.name: now for one in self.asked_fields if one.type == "moment"}
        values |= {one.name: now[:7] for one in self.asked_fields if one.type == "month"}
        values |= {one.name: default_choice(self.register, one) for one in self.asked_fields if one.type == "choice"}
        subjects: list[tuple[NamedKind, str]] = [self._subject] if self._subject else []
        if self.project and self._asks_project:
            subjects.append(("project", self.project))
        known = [(kind, reader.run(readers.lines.name_of, kind, line_id), line_id) for kind, line_id in subjects]
        values |= {kind: name for kind, name, _line_id in known if name}
        return FormState(values, {name: line_id for _kind, name, line_id in known if name})

    def _begin_edit(self, reader: Reader, line_id: str) -> FormState:
        line = reader.run(queries.lines.current_line, line_id)
        row = reader.run(readers.lines.register_record, self.register, line_id, reader.thresholds())
        if line is None or row is None:
            return missing_line_state()
        self.project = row["project_id"]
        values = {one.name: typed_value(one, row) for one in self.asked_fields}
        values |= {
            one.name: "、".join(reader.run(readers.lines.issue_numbers, row[f"{one.name}_ids"]))
            for one in self.asked_fields
            if one.type == "issues"
        }
        if self.register.name == "training":
            values[WHO] = "、".join(one["name"] for one in row["who"])
        if self.register.name == "evaluation":
            values[LINES] = "；".join(f"{one['line']}={one['points'] / 10:g}" for one in row["scores"])
        return FormState(
            values, _ids(self.asked_fields, row), (line.stamp, line.device), head=_head_text(self.register, row)
        )

    def mark_invalid_fields(self, error: GuanjiaError) -> None:
        """As in any form; fields that the register requires are named by their labels."""
        super().mark_invalid_fields(error)
        if isinstance(error, FieldMissing):
            missing = str(error.values["fields"])
            labels = [_(one.label) for one in self.fields if one.key in re.findall(r"\w+", missing)]
            fields = (" / " if "|" in missing else _(", ")).join(labels)
            self.show_message(_("Please fill in: {fields}.").format(fields=fields), bad=True)

    def project_for_suggestions(self) -> str | None:
        """The project in the form, or that of its line."""
        named = self.query("#field-project").results(NameField)
        return next((one.chosen_id for one in named), None) or self.project

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write it, or change what was changed."""
        fields = dict(values)
        if fields.get(LINES) and self.register.name == "evaluation":
            scores = str(fields[LINES]).replace("；", ";").split(";")
            fields[LINES] = [part.strip() for part in scores if part.strip()]
        elif LINES in fields:
            fields["scores"] = fields.pop(LINES)
        if line_id := self.line_id:
            return reader.writer.run(
                lambda ledger: commands.dispatch.edit_line(ledger, self.register, line_id, **fields)
            ).id
        filled = without_blanks(fields)
        return reader.writer.run(lambda ledger: commands.dispatch.add_line(ledger, self.register, **filled)).id


def _ids(fields: Sequence[BookField], row: RegisterRecord) -> dict[str, str]:
    named = ((row.get(one.name), row.get(f"{one.name}_id")) for one in fields)
    return {str(name): str(line_id) for name, line_id in named if name and line_id}


def _head_text(register: Register, row: RegisterRecord) -> str:
    parts = [line_title(register, row), row.get("project") or ""]
    parts += [
        field_text(register, one, row)
        for one in register.fields
        if is_identity_field(register, one) and one.name in row
    ]
    return "   ".join(dict.fromkeys(part for part in parts if part))
