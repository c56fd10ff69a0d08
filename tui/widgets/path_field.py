"""A field for a file: as one types, what could be meant is listed below; Tab completes it, as a shell does."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from tui.data.suggestion import MAX_SUGGESTIONS, Suggestion
from tui.widgets.autocomplete import NameField

MAX_FOLDER_ENTRIES = 2_000
"""So many entries of a folder are looked at: some folders have a million."""


def expand_path(text: str) -> str:
    """The path that was typed or pasted: a file dropped on a terminal comes in quotes or with escaped spaces."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif os.sep == "/" and "\\ " in text:
        text = text.replace("\\ ", " ")
    return os.path.expanduser(text)


def path_candidates(text: str, suffixes: Sequence[str]) -> list[str]:
    """The names in the folder that the text has come to which begin as it ends: folders (with a separator at their
    end), and files with one of these endings. Hidden ones only for who asks for them."""
    folder, begun = os.path.split(expand_path(text))
    found: list[str] = []
    try:
        with os.scandir(folder or ".") as entries:
            for _n, entry in zip(range(MAX_FOLDER_ENTRIES), entries, strict=False):
                if not entry.name.startswith(begun) or (entry.name.startswith(".") and not begun):
                    continue
                if entry.is_dir():
                    found.append(entry.name + os.sep)
                elif entry.name.lower().endswith(tuple(suffixes)):
                    found.append(entry.name)
    except (OSError, ValueError):
        return []
    return sorted(found)


class PathField(NameField):
    """A path; ``endings`` are those of the files that can be meant."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False, priority=True)]

    class FolderListed(Message, bubble=False):
        """The folder has been looked at."""

        def __init__(self, text: str, names: list[str], complete: bool) -> None:
            super().__init__()
            self.text = text
            self.names = names
            self.complete = complete

    def __init__(self, name: str, label: str, suffixes: Sequence[str], *, hint: str = "") -> None:
        super().__init__(name, label, "path", hint=hint)
        self._suffixes = suffixes

    @on(Input.Changed)
    def request_suggestions(self, event: Input.Changed) -> None:
        """List what can be meant."""
        if self.input.has_focus and event.value:
            self._list_folder(event.value, False)
        else:
            self.suggestions.show(())

    def action_step(self, by: int) -> None:
        """Down opens the list and moves in it."""
        if self.suggestions.display:
            self.suggestions.step(by)
        else:
            self._list_folder(self.input.value, False)

    def action_complete(self) -> None:
        """Tab: as far as there is only one way to go on."""
        if self.suggestions.display and self.suggestions.cursor >= 0:
            self.action_take()
        else:
            self._list_folder(self.input.value, True)

    @work(thread=True, exclusive=True, group="path")
    def _list_folder(self, text: str, complete: bool) -> None:
        self.post_message(self.FolderListed(text, path_candidates(text, self._suffixes), complete))

    def on_path_field_folder_listed(self, message: PathField.FolderListed) -> None:
        """Complete, or list; late answers for another text are dropped."""
        if message.text != self.input.value or not self.input.has_focus:
            return
        if message.complete and message.names:
            together = _common_prefix(message.names)
            if len(together) > len(os.path.split(expand_path(message.text))[1]):
                self._set_name(together)
                return
        whole = message.names == [os.path.split(expand_path(message.text))[1]]
        self.suggestions.show([] if whole else [Suggestion(name) for name in message.names[:MAX_SUGGESTIONS]])

    def _accept(self, suggestion: Suggestion) -> None:
        self._set_name(suggestion.text)

    def _set_name(self, name: str) -> None:
        """The folder that was typed, with this name in it; a folder is looked into at once."""
        folder = os.path.split(expand_path(self.input.value))[0]
        self.suggestions.show(())
        self.input.value = os.path.join(folder, name) if folder else name
        self.input.cursor_position = len(self.input.value)


def _common_prefix(names: Sequence[str]) -> str:
    """What all these names begin with."""
    first, last = min(names), max(names)
    same = [a == b for a, b in zip(first, last, strict=False)]
    return first[: same.index(False)] if False in same else first[: len(same)]
