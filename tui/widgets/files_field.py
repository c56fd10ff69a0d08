"""The files that a form attaches to its line: chosen in the picker, shown in one line, absent while there are none."""

from __future__ import annotations

import os
from collections.abc import Sequence

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store.values.text import sanitize
from tui.i18n.translate import N_, _, ngettext
from tui.widgets.cells import single_line
from tui.widgets.fields import FormField

FILES = "files"
"""The field's key, in drafts too."""


class FilesField(FormField):
    """Paths of files; its value is a list, "" where none is chosen."""

    DEFAULT_CSS = """
    FilesField { display: none; }
    FilesField.-some { display: block; }
    FilesField Label.chosen { width: 1fr; height: 1; padding: 0 1; color: $foreground; }
    FilesField Label.chosen { text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self) -> None:
        super().__init__(FILES, N_("Attachments"))
        self._paths: list[str] = []

    def control(self) -> Widget:
        """The names in a line."""
        return Label(id="chosen-files", classes="chosen", markup=False)

    def focus_control(self) -> None:
        """Nothing to type here: a key of the form opens the picker."""

    @property
    def value(self) -> list[str] | str:
        """The paths."""
        return list(self._paths) or ""

    @property
    def paths(self) -> list[str]:
        """The paths; empty where none is chosen."""
        return list(self._paths)

    def put(self, value: object) -> None:
        """Show these paths; anything else, as an older draft may hold, is none."""
        self._paths = [sanitize(path) for path in value if isinstance(path, str)] if isinstance(value, list) else []
        self._show()

    def choose(self, paths: Sequence[str]) -> None:
        """A person chose these instead."""
        if list(paths) != self._paths:
            self._paths = list(paths)
            self._show()
            self.notify_changed()

    def _show(self) -> None:
        self.set_class(bool(self._paths), "-some")
        count = len(self._paths)
        names = _(", ").join(single_line(os.path.basename(path)) for path in self._paths)
        text = ngettext("{n} file: {names}", "{n} files: {names}", count).format(n=count, names=names)
        self.query_one("#chosen-files", Label).update(Content(text if count else ""))
