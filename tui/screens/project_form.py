"""A project's own fields, and who serves it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import commands, queries
from store.values.amounts import format_wan, parse_yuan
from tui.data.form_values import FormValues, command_fields, without_blanks
from tui.data.role_order import ROLE_ORDER
from tui.i18n.translate import N_, _, value_label
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, FormField, TextField

if TYPE_CHECKING:
    from tui.data.reader import Reader

CATEGORIES = ("continuing", "new", "advancing")
STAGES = ("", "planning", "signed", "landed", "started", "building", "completed", "producing")
SERVING = ("lead_leader", "lead_unit", "butler", "project_secretary", "enterprise_contact")
"""Roles that one person or unit holds at a time, so that a field can name them."""


class ProjectForm(Form):
    """The project's line and its assignments."""

    @property
    def heading(self) -> str:
        """New or edited."""
        return _("Edit a project") if self.line_id else _("Add a project")

    @property
    def draft_key(self) -> str:
        """One draft for new projects, one for each line."""
        return f"project:{self.line_id or 'new'}"

    first_field = "name"

    def make_fields(self) -> Sequence[FormField]:
        """The line's fields, then the people."""
        own = (
            TextField("name", N_("Name"), names_project=not self.line_id),
            TextField("number", N_("No.")),
            ChoiceField("category", N_("Category"), CATEGORIES, lambda value: value_label("project.category", value)),
            ChoiceField("stage", N_("Stage"), STAGES, _stage),
            TextField("owner", N_("Project owner")),
            TextField("investment_yuan", N_("Investment"), hint=N_("62,000万 or 6.2亿; without a unit in yuan")),
            TextField("national_code", N_("National code")),
            TextField("scope_reason", N_("In scope for")),
        )
        labels = {
            "lead_leader": N_("Lead leader"),
            "lead_unit": N_("Lead unit"),
            "butler": N_("Butler"),
            "project_secretary": N_("Secretary"),
            "enterprise_contact": N_("Enterprise"),
        }
        people = [NameField(role, labels[role], "unit" if role == "lead_unit" else "person") for role in SERVING]
        return (*own, *people, TextField("note", N_("Note")))

    def load_state(self, reader: Reader) -> FormState:
        """The line as it is."""
        line_id = self.line_id or ""
        line = reader.run(queries.lines.current_line, line_id)
        detail = reader.run(queries.projects.project, line_id, reader.thresholds())
        if line is None or detail is None:
            return FormState({"category": "new", "stage": "planning"})
        names = ("name", "number", "category", "stage", "owner", "national_code", "scope_reason", "note")
        values = {name: str(line.body.get(name) or "") for name in names}
        values["investment_yuan"] = _typed_amount(line.body.get("investment_yuan"))
        serving = {
            one.role: one for one in detail.people if one.current and one.role in SERVING and one.role in ROLE_ORDER
        }
        values |= {role: one.name or "" for role, one in serving.items()}
        ids = {one.name: one.id for one in serving.values() if one.name}
        return FormState(values, ids, (line.stamp, line.device))

    def save(self, reader: Reader, values: FormValues) -> str:
        """Add it, or change what was changed."""
        fields: dict[str, object] = {name: value for name, value in values.items() if name not in SERVING}
        if fields.get("investment_yuan"):
            fields["investment_yuan"] = parse_yuan(str(fields["investment_yuan"]))
        fields["roles"] = {role: values[role] for role in SERVING if role in values}
        if line_id := self.line_id:
            return reader.writer.run(
                lambda ledger: commands.projects.edit(ledger, line_id, **command_fields(fields))
            ).id
        filled = without_blanks(fields)
        return reader.writer.run(lambda ledger: commands.projects.add(ledger, **filled)).id


def _typed_amount(yuan: object) -> str:
    """An amount as an officer types it; in yuan where units of ten thousand would round it."""
    if not isinstance(yuan, int):
        return ""
    typed = f"{format_wan(yuan)}万"
    return typed if parse_yuan(typed) == yuan else str(yuan)


def _stage(stage: str) -> str:
    return value_label("project.stage", stage) if stage else _("none")
