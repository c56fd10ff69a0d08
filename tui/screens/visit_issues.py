"""The issues in the form of a visit: new ones, acts on existing ones, and the list of the project's open issues.

Each is a fieldset that unfolds while it has the focus; the title, or the text, is enough.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Label

from tui.i18n.dates import format_day
from tui.i18n.translate import N_, _, value_label
from tui.presenters.common import light_cell, owed_mark, widest_label
from tui.screens.acts import LETTERS, act_items
from tui.screens.issue_form import CATEGORIES, DAY_HINT, KINDS, category_label
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import plain_content, single_line
from tui.widgets.columns import ListColumn
from tui.widgets.day_field import DayField
from tui.widgets.fields import ChoiceField, FormField, TextField
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from store.queries.issues import IssueRow

VISIT_ACTS: Mapping[str, tuple[str, ...]] = {
    "progress": ("text",),
    "accept": ("text",),
    "settle": ("measure", "evidence"),
    "wait": ("reason", "until"),
    "extend": ("reason", "due"),
    "escalate": ("reason",),
    "dispute": ("reason",),
    "tell": ("text",),
    "remind": ("text",),
}
"""The acts that can be done from within a visit, the likeliest first, with the fields of each."""
_OPTIONAL_TEXT_ACTS = ("accept",)
_LABELS = {
    "text": N_("Text"), "measure": N_("Measure"), "reason": N_("Reason"), "evidence": N_("Evidence"),
    "until": N_("Until"), "due": N_("Due"),
}  # fmt: skip
FieldValues = Mapping[str, str]
_fieldset_numbers = count(1)


class IssueFieldset(Vertical):
    """One issue in the form. ``values`` is what it holds before its fields are mounted, and after they are removed."""

    PART_NAMES: ClassVar[Sequence[str]] = ()
    DEFAULT_CSS = """
    IssueFieldset { height: auto; }
    IssueFieldset .more { display: none; }
    IssueFieldset.-open .more { display: block; }
    IssueFieldset.-open .more.-off { display: none; }
    """

    def __init__(self, values: FieldValues) -> None:
        super().__init__()
        self._initial = dict(values)
        self._number = next(_fieldset_numbers)
        self.ready = False

    def part(self, name: str) -> FormField:
        """The field of this name."""
        return self.query_one(f"#field-{name}-{self._number}", FormField)

    @property
    def department(self) -> NameField:
        """The field of the department, where there is one."""
        return self.query_one(f"#field-department-{self._number}", NameField)

    def as_part(self, field: FormField, classes: str = "") -> FormField:
        """``field`` as a part of this row, and none of the form's own."""
        return field.add_class("within", *classes.split())

    def part_name(self, name: str) -> str:
        """The name of a part: there may be several rows."""
        return f"{name}-{self._number}"

    @on(events.DescendantFocus)
    def unfold(self) -> None:
        """Unfolded while it has the focus."""
        self.add_class("-open")

    @on(events.DescendantBlur)
    def fold(self) -> None:
        """One line is enough when one has left."""
        self.set_class(self.has_focus_within, "-open")

    def values(self) -> dict[str, str]:
        """The values, as the draft holds them."""
        return self._field_values() if self.ready else dict(self._initial)

    def _field_values(self) -> dict[str, str]:
        raise LookupError(f"{type(self).__name__} reads nothing")

    def first_missing(self) -> FormField | None:
        """The field that must still be filled in, if any."""
        raise LookupError(f"{type(self).__name__} needs nothing")

    def on_mount(self) -> None:
        """The fields are mounted: show the values."""
        for name in self.PART_NAMES:
            if name in self._initial:
                self.part(name).put(self._initial[name])
        if self._initial.get("department_id"):
            self.department.remember(self._initial["department"], self._initial["department_id"])
        self.ready = True


