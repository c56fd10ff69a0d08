"""Work begun before it is needed: the next page, while this one is being stored."""

from __future__ import annotations

import asyncio
from typing import Any


async def cancel_and_wait(task: asyncio.Future[Any]) -> None:
    """Stop work whose outcome nobody wants any more, and wait until it has let go of its connection."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
