"""Recording an issue: what it is, whose field, and, if the butler proposes it, who should settle it by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.i18n.translate import N_, _, word
from tui.screens.form import Filling, Form
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, Field, LongField, TextField

if TYPE_CHECKING:
    from tui.data.reader import Desk

KINDS = ("problem", "difficulty", "request")
CATEGORIES = ("", "procedure", "land", "funding", "labour", "utilities", "market", "policy", "other")
SOURCES = ("", "visit", "report", "meeting")
DAY_HINT = N_("+3 (working days) or 2026-06-30")


class IssueForm(Form):
    """A new issue, or one to correct. What has been assigned changes by acts, so it is not asked for then."""

    @property
    def heading(self) -> str:
        """New or edited."""
        return _("Edit an issue") if self.line_id else _("Record an issue")

    @property
    def draft_key(self) -> str:
        """One draft for new issues of each project, one for each line."""
        return f"issue:{self.line_id}" if self.line_id else f"issue:new:{self.opened_for}"

    first = "title"
    needs = ("title", "project")

    def make_fields(self) -> Sequence[Field]:
        """What, where, and who should settle it."""
        return (
            TextField("title", N_("Title"), hint=N_("the issue in a few words")),
            NameField("project", N_("Project"), "project", hint=N_("name, initials or number")),
            ChoiceField("kind", N_("Kind"), KINDS, lambda kind: word("issue.kind", kind)),
            ChoiceField("category", N_("Category"), CATEGORIES, category_word),
            ChoiceField("source", N_("Source"), SOURCES, _source),
            NameField("department", N_("Department"), "unit", hint=N_("proposed; assigning is an act of its own")),
            NameField("owner", N_("Owner"), "person", hint=N_("exactly one person")),
            TextField("due", N_("Due"), hint=DAY_HINT),
            LongField("text", N_("Text")),
        )

    def begin(self, desk: Desk) -> Filling:
        """A new issue of the project in view, or the line as it is."""
        return self._begin_edit(desk, self.line_id) if self.line_id else self._begin_new(desk)

    def _begin_new(self, desk: Desk) -> Filling:
        detail = desk.project(self.project) if self.project else None
        likely = (detail.row.id, detail.row.name) if detail else desk.likely_project()
        values = {"kind": "problem", "source": "visit"}
        if likely is None:
            return Filling(values)
        self.project = likely[0]
        return Filling({**values, "project": likely[1]}, {likely[1]: likely[0]})

    def _begin_edit(self, desk: Desk, line_id: str) -> Filling:
        line, detail = desk.line(line_id), desk.issue(line_id)
        if line is None or detail is None:
            return Filling({}, head=_("This line is not here, or no longer yours to see."))
        row = detail.row
        named = {row.project: row.project_id, row.department: row.department_id, row.owner: row.owner_id}
        values = {
            name: str(line.body.get(name) or "") for name in ("title", "kind", "category", "source", "due", "text")
        }
        shown = {**values, "project": row.project or "", "department": row.department or "", "owner": row.owner or ""}
        ids = {name: line_id for name, line_id in named.items() if name and line_id}
        return Filling(shown, ids, (line.stamp, line.device), head=row.number)

    def save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        """Record it, or change what was changed."""
        if self.line_id is None:
            return desk.pen.record_issue(values)
        changes = {name: value for name, value in values.items() if name != "project"}
        return desk.pen.edit_issue(self.line_id, changes)


def _source(source: str) -> str:
    return word("issue.source", source) if source else _("none")


def category_word(category: str) -> str:
    """A category in words."""
    return word("issue.category", category) if category else _("none")
