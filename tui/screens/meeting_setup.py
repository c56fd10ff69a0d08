"""Before a meeting: whose issues it discusses, at which level, who is in the chair."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label

from store import queries
from store.search.query import name_matches
from tui.data import readers
from tui.data.meeting_draft import MeetingDraft, start_meeting
from tui.data.messages import LedgerChanged
from tui.data.rows import InMemorySource
from tui.data.suggestion import Suggestion
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import bindings_in
from tui.screens.bars import KeyBar
from tui.screens.base import Panel
from tui.screens.questions import Answers, Questions, ask, correct_phones, find_questions, typed_values
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import Spans
from tui.widgets.columns import ListColumn
from tui.widgets.fields import ChoiceField
from tui.widgets.filter_input import FilterInput
from tui.widgets.long_list import LongList

if TYPE_CHECKING:
    from store.queries.report_rows import DepartmentLoad
    from tui.data.readers.meeting_setup import MeetingSetupFacts

LEVELS = ("1", "2", "3")
NO_OPEN_ISSUES = N_("No department has open issues. esc leads back.")


class DepartmentRow:
    """A department as a row: ``id`` is empty for issues of no department yet; ``load`` is None until it is counted."""

    def __init__(self, department: str | None, name: str | None, load: DepartmentLoad | None = None) -> None:
        self.id = department or ""
        self.name = name or _("No department yet")
        self.issue_counts = load


class MeetingSetup(Panel):
    """Type to find departments, space picks one, enter begins. The result is the meeting, None where it was
    cancelled."""

    key_scope = "meeting_setup"
    CSS_PATH = "panels.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("meeting_setup")]

    def __init__(self) -> None:
        super().__init__()
        self._departments: Sequence[DepartmentRow] = ()
        self._picked: dict[str, str] = {}
        self._answers = Answers()

    def compose(self) -> ComposeResult:
        """A line to type in, the departments with their lights, level and chair."""
        with Vertical(classes="panel"):
            yield Label(Content(_("A meeting over whose issues?")), classes="panel-title")
            yield FilterInput(reserved_keys=" ", placeholder=_("type a part of it, or its initials"))
            yield LongList[DepartmentRow](self._columns(), empty=NO_OPEN_ISSUES, heading=False, id="seats")
            yield ChoiceField("level", N_("Level"), LEVELS, lambda level: value_label("level", level))
            yield NameField("chair", N_("Chair"), "person")
            yield KeyBar(self.key_scope)

    def _columns(self) -> Sequence[ListColumn[DepartmentRow]]:
        return (
            ListColumn("", 3, lambda each: (("[x]" if each.id in self._picked else "[ ]", "accent"),)),
            ListColumn("", 16, lambda each: each.name, grow_share=1),
            ListColumn("", 24, _counts),
        )

    def on_mount(self) -> None:
        """Ready to type."""
        self.set_focus(self.query_one(FilterInput))
        self.read_in_thread(
            lambda reader: reader.run(readers.meeting_setup.meeting_setup_facts, reader.device_state), self._handle_read
        )

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """The ledger has opened, or changed."""
        if not self._picked:
            self.read_in_thread(
                lambda reader: reader.run(readers.meeting_setup.meeting_setup_facts, reader.device_state),
                self._handle_read,
            )

    @property
    def rows(self) -> LongList[DepartmentRow]:
        """The departments."""
        return self.query_one("#seats", LongList)

    def _handle_read(self, setup: MeetingSetupFacts) -> None:
        draft, found = setup
        if draft is not None:
            self.app.show_message(_("The meeting that was broken off goes on."))
            self.dismiss(MeetingDraft.from_draft(draft))
            return
        self._list([DepartmentRow(department, name) for department, name in found])
        self.read_in_thread(
            lambda reader: reader.run(queries.report_rows.department_loads, reader.thresholds()),
            self._handle_counted,
            "count",
        )

    def _handle_counted(self, counts: list[DepartmentLoad]) -> None:
        """Those that have something open, with how much."""
        self._list([DepartmentRow(load.department_id, load.department, load) for load in counts])

    def _list(self, departments: Sequence[DepartmentRow]) -> None:
        self._departments = departments
        self.rows.styles.height = max(min(len(departments), self.app.size.height - 17), 1)
        self.rows.replace_source(InMemorySource(self._matching_departments))

    @on(Input.Changed, "FilterInput")
    def _narrow(self) -> None:
        """List the departments that match what was typed."""
        self.rows.empty = N_("No department is called so.") if self._departments else NO_OPEN_ISSUES
        self.rows.show(InMemorySource(self._matching_departments))

    @property
    def _matching_departments(self) -> list[DepartmentRow]:
        typed = self.query_one(FilterInput).value
        return [department for department in self._departments if name_matches(department.name, typed)]

    @property
    def _current_department(self) -> DepartmentRow | None:
        """The current department: the one under the cursor, or the first match while the list is still to be
        filtered."""
        matching = self._matching_departments
        row = self.rows.row
        return row if row in matching else next(iter(matching), None)

    def on_key(self, event: events.Key) -> None:
        """Arrows move in the list while the input has the focus."""
        if self.query_one(FilterInput).has_focus and event.key in ("up", "down"):
            self.rows.action_move(1 if event.key == "down" else -1)
            event.stop()

    @on(NameField.SuggestionsRequested)
    def suggest(self, message: NameField.SuggestionsRequested) -> None:
        """Suggest people for the chair."""
        one, text = message.field, message.text

        def take(suggestions: list[Suggestion]) -> None:
            one.show_suggestions(text, suggestions)

        self.read_in_thread(
            lambda reader: reader.run(readers.suggestions.suggest, one.kind, text, None, reader.thresholds()),
            take,
            "suggest",
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space picks where departments are chosen, and is a blank elsewhere; enter may belong to a name."""
        if action == "pick":
            return self.query_one(FilterInput).has_focus or self.rows.has_focus
        return super().check_action(action, parameters)

    def action_pick(self) -> None:
        """Pick the department under the cursor, or no longer; what was typed to find it is done with."""
        department = self._current_department
        if department is None:
            return
        if self._picked.pop(department.id, None) is None:
            self._picked[department.id] = department.name
        filter_input = self.query_one(FilterInput)
        if filter_input.value:
            filter_input.value = ""
        else:
            self.rows.reread()
            self.rows.action_move(1)

    def action_next_field(self) -> None:
        """On to level and chair, and around."""
        self.focus_next("FilterInput, OptionPicker, Input")

    @on(Input.Submitted)
    @on(LongList.RowOpened)
    def action_begin(self) -> None:
        """Begin, over what was picked, or else over the department under the cursor."""
        department = self._current_department
        picked = list(self._picked.items()) or ([(department.id, department.name)] if department else [])
        if not picked:
            return
        typed = typed_values(self.query(NameField), self._answers)
        self.read_in_thread(lambda reader: find_questions(reader, typed), partial(self._begin, picked), "begin")

    def _begin(self, picked: list[tuple[str, str]], doubtful: Questions | None) -> None:
        """Begin; a chair whose name is not known is asked about first."""
        chair = self.query_one("#field-chair", NameField)
        if doubtful is not None:
            ask(self.app, doubtful, self._answers, [chair], self.action_begin)
            return
        if self._answers.phones:
            self.write_in_thread(lambda reader: correct_phones(reader, self._answers), lambda _nothing: None)
        level = self.query_one("#field-level", ChoiceField).value
        self.dismiss(start_meeting(picked, int(level), chair.value, chair.chosen_id or "", self.app.now_ms()))


def _counts(department: DepartmentRow) -> Spans:
    """How many issues it has open, which lights they show, and of how many others it owes its opinion."""
    load = department.issue_counts
    if load is None:
        return ()
    lights = (("red", load.red), ("yellow", load.yellow), ("blue", load.blue))
    parts: list[tuple[str, str]] = [(f"{load.open:>5} ", "strong")]
    for light, count in lights:
        if count:
            parts += [(value_label("light_mark", light), light), (f"{count} ", "")]
    if load.owed:
        parts.append((_("owes {n}").format(n=load.owed), "warn"))
    return tuple(parts)