class NewIssueFieldset(IssueFieldset):
    """A new issue."""

    PART_NAMES = ("title", "kind", "category", "department", "due")

    def compose(self) -> ComposeResult:
        """The title; below it, while it has the focus, the other fields."""
        yield self.as_part(TextField(self.part_name("title"), N_("New issue"), hint=N_("the issue in a few words")))
        yield self.as_part(
            ChoiceField(self.part_name("kind"), N_("Kind"), KINDS, lambda kind: value_label("issue.kind", kind)), "more"
        )
        yield self.as_part(ChoiceField(self.part_name("category"), N_("Category"), CATEGORIES, category_label), "more")
        yield self.as_part(
            NameField(self.part_name("department"), N_("Department"), "unit", hint=N_("proposed")), "more"
        )
        yield self.as_part(
            DayField(self.part_name("due"), N_("Due"), hint=DAY_HINT, toward="future", asked_back=True), "more"
        )

    def _field_values(self) -> dict[str, str]:
        held = {name: str(self.part(name).value) for name in self.PART_NAMES}
        chosen = self.department.chosen_id
        return {name: value for name, value in {**held, "department_id": chosen or ""}.items() if value}

    def first_missing(self) -> FormField | None:
        """The values with a title, where anything but the kind is filled in."""
        held = self.values()
        field: FormField = self.part("title")
        return field if not held.get("title") and held.keys() - {"kind"} else None


class IssueActFieldset(IssueFieldset):
    """An act on an existing issue, with the fields that it needs."""

    PART_NAMES = ("verb", "first", "second")

    def compose(self) -> ComposeResult:
        """The issue, the text, and, while it has the focus, the choice of the act."""
        verbs = self.verbs
        which = _("On {number} {title}").format(
            number=self._initial.get("number", ""), title=self._initial.get("title", "")
        )
        yield Label(plain_content(single_line(which)), classes="which")
        yield self.as_part(
            ChoiceField(self.part_name("verb"), N_("Act"), verbs, lambda verb: value_label("act", verb)), "more"
        )
        yield self.as_part(TextField(self.part_name("first"), N_("Text")))
        yield self.as_part(TextField(self.part_name("second"), N_("Evidence")), "more")

    @property
    def verbs(self) -> Sequence[str]:
        """The acts that were possible when it was chosen."""
        return self._initial.get("verbs", "progress").split()

    def on_mount(self) -> None:
        """Show the fields that the act needs."""
        super().on_mount()
        self.update_act_fields()

    @on(FormField.Changed)
    def update_act_fields(self) -> None:
        """Another act needs other fields."""
        asks = VISIT_ACTS.get(self.part("verb").value, ("text",))
        for name, asked in zip(("first", "second"), (*asks, ""), strict=False):
            part = self.part(name)
            part.set_class(not asked, "-off")
            if asked:
                part.label = _LABELS[asked]
                part.query_one(Label).update(plain_content(_(part.label)))

    def _field_values(self) -> dict[str, str]:
        about = {name: self._initial[name] for name in ("issue", "number", "title", "verbs") if name in self._initial}
        return about | {name: str(self.part(name).value) for name in self.PART_NAMES if self.part(name).value}

    def act_values(self) -> dict[str, str]:
        """What is done, as the registers take it."""
        held = self.values()
        verb = held.get("verb", "progress")
        asks = zip(VISIT_ACTS[verb], (held.get("first", ""), held.get("second", "")), strict=False)
        return {"issue": held["issue"], "verb": verb, **{name: value for name, value in asks if value}}

    def first_missing(self) -> FormField | None:
        """What the act needs and has not been given."""
        done = self.act_values()
        missing = [
            name for name in VISIT_ACTS[done["verb"]] if name not in done and done["verb"] not in _OPTIONAL_TEXT_ACTS
        ]
        field: FormField | None = (
            self.part("first" if missing[0] == VISIT_ACTS[done["verb"]][0] else "second") if missing else None
        )
        return field


class IssueFieldsetList(FormField):
    """All rows of one sort, as one field of the form: its value is a list, or "" where there is none."""

    DEFAULT_CSS = "IssueFieldsetList { layout: vertical; margin: 0; }"
    fieldset_class: Callable[[FieldValues], IssueFieldset]

    def compose(self) -> ComposeResult:
        """Nothing before there are rows."""
        yield from ()

    @property
    def rows(self) -> list[IssueFieldset]:
        """The rows, in the order in which they were added."""
        return list(self.query(IssueFieldset))

    @property
    def value(self) -> list[FieldValues] | str:
        """The values of the fieldsets; empty ones are left out."""
        return self.filled_values() or ""

    def filled_values(self) -> list[FieldValues]:
        """The values of the fieldsets that are not empty."""
        return [values for row in self.rows if (values := row.values()) and not self.is_blank(values)]

    def is_blank(self, values: FieldValues) -> bool:
        """Whether nothing is filled in here."""
        raise LookupError(f"{type(self).__name__} knows no blank row for {values}")

    def has_unread_change(self) -> bool:
        """Whether a part of a row does."""
        return any(part.has_unread_change() for row in self.rows if row.ready for part in row.query(FormField))

    def put(self, value: object) -> None:
        """Show these rows, before what was added already."""
        if isinstance(value, list):
            self.mount_all([self.fieldset_class(held) for held in value], before=0 if self.children else None)

    async def add(self, values: FieldValues, part: str) -> None:
        """One more row, the cursor in this part of it."""
        row = self.fieldset_class(values)
        row.unfold()
        await self.mount(row)
        row.part(part).focus_control()
        row.scroll_visible(animate=False)

    @on(FormField.Changed)
    def handle_part_change(self, message: FormField.Changed) -> None:
        """A change in a row is one of this field."""
        if message.field is not self:
            message.stop()
            self.notify_changed()

    def first_missing(self) -> FormField | None:
        """The first field in any row that must still be filled in."""
        filled = [row for row in self.rows if not self.is_blank(row.values())]
        return next((one for row in filled if (one := row.first_missing()) is not None), None)


