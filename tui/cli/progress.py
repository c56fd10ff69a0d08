"""A progress bar on stderr, for commands that work through very many rows; nothing where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")
_STEPS = 200
"""A bar is drawn anew at most so many times."""


class Advance(Protocol):
    """Counts work that is done: one piece, or as many as are said."""

    def __call__(self, pieces: int = 1, /) -> None: ...


def _ignore(_pieces: int = 1) -> None:
    """Count nothing."""


@contextmanager
def progress_bar(title: str, total: int | None, *, shown: bool = True) -> Iterator[Advance]:
    """While the block runs, a bar of ``total`` pieces on a terminal's stderr that the given function moves; without a
    total one that only shows that work goes on. Rich is loaded only there. Not ``shown``: nothing is drawn, as for
    output that would stand in the same terminal."""
    if not (shown and sys.stderr.isatty()):
        yield _ignore
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        step, done, drawn = max((total or 0) // _STEPS, 1), 0, 0

        def advance(pieces: int = 1) -> None:
            nonlocal done, drawn
            done += pieces
            if done - drawn >= step:
                bar.update(task, completed=done)
                drawn = done

        yield advance


def counted(items: Iterable[Item], advance: Advance) -> Iterator[Item]:
    """The same items, each counted once it is asked for."""
    for item in items:
        advance()
        yield item
