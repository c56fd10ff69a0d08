"""The central's FastAPI application: stateless, so that any number of processes may serve one database.

All that a request reads or writes is in the database; a process keeps only its connections and the open live streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException

from store.ledger.hlc import system_clock_ms
from store.ledger.line import RandomBytes
from sync.central.api.admin_routes import CALLS, admin_router
from sync.central.api.admission import Admission, AdmissionLimits
from sync.central.api.certificates import keep_certificate_fresh
from sync.central.api.change_feed import ChangeFeed
from sync.central.api.connections import prepare_process
from sync.central.api.health import Readiness, health_router
from sync.central.api.measuring import Measuring
from sync.central.api.openapi import add_request_schemas
from sync.central.api.routes import router
from sync.central.api.wire import BodyBudget, refusal_response
from sync.central.clock import central_clock, system_is_synchronised
from sync.central.db.database import POOL_SIZE, CentralDatabase
from sync.central.db.failures import DatabaseFailure, classify_failure
from sync.central.db.object_store import ObjectStore
from sync.central.db.settings import USUAL_LIMITS, DeviceLimits, load_central_settings
from sync.central.exceptions import Refusal
from sync.central.integrity import RecentChecks
from sync.central.metrics import REFUSALS
from sync.central.request import RequestContext
from sync.protocol import PROTOCOL

DATA_DIR_VARIABLE = "GUANJIA_CENTRAL_DATA"
YOUNG_THRESHOLD = 50_000
"""New objects before a collection: the lines of a push, some ten thousand, are no garbage and are gone after it."""
RETRY_SECONDS, DISK_FULL_SECONDS = 2, 60
"""When a device should come back, after a busy database and after a full disk."""
_LOG = logging.getLogger("guanjia.central")


def create_app(
    database: CentralDatabase,
    clock_ms: Callable[[], int] = system_clock_ms,
    clock_is_synchronised: Callable[[], bool] = system_is_synchronised,
    limits: DeviceLimits = USUAL_LIMITS,
    random_bytes: RandomBytes = os.urandom,
    recent_checks: RecentChecks | None = None,
    admission_limits: AdmissionLimits = AdmissionLimits(),  # noqa: B008 - immutable
    objects: ObjectStore | None = None,
) -> FastAPI:
    """The application over an open database and, with ``objects``, an outside store of attached files. ``clock_ms`` is
    its clock, ``clock_is_synchronised`` whether the system vouches for it, ``random_bytes`` what ids, codes and tokens
    are made of, ``recent_checks`` what was found sound lately, ``admission_limits`` what this process takes on."""
    app = FastAPI(
        title="guanjia central", version=f"v{PROTOCOL}", lifespan=_lifespan, docs_url=None, redoc_url=None,
        description="Orders, authorises and never guesses: protocol v1 between devices and their central.",
    )  # fmt: skip
    app.state.database, app.state.clock_ms = database, clock_ms

    def begin_day(district: str) -> None:
        RequestContext(
            database, None, clock_ms=clock_ms, clock_is_synchronised=clock_is_synchronised, random_bytes=random_bytes
        ).begin_day(district)

    app.state.change_feed = ChangeFeed(database, clock_ms, begin_day)
    app.state.clock_is_synchronised = clock_is_synchronised
    app.state.recent_checks, app.state.admission = recent_checks or RecentChecks(), Admission(admission_limits)
    app.state.body_budget = BodyBudget(appointments=app.state.admission.appointments)
    app.state.limits, app.state.random_bytes, app.state.objects = limits, random_bytes, objects
    app.state.readiness = Readiness(database)
    app.router.routes.extend(
        [*router.routes, *admin_router.routes, *health_router.routes]
    )  # not `include_router`: it would make all their models again, for each app
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(SQLAlchemyError, _database_error)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(Measuring, calls=[str(getattr(route, "path", "")) for route in app.routes])
    add_request_schemas(app, [call.question for call in CALLS])
    return app


def create_app_from_environment() -> FastAPI:
    """The application of a worker process: the data folder is named by the environment (``serve.py`` sets it)."""
    central = load_central_settings(Path(os.environ[DATA_DIR_VARIABLE]))
    database = CentralDatabase(central.database)
    return create_app(database, *central_clock(), central.limits, objects=central.object_store())


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    prepare_process()
    to_thread.current_default_thread_limiter().total_tokens = POOL_SIZE
    gc.freeze()  # what is loaded by now never becomes garbage: collections need not scan it
    gc.set_threshold(YOUNG_THRESHOLD)
    app.state.change_feed.bind_loop()
    _end_streams_on_signals(app.state.change_feed)
    _end_with_parent()
    certificate = asyncio.create_task(keep_certificate_fresh())
    try:
        yield
    finally:
        certificate.cancel()
        app.state.change_feed.close()
        app.state.database.close()


def _end_streams_on_signals(change_feed: ChangeFeed) -> None:
    """uvicorn waits for open connections before it stops the application; streams would never end."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def both(received: int, frame: object, before: object = before) -> None:
            change_feed.close_threadsafe()
            if callable(before):
                before(received, frame)

        signal.signal(number, both)


def _end_with_parent() -> None:
    """A worker whose supervisor was killed would go on serving, and hold the port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent").start()


# Error answers: always JSON with a code, never a traceback


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    REFUSALS.labels(error.code).inc()
    return refusal_response(error)


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: "not_found", 405: "not_allowed"}
    return refusal_response(Refusal(error.status_code, codes.get(error.status_code, "bad_request"), str(error.detail)))


async def _database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, SQLAlchemyError)
    failure = classify_failure(error)
    if failure is DatabaseFailure.UNEXPECTED:
        return await _unexpected(request, error)
    if failure is DatabaseFailure.DISK_FULL:
        _LOG.error("the disk of the database is full: nothing is taken in until there is room")
        return refusal_response(Refusal(507, "disk_full", "the central's disk is full", retry_after=DISK_FULL_SECONDS))
    _LOG.warning("%s: the database is not available (%s)", request.url.path, type(_cause(error)).__name__)
    return refusal_response(Refusal(503, "unavailable", "the database is busy or away", retry_after=RETRY_SECONDS))


def _cause(error: SQLAlchemyError) -> BaseException:
    return (error.orig if isinstance(error, DBAPIError) else None) or error


async def _unexpected(request: Request, error: Exception) -> Response:
    _LOG.error("%s failed", request.url.path, exc_info=error)
    return refusal_response(Refusal(500, "internal", "the central failed; its log says why"))
