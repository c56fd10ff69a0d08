"""A real central on port 0 for tests, in a thread (its clock can be set) or as a process (it can be killed).

with running_central(tmp_path) as central:
    laptop = central.enrol("张三", "bureau")
    laptop.push([...])
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import signal
import ssl
import tempfile
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import cache
from pathlib import Path
from socket import socket
from typing import Any, TypeVar

import httpx
import uvicorn
from fastapi import FastAPI

from store.ledger.buckets import SetChecksum
from store.ledger.hlc import system_clock_ms, tick
from store.ledger.line import Line, canonical_json, digest_of, new_id, parse_line
from sync.central.accounts.invitees import WhichPerson
from sync.central.admin import admin
from sync.central.admin.admin import lock_named_district
from sync.central.admin.setup import ensure_database, open_database, write_central
from sync.central.api.app import create_app
from sync.central.api.serve import ListenAddress, bind_socket
from sync.central.clock import OFFSET_VARIABLE
from sync.central.db.database import CentralDatabase
from sync.central.db.object_store import ObjectStore
from sync.central.db.settings import SQLITE_FILE, save_central_settings
from sync.central.epochs import RESTORED, begin_epoch
from tests.sync.postgres import lasting_database
from tests.tui.cli.fork_server import ForkedProcess, fork_server

DISTRICT, DISTRICT_NAME = "210903", "新邱区"
ROOT = Path(__file__).parent.parent.parent
READY_SECONDS = 120
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The addresses are http://, but each client would make one of its own, which takes longer than most calls."""


class Central:
    """A running central: its address, and its operator's commands. Where it is served in this process, they use the
    ``database`` that it has open."""

    def __init__(self, data_dir: Path, url: str, admin_code: str, database: CentralDatabase | None = None) -> None:
        self.data_dir = data_dir
        self.url = url
        self.admin_code = admin_code
        self._database = database

    def invite(
        self, name: str, role: str = "bureau", *, projects: Sequence[str] = (), department: str | None = None
    ) -> str:
        """A one-time code: for whoever has this name already, else for somebody new."""
        writing = write_central(self.data_dir) if self._database is None else self._database.write()
        with writing as connection:
            same = WhichPerson(again=True)
            made = admin.invite_in(connection, name, role, projects=projects, department=department, which=same)
        return str(made["code"])

    def enrol(
        self, name: str, role: str = "bureau", *, projects: Sequence[str] = (), department: str | None = None
    ) -> Laptop:
        """A device of an account with this role, joined and ready to call."""
        laptop = Laptop(self.url)
        laptop.join(self.invite(name, role, projects=projects, department=department))
        return laptop

    def begin_restored(self) -> str:
        """Begin an epoch, as restoring a backup does; gives its id."""
        with write_central(self.data_dir) as connection:
            counter = lock_named_district(connection, DISTRICT)
            begun = begin_epoch(connection, counter, RESTORED)
            counter.save(connection)
        return begun


