"""Serve the central: one process, or several workers on one socket. Prints the address when ready; SIGTERM ends it.

Access logging is off, and no log line contains a token. With more than one worker uvicorn supervises the processes; the
socket is bound here, so that port 0 works there too.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from uvicorn.supervisors import Multiprocess

from store.ledger.hlc import system_clock_ms
from store.values.file_causes import file_cause
from sync.central.admin.rebucket import rebucket
from sync.central.admin.set_back import accept_older_file
from sync.central.admin.setup import open_database
from sync.central.api.app import DATA_DIR_VARIABLE
from sync.central.api.blob_mover import moving_blobs
from sync.central.api.bundle_watch import watching
from sync.central.api.certificates import make_context, watching_its_end
from sync.central.api.connections import BoundedProtocol
from sync.central.api.exposition import CentralCollector, exposing, shared_counts
from sync.central.bundles import BundleResponder
from sync.central.clock import central_clock
from sync.central.db.database import CentralDatabase
from sync.central.db.serving_mark import serving_mark
from sync.central.db.serving_role import OWNER_VARIABLE
from sync.central.db.settings import load_central_settings
from sync.central.exceptions import CentralDown, PlaceNotOpened

SHUTDOWN_GRACE_S = 3
_READY_SECONDS = 60.0
_FACTORY = "sync.central.api.app:create_app_from_environment"
_HANDLER = "sync.central.api.log_folding.FoldingHandler"
_LOG = logging.getLogger("guanjia.central")


class ListenAddress(NamedTuple):
    """Where to serve. ``port`` 0 is any free one; with a certificate the address is https. ``trusted_proxies``: the
    addresses or networks of the reverse proxies whose word about a client's address is believed; nobody else's is.
    ``metrics_port``: where this machine alone reads ``/metrics``; None serves none."""

    host: str = "127.0.0.1"
    port: int = 8765
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()
    metrics_port: int | None = None


def serve(
    data_dir: Path,
    address: ListenAddress = ListenAddress(),  # noqa: B008 - immutable
    *,
    workers: int = 1,
    bundles: Path | None = None,
    announce: Callable[[str], None] = lambda line: print(line, flush=True),
) -> None:
    """Serve the central in ``data_dir`` until SIGTERM or SIGINT; ``announce`` gets the address when it is ready. Files
    of devices without a network are answered in the folder ``bundles``.

    Raises `NoCentral`, `NewerCentral`, `IncompleteCopy`, or `CentralDown` when the database or the address is not
    available."""
    _check_certificate(address)
    if os.environ.get(OWNER_VARIABLE):
        _LOG.warning("%s is set: whoever takes over this process has the owner's address", OWNER_VARIABLE)
    _prepare_database(data_dir)
    with contextlib.closing(open_database(data_dir)) as database, _mark(database, data_dir):
        settings, clock = load_central_settings(data_dir), central_clock()
        responder, objects = BundleResponder(database, *clock, settings.limits), settings.object_store()
        responder.objects = objects
        with (
            moving_blobs(database, objects, clock.now_ms),
            watching(responder, bundles),
            watching_its_end(database, data_dir, address.tls_cert),
            shared_counts(workers) as counts,
            exposing(address.metrics_port, CentralCollector(database, data_dir, address.tls_cert), counts),
        ):
            _run(data_dir, address, workers, announce)


def _run(data_dir: Path, address: ListenAddress, workers: int, announce: Callable[[str], None]) -> None:
    os.environ[DATA_DIR_VARIABLE] = str(data_dir.absolute())
    listening = bind_socket(address)
    url = _url(address, listening)
    config = server_config(_FACTORY, address, workers, _logging(data_dir))
    with contextlib.closing(listening), _signals_end_quietly():
        if workers > 1:
            _WorkerSupervisor(config, listening, lambda: announce(url)).run()
        else:
            _SingleProcessServer(config, lambda: announce(url)).run(sockets=[listening])


def _logging(data_dir: Path) -> dict[str, object]:
    """How the processes log: as text, or as JSON where the central's settings say so."""
    form = "json" if load_central_settings(data_dir).json_log else "plain"
    stderr = {"class": _HANDLER, "formatter": form, "filters": ["request"], "stream": "ext://sys.stderr"}
    usual = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
            "json": {"()": "store.values.json_lines.JsonFormatter"},
        },
        "filters": {"request": {"()": "sync.central.api.measuring.RequestIdFilter"}},
        "handlers": {"stderr": stderr},
        "loggers": {
            "uvicorn": {**usual, "level": "WARNING"},
            "guanjia": {**usual, "level": "INFO"},
            "asyncio": {**usual, "level": "WARNING"},
        },
    }


