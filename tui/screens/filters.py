"""Filter panels: fields answered with the arrow keys; for any list, and the one of the issue ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from tui.data import readers
from tui.data.suggestion import Suggestion
from tui.i18n.filter_text import light_filter_label
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, FormField, TextField

if TYPE_CHECKING:
    from store.queries.issues import IssueFilter
    from store.queries.own_work import IssueNeed

STATES = ("unfinished", "", "owed", *FAMILIES["state"])
LIGHTS = ("", *FAMILIES["light"])
ISSUE_ORDERS = FAMILIES["issue_order"]


@dataclass(frozen=True, slots=True)
class IssueFilterValues:
    """A filter as a person chose it: values as stored, the department by name and id; ``need`` keeps what needs the
    person for one reason, where they came from their day."""

    state: str = "unfinished"
    light: str = ""
    department: str = ""
    department_id: str | None = None
    project: str = ""
    project_id: str | None = None
    words: str = ""
    need: IssueNeed | None = None
    order: str = "light"

    @property
    def filter(self) -> IssueFilter:
        """The filter as the named read takes it."""
        from store.queries.issues import IssueFilter  # noqa: PLC0415 - the store is not imported before the first paint

        return IssueFilter(
            state=self.state if self.state not in ("", "unfinished", "owed") else None,  # type: ignore[arg-type]
            unfinished=self.state == "unfinished",
            owed=self.state == "owed",
            light=self.light or None,  # type: ignore[arg-type]
            department=self.department_id,
            project=self.project_id,
            text=self.words or None,
            need=self.need,
            order=self.order,  # type: ignore[arg-type]
        )

    def description(self) -> str:
        """The filter as text."""
        parts = [value_label("today", self.need.why)] if self.need else []
        parts += [state_label(self.state), light_filter_label(self.light) if self.light else ""]
        parts += [self.department, self.project, f"“{self.words}”" if self.words else ""]
        parts += [value_label("issue_order", self.order)]
        return "   ".join(part for part in parts if part)


UNFINISHED = IssueFilterValues()


def state_label(state: str) -> str:
    """The label of a choice of states."""
    return {"unfinished": _("unfinished"), "owed": _("opinion still owed"), "": _("all")}.get(state) or value_label(
        "state", state
    )


class ListFilterPanel(Panel):
    """The fields of a filter, for any list. Enter applies: the result holds the values by the fields' names, with the
    id of a named line under ``<name>_id``; escape leaves the list unchanged."""

    key_scope = "filters"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("filters")]

    def __init__(self, title: str, fields: Sequence[FormField], values: Mapping[str, str | None]) -> None:
        super().__init__()
        self._title = title
        self._fields = fields
        self._values = values

    def compose(self) -> ComposeResult:
        """Title, questions, keys."""
        with Vertical(classes="panel"):
            yield Label(Content(self._title), classes="panel-title")
            yield from self._fields
            yield KeyBar(self.key_scope)

    def on_mount(self) -> None:
        """What is chosen now."""
        self._fill_fields()

    def _fill_fields(self) -> None:
        for one in self._fields:
            one.put(self._values.get(one.key) or "")
            line_id = self._values.get(f"{one.key}_id")
            if isinstance(one, NameField):
                one.set_ids({str(one.value): line_id} if line_id else {})
        self._fields[0].focus_control()

    @on(NameField.SuggestionsRequested)
    def suggest(self, message: NameField.SuggestionsRequested) -> None:
        """Suggest departments and projects for what is typed."""
        name_field, text = message.field, message.text

        def take(suggestions: list[Suggestion]) -> None:
            name_field.show_suggestions(text, suggestions)

        self.read_in_thread(
            lambda reader: reader.run(readers.suggestions.suggest, name_field.kind, text, None, reader.thresholds()),
            take,
            "suggest",
        )

    @on(Input.Submitted)
    def action_apply(self) -> None:
        """Apply these filters. A name that matches nothing here is ignored."""
        chosen: dict[str, str | None] = {}
        for one in self._fields:
            chosen[one.key] = str(one.value)
            if isinstance(one, NameField):
                chosen |= {one.key: one.value if one.chosen_id else "", f"{one.key}_id": one.chosen_id}
        self.dismiss(self.filter_result(chosen))

    def filter_result(self, values: dict[str, str | None]) -> object:
        """The panel's result."""
        return values

    def action_clear(self) -> None:
        """Clear every filter."""
        for one in self._fields:
            one.put("")


class IssueFilterPanel(ListFilterPanel):
    """The filter of the issue ledger; its result is an `IssueFilterValues`."""

    def __init__(self, values: IssueFilterValues) -> None:
        fields = (
            ChoiceField("state", N_("State"), STATES, state_label),
            ChoiceField("light", N_("Light"), LIGHTS, light_filter_label),
            NameField("department", N_("Department"), "unit"),
            NameField("project", N_("Project"), "project"),
            TextField("words", N_("Words"), hint=N_("in number, title or text")),
            ChoiceField("order", N_("Order"), ISSUE_ORDERS, lambda each: value_label("issue_order", each)),
        )
        super().__init__(_("Which issues?"), fields, asdict(values))
        self._chosen = values

    def reuse_for(self, values: IssueFilterValues) -> None:
        """The questions once more, answered like this."""
        self._chosen, self._values = values, asdict(values)
        self._fill_fields()

    def action_clear(self) -> None:
        """Everything, not only what needs the person."""
        super().action_clear()
        self._chosen = IssueFilterValues()

    def filter_result(self, values: dict[str, str | None]) -> IssueFilterValues:
        """The filter of issues."""
        return replace(self._chosen, **values)  # type: ignore[arg-type]
