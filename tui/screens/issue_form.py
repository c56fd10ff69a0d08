"""Recording an issue: what it is, which department is responsible, and, if the butler proposes it, by whom and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import commands, queries
from store.domain import registers
from tui.data import readers
from tui.data.form_values import FormValues, command_fields, without_blanks
from tui.i18n.translate import N_, _, value_label
from tui.screens.form import Form
from tui.screens.form_state import FormState, missing_line_state
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField, MultilineField, TextField

if TYPE_CHECKING:
    from tui.data.reader import Reader

KINDS = ("problem", "difficulty", "request")
CATEGORIES = ("", *registers.CATEGORIES)
SOURCES = ("", "visit", "report", "meeting")
MOMENT_HINT = N_("now; 14:30; yesterday 9:00; 2026-05-20 14:30")
DAY_HINT = N_("12.31, +3 (working days) or 2026-06-30")


class IssueForm(Form):
    """A new issue, or one to correct. What has been assigned changes by acts, so the form does not have it then."""

    @property
    def heading(self) -> str:
        """New or edited."""
        return _("Edit an issue") if self.line_id else _("Record an issue")

    @property
    def writes_for_others(self) -> bool:
        """A new one may be entered for somebody."""
        return self.line_id is None

    @property
    def draft_key(self) -> str:
        """One draft for new issues of each project, one for each line."""
        return f"issue:{self.line_id}" if self.line_id else f"issue:new:{self.draft_context}"

    takes_files = True
    first_field = "title"
    required_fields = ("title", "project")

    def make_fields(self) -> Sequence[FormField]:
        """What, where, and who should settle it."""
        return (
            TextField("title", N_("Title"), hint=N_("the issue in a few words")),
            NameField("project", N_("Project"), "project", hint=N_("name, initials or number")),
            ChoiceField("kind", N_("Kind"), KINDS, lambda kind: value_label("issue.kind", kind)),
            ChoiceField("category", N_("Category"), CATEGORIES, category_label),
            ChoiceField("urgency", N_("Urgency"), ("", *registers.URGENCIES), urgency_label),
            ChoiceField("source", N_("Source"), SOURCES, _source_label),
            NameField("department", N_("Department"), "unit", hint=N_("proposed; assigning is an act of its own")),
            NameField("owner", N_("Owner"), "person", hint=N_("exactly one person")),
            DayField("due", N_("Due"), hint=DAY_HINT, toward="future", asked_back=True),
            MultilineField("text", N_("Text")),
        )

    def load_state(self, reader: Reader) -> FormState:
        """A new issue of the project in view, or the line as it is."""
        return self._begin_edit(reader, self.line_id) if self.line_id else self._begin_new(reader)

    def _begin_new(self, reader: Reader) -> FormState:
        likely = likely_project(reader, self.project)
        values = {"kind": "problem", "source": "visit"}
        if likely is None:
            return FormState(values)
        self.project = likely[0]
        return FormState({**values, "project": likely[1]}, {likely[1]: likely[0]})

    def _begin_edit(self, reader: Reader, line_id: str) -> FormState:
        line = reader.run(queries.lines.current_line, line_id)
        detail = reader.run(queries.issues.issue, line_id, reader.thresholds())
        if line is None or detail is None:
            return missing_line_state()
        row = detail.row
        named = {row.project: row.project_id, row.department: row.department_id, row.owner: row.owner_id}
        values = {
            name: str(line.body.get(name) or "")
            for name in ("title", "kind", "category", "urgency", "source", "due", "text")
        }
        shown = {**values, "project": row.project or "", "department": row.department or "", "owner": row.owner or ""}
        ids = {name: line_id for name, line_id in named.items() if name and line_id}
        return FormState(shown, ids, (line.stamp, line.device), head=row.number)

    def save(self, reader: Reader, values: FormValues) -> str:
        """Record it, or change what was changed."""
        line_id = self.line_id
        if line_id is None:
            fields = without_blanks(values)
            return reader.writer.run(lambda ledger: commands.issues.record(ledger, **fields)).id
        changes = {name: value for name, value in values.items() if name != "project"}
        return reader.writer.run(lambda ledger: commands.issues.edit(ledger, line_id, **command_fields(changes))).id


def _source_label(source: str) -> str:
    return value_label("issue.source", source) if source else _("none")


def category_label(category: str) -> str:
    """The label of a category."""
    return value_label("issue.category", category) if category else _("none")


def urgency_label(urgency: str) -> str:
    """The label of an urgency."""
    return value_label("issue.urgency", urgency) if urgency else _("none")


def likely_project(reader: Reader, project_id: str | None) -> tuple[str, str] | None:
    """The project of a new line, as id and name: the one in view, or the one that this person visited last."""
    detail = reader.run(queries.projects.project, project_id, reader.thresholds()) if project_id else None
    return (detail.row.id, detail.row.name) if detail else reader.run(readers.suggestions.last_visited)