def server_config(
    app: str | FastAPI, address: ListenAddress, workers: int = 1, log_config: dict[str, object] | None = None
) -> uvicorn.Config:
    """uvicorn's settings. Left to itself it would believe the forwarded addresses of everybody on this machine, and of
    whom an environment variable names."""
    return uvicorn.Config(
        app, factory=isinstance(app, str), workers=workers, log_config=log_config, access_log=False,
        server_header=False, timeout_graceful_shutdown=SHUTDOWN_GRACE_S, ssl_certfile=address.tls_cert,
        ssl_keyfile=address.tls_key, proxy_headers=bool(address.trusted_proxies),
        forwarded_allow_ips=list(address.trusted_proxies), http=BoundedProtocol, ws="none",
        ssl_context_factory=make_context if address.tls_cert else None,
    )  # fmt: skip


def _check_certificate(address: ListenAddress) -> None:
    if address.tls_cert is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(address.tls_cert, address.tls_key)
    except OSError as error:  # ssl.SSLError is one
        cause = str(error) if isinstance(error, ssl.SSLError) else file_cause(error.errno)
        raise PlaceNotOpened(place=address.tls_cert, detail=cause) from None


def _prepare_database(data_dir: Path) -> None:
    """Before any worker starts: upgrade the schema, begin a new epoch if an earlier file was put in place, and move
    lines of new kinds into their buckets."""
    if accept_older_file(data_dir):
        _LOG.warning("the database is older than what was served from %s: a new epoch begins", data_dir)
    database = open_database(data_dir)
    try:
        rebucket(database, system_clock_ms())
    finally:
        database.close()


@contextlib.contextmanager
def _mark(database: CentralDatabase, data_dir: Path) -> Iterator[None]:
    """The mark of a served file (``db/serving_mark.py``). Raises `CentralDown` where it cannot be written."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(serving_mark(database, data_dir))
        except (OSError, SQLAlchemyError) as error:
            raise CentralDown(detail=getattr(error, "orig", None) or error) from None
        yield


def bind_socket(address: ListenAddress) -> socket.socket:
    """A socket bound to the address. Raises `CentralDown` when it is in use or not this machine's."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    # asyncio disables Nagle's delay only if the socket's protocol is TCP; otherwise each answer takes 40 ms more
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        raise PlaceNotOpened(place=f"{address.host}:{address.port}", detail=file_cause(error.errno)) from None
    listening.set_inheritable(True)
    return listening


def _url(address: ListenAddress, listening: socket.socket) -> str:
    scheme = "https" if address.tls_cert else "http"
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """uvicorn raises the signal that ended it again, for its caller; here that is a normal end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _SingleProcessServer(uvicorn.Server):
    """uvicorn in this process; calls ``ready`` when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


class _WorkerSupervisor(Multiprocess):
    """uvicorn's supervisor; calls ``ready`` when the first worker listens."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, ready: Callable[[], None]) -> None:
        super().__init__(config, sockets=[listening])
        self._ready = ready

    def init_processes(self) -> None:
        super().init_processes()
        if self.processes[0].wait_until_ready(_READY_SECONDS, self.should_exit):
            self._ready()
        else:
            self.should_exit.set()
