"""Laptops that joined a central, each a home of its own."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel

from store.db.device_facts import read_device_facts
from store.home.credentials import open_credentials
from store.home.paths import Home
from store.home.settings import Settings, load_settings
from store.ledger.line import Line, canonical_json, new_id
from store.queries.outbox import OutboxSnapshot, outbox_snapshot
from store.writer.checksums import all_lines
from store.writer.upgrade import create_store
from sync import protocol
from sync.device.device import Device
from sync.device.fingerprint import store_fingerprint
from sync.enrolment import join_central
from sync.protocol.blobs import BlobPutAnswer, BlobReadRequest, BlobSendHead
from sync.protocol.calls import AnswerT, Central
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage
from sync.round import connect_central, run_round, sync_home
from sync.round_stats import RoundResult
from tests.sync.central_fixture import DISTRICT
from tests.sync.central_fixture import Central as Office
from tests.sync.servers import Traffic, counting

Answer = TypeVar("Answer")

NOISE_MS = 60_000
"""A measured offset that is wrong by less was measured while the machine was busy; by more, it is wrong."""


class Laptop:
    """A joined home. Each act opens it anew, as commands do."""

    def __init__(self, path: Path, *, clock_offset_ms: int = 0) -> None:
        self.home = Home(path)
        self.page_lines = protocol.PAGE_LINES
        environ = {"GUANJIA_TEST_CLOCK_OFFSET_MS": str(clock_offset_ms)}
        self.settings: Settings = load_settings(self.home, {"credentials": "file"}, environ)

    def clock(self, offset_ms: int) -> None:
        """Set this laptop's clock off by so much."""
        self.settings = self.settings._replace(test_clock_offset_ms=offset_ms)

    def join(self, at: Office, code: str) -> Laptop:
        """Join with a code. Central and laptop run on one machine's clock, so the offset is known better than it was
        measured: what a test does earlier is stamped earlier, however long the machine has kept an answer waiting."""
        join_central(self.home, self.settings, at.url, code)
        exact = -self.settings.test_clock_offset_ms
        with self.open() as device:
            measured = read_device_facts(device.ledger.database.connection()).get("offset_ms")
            if measured is not None and 0 < abs(int(measured) - exact) < NOISE_MS:
                device.ledger.save_facts(offset_ms=str(exact))
        return self

    @contextlib.contextmanager
    def open(self) -> Iterator[Device]:
        """The laptop as a device; ``.ledger`` is its ledger."""
        with Device.open(self.home, self.settings, self.page_lines) as device:
            yield device

    def put(self, kind: str, /, **body: Any) -> Line:
        """Write a line of the district, or of ``project``."""
        with self.open() as device:
            project = body.pop("project", None)
            line_id = body.pop("id", None)
            return device.ledger.put(kind, body, project=project, id=line_id)

    def sync(self) -> RoundResult:
        """One round, as the command does it."""
        return sync_home(self.home, self.settings)

    def sync_through(self, wrap: Callable[[Central], Central]) -> RoundResult:
        """One round with ``wrap`` between laptop and central."""

        async def run(device: Device) -> RoundResult:
            async with connect_central(device, (await device.facts()).get("central")) as central:
                return await run_round(device, wrap(central))

        with self.open() as device:
            return asyncio.run(run(device))

    def lines(self) -> dict[str, Line]:
        """Every current line by id, but those with which officers introduced themselves when they joined, and what the
        central has written for them then."""
        return {line.id: line for line in self.all_lines() if line.author not in (line.id, line.device)}

    def all_lines(self) -> list[Line]:
        """Every current line."""
        with self.open() as device:
            return list(all_lines(device.ledger.database.connection()))

    def dump(self) -> bytes:
        """Every current line, in canonical form and order."""
        return b"\n".join(sorted(map(canonical_json, self.all_lines())))

    def meta(self) -> dict[str, str]:
        """The device state of the laptop."""
        with self.open() as device:
            return read_device_facts(device.ledger.database.connection())

    def waits(self) -> OutboxSnapshot:
        """The unsent lines, counted."""
        with self.open() as device:
            return outbox_snapshot(device.ledger.database.connection())

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the laptop's store."""
        with self.open() as device:
            return [tuple(row) for row in device.ledger.database.connection().execute(sql, values)]


def bureau(folder: Path, at: Office, name: str = "张局", **options: Any) -> Laptop:
    """A laptop of an account that sees the whole district."""
    return Laptop(folder, **options).join(at, at.invite(name))


def moved(home: Path, to: Path, at: Office) -> Laptop:
    """The laptop whose home lies elsewhere until now, with its central at another address: a home that was moved, not a
    copy that has to become a device of its own."""
    laptop = Laptop(Path(shutil.copytree(home, to)))
    with laptop.open() as device:
        device.ledger.save_facts(central=at.url, place=str(store_fingerprint(laptop.home.database)))
    return laptop


