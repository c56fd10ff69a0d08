"""The form one fills standing up: project guessed, time now, people completed, what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.dates import full_moment
from tui.screens.form import Filling, Form
from tui.widgets.completing import NameField
from tui.widgets.fields import ChoiceField, Field, LongField, TextField
from tui.words import N_, _, word

if TYPE_CHECKING:
    from tui.desk import Desk

HOWS = ("visit", "discussion", "phone", "wechat", "meeting", "other")


class VisitForm(Form):
    """A new visit, or one to correct."""

    @property
    def heading(self) -> str:
        """New or edited."""
        return _("Edit a visit") if self.line_id else _("Log a visit")

    @property
    def draft_key(self) -> str:
        """One draft for new visits to each project, one for each line."""
        return f"visit:{self.line_id}" if self.line_id else f"visit:new:{self.opened_for}"

    first = "text"
    needs = ("project", "text")

    def make_fields(self) -> Sequence[Field]:
        """Where, when, how, who, what."""
        return (
            NameField("project", N_("Project"), "project", hint=N_("name, initials or number")),
            TextField("at", N_("When"), hint=N_("now; 14:30; yesterday 9:00; 2026-05-20 14:30")),
            ChoiceField("how", N_("How"), HOWS, lambda how: word("visit.how", how)),
            TextField("place", N_("Place")),
            NameField("who", N_("Participants"), "person", several=True, hint=N_("names, 、 between them")),
            LongField("text", N_("What was seen")),
        )

    def begin(self, desk: Desk) -> Filling:
        """A new visit: the project in view, or the one visited last; now."""
        return self._begin_edit(desk, self.line_id) if self.line_id else self._begin_new(desk)

    def _begin_new(self, desk: Desk) -> Filling:
        detail = desk.project(self.project) if self.project else None
        likely = (detail.row.id, detail.row.name) if detail else desk.likely_project()
        values = {"project": "", "at": full_moment(desk.district_ms()), "how": "visit"}
        if likely is None:
            return Filling(values)
        self.project = likely[0]
        return Filling({**values, "project": likely[1]}, {likely[1]: likely[0]})

    def _begin_edit(self, desk: Desk, line_id: str) -> Filling:
        line, row = desk.line(line_id), desk.visit(line_id)
        if line is None or row is None:
            return Filling({}, head=_("This line is not here, or no longer yours to see."))
        self.project = row.project_id
        values = {
            "project": row.project or "",
            "at": row.at.replace("T", " ")[:16],
            "how": row.how,
            "place": row.place or "",
            "who": _(", ").join(row.participants),
            "text": row.text or "",
        }
        ids = {row.project: row.project_id} if row.project and row.project_id else {}
        return Filling(values, ids, (line.stamp, line.device))

    def project_meant(self) -> str | None:
        """The project in the form."""
        return self.query_one("#field-project", NameField).chosen_id or self.project

    def save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        """Log it, or change what was changed."""
        if self.line_id is None:
            return desk.pen.log_visit(values)
        changes = {name: value for name, value in values.items() if name != "project"}
        return desk.pen.edit_visit(self.line_id, changes)
