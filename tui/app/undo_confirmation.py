"""Undo and redo by keys: the first press says what would be taken back, the second does it; any other key lets it be.

One stray letter must not remove anybody's work. Next: ``tui/data/undo.py``, ``store/queries/bin.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work

from tui.app.terminal_app import TerminalApp
from tui.data.messages import ExceptionRaised, ToastRequested
from tui.i18n.translate import _, value_label
from tui.keys.actions import ACTIONS
from tui.widgets.cells import shorten

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.writer import Writer

WRITE_GROUP = "write"
"""The group of workers that write: the app waits for them before it ends."""
_UNDO_KEYS = next(action for action in ACTIONS if action.id == "undo")


class UndoApp(TerminalApp):
    """Takes back the last write of this session after a question, and writes it again."""

    reader: Reader | None
    _asked_write: object = None
    """The write that the person was asked about; the next undo key takes it back."""

    def forget_undo_question(self, key: str) -> None:
        """A key was pressed: unless it is one of undo, the question is answered with no."""
        if self._asked_write is not None and key not in _UNDO_KEYS.keys:
            self._asked_write = None
            self.remove_messages(keep_errors=True)

    def action_undo(self) -> None:
        """Ask whether the last write is to be taken back; do it where that has just been asked."""
        asked, self._asked_write = self._asked_write, None
        if self.reader is None:
            return
        try:
            last, kind, name = self.reader.writer.peek_undo()
        except Exception as error:
            self.post_message(ExceptionRaised(error))
            return
        self.remove_messages(keep_errors=False)
        if last is asked:
            self._undo_or_redo(lambda writer: writer.undo(), _("Taken back: {kind} {name}. U writes it again."))
            return
        self._asked_write = last
        question = _("Take back: {kind} {name}? {key} once more does it, any other key lets it be.")
        values = {"kind": value_label("kind", kind), "name": shorten(name), "key": _UNDO_KEYS.displayed_keys[0]}
        self.show_message(question.format_map(values), warning=True)

    def action_redo(self) -> None:
        """Redo what was undone last."""
        self._undo_or_redo(lambda writer: writer.redo(), _("Written again: {kind} {name}"))

    def take_back_act(self, issue_id: str) -> None:
        """Take back the latest act on an issue, which this device alone has. The menu has named it."""
        from tui.data.issue_acts import take_back_act  # noqa: PLC0415 - the first paint does not wait for commands

        done = _("Taken back: {kind} {name}. u writes it again; the bin has it.")
        self._undo_or_redo(lambda writer: take_back_act(writer, issue_id), done)

    @work(thread=True, group=WRITE_GROUP)
    def _undo_or_redo(self, revert: Callable[[Writer], tuple[str, str]], message: str) -> None:
        if self.reader is None:
            return
        try:
            kind, name = revert(self.reader.writer)
        except Exception as error:
            self.post_message(ExceptionRaised(error))
            return
        self.post_message(ToastRequested(message.format(kind=value_label("kind", kind), name=shorten(name))))
