"""Undo and redo for what is written at this desk: every write can be taken back, as a new version.

What was written since the program was opened is remembered here, write by write; older versions are in each line's
history. The rules of deletion hold: an act on an issue and a project are never deleted
(``store/domain/permissions.py``).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from store.exceptions import DiskFull, NothingToUndo, ReadOnlyStore, StoreBusy, UndoForbidden
from store.ledger.kind_facts import is_deletable
from store.writer.local_writes import Ledger, LineChange

if TYPE_CHECKING:
    from tui.data.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
MAX_UNDO_STEPS = 100
"""So many writes can be taken back."""
_NEVER_UNDONE_KINDS = frozenset({"person", "unit", "contact"})
"""Kinds that are entered along with others and shared by all projects: once entered they stay."""


class UndoHistory:
    """The writes of one desk, the last one last; each is one or several lines that were written together."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._undo_stack: deque[Sequence[LineChange]] = deque(maxlen=MAX_UNDO_STEPS)
        self._redo_stack: deque[Sequence[LineChange]] = deque(maxlen=MAX_UNDO_STEPS)
        self._lock = threading.Lock()

    def record(self, act: Callable[[], T]) -> T:
        """Do ``act`` and remember what it wrote."""
        with self._lock:
            with self._ledger.record_changes() as written:
                done = act()
            if written:
                self._undo_stack.append(written)
                self._redo_stack.clear()
            return done

    def undo(self) -> Sequence[LineChange]:
        """Take back the last write; gives what was taken back. Raises `NothingToUndo`, `UndoForbidden`, or
        `UndoConflict`: then it is not tried again, but where the store could not be written, it can be."""
        return self._revert_last(self._undo_stack, self._redo_stack)

    def redo(self) -> Sequence[LineChange]:
        """Write again what the last `undo` took back. Raises as it does."""
        return self._revert_last(self._redo_stack, self._undo_stack)

    def _revert_last(
        self, source: deque[Sequence[LineChange]], target: deque[Sequence[LineChange]]
    ) -> Sequence[LineChange]:
        with self._lock:
            if not source:
                raise NothingToUndo()
            last = source.pop()
            written = [one for one in last if one.before is not None or one.line.kind not in _NEVER_UNDONE_KINDS]
            if not written or any(one.before is None and not is_deletable(one.line.kind) for one in written):
                raise UndoForbidden()
            try:
                with self._ledger.record_changes() as turned:
                    self._ledger.undo(written)
            except (DiskFull, ReadOnlyStore, StoreBusy):
                source.append(last)
                raise
            target.append(turned)
            return written


def undoable(write: Callable[Concatenate[Writer, P], T]) -> Callable[Concatenate[Writer, P], T]:
    """A way of the pen's to write that can be taken back."""

    @wraps(write)
    def noted(pen: Writer, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return pen.undo_history.record(lambda: write(pen, *args, **kwargs))

    return noted


def describe_write(written: Sequence[LineChange]) -> tuple[str, str]:
    """What a write was about: its first line's kind, and what people call that line, as far as its body says."""
    line = written[0].line
    body: dict[str, Any] = dict(line.body)
    said = next((str(body[name]) for name in ("title", "name", "text", "number", "note") if body.get(name)), "")
    return line.kind, said
