"""The fields of a form: each has a key, and a value that a draft can store.

Typed and pasted text is sanitized here: a paste may contain escape sequences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from store.values.text import sanitize
from tui.i18n.translate import _


class FormField(Horizontal):
    """A label and a control. Posts `Changed` when a person changes the value."""

    DEFAULT_CSS = """
    FormField { height: auto; margin: 0 1 0 1; }
    FormField > Label { width: 14; color: $muted; padding: 0 1 0 0; }
    FormField:focus-within > Label { color: $primary; text-style: bold; }
    FormField > FieldMark.mark { height: 1; color: $muted; text-style: none; padding: 0 1; display: none; }
    FormField.-wrong > Label { color: $error; text-style: bold; }
    FormField Input { border: none; height: 1; padding: 0 1; background: $surface; }
    FormField Input:focus { border: none; background: $panel; }
    FormField TextArea { border: none; height: 1fr; min-height: 3; padding: 0 1; background: $surface; }
    FormField TextArea:focus { border: none; background: $panel; }
    """

    class Changed(Message):
        """The person has changed the field."""

        def __init__(self, field: FormField) -> None:
            super().__init__()
            self.field = field

    def __init__(self, name: str, label: str) -> None:
        super().__init__(id=f"field-{name}")
        self.key = name
        self.label = label
        self._touched = False
        self.required = False

    def compose(self) -> ComposeResult:
        """The label, then the control."""
        yield Label(Content(self.label_text))
        yield self.control()

    @property
    def label_text(self) -> str:
        """The label as it is shown: with a star where the field is required."""
        return f"{_(self.label)} *" if self.required else _(self.label)

    def set_required(self, required: bool) -> None:
        """Mark the field as one that must be filled in, or remove the mark."""
        if required != self.required:
            self.required = required
            self.query(Label).first().update(Content(self.label_text))

    def control(self) -> Widget:
        """The control: the widget that a person types into."""
        raise LookupError(f"the field {self.key} has no control")

    def focus_control(self) -> None:
        """Focus the control immediately: the next key is for it."""
        self.screen.set_focus(self.query("Input, TextArea, OptionPicker").first(Widget))

    @property
    def value(self) -> Any:
        """The field's value."""
        raise LookupError(f"the field {self.key} has no value")

    @property
    def submitted_value(self) -> Any:
        """The value as write commands take it."""
        return self.value

    @property
    def touched(self) -> bool:
        """Whether a person has changed the value, also where the control's message about that is still unread: what a
        form begins with can arrive between a key and its message."""
        return self._touched or self.has_unread_change()

    def has_unread_change(self) -> bool:
        """Whether the control holds what neither `put` set nor `notify_changed` told."""
        return False

    def put(self, value: object) -> None:
        """Set the value without posting `Changed`."""
        raise LookupError(f"the field {self.key} takes no value")

    def mark_invalid(self, is_invalid: bool) -> None:
        """Mark the field as invalid, or remove the mark."""
        self.set_class(is_invalid, "-wrong")

    def notify_changed(self) -> None:
        """Tell the form that a person changed the value."""
        self._touched = True
        self.mark_invalid(False)
        self.post_message(self.Changed(self))


class FieldColumn(Vertical):
    """The fields of a form, one below the other. Where it becomes lower, as the window does or a list below comes in,
    the field that is typed in stays in view."""

    def on_resize(self) -> None:
        """Scroll to the control with the focus."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            self.call_after_refresh(focused.scroll_visible, animate=False)


class FieldMark(Label):
    """A word beside a control that says what is made of what stands in it."""

    def __init__(self) -> None:
        super().__init__(markup=False, classes="mark")

    def show(self, text: str) -> None:
        """Show this; nothing where it is empty."""
        self.update(text)
        self.styles.width = cell_len(text) + 2
        self.display = bool(text)


class SingleLineInput(Input):
    """An input line. Pasted lines are joined; Textual would keep only the first."""

    def _on_paste(self, event: events.Paste) -> None:
        event.text = " ".join(line.strip() for line in event.text.splitlines())


class TextField(FormField):
    """One line of text. ``names_project``: it becomes a new project's name."""

    def __init__(self, name: str, label: str, *, hint: str = "", names_project: bool = False) -> None:
        super().__init__(name, label)
        self._hint, self.names_project = hint, names_project
        self._before = ""

    def control(self) -> Input:
        """An input line."""
        return SingleLineInput(placeholder=_(self._hint) if self._hint else "", select_on_focus=False)

    @property
    def input(self) -> Input:
        """The input line."""
        return self.query_one(Input)

    @property
    def value(self) -> str:
        """The text, sanitized."""
        return sanitize(self.input.value).strip()

    def put(self, value: object) -> None:
        """Set the text."""
        with self.prevent(Input.Changed):
            self.input.value = sanitize(str(value or "")).replace("\n", " ")
            self.input.cursor_position = len(self.input.value)
        self._before = self.input.value
        if self.input.has_focus:
            self._select_prefilled()

    def has_unread_change(self) -> bool:
        """Whether the input line holds another text."""
        return self.input.value != self._before

    @property
    def is_replaced_by_typing(self) -> bool:
        """Whether typing replaces a value that nobody has typed here: a name or a day is, a text is added to."""
        return False

    @on(events.DescendantFocus)
    def _select_prefilled(self) -> None:
        """Select the whole value where typing replaces it; an arrow key keeps it."""
        if self.is_replaced_by_typing and not self.touched:
            self.input.select_all()

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        """Notify the form of a change by a person."""
        event.stop()
        if event.value != self._before:
            self._before = event.value
            self.notify_changed()


