"""One suggestion of a field for names, as `tui.data.readers.suggestions` finds it and `tui.widgets.autocomplete`
shows it."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SUGGESTIONS = 7
"""At most so many suggestions are shown."""
ISSUE_NUMBER_FIELD = "issue number"
"""The kind of a field that names issues by their numbers: titles have commas in them, and it names several."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that can be meant: the text that is taken, a hint beside it, and the id of the line that it names."""

    text: str
    hint: str = ""
    id: str | None = None
