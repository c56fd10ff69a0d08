"""Asking for a page: as long as the line carries, and shorter at once where the connection ended in the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sync.device.device import Device
from sync.exceptions import ConnectionCut, SlowConnection

PageT = TypeVar("PageT")


async def ask_page(device: Device, ask: Callable[[], Awaitable[PageT]], is_full: Callable[[PageT], bool]) -> PageT:
    """What ``ask`` gives under the device's limits. ``is_full``: more was there than the page could hold."""
    limits = device.page_limits
    while True:
        size, began = limits.max_bytes, device.chance.monotonic()
        try:
            page = await ask()
        except (ConnectionCut, SlowConnection) as error:
            if not limits.record_failure(error, size):
                raise
            continue
        limits.record_success(device.chance.monotonic() - began, full=is_full(page))
        return page
