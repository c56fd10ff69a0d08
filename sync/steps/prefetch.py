"""Work begun before it is needed: the next page, while this one is being stored."""

from __future__ import annotations

import asyncio
from typing import Any


async def call_off(work: asyncio.Future[Any]) -> None:
    """Stop work whose outcome nobody wants any more, and wait until it has let go of its connection."""
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
