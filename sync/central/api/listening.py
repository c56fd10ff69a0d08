"""Which districts were written to, as PostgreSQL tells it to a process that listens (LISTEN, NOTIFY).

Writers notify after their commit (`CentralDatabase.write`), so a hint waits for nobody's poll, whichever process has
written. Nothing depends on it: while the connection is lost, or something between that does not pass notifications on
(a pool of connections by transaction), `is_listening` is False, and the change feed polls as often as without.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from sync.central.db.database import CHANNEL, CentralDatabase

if TYPE_CHECKING:
    from psycopg import AsyncConnection

RECONNECT_S = 5.0
_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A connection whose other end is gone is noticed within half a minute."""
_LOG = logging.getLogger("guanjia.central")


class DistrictListener:
    """Listens on a connection of its own. ``heard`` is called in the event loop with the code of a district, or with ""
    when it begins or ends to listen: something may have been missed."""

    def __init__(
        self, database: CentralDatabase, heard: Callable[[str], None], reconnect_s: float = RECONNECT_S
    ) -> None:
        self._reconnect_s = reconnect_s
        self._database = database
        self._heard = heard
        self.is_listening = False

    async def run(self) -> None:
        """Listen until cancelled, and connect again after a loss. Returns at once where there is nothing to listen
        to."""
        if self._database.engine.dialect.name != "postgresql":
            return
        import psycopg  # noqa: PLC0415 - a central over SQLite need not hold it

        while True:
            try:
                await self._listen(psycopg.AsyncConnection)
            except (psycopg.Error, OSError) as error:
                if self.is_listening:
                    _LOG.warning("live: not told of changes any more, polling (%s)", type(error).__name__)
            finally:
                self.is_listening = False
                self._heard("")  # who waits for longer than without being told looks at once
            await asyncio.sleep(self._reconnect_s)

    async def _listen(self, driver: type[AsyncConnection[Any]]) -> None:
        arguments, settings = self._database.engine.dialect.create_connect_args(self._database.engine.url)
        connecting = driver.connect(*arguments, **{**_KEEPALIVE, **settings}, autocommit=True)
        async with await connecting as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            await to_thread.run_sync(self._database.notify, "")
            async for notification in connection.notifies():
                self.is_listening = True  # by now one has arrived, the one that was just sent if no other
                self._heard(notification.payload)
