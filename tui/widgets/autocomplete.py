"""A field for names with autocomplete: suggestions open below it while one types; down and enter choose one.

A choice is optional: typed text is resolved when the form is saved, so that a new name can be entered, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from store.values.name_lists import split_name_list
from store.values.text import normalize_name, sanitize
from tui.data.suggestion import MAX_SUGGESTIONS, Suggestion
from tui.i18n.translate import _
from tui.widgets.cells import fit, single_line
from tui.widgets.fields import FieldMark, TextField

_SEPARATORS = re.compile(r"[;；、,，]\s*")


class SuggestionList(Widget):
    """The list under the field, drawn over what is below it."""

    DEFAULT_CSS = """
    SuggestionList {
        overlay: screen; constrain: inside; display: none; width: 52; max-width: 100%; height: auto;
        background: $panel; color: $foreground; border-left: thick $primary;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.items: Sequence[Suggestion] = ()
        self.cursor = -1

    def show(self, items: Sequence[Suggestion], cursor: int = -1) -> None:
        """List these suggestions, with the cursor on ``cursor`` (-1: on none); an empty list is hidden."""
        self.items, self.cursor = items[:MAX_SUGGESTIONS], cursor
        self.styles.height = len(self.items)
        self.display = bool(self.items)
        self.refresh(layout=True)

    def step(self, by: int) -> None:
        """Move the cursor; above the first suggestion it is on none."""
        self.cursor = max(min(self.cursor + by, len(self.items) - 1), -1)
        self.refresh()

    def render(self) -> Content:
        """One suggestion a line."""
        lines = [self._line(place, one) for place, one in enumerate(self.items)]
        return Content("\n").join(lines)

    def _line(self, place: int, suggestion: Suggestion) -> Content:
        width = max(self.size.width - 1, 10)
        text = single_line(suggestion.text)
        style = "$block-cursor-foreground on $block-cursor-background" if place == self.cursor else ""
        shown = fit(f" {text}  {single_line(suggestion.hint)}", width)
        return Content.styled(shown, style)

    def on_click(self, event: events.Click) -> None:
        """Choose the suggestion under the mouse."""
        if event.y < len(self.items):
            self.post_message(NameField.SuggestionClicked(self.items[event.y]))


class NameField(TextField):
    """A name, or with ``several`` names separated by ``、``; ``as_text`` where no line is made of a name that is not
    known. Posts `SuggestionsRequested` to get suggestions, and says beside the text whether it is known."""

    DEFAULT_CSS = """
    NameField > Vertical { height: auto; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
        Binding("enter", "take", show=False, priority=True),
        Binding("escape", "close", show=False, priority=True),
    ]

    class SuggestionsRequested(Message):
        """The screen should call `show_suggestions` with the suggestions for ``text``."""

        def __init__(self, field: NameField, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

    class SuggestionClicked(Message):
        """A suggestion was clicked."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(
        self, name: str, label: str, kind: str, *, several: bool = False, hint: str = "", as_text: bool = False
    ) -> None:
        super().__init__(name, label, hint=hint)
        self.kind = kind
        self.several = several
        self.as_text = as_text
        self._ids_by_text: dict[str, str] = {}
        self._unanswered = ""

    def compose(self) -> ComposeResult:
        """The label, the input line and the list that opens under it."""
        yield Label(Content(self.label_text))
        with Vertical():
            yield self.control()
            yield SuggestionList()
        yield FieldMark()

    @property
    def suggestions(self) -> SuggestionList:
        """The list under the field."""
        return self.query_one(SuggestionList)

    @property
    def submitted_value(self) -> str:
        """What is to be resolved: the id of the chosen suggestion, else the text as typed."""
        return self.value if self.several else self.chosen_id or self.value

    @property
    def chosen_id(self) -> str | None:
        """The id of the line that the text stands for, if a suggestion was chosen."""
        return self._ids_by_text.get(self.value)

    @property
    def ids(self) -> dict[str, str]:
        """Texts and the lines that they stand for."""
        return dict(self._ids_by_text)

    def remember(self, text: str, line_id: str) -> None:
        """Note that ``text`` stands for this line."""
        self._ids_by_text[sanitize(text).strip()] = line_id
        self.show_mark()

    def set_ids(self, ids: Mapping[str, str]) -> None:
        """Replace the texts that stand for lines, by their ids; closes the list."""
        self._ids_by_text = {sanitize(text).strip(): line_id for text, line_id in ids.items()}
        self.show_mark()
        if self.suggestions.display:
            self.action_close()

    @property
    def _typed(self) -> str:
        """The name that is being typed."""
        before = self.input.value[: self.input.cursor_position]
        return _SEPARATORS.split(before)[-1].strip() if self.several else self.value

    @on(Input.Changed)
    def request_suggestions(self, event: Input.Changed) -> None:
        """Request suggestions for the name being typed."""
        self.query_one(FieldMark).show("")
        if self.input.has_focus:
            self._unanswered = self._typed
            self.post_message(self.SuggestionsRequested(self, self._typed))

    def show_suggestions(self, text: str, suggestions: Sequence[Suggestion]) -> None:
        """List suggestions for ``text``, unless the text has changed since. Initials mean a known name: then the cursor
        is on the first suggestion. Other text may be a new name."""
        if text != self._typed:
            return
        initials = text.isascii() and text.isalpha() and bool(suggestions)
        named = [one for one in suggestions if normalize_name(one.text) == normalize_name(text)]
        if len(named) == 1 and named[0].id:
            self.remember(text, named[0].id)
        if self.input.has_focus:
            exact = len(suggestions) == 1 and bool(named)
            self.suggestions.show(() if exact else suggestions, 0 if initials else -1)
        elif initials and self._unanswered == text:  # left by tab before the answer was there
            self._accept(suggestions[0])
        self._unanswered = ""
        self.show_mark()

    def show_mark(self) -> None:
        """Say beside the text whether all names in it are known; nothing of a field whose line is still to be mounted,
        as of an issue that was opened in the same burst of keys as its form."""
        if self.kind not in ("person", "unit", "project") or not self.query(Input):
            return
        names = split_name_list(self.value).names if self.several else (self.value,)
        unknown = [name for name in names if name and name not in self._ids_by_text]
        mark = _("? not known") if unknown else _("✓ known")
        self.query_one(FieldMark).show(mark if any(names) else "")

    def put(self, value: object) -> None:
        """Set the text; typing replaces it where the cursor is here already."""
        super().put(value)
        self.show_mark()

    @property
    def is_replaced_by_typing(self) -> bool:
        """A single name is; a list of names is added to."""
        return not self.several

    def replace_name(self, text: str, chosen: Suggestion) -> None:
        """Put a known name in the place of one that is not known."""
        names = split_name_list(self.value).names if self.several else (self.value,)
        if text in names:
            self._set_text("、".join(chosen.text if name == text else name for name in names), chosen)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter and escape act on the list only while it is open."""
        if action in ("take", "close"):
            return self.suggestions.display and (action == "close" or self.suggestions.cursor >= 0)
        return super().check_action(action, parameters)

    def action_step(self, by: int) -> None:
        """Open the list, or move its cursor."""
        if not self.suggestions.display:
            self.post_message(self.SuggestionsRequested(self, self._typed))
        else:
            self.suggestions.step(by)

    def action_take(self) -> None:
        """Choose the suggestion under the cursor."""
        self._accept(self.suggestions.items[self.suggestions.cursor])

    def action_close(self) -> None:
        """Close the list."""
        self.suggestions.show(())

    @on(SuggestionClicked)
    def accept_clicked(self, message: NameField.SuggestionClicked) -> None:
        """Choose the clicked suggestion."""
        message.stop()
        self._accept(message.suggestion)
        self.input.focus()

    def _accept(self, suggestion: Suggestion) -> None:
        names = [name.strip() for name in _SEPARATORS.split(self.input.value)] if self.several else []
        text = "、".join([*(name for name in names[:-1] if name), suggestion.text]) if self.several else suggestion.text
        self._set_text(text, suggestion)

    def _set_text(self, text: str, chosen: Suggestion) -> None:
        if chosen.id:
            self.remember(chosen.text, chosen.id)
        with self.prevent(Input.Changed):
            self.input.value = text
            self.input.cursor_position = len(text)
        self._before, self._unanswered = text, ""
        self.suggestions.show(())
        self.show_mark()
        self.notify_changed()

    @on(events.DescendantBlur)
    def close_on_blur(self) -> None:
        """Close the list when the field loses the focus; initials are completed, as by enter."""
        if self.suggestions.display and self.suggestions.cursor >= 0:
            self.action_take()
        self.suggestions.show(())