class Laptop:
    """A bare device: it speaks the protocol and keeps nothing but its token, cursor and clock; and apart, the
    assignments that the central writes for whom it enrols (``assigned``), so that tests count their own lines."""

    def __init__(self, url: str, wall: Callable[[], int] = system_clock_ms) -> None:
        self.device = new_id()
        self.person = ""
        self.token = ""
        self.cursor: str | None = None
        self.assigned: dict[str, Line] = {}
        self.client = httpx.Client(base_url=url, timeout=60, verify=_NO_CERTIFICATES, trust_env=False)
        self._wall = wall
        self._stamp = 0

    def join(self, code: str, **more: Any) -> dict[str, Any]:
        """Trade a code for a token."""
        asked = {"protocol": 1, "code": code, "device": {"id": self.device, "name": "笔记本"}, **more}
        answer = self.ask("/v1/join", asked)
        self.token, self.person = answer["token"], answer["person"]["id"]
        self.client.headers["authorization"] = f"Bearer {self.token}"
        return answer

    def line(self, kind: str, body: dict[str, Any], project: str | None = None, **more: Any) -> Line:
        """A new line of this laptop's person, stamped by its clock; ``more`` replaces parts of the envelope."""
        self._stamp = tick(self._stamp, self._wall())
        made = Line(new_id(), kind, project, self._stamp, self.device, self.person, False, body)
        return made._replace(**more)

    def post(self, path: str, body: bytes | dict[str, Any]) -> httpx.Response:
        """One call, whatever comes of it."""
        return self.client.post(path, content=body) if isinstance(body, bytes) else self.client.post(path, json=body)

    def ask(self, path: str, body: bytes | dict[str, Any]) -> dict[str, Any]:
        """One call that must succeed."""
        response = self.post(path, body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        if isinstance(answer.get("lines"), list):
            answer["lines"] = [line for line in answer["lines"] if not self._set_aside(line)]
        return answer

    def _set_aside(self, line: dict[str, Any]) -> bool:
        is_centrals: bool = line["author"] == line["device"]
        if is_centrals:
            self.assigned[line["id"]] = parse_line(line)
        return is_centrals

    def push(self, lines: Sequence[Line]) -> list[dict[str, Any]]:
        """Push lines; gives the outcomes."""
        outcomes: list[dict[str, Any]] = self.ask("/v1/push", push_body(lines))["outcomes"]
        return outcomes

    def pull(self, limit: int = 2000) -> dict[str, Any]:
        """The next page; the cursor is kept."""
        asked = {"limit": limit} | ({"cursor": self.cursor} if self.cursor else {})
        page = self.ask("/v1/pull", asked)
        self.cursor = page["cursor"]
        return page

    def pull_all(self, limit: int = 2000) -> list[dict[str, Any]]:
        """Every page until there is no more."""
        pages = [self.pull(limit)]
        while pages[-1]["more"]:
            pages.append(self.pull(limit))
        return pages

    def hello(self, agreed: Sequence[int] = (0, 0, 0)) -> dict[str, Any]:
        """Say hello with this checksum and the saved cursor."""
        return self.ask("/v1/hello", self.greeting(agreed))

    def greeting(self, agreed: Sequence[int] = (0, 0, 0)) -> dict[str, Any]:
        """The body of a hello."""
        total = SetChecksum(*agreed)
        for line in self.assigned.values():
            total = total.with_digest(digest_of(canonical_json(line)))
        asked = {"protocol": 1, "device": self.device, "agreed": list(total), "time": 0}
        return asked | ({"cursor": self.cursor} if self.cursor else {})


def push_body(lines: Sequence[Line]) -> bytes:
    """The body of a push."""
    return b'{"lines":[' + b",".join(canonical_json(line) for line in lines) + b"]}"


def create_central(data_dir: Path, database_url: str | None = None) -> str:
    """A new central of the district, as its operator makes one; gives the one-time code of its first account."""
    database = empty_central(data_dir, database_url)
    try:
        return _add_district(database)
    finally:
        database.close()


def empty_central(data_dir: Path, database_url: str | None = None) -> CentralDatabase:
    """A new central without a district. Its SQLite file begins as a copy with a schema and nothing else, since
    migrating costs more than most tests."""
    if database_url is None:
        data_dir.mkdir(mode=0o700, parents=True)
        shutil.copy(_empty_database(), data_dir / SQLITE_FILE)
    return ensure_database(data_dir, database_url)


def lasting_central(data_dir: Path, database_url: str | None) -> CentralDatabase | None:
    """The same over the PostgreSQL database that all tests of this process share; None over another."""
    lasting = lasting_database(database_url)
    if lasting is not None:
        save_central_settings(data_dir, database_url)
    return lasting


def _add_district(database: CentralDatabase) -> str:
    with database.write() as connection:
        return admin.create_in(connection, DISTRICT, DISTRICT_NAME)


@cache
def _empty_database() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="guanjia-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    ensure_database(folder, None).close()
    return folder / SQLITE_FILE


@contextlib.contextmanager
def running_central(
    folder: Path,
    database_url: str | None = None,
    wall: Callable[[], int] = system_clock_ms,
    *,
    is_synchronised: bool = True,
    begun: Path | None = None,
    objects: ObjectStore | None = None,
) -> Iterator[Central]:
    """A central in a thread of this process, with ``wall`` as its clock, for which its system vouches: a new one, or a
    copy of the one that has ``begun`` in another folder. It reads attached files from the store ``objects``, too."""
    data_dir, code = folder / "central", ""
    if begun is None:
        database = lasting_central(data_dir, database_url) or empty_central(data_dir, database_url)
        code = _add_district(database)
    else:
        shutil.copytree(begun / "central", data_dir)
        database = open_database(data_dir)
    with serving_app(create_app(database, wall, lambda: is_synchronised, objects=objects)) as url:
        yield Central(data_dir, url, code, database)


@contextlib.contextmanager
def serving_app(app: FastAPI) -> Iterator[str]:
    """Serve an application of the central in a thread of this process; gives its address. All of a process are served
    in one thread and event loop, each by a server of its own at a port of its own."""
    listening = bind_socket(ListenAddress(port=0))
    server = _Server(uvicorn.Config(app, log_config=None, access_log=False))
    _in_serving_loop(server.begin(listening))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        _in_serving_loop(server.end(app))


class _Server(uvicorn.Server):
    """uvicorn's server in a loop that serves others too. Left to itself it would look ten times a second whether it
    must end, and take as long to end as most tests take."""

    async def begin(self, listening: socket) -> None:
        """Start the application, and listen."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup([listening])
        await self.on_tick(0)  # the time that answers carry

    async def end(self, app: FastAPI) -> None:
        """End streams, connections and the application, in the order of `uvicorn.Server.shutdown`."""
        app.state.change_feed.close()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.001)
        await self.lifespan.shutdown()


T = TypeVar("T")


def _in_serving_loop(step: Coroutine[Any, Any, T]) -> T:
    """Await a step in the loop that serves all centrals of this process. Raises `TimeoutError`."""
    return asyncio.run_coroutine_threadsafe(step, _serving_loop()).result(READY_SECONDS)


@cache
def _serving_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="centrals", daemon=True)
    thread.start()
    atexit.register(thread.join, READY_SECONDS)
    atexit.register(loop.call_soon_threadsafe, loop.stop)
    return loop


class CentralProcess(Central):
    """A central that runs as a process, and can be stopped, killed and started again on its data."""

    def __init__(self, data_dir: Path, admin_code: str, workers: int = 1, clock_offset_ms: int = 0) -> None:
        super().__init__(data_dir, "", admin_code)
        self._workers = workers
        self._environment = {**os.environ, OFFSET_VARIABLE: str(clock_offset_ms)}
        self._port = 0
        self.process: ForkedProcess | None = None

    def start(self) -> None:
        """Start it and wait until it answers; on the same port as before."""
        self.process = fork_server().start(
            [str(self.data_dir), str(self._port), str(self._workers)],
            self._environment,
            program="tests.sync.programs:serve_central",
            with_stderr=False,
        )
        self.url = self.process.stdout.readline().decode().strip()
        assert self.url, "the central did not start"
        self._port = int(self.url.rpartition(":")[2])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; gives the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(READY_SECONDS)


@contextlib.contextmanager
def central_process(
    folder: Path, database_url: str | None = None, *, workers: int = 1, clock_offset_ms: int = 0
) -> Iterator[CentralProcess]:
    """A central as a process of its own, with ``workers`` processes below it."""
    data_dir = folder / "central"
    code = create_central(data_dir, database_url)
    central = CentralProcess(data_dir, code, workers, clock_offset_ms)
    central.start()
    try:
        yield central
    finally:
        if central.process is not None and central.process.poll() is None:
            central.stop()
