"""Whether this process lives, and whether it can serve: for load balancers, containers and the self-test. Neither
needs a token, and neither tells more than that."""

from __future__ import annotations

import time
from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from sync.central.db.database import CentralDatabase

LIVE_PATH, READY_PATH = "/health/live", "/health/ready"
FRESH_S = 1.0
"""For so long an answer of the database stands for the next ones: whoever asks often costs nothing."""
_ASKED = text("SELECT count(*) FROM district")
health_router = APIRouter()


class Readiness:
    """Whether the database answers, asked at most once in `FRESH_S`; by a thread of its own, so that requests which
    wait for a slow database do not make it wait too."""

    def __init__(self, database: CentralDatabase, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._asked_at = float("-inf")
        self._is_ready = False
        self._limiter: CapacityLimiter | None = None

    async def is_ready(self) -> bool:
        """Whether the database answers, or has just now."""
        now = self._monotonic()
        if now - self._asked_at >= FRESH_S:
            self._asked_at = now  # before it is asked: who comes meanwhile gets the answer of before
            self._limiter = self._limiter or CapacityLimiter(1)
            self._is_ready = await to_thread.run_sync(self._ask, limiter=self._limiter)
        return self._is_ready

    def _ask(self) -> bool:
        try:
            with self._database.read() as connection:
                return connection.execute(_ASKED).scalar_one() is not None
        except SQLAlchemyError:
            return False


def _answer(is_well: bool) -> Response:
    body = b'{"ok":true}' if is_well else b'{"ok":false}'
    headers = {"cache-control": "no-store"}
    return Response(body, 200 if is_well else 503, media_type="application/json", headers=headers)


@health_router.get(LIVE_PATH, summary="Does this process answer?")
async def live() -> Response:
    """200 as long as the process answers."""
    return _answer(True)


@health_router.get(READY_PATH, summary="Can this process serve?")
async def ready(request: Request) -> Response:
    """200 where the database answers, else 503."""
    readiness: Readiness = request.app.state.readiness
    return _answer(await readiness.is_ready())
