"""Prefetching: the next page is requested while this one is being stored."""

from __future__ import annotations

import asyncio
from typing import TypeVar

ResultT = TypeVar("ResultT")


async def cancel_and_wait(task: asyncio.Future[ResultT]) -> None:
    """Cancel a prefetch whose result is not needed any more, and wait until it has released its connection."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
