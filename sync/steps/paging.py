"""Asking for a page: as long as the line carries, and shorter at once where the connection ended in the answer."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sync.exceptions import ConnectionCut, SlowConnection
from sync.page_limits import PageLimits

PageT = TypeVar("PageT")


async def ask_page(limits: PageLimits, ask: Callable[[], Awaitable[PageT]], is_full: Callable[[PageT], bool]) -> PageT:
    """What ``ask`` gives under these limits. ``is_full``: more was there than the page could hold."""
    while True:
        size, began = limits.max_bytes, time.monotonic()
        try:
            page = await ask()
        except (ConnectionCut, SlowConnection) as error:
            if not limits.record_failure(error, size):
                raise
            continue
        limits.record_success(time.monotonic() - began, full=is_full(page))
        return page