class PhoneField(TextField):
    """A phone: typing replaces the number that was there."""

    @property
    def is_replaced_by_typing(self) -> bool:
        """Always: a number is corrected as a whole."""
        return True


class MultilineField(FormField):
    """Several lines of text."""

    DEFAULT_CSS = """
    MultilineField { height: 1fr; min-height: 4; }
    """

    def __init__(self, name: str, label: str) -> None:
        super().__init__(name, label)
        self._before = ""

    def control(self) -> TextArea:
        """A text area; tab leaves it."""
        return TextArea(soft_wrap=True, tab_behavior="focus", show_line_numbers=False)

    @property
    def area(self) -> TextArea:
        """The text area."""
        return self.query_one(TextArea)

    @property
    def value(self) -> str:
        """The text, sanitized."""
        return sanitize(self.area.text).strip()

    def put(self, value: object) -> None:
        """Set the text, with the cursor at its end."""
        self.area.text = sanitize(str(value or ""))
        self._before = self.area.text
        self.area.move_cursor(self.area.document.end)

    def has_unread_change(self) -> bool:
        """Whether the text area holds another text."""
        return self.area.text != self._before

    @on(TextArea.Changed)
    def typed(self, event: TextArea.Changed) -> None:
        """Notify the form of a change by a person."""
        event.stop()
        if self.area.text != self._before:
            self._before = self.area.text
            self.notify_changed()


class OptionPicker(Widget, can_focus=True):
    """A choice among a few labels in one line; left and right choose."""

    DEFAULT_CSS = """
    OptionPicker { height: 1; width: 1fr; background: $surface; padding: 0 1; }
    OptionPicker:focus { background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right,space", "step(1)", show=False),
    ]
    selected_index: reactive[int] = reactive(0)

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__()
        self._labels = labels

    def render(self) -> Content:
        """The labels in view, the chosen one in brackets and coloured; ``«`` and ``»`` show that there are more."""
        first, last = self._in_view()
        spans = [
            (
                f"[{label}]" if place == self.selected_index else f" {label} ",
                "b $primary" if place == self.selected_index else "",
            )
            for place, label in enumerate(self._labels)
        ]
        more_before = [("«", "$muted")] if first else []
        more_behind = [("»", "$muted")] if last < len(spans) else []
        return Content.assemble(*more_before, *spans[first:last], *more_behind)

    def _in_view(self) -> tuple[int, int]:
        """The range of labels in view. It contains the chosen one."""
        widths = [cell_len(label) + 2 for label in self._labels]
        available = self.content_size.width
        if sum(widths) <= available:
            return 0, len(widths)
        available -= 2  # for the marks
        first = 0
        while first < self.selected_index and sum(widths[first : self.selected_index + 1]) > available:
            first += 1
        last = self.selected_index + 1
        while last < len(widths) and sum(widths[first : last + 1]) <= available:
            last += 1
        return first, last

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Printable characters are no commands here: ``q`` must not close the form."""
        del key
        return character is not None and character.isprintable() and character != " "

    def on_key(self, event: events.Key) -> None:
        """A digit chooses the label of that number."""
        if event.character and event.character in "123456789"[: len(self._labels)]:
            self.selected_index = int(event.character) - 1
            event.stop()

    def action_step(self, by: int) -> None:
        """Choose the next or the previous label, cyclically."""
        self.selected_index = (self.selected_index + by) % len(self._labels)

    def on_click(self, event: events.Click) -> None:
        """Choose the label under the mouse."""
        first, last = self._in_view()
        column = 2 if first else 1
        for place, label in list(enumerate(self._labels))[first:last]:
            column += cell_len(label) + 2
            if event.x < column:
                self.selected_index = place
                self.focus()
                return


class ChoiceField(FormField):
    """One of a few values, each shown by its label."""

    def __init__(self, name: str, label: str, values: Sequence[str], label_for: Callable[[str], str]) -> None:
        super().__init__(name, label)
        self._values = values
        self._label_for = label_for

    def control(self) -> OptionPicker:
        """The labels."""
        return OptionPicker([self._label_for(value) for value in self._values])

    @property
    def options(self) -> OptionPicker:
        """The labels."""
        return self.query_one(OptionPicker)

    @property
    def value(self) -> str:
        """The chosen value."""
        return self._values[self.options.selected_index]

    def put(self, value: object) -> None:
        """Choose a value; the first one instead of an unknown value."""
        self.options.set_reactive(
            OptionPicker.selected_index, self._values.index(str(value)) if value in self._values else 0
        )
        self.options.refresh()

    def on_mount(self) -> None:
        """Watch the choice."""
        self.watch(self.options, "selected_index", self.notify_changed, init=False)


def values_of(fields: Iterable[FormField]) -> dict[str, Any]:
    """The values of a form by key, as a draft stores them."""
    return {field.key: field.value for field in fields}
