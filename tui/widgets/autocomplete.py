"""A field for names: as one types, those that can be meant are listed below; down and enter take one.

Nothing forces a choice: what is typed is resolved when the form is saved, so a new name can be written down, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from store.values.text import clean
from tui.i18n.translate import _
from tui.widgets.cells import fit, inert
from tui.widgets.fields import TextField

MOST = 7
"""At most so many suggestions are shown."""
_BETWEEN = re.compile(r"[;；、,，]\s*")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that can be meant: the text that is taken, a hint beside it, and the id it stands for."""

    text: str
    hint: str = ""
    id: str | None = None


class Suggestions(Widget):
    """The list under the field; drawn above whatever is below."""

    DEFAULT_CSS = """
    Suggestions {
        overlay: screen; constrain: inside; display: none; width: 52; max-width: 100%; height: auto;
        background: $panel; color: $foreground; border-left: thick $primary;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: Sequence[Suggestion] = ()
        self.cursor = -1

    def show(self, found: Sequence[Suggestion], cursor: int = -1) -> None:
        """List these, the cursor on none of them or on the first; none hides the list."""
        self.found, self.cursor = found[:MOST], cursor
        self.styles.height = len(self.found)
        self.display = bool(self.found)
        self.refresh(layout=True)

    def step(self, by: int) -> None:
        """Move the cursor; above the first is none."""
        self.cursor = max(min(self.cursor + by, len(self.found) - 1), -1)
        self.refresh()

    def render(self) -> Content:
        """One suggestion a line."""
        lines = [self._line(place, one) for place, one in enumerate(self.found)]
        return Content("\n").join(lines)

    def _line(self, place: int, one: Suggestion) -> Content:
        width = max(self.size.width - 1, 10)
        text = inert(one.text)
        style = "$block-cursor-foreground on $block-cursor-background" if place == self.cursor else ""
        shown = fit(f" {text}  {inert(one.hint)}", width)
        return Content.styled(shown, style)

    def on_click(self, event: events.Click) -> None:
        """The mouse: take the one under it."""
        if event.y < len(self.found):
            self.post_message(NameField.Taken(self.found[event.y]))


class NameField(TextField):
    """A name, or with ``several`` names between ``、``. Asks for suggestions by posting `Wanted`."""

    DEFAULT_CSS = """
    NameField > Vertical { height: auto; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", show=False),
        Binding("up", "step(-1)", show=False),
        Binding("enter", "take", show=False, priority=True),
        Binding("escape", "close", show=False, priority=True),
    ]

    class Wanted(Message):
        """Suggestions for ``text`` are wanted; ``answer`` takes them."""

        def __init__(self, field: NameField, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

    class Taken(Message):
        """A suggestion was taken with the mouse."""

        def __init__(self, suggestion: Suggestion) -> None:
            super().__init__()
            self.suggestion = suggestion

    def __init__(self, name: str, label: str, kind: str, *, several: bool = False, hint: str = "") -> None:
        super().__init__(name, label, hint=hint)
        self.kind = kind
        self._several = several
        self._taken: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The label, the input line and the list that opens under it."""
        yield Label(Content(_(self.label)))
        with Vertical():
            yield self.control()
            yield Suggestions()

    @property
    def suggestions(self) -> Suggestions:
        """The list under the field."""
        return self.query_one(Suggestions)

    @property
    def given(self) -> str:
        """What is to be resolved: the id of the suggestion that was taken, else the text as typed."""
        return self.value if self._several else self.chosen_id or self.value

    @property
    def chosen_id(self) -> str | None:
        """The line that the text stands for, if a suggestion was taken."""
        return self._taken.get(self.value)

    @property
    def ids(self) -> dict[str, str]:
        """Texts and the lines that they stand for."""
        return dict(self._taken)

    def remember(self, text: str, line_id: str) -> None:
        """``text`` stands for this line from now on."""
        self._taken[clean(text).strip()] = line_id

    def mean(self, taken: Mapping[str, str]) -> None:
        """These texts stand for these lines, and no others for any; the list is closed."""
        self._taken = {clean(text).strip(): line_id for text, line_id in taken.items()}
        if self.suggestions.display:
            self.action_close()

    @property
    def _typed(self) -> str:
        """The name that is being typed."""
        before = self.input.value[: self.input.cursor_position]
        return _BETWEEN.split(before)[-1].strip() if self._several else self.value

    @on(Input.Changed)
    def ask(self, event: Input.Changed) -> None:
        """Look for who or what can be meant."""
        if self.input.has_focus:
            self.post_message(self.Wanted(self, self._typed))

    def answer(self, text: str, found: Sequence[Suggestion]) -> None:
        """Suggestions have come; late ones for another text are dropped. Who types initials means somebody who is
        known: then enter takes the first. What else is typed may be a new name."""
        if text == self._typed and self.input.has_focus:
            exact = len(found) == 1 and found[0].text == text
            initials = text.isascii() and text.isalpha()
            self.suggestions.show(() if exact else found, 0 if initials and found else -1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter and escape belong to the list only while it is open."""
        if action in ("take", "close"):
            return self.suggestions.display and (action == "close" or self.suggestions.cursor >= 0)
        return super().check_action(action, parameters)

    def action_step(self, by: int) -> None:
        """Down opens the list and moves in it."""
        if not self.suggestions.display:
            self.post_message(self.Wanted(self, self._typed))
        else:
            self.suggestions.step(by)

    def action_take(self) -> None:
        """Take the suggestion under the cursor."""
        self._take(self.suggestions.found[self.suggestions.cursor])

    def action_close(self) -> None:
        """Close the list."""
        self.suggestions.show(())

    @on(Taken)
    def take_clicked(self, message: NameField.Taken) -> None:
        """The mouse chose."""
        message.stop()
        self._take(message.suggestion)
        self.input.focus()

    def _take(self, one: Suggestion) -> None:
        names = [name.strip() for name in _BETWEEN.split(self.input.value)] if self._several else []
        if one.id:
            self.remember(one.text, one.id)
        text = "、".join([*(name for name in names[:-1] if name), one.text]) if self._several else one.text
        with self.prevent(Input.Changed):
            self.input.value = text
            self.input.cursor_position = len(text)
        self._before = text
        self.suggestions.show(())
        self.changed()

    @on(events.DescendantBlur)
    def left(self) -> None:
        """Leaving the field closes the list."""
        self.suggestions.show(())
