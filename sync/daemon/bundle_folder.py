"""A folder that the daemon serves: an officer plugs a stick in, waits for the word in a file there, and unplugs it.

What lies in the folder for the central is taken along and handed in by a round; the answers are written beside it. A
file there says how far that is. The folder may come and go, as the mount point of a stick does.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchfiles import awatch

from store.db.device_facts import read_device_facts
from store.exceptions import GuanjiaError
from sync.daemon.json_log import log_event
from sync.device.bundle_keys import bundle_keys
from sync.device.device import Device
from sync.device.others_bundles import give_back, others_bundles
from sync.protocol.bundle.bundle_file import open_new, open_plain
from sync.protocol.bundle.copies import QUESTIONS, answered_in, heads_in
from sync.protocol.bundle.exceptions import NoBundle
from sync.round.by_file import take_others

LOOK_S = 5.0
"""A folder that is not there, or whose disk tells of no changes, is looked at this often."""
STATE_FILE = "同步状态.txt"
BUSY, DONE = "正在处理，请不要拔出。\n", "已处理完，可以拔出。共有回复 {answers} 份，不能处理的 {refused} 份。\n"
"""The words in the state file."""
_MAX_STATE_BYTES = 1_000


class BundleFolder:
    """The folder of one device's daemon. ``request_round`` asks for a round."""

    def __init__(self, device: Device, folder: Path, request_round: Callable[[str], None]) -> None:
        self._device, self._folder, self._request_round = device, folder, request_round

    async def serve(self) -> None:
        """Until cancelled: take along what comes, and give back what was answered."""
        while True:
            try:
                await self.look()
                async for _ in awatch(
                    self._folder, watch_filter=None, recursive=False, rust_timeout=int(LOOK_S * 1000),
                    yield_on_timeout=True,
                ):  # fmt: skip
                    await self.look()
            except (OSError, GuanjiaError) as error:
                log_event("bundle_folder", logging.DEBUG, detail=str(error))
            await asyncio.sleep(LOOK_S)

    async def look(self) -> None:
        """Take along what is new in the folder, and give back what is answered; does nothing without a folder."""
        if await self._device.run_in_store(self._take_along):
            self._request_round("bundles")

    def _take_along(self) -> bool:
        """Gives whether something waits to be handed in."""
        if not self._folder.is_dir():
            return False
        taken = take_others(self._device, self._folder)
        facts = read_device_facts(self._device.ledger.database.connection())
        own = bundle_keys(self._device).public.sign  # its own message goes by its rounds
        heads = heads_in(self._folder).values()
        asked = {head.message for head in heads if head.kind in QUESTIONS and head.writer != own}
        if asked:
            # read first: what a round hands in meanwhile is told by the next look, when its answer is here as well
            waiting = {head.message for head in heads_in(others_bundles(self._device.home).waiting).values()}
            give_back(self._device.home, self._folder, self._device.now_ms() + facts.offset_ms, asked)
            self._tell(asked, waiting, facts.get("central_key"))
        return taken > 0

    def _tell(self, asked: set[str], waiting: set[str], central_key: str | None) -> None:
        """Write how far it is, if that has changed. What neither waits nor is answered will not be: it is another
        district's, too old, too long or refused."""
        answered = answered_in(self._folder, central_key) & asked
        is_done = not (asked - answered) & waiting
        text = DONE.format(answers=len(answered), refused=len(asked - answered)) if is_done else BUSY
        state = self._folder / STATE_FILE
        if _read_state(state) != text.encode():
            with open_new(state) as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())


def _read_state(state: Path) -> bytes | None:
    """What the file says; None where no plain file is there."""
    try:
        with open_plain(state) as file:
            return file.read(_MAX_STATE_BYTES)
    except (OSError, NoBundle):
        return None
