"""A field for a file name with autocomplete; tab completes it, as in a shell."""

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
"""The maximal number of folder entries read: some folders have a million."""


def expand_path(text: str) -> str:
    """The path of a typed or pasted text: a file dropped on a terminal is quoted, or its spaces are escaped."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif os.sep == "/" and "\\ " in text:
        text = text.replace("\\ ", " ")
    return os.path.expanduser(text)


def path_candidates(text: str, suffixes: Sequence[str]) -> list[str]:
    """The names in the folder of ``text`` that begin like its last part: folders (with a separator at the end), and
    files with one of ``suffixes``. Hidden ones only if the last part begins with a dot."""
    folder, prefix = os.path.split(expand_path(text))
    names: list[str] = []
    try:
        with os.scandir(folder or ".") as entries:
            for _n, entry in zip(range(MAX_FOLDER_ENTRIES), entries, strict=False):
                if not entry.name.startswith(prefix) or (entry.name.startswith(".") and not prefix):
                    continue
                if entry.is_dir():
                    names.append(entry.name + os.sep)
                elif entry.name.lower().endswith(tuple(suffixes)):
                    names.append(entry.name)
    except (OSError, ValueError):
        return []
    return sorted(names)


class PathField(NameField):
    """A path to a file that has one of ``suffixes``."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", show=False, priority=True)]

    class FolderListed(Message, bubble=False):
        """The folder has been read; ``names`` are the candidates for ``text``."""

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
        """List the candidates for the typed path."""
        if self.input.has_focus and event.value:
            self._list_folder(event.value, False)
        else:
            self.suggestions.show(())

    def action_step(self, by: int) -> None:
        """Open the list, or move its cursor."""
        if self.suggestions.display:
            self.suggestions.step(by)
        else:
            self._list_folder(self.input.value, False)

    def action_complete(self) -> None:
        """Complete the path as far as it is unambiguous."""
        if self.suggestions.display and self.suggestions.cursor >= 0:
            self.action_take()
        else:
            self._list_folder(self.input.value, True)

    @work(thread=True, exclusive=True, group="path")
    def _list_folder(self, text: str, complete: bool) -> None:
        self.post_message(self.FolderListed(text, path_candidates(text, self._suffixes), complete))

    def on_path_field_folder_listed(self, message: PathField.FolderListed) -> None:
        """Complete the path, or list the candidates; dropped if the text has changed since."""
        if message.text != self.input.value or not self.input.has_focus:
            return
        if message.complete and message.names:
            common = _common_prefix(message.names)
            if len(common) > len(os.path.split(expand_path(message.text))[1]):
                self._set_name(common)
                return
        whole = message.names == [os.path.split(expand_path(message.text))[1]]
        self.suggestions.show([] if whole else [Suggestion(name) for name in message.names[:MAX_SUGGESTIONS]])

    def _accept(self, suggestion: Suggestion) -> None:
        self._set_name(suggestion.text)

    def _set_name(self, name: str) -> None:
        """Put ``name`` in the typed folder; if it is a folder itself, its entries are listed next."""
        folder = os.path.split(expand_path(self.input.value))[0]
        self.suggestions.show(())
        self.input.value = os.path.join(folder, name) if folder else name
        self.input.cursor_position = len(self.input.value)


def _common_prefix(names: Sequence[str]) -> str:
    """The longest common prefix."""
    first, last = min(names), max(names)
    same = [a == b for a, b in zip(first, last, strict=False)]
    return first[: same.index(False)] if False in same else first[: len(same)]
