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

from store.domain.permissions import NEVER_DELETED
from store.exceptions import DiskFull, NeverTakenBack, NothingToUndo, ReadOnlyStore, StoreBusy
from store.writer.local_writes import Ledger, Written

if TYPE_CHECKING:
    from tui.data.writer import Pen

P = ParamSpec("P")
T = TypeVar("T")
MOST = 100
"""So many writes can be taken back."""
_STAYS = frozenset({"person", "unit", "contact"})
"""Kinds that are entered along with others and shared by all projects: once entered they stay."""


class TakingBack:
    """The writes of one desk, the last one last; each is one or several lines that were written together."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._done: deque[Sequence[Written]] = deque(maxlen=MOST)
        self._undone: deque[Sequence[Written]] = deque(maxlen=MOST)
        self._one_at_a_time = threading.Lock()

    def noting(self, act: Callable[[], T]) -> T:
        """Do ``act`` and remember what it wrote."""
        with self._one_at_a_time:
            with self._ledger.noting() as written:
                done = act()
            if written:
                self._done.append(written)
                self._undone.clear()
            return done

    def undo(self) -> Sequence[Written]:
        """Take back the last write; gives what was taken back. Raises `NothingToUndo`, `NeverTakenBack`, or
        `ChangedSince`: then it is not tried again, but where the store could not be written, it can be."""
        return self._turn(self._done, self._undone)

    def redo(self) -> Sequence[Written]:
        """Write again what the last `undo` took back. Raises as it does."""
        return self._turn(self._undone, self._done)

    def _turn(self, since: deque[Sequence[Written]], to: deque[Sequence[Written]]) -> Sequence[Written]:
        with self._one_at_a_time:
            if not since:
                raise NothingToUndo()
            last = since.pop()
            written = [one for one in last if one.before is not None or one.line.kind not in _STAYS]
            if not written or any(one.before is None and one.line.kind in NEVER_DELETED for one in written):
                raise NeverTakenBack()
            try:
                with self._ledger.noting() as turned:
                    self._ledger.undo(written)
            except (DiskFull, ReadOnlyStore, StoreBusy):
                since.append(last)
                raise
            to.append(turned)
            return written


def undoable(write: Callable[Concatenate[Pen, P], T]) -> Callable[Concatenate[Pen, P], T]:
    """A way of the pen's to write that can be taken back."""

    @wraps(write)
    def noted(pen: Pen, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return pen.taking_back.noting(lambda: write(pen, *args, **kwargs))

    return noted


def told(written: Sequence[Written]) -> tuple[str, str]:
    """What a write was about: its first line's kind, and what people call that line, as far as its body says."""
    line = written[0].line
    body: dict[str, Any] = dict(line.body)
    said = next((str(body[name]) for name in ("title", "name", "text", "number", "note") if body.get(name)), "")
    return line.kind, said
