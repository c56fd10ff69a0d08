"""Filter panels: fields answered with the arrow keys; for any list, and the one of the issue ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from store.domain.registers import CATEGORIES
from store.exceptions import BadTime
from tui.data import readers
from tui.data.suggestion import Suggestion
from tui.i18n.filter_text import light_filter_label, order_text, period_text, value_or_all_label
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField, TextField

if TYPE_CHECKING:
    from store.queries.issues import IssueFilter
    from store.queries.own_work import IssueNeed

STATES = ("unfinished", "", "owed", *FAMILIES["state"])
LIGHTS = ("", *FAMILIES["light"])
_MOST_APART = 7
"""So many fields of a panel have a blank line between them; of more even a small screen shows all without."""
PAST_DAY_HINT = N_("2026-05-20, 5.20 or yesterday")
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
    owner: str = ""
    owner_id: str | None = None
    category: str = ""
    since: str = ""
    until: str = ""
    supervised: str = ""
    order: str = "light"
    reverse: str = ""

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
            owner=self.owner_id,
            category=self.category or None,
            since=self.since or None,
            until=self.until or None,
            supervised=bool(self.supervised),
            order=self.order,  # type: ignore[arg-type]
            reverse=bool(self.reverse),
        )

    def description(self) -> str:
        """The filter as text."""
        parts = [value_label("today", self.need.why)] if self.need else []
        parts += [state_label(self.state), light_filter_label(self.light) if self.light else ""]
        parts += [self.department, self.owner, self.project, f"“{self.words}”" if self.words else ""]
        parts += [value_label("issue.category", self.category) if self.category else ""]
        parts += [period_text(self.since, self.until), _("supervised") if self.supervised else ""]
        parts += [order_text("issue_order", self.order, reverse=bool(self.reverse))]
        return "   ".join(part for part in parts if part)


UNFINISHED = IssueFilterValues()


def state_label(state: str) -> str:
    """The label of a choice of states."""
    return {"unfinished": _("unfinished"), "owed": _("opinion still owed"), "": _("all")}.get(state) or value_label(
        "state", state
    )


def order_fields(orders: Sequence[str], label: Callable[[str], str]) -> tuple[FormField, FormField]:
    """By what a list is sorted, and whether the other way round."""
    turned = ("", "yes")
    return (
        ChoiceField("order", N_("Order"), orders, label),
        ChoiceField("reverse", N_("Direction"), turned, lambda each: _("reversed") if each else _("as usual")),
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
        dense = " -dense" if len(self._fields) > _MOST_APART else ""
        with Vertical(classes=f"panel{dense}"):
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
        try:
            self.dismiss(self.filter_result(chosen))
        except BadTime as error:  # the panel stays, with what was typed
            self.app.show_error(error)

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
            NameField("owner", N_("Owner"), "person"),
            ChoiceField(
                "category", N_("Category"), ("", *CATEGORIES), lambda each: value_or_all_label("issue.category", each)
            ),
            DayField("since", N_("From day"), hint=PAST_DAY_HINT, toward="past"),
            DayField("until", N_("To day"), hint=PAST_DAY_HINT, toward="past"),
            ChoiceField("supervised", N_("Supervision"), ("", "yes"), lambda each: _("noted") if each else _("any")),
            *order_fields(ISSUE_ORDERS, lambda each: value_label("issue_order", each)),
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
        """The filter of issues. Raises `BadTime` where a day is none."""
        from store.values.times import district_time, parse_day  # noqa: PLC0415 - not imported before the first paint

        now = district_time(self.app.now_ms())
        for name in ("since", "until"):
            text = values[name]
            values[name] = parse_day(text, now, "past") if text else ""
        return replace(self._chosen, **values)  # type: ignore[arg-type]
