"""Which issues the ledger lists: a few questions on a panel, answered with the arrow keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from tui.actions import bindings
from tui.screens.bars import KeyLine
from tui.screens.base import Panel
from tui.vocabulary import FAMILIES
from tui.widgets.completing import NameField, Suggestion
from tui.widgets.fields import ChoiceField, TextField
from tui.words import N_, _, word

if TYPE_CHECKING:
    from store.queries.issues import IssueFilter
    from store.queries.mine import Need

STATES = ("unfinished", "", *FAMILIES["state"])
LIGHTS = ("", *FAMILIES["light"])


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter as a person chose it: values as stored, the department by name and id; ``need`` keeps what needs the
    person for one reason, where they came from their day."""

    state: str = "unfinished"
    light: str = ""
    department: str = ""
    department_id: str | None = None
    project: str = ""
    project_id: str | None = None
    words: str = ""
    need: Need | None = None

    @property
    def filter(self) -> IssueFilter:
        """The filter as the named read takes it."""
        from store.queries.issues import IssueFilter  # noqa: PLC0415 - the store is not imported before the first paint

        return IssueFilter(
            state=self.state if self.state not in ("", "unfinished") else None,  # type: ignore[arg-type]
            unfinished=self.state == "unfinished",
            light=self.light or None,  # type: ignore[arg-type]
            department=self.department_id,
            project=self.project_id,
            text=self.words or None,
            need=self.need,
        )

    def text(self) -> str:
        """The filter in words."""
        parts = [word("today", self.need.why)] if self.need else []
        parts += [state_word(self.state), light_word(self.light) if self.light else ""]
        parts += [self.department, self.project, f"“{self.words}”" if self.words else ""]
        return "   ".join(part for part in parts if part)


UNFINISHED = Chosen()


def state_word(state: str) -> str:
    """A choice of states in words."""
    return {"unfinished": _("unfinished"), "": _("all")}.get(state) or word("state", state)


def light_word(light: str) -> str:
    """A choice of lights in words."""
    return word("light_name", light) if light else _("any")


class FilterPanel(Panel):
    """The questions. Enter applies; escape leaves the list as it is."""

    place = "filters"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("filters")]

    def __init__(self, chosen: Chosen) -> None:
        super().__init__()
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """State, light, department, project, words."""
        with Vertical(classes="panel"):
            yield Label(Content(_("Which issues?")), classes="panel-title")
            yield ChoiceField("state", N_("State"), STATES, state_word)
            yield ChoiceField("light", N_("Light"), LIGHTS, light_word)
            yield NameField("department", N_("Department"), "unit")
            yield NameField("project", N_("Project"), "project")
            yield TextField("words", N_("Words"), hint=N_("in number, title or text"))
            yield KeyLine(self.place)

    def on_mount(self) -> None:
        """What is chosen now."""
        for name in ("state", "light", "department", "project", "words"):
            self._field(name).put(getattr(self._chosen, name))
        for name in ("department", "project"):
            line_id = getattr(self._chosen, f"{name}_id")
            if line_id:
                self._names(name).remember(getattr(self._chosen, name), line_id)
        self._field("state").enter()

    def _field(self, name: str) -> TextField:
        return self.query_one(f"#field-{name}")  # type: ignore[return-value]

    def _names(self, name: str) -> NameField:
        return self.query_one(f"#field-{name}", NameField)

    @on(NameField.Wanted)
    def suggest(self, message: NameField.Wanted) -> None:
        """Departments and projects as one types."""
        name_field, text = message.field, message.text

        def take(found: list[Suggestion]) -> None:
            name_field.answer(text, found)

        self.ask(lambda desk: desk.suggest(name_field.kind, text, None), take, "suggest")

    @on(Input.Submitted)
    def action_apply(self) -> None:
        """Use these filters."""
        department, project = self._names("department"), self._names("project")
        chosen = replace(
            self._chosen,
            state=self._field("state").value,
            light=self._field("light").value,
            words=self._field("words").value,
            department=department.value if department.chosen_id else "",
            department_id=department.chosen_id,
            project=project.value if project.chosen_id else "",
            project_id=project.chosen_id,
        )
        self.dismiss(chosen)