def project(laptop: Laptop, name: str = "示范项目") -> Line:
    """A project, written on this laptop."""
    return laptop.put("project", name=name, number=f"P-{name}", category="new")


def visit(laptop: Laptop, of: Line, text: str = "看了现场") -> Line:
    """A visit to a project, written on this laptop."""
    return laptop.put("visit", at="2025-03-04T09:00+08:00", how="visit", text=text, project=of.id)


def standalone_home(path: Path, name: str, district: str = DISTRICT) -> Laptop:
    """A home that has joined no central."""
    laptop = Laptop(path)
    laptop.home.create()
    key = open_credentials(laptop.home, "file").key_for_new_store()
    facts = {
        "district": district,
        "district_name": district,
        "person": new_id(),
        "person_name": name,
        "device": new_id(),
    }
    create_store(laptop.home.database, key, facts).close()
    return laptop


def project_of(laptop: Laptop) -> Line:
    """The one project."""
    return next(line for line in laptop.lines().values() if line.kind == "project")


def agree(*laptops: Laptop) -> None:
    """Rounds until nothing moves, which is after two each; then all hold the same bytes."""
    for _ in range(2):
        results = [laptop.sync() for laptop in laptops]
    assert all(result.verified and not result.pending for result in results)
    assert len({laptop.dump() for laptop in laptops}) == 1


def counted(laptop: Laptop) -> Traffic:
    """What a round of the laptop's daemon sends over the wire, byte for byte, once the central has proven who it is."""

    async def run() -> Traffic:
        address = urlsplit(laptop.meta()["central"])
        async with counting(str(address.hostname), int(address.port or 0)) as (through, traffic):
            laptop.settings = laptop.settings._replace(central=through)
            with laptop.open() as device:
                async with connect_central(device, through) as central:
                    await central.check_identity()
                    traffic.reset()
                    await run_round(device, central)
            laptop.settings = laptop.settings._replace(central=None)
            return traffic

    return asyncio.run(run())


class ForwardingCentral:
    """A central that forwards every call; subclasses interfere. ``asked`` lists the calls."""

    def __init__(self, inner: Central) -> None:
        self.inner = inner
        self.asked: list[str] = []

    async def pass_on(self, step: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """Carry out one call."""
        self.asked.append(step)
        return await call()

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """As `Central` has it."""
        return await self.pass_on("hello", lambda: self.inner.hello(request))

    async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
        """Not passed on: whoever interferes does so with the calls of protocol 1."""
        return None

    async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
        """As `Central` has it."""
        return await self.pass_on("push", lambda: self.inner.push(lines, chain))

    async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
        """As `Central` has it."""
        return await self.pass_on("pull", lambda: self.inner.pull(request))

    async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
        """As `Central` has it."""
        return await self.pass_on(f"fetch {','.join(request.buckets)}", lambda: self.inner.fetch(request))

    async def verify(self, request: protocol.VerifyRequest) -> protocol.VerifyAnswer:
        """As `Central` has it."""
        return await self.pass_on("verify", lambda: self.inner.verify(request))

    async def heal(self, request: protocol.HealRequest, lines: list[bytes]) -> protocol.HealAnswer:
        """As `Central` has it."""
        return await self.pass_on("heal", lambda: self.inner.heal(request, lines))

    async def come_back(self, request: protocol.ReturnRequest) -> protocol.ReturnAnswer:
        """As `Central` has it."""
        return await self.pass_on("return", lambda: self.inner.come_back(request))

    async def roster(self) -> protocol.RosterAnswer:
        """As `Central` has it."""
        return await self.pass_on("roster", self.inner.roster)

    async def renew(self, request: protocol.RenewRequest) -> protocol.RenewAnswer:
        """As `Central` has it."""
        return await self.pass_on("renew", lambda: self.inner.renew(request))

    async def ask(self, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
        """As `Central` has it."""
        return await self.pass_on(path, lambda: self.inner.ask(path, request, model))

    async def send_bytes(self, head: BlobSendHead, content: bytes) -> BlobPutAnswer:
        """As `Central` has it."""
        return await self.pass_on("send", lambda: self.inner.send_bytes(head, content))

    async def read_bytes(self, request: BlobReadRequest, received: bytearray) -> None:
        """As `Central` has it."""
        await self.pass_on("read", lambda: self.inner.read_bytes(request, received))

    async def rotate(self, keep: Callable[[str], Awaitable[None]]) -> None:
        """As `Central` has it."""
        await self.pass_on("rotate", lambda: self.inner.rotate(keep))


def through(laptop: Laptop, kind: type[ForwardingCentral] = ForwardingCentral) -> tuple[Any, list[str]]:
    """A round's result and what it asked."""
    made: list[ForwardingCentral] = []

    def wrap(inner: Central) -> Central:
        made.append(kind(inner))
        return made[0]

    return laptop.sync_through(wrap), made[0].asked
