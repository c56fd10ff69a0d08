"""Undo and redo of what is written on the screens: each write is reverted as a new version.

The writes since the program was opened are recorded here, step by step; older versions are in each line's history, and
what was deleted or taken back is in the bin (``store/queries/bin.py``). The rules of deletion hold: a project is never
deleted (``store/domain/permissions.py``), an act on an issue only while nobody can have seen it
(``store/writer/withdrawal.py``).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from store.exceptions import DiskFull, NothingToUndo, ReadOnlyStore, StoreBusy, UndoForbidden
from store.writer.local_writes import Ledger, LineChange
from store.writer.withdrawal import TAKEN_BACK
from tui.i18n.translate import value_label

T = TypeVar("T")
MAX_UNDO_STEPS = 100
"""At most so many writes can be undone."""
_NEVER_UNDONE_KINDS = frozenset({"person", "unit", "contact"})
"""Kinds that are entered along with others and shared by all projects: once entered they stay."""
_PERMANENT_KINDS = frozenset({"project"})
"""Kinds of which a new line cannot be undone: others begin to write below it."""
NOT_UNDOABLE: Mapping[str, str] = {
    "commands.meetings.record_minutes": "minutes follow from decisions, each of which can be undone by itself",
    "commands.erasures.erase": "empties what is held on a person for good, after two questions",
    "commands.erasures.erase_files": "removes attached files for good, after two questions",
    "commands.conflicts.dismiss_conflicts": "marks versions as dealt with on this device; no line changes",
    "import_file": "changes hundreds of lines after a preview; the next import of the table corrects them",
    "take_back": "takes a whole table back, asked for by a key of its own",
    "ledger.retry_rejected": "sends a line as it is; no line changes",
    "ledger.discard_rejected": "asked for by a key of its own; what the line said stays in its history",
    "ledger.undo": "takes back a hand-over whose sheet could not be written",
    "ledger.mark_notices_seen": "state of this device; no line changes",
    "ledger.save_draft": "state of this device; no line changes",
    "ledger.saving_draft": "deletes the draft of what is saved; the lines themselves can be undone",
    "ledger.drop_draft": "state of this device; no line changes",
}
"""What the screens write by `Writer.run_final` or on the ledger itself, and why none of it can be undone."""


class UndoHistory:
    """The writes of one session, the last one last; each is one or several lines that were written together."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._undo_stack: deque[Sequence[LineChange]] = deque(maxlen=MAX_UNDO_STEPS)
        self._redo_stack: deque[Sequence[LineChange]] = deque(maxlen=MAX_UNDO_STEPS)
        self._lock = threading.Lock()

    def record(self, write: Callable[[], T]) -> T:
        """Call ``write`` and record the lines that it changes; returns what it returns."""
        with self._lock:
            with self._ledger.record_changes() as changes:
                result = write()
            if changes:
                self._undo_stack.append(changes)
                self._redo_stack.clear()
            return result

    def undo(self) -> Sequence[LineChange]:
        """Revert the last write; returns its changes. Raises `NothingToUndo`, `UndoForbidden` or `UndoConflict`, after
        which that write is not tried again; where the store could not be written, it can be."""
        return self._revert_last(self._undo_stack, self._redo_stack, TAKEN_BACK)

    def redo(self) -> Sequence[LineChange]:
        """Revert the last `undo`. Raises as it does."""
        return self._revert_last(self._redo_stack, self._undo_stack, "edited")

    def peek(self) -> Sequence[LineChange]:
        """What `undo` would revert now. Waits for nothing: the screens ask while an undo may wait for another writer.
        Raises `NothingToUndo`."""
        try:
            return self._undo_stack[-1]
        except IndexError:
            raise NothingToUndo() from None

    def _revert_last(
        self, source: deque[Sequence[LineChange]], target: deque[Sequence[LineChange]], reason: str
    ) -> Sequence[LineChange]:
        with self._lock:
            if not source:
                raise NothingToUndo()
            last = source.pop()
            changes = [each for each in last if each.before is not None or each.line.kind not in _NEVER_UNDONE_KINDS]
            if not changes or any(each.before is None and each.line.kind in _PERMANENT_KINDS for each in changes):
                raise UndoForbidden()
            try:
                with self._ledger.record_changes() as reverted:
                    self._ledger.undo(changes, reason=reason)
            except (DiskFull, ReadOnlyStore, StoreBusy):
                source.append(last)
                raise
            target.append(reverted)
            return changes


def describe_write(changes: Sequence[LineChange]) -> tuple[str, str]:
    """What a write was about: the kind of its first line, and that line's name, as far as its body has one."""
    line = next((each.line for each in changes if each.line.kind not in _NEVER_UNDONE_KINDS), changes[0].line)
    body = dict(line.body)
    fields = ("title", "name", "text", "reason", "measure", "number", "note")
    name = next((str(body[key]) for key in fields if body.get(key)), "")
    return line.kind, f"{value_label('issue_step.act', str(body['act']))} {name}" if line.kind == "issue_step" else name
