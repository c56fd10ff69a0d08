"""An event loop that says when nothing is left to do, so that tests of screens wait for that and for no time at all."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

SOON_S = 0.02
"""A timer that is due within so many seconds counts as work: a paint waits for a sixtieth of a second."""


def never() -> bool:
    """No."""
    return False


class IdleSelector(selectors.DefaultSelector):
    """Wakes its waiter before the loop sleeps: then every message has been handled."""

    def __init__(self) -> None:
        super().__init__()
        self._waiter: asyncio.Future[None] | None = None
        self._is_quiet = self._is_over = never

    def wait(self, waiter: asyncio.Future[None], is_quiet: Callable[[], bool], is_over: Callable[[], bool]) -> None:
        """Complete ``waiter`` as soon as the loop has nothing to do and ``is_quiet``, or as all ``is_over``."""
        self._waiter, self._is_quiet, self._is_over = waiter, is_quiet, is_over

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As the base class, whose timeout is 0 while anything is ready to run."""
        is_idle = timeout is None or timeout > SOON_S
        if self._waiter is not None and (self._is_over() or (is_idle and self._is_quiet())):
            waiter, self._waiter, timeout = self._waiter, None, 0
            if not waiter.done():
                waiter.set_result(None)
        return super().select(timeout)


class IdleEventLoop(asyncio.SelectorEventLoop):
    """A loop for `asyncio.Runner`."""

    def __init__(self) -> None:
        self._idle_selector = IdleSelector()
        super().__init__(self._idle_selector)
        self.worker_errors: list[BaseException] = []

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: object = None,
        context: Context | None = None,
    ) -> asyncio.Task[T]:
        """As the base class; what ends a worker without being an `Exception`, as `pytest.fail` is, Textual forgets."""
        task = super().create_task(coro, name=name, context=context)
        if getattr(coro, "__qualname__", "") == "Worker._run":
            task.add_done_callback(self._note_failure)
        return task

    def _note_failure(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.worker_errors.append(error)

    async def until_idle(self, is_quiet: Callable[[], bool], is_over: Callable[[], bool]) -> None:
        """Return when the loop would sleep and ``is_quiet``, or when all ``is_over``; one waiter at a time."""
        waiter: asyncio.Future[None] = self.create_future()
        self._idle_selector.wait(waiter, is_quiet, is_over)
        await waiter


def run_in_idle_loop(script: Coroutine[object, object, None]) -> None:
    """As `asyncio.run`, in such a loop; raises what ended a worker unseen."""
    with asyncio.Runner(loop_factory=IdleEventLoop) as runner:
        runner.run(script)
        loop = runner.get_loop()
    if isinstance(loop, IdleEventLoop) and loop.worker_errors:
        raise loop.worker_errors[0]