class NewIssuesField(IssueFieldsetList):
    """The issues that came up."""

    fieldset_class = NewIssueFieldset

    def is_blank(self, values: FieldValues) -> bool:
        """A kind is chosen from the beginning."""
        return not values.keys() - {"kind"}

    @property
    def submitted_value(self) -> list[dict[str, str]]:
        """As the registers take them: the department as id where one was chosen."""
        return [_with_department_id(held) for held in self.filled_values()]


class IssueActsField(IssueFieldsetList):
    """The issues that moved on."""

    fieldset_class = IssueActFieldset

    def is_blank(self, values: FieldValues) -> bool:
        """What was chosen from the list and not written about; accepting needs no words."""
        return not values.get("first") and not values.get("second") and values.get("verb") not in _OPTIONAL_TEXT_ACTS

    @property
    def submitted_value(self) -> list[dict[str, str]]:
        """As the registers take them."""
        return [
            row.act_values()
            for row in self.rows
            if isinstance(row, IssueActFieldset) and not self.is_blank(row.values())
        ]


class OpenIssues(LongList["IssueRow"]):
    """The project's open issues. Space, enter, or the letter of an act takes the one under the cursor; no other letter
    is a command, so that a slip does not leave the form. ``take`` gets the issue and the act, "" for the likeliest; it
    is awaited, so that what is typed next goes where it leads."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(LETTERS[verb], f"take('{verb}')", show=False) for verb in VISIT_ACTS),
        Binding("space,ideographic_space,enter", "take('')", show=False),
    ]

    def __init__(self, now_ms: Callable[[], int], take: Callable[[IssueRow, str], Awaitable[None]]) -> None:
        super().__init__(_columns(now_ms), id="open-issues")
        self._handle_act_chosen = take

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Characters that mean nothing here are no commands of the app either."""
        del key
        known = {" ", "\u3000", "j", "k", "g", "G", *(LETTERS[verb] for verb in VISIT_ACTS)}
        return character is not None and character.isprintable() and character not in known

    async def action_take(self, verb: str) -> None:
        """Move the issue under the cursor on."""
        if self.row is not None:
            await self._handle_act_chosen(self.row, verb)

    def on_long_list_row_opened(self, message: LongList.RowOpened) -> None:
        """The mouse: the likeliest act."""
        message.stop()
        self.run_worker(self._handle_act_chosen(message.row, ""))


def visit_acts_for(row: IssueRow, roles: tuple[str, ...]) -> tuple[str, ...]:
    """The acts that can be done on this issue from within a visit, the likeliest first."""
    possible = {one.id for one in act_items(row, roles) if one.possible}
    return tuple(verb for verb in VISIT_ACTS if verb in possible)


def _columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[IssueRow]]:
    return (
        ListColumn("", 2, lambda row: light_cell(row.light)),
        ListColumn(N_("Open issues"), 16, lambda row: (*owed_mark(row), (row.title, "")), grow_share=4),
        ListColumn(N_("State"), widest_label("state"), lambda row: value_label("state", row.state)),
        ListColumn(N_("Department"), 10, lambda row: row.department or "", grow_share=1, min_list_width=64),
        ListColumn(N_("Due"), 6, lambda row: format_day(row.due, now_ms())),
    )


def _with_department_id(values: FieldValues) -> dict[str, str]:
    given = {name: value for name, value in values.items() if name != "department_id"}
    return {**given, "department": values["department_id"]} if values.get("department_id") else given
