"""A simulated laptop: a real home with a real encrypted store, a clock that may be wrong by decades, and real
rounds."""

from __future__ import annotations

import asyncio
import shutil
import struct
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import orjson

from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.exceptions import GuanjiaError
from store.home.credentials import open_credentials
from store.home.paths import Home
from store.home.settings import load_settings
from store.ledger.line import Line, RandomBytes, canonical_json, derived_id, digest_of, new_id
from store.writer.backup import backup_store
from store.writer.checksums import all_lines
from store.writer.healing import HealingLedger
from store.writer.local_writes import ClockMs
from store.writer.sync_writes import OutgoingLine
from store.writer.upgrade import open_store
from sync.device.device import Device, DeviceChance
from sync.device.fingerprint import is_copy, joins_anew, store_fingerprint
from sync.protocol import DeviceName, JoinRequest, PersonName
from sync.round import run_round
from sync.round_stats import RoundResult
from tests.simulation.causality import TEXT, Content, Version, content_of
from tests.simulation.central import MOST_PAGES
from tests.simulation.network import Network, PagedCentral
from tests.simulation.old_protocol import take_back_schema
from tests.store.devices import KEY, empty_store

OperationParams = ParamSpec("OperationParams")
OperationResult = TypeVar("OperationResult")


HISTORY_COLUMNS = "id, kind, project_id, stamp, device_id, author_id, deleted, body, base"


def _past_line(row: tuple[Any, ...]) -> Line:
    line_id, kind, project, stamp, device, author, deleted, body, base = row
    return Line(line_id, kind, project, stamp, device, author, bool(deleted), orjson.loads(body), base)


class SmallBatches(HealingLedger):
    """A ledger that sends ``batch`` lines at a time."""

    def __init__(self, database: Database, *, wall: ClockMs, batch: int) -> None:
        super().__init__(database, wall_clock=wall)
        self._batch = batch

    def pending_lines(self, limit: int, max_bytes: int, after: int = 0) -> list[OutgoingLine]:
        """The next few unsent lines."""
        return super().pending_lines(min(limit, self._batch), max_bytes, after)


def _limit_pages(database: Database, most: int) -> None:
    database.connection().execute(f"PRAGMA max_page_count = {most}")


class CutDevice(Device):
    """A device whose round may be interrupted before or after any work on the store."""

    network: Network
    working = 0
    """Operations whose result the round does not have yet. (``idle`` becomes true a moment before.)"""
    max_pages: int | None = None
    """How many pages the store's file may have, where its disk is or was full."""

    async def run_in_store(
        self,
        operation: Callable[OperationParams, OperationResult],
        *args: OperationParams.args,
        **named: OperationParams.kwargs,
    ) -> OperationResult:
        """As the device does, unless the round is interrupted."""
        self.working += 1
        try:
            self.network.may_cut("before work on the store")
            if self.max_pages is not None:
                await super().run_in_store(_limit_pages, self.ledger.database, self.max_pages)
            result = await super().run_in_store(operation, *args, **named)
            self.network.may_cut("after work on the store")
            return result
        finally:
            self.working -= 1
            self.network.gate.stir()


class Laptop:
    """One device of one account. ``drift_ms`` is what its clock shows minus the true time; ``page`` and ``batch`` are
    how many lines it pulls and pushes at a time; ``is_old``: it speaks as an earlier version did; ``exchanges``: it
    speaks protocol 2."""

    def __init__(
        self,
        name: str,
        account: str,
        district: str,
        folder: Path,
        network: Network,
        true_time: Callable[[], int],
        random_bytes: RandomBytes,
    ) -> None:
        self.name = name
        self.account = account
        self.district = district
        self.home = Home(folder / name)
        self.network = network
        self.drift_ms = 0
        self.is_old = False
        self.exchanges = False
        self.max_pages: int | None = None
        self.page = 2_000
        self.batch = 2_000
        self.last: RoundResult | str = "never synced"
        self.backup: Path | None = None
        self.backup_at = 0
        self.backup_unsent: set[Version] = set()
        self._true_time = true_time
        self._random_bytes = random_bytes

    def wall(self) -> int:
        """This laptop's clock, in milliseconds since 1970."""
        return self._true_time() + self.drift_ms

    @property
    def at_rest(self) -> bool:
        """Whether its last round moved nothing and ended verified."""
        last = self.last
        return isinstance(last, RoundResult) and last.verified and not (last.pulled or last.pushed or last.superseded)

    # Life

    async def join(self, code: str) -> None:
        """Enrol at the central, a copy as a device of its own; the first time, create the home."""
        known = self.meta() if self.home.exists else {"device": new_id(self._true_time(), self._random_bytes)}
        if self.home.exists and joins_anew(known, store_fingerprint(self.home.database)):
            known["device"] = new_id(self._true_time(), self._random_bytes)
        device = DeviceName(id=known["device"], name=self.name)
        person = PersonName(id=derived_id("person", self.account), name=self.account)
        async with self._connect(None) as central:
            answer = await central.join(JoinRequest(code=code, device=device, person=person, district=self.district))
        facts = {"central_id": answer.central, "joined": str(answer.time)}
        if not known.keys() - {"device"}:
            facts |= {"device": device.id, "person": answer.person.id, "person_name": self.account}
            facts |= {"district": self.district, "district_name": answer.district.name}
            self._make_home()
        self.device.credentials.save_token(answer.token)
        place = str(store_fingerprint(self.home.database))
        self.ledger.save_facts(**{**facts, "device": device.id, "renew": "", "place": place})

    def _make_home(self) -> None:
        self.home.create()
        open_credentials(self.home, "file").save_key(KEY)
        shutil.copyfile(empty_store(), self.home.database)
        self.home.database.chmod(0o600)
        self.open()

    def open(self) -> None:
        """Start the program on this home."""
        database = open_store(self.home.database, KEY)
        self.ledger = SmallBatches(database, wall=self.wall, batch=self.batch)
        settings = load_settings(self.home, {"credentials": "file"}, {})
        chance = DeviceChance(lambda: self._true_time() / 1000, self._random_bytes)
        self.device = CutDevice(self.home, settings, open_credentials(self.home, "file"), self.ledger, chance=chance)
        self.device.network = self.network
        self._limit_disk()

    def close(self) -> None:
        """End the program."""
        with self.device:
            pass

    def restart(self) -> None:
        """End the program and start it again."""
        self.close()
        self.open()

    def upgrade(self) -> None:
        """Install this version of the program: the store that an earlier one has left is migrated."""
        self.close()
        take_back_schema(self.home.database)
        self.is_old = False
        self.open()

    def fill_disk(self) -> None:
        """From now on its store cannot grow."""
        self.max_pages = self.ledger.database.connection().execute("PRAGMA page_count").fetchone()[0]
        self._limit_disk()

    def free_disk(self) -> None:
        """There is room again."""
        self.max_pages = None if self.max_pages is None else MOST_PAGES
        self._limit_disk()

    @property
    def is_full(self) -> bool:
        """Whether its disk is full."""
        return self.max_pages not in (None, MOST_PAGES)

    def _limit_disk(self) -> None:
        self.device.max_pages = self.max_pages
        if self.max_pages is not None:
            _limit_pages(self.ledger.database, self.max_pages)

    def make_backup(self) -> None:
        """Copy the store while it is in use."""
        self.backup = self.home.path / "backup.db"
        self.backup.unlink(missing_ok=True)
        backup_store(self.ledger.database, self.backup)
        self.backup_unsent = self.unsent()

    def restore_backup(self) -> None:
        """Replace the store by the backup, which becomes a device of its own."""
        assert self.backup is not None
        self.close()
        for suffix in ("-wal", "-shm"):
            self.home.database.with_name(self.home.database.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.backup, self.home.database)
        self.open()
        self.ledger.save_facts(device=new_id(self._true_time(), self._random_bytes), renew="1", place="")

    def copied_as(self, name: str, *, is_alike: bool = False) -> Laptop:
        """Copy the whole home to another laptop; both go on. ``is_alike``: so that no fingerprint tells, as of a
        machine's image."""
        folder = self.home.path.parent
        twin = Laptop(name, self.account, self.district, folder, self.network, self._true_time, self._random_bytes)
        twin.is_old, twin.exchanges = self.is_old, self.exchanges
        self.close()
        shutil.copytree(self.home.path, twin.home.path)
        self.open()
        twin.open()
        if is_alike and not is_copy(self.meta(), store_fingerprint(self.home.database)):
            twin.ledger.save_facts(place=str(store_fingerprint(twin.home.database)))
        return twin

    # Rounds

    def _connect(self, token: str | None) -> PagedCentral:
        exchanges = self.exchanges and not self.is_old
        return PagedCentral(self.network, self.name, token, self.page, is_old=self.is_old, exchanges=exchanges)

    async def round(self) -> None:
        """One round; its result or error code is in ``last``."""
        try:
            await self.network.gate.enter(self.name)
            token = self.device.credentials.token()
            async with self._connect(token) as central:
                self.last = await run_round(self.device, central)
        except GuanjiaError as error:
            self.last = error.code
        except asyncio.CancelledError:
            self.last = "cut"
            raise

    # Its contents

    def meta(self) -> dict[str, str]:
        """The device state."""
        return read_device_facts(self.ledger.database.connection())

    def lines(self) -> dict[str, Line]:
        """Every current line by id."""
        return {line.id: line for line in all_lines(self.ledger.database.connection())}

    def versions(self) -> set[Version]:
        """All versions that it has, by id and content: its current lines, and its history."""
        kept = {(line_id, content_of(line)) for line_id, line in self.lines().items()}
        history = self.ledger.database.connection().execute("SELECT id, kind, body, deleted FROM history")
        for line_id, kind, body, deleted in history:
            kept.add((line_id, Content(orjson.loads(body).get(TEXT[kind], ""), bool(deleted))))
        return kept

    def unsent(self) -> set[Version]:
        """The versions in its outbox."""
        waiting = self.waiting()
        return {(line_id, content_of(line)) for line_id, line in self.lines().items() if line_id in waiting}

    def receipted(self) -> set[Version]:
        """Those of its versions that it knows the central to have accepted: it has the central's receipt."""
        connection = self.ledger.database.connection()
        known = {
            digest[0]
            for (digests,) in connection.execute("SELECT digests FROM receipt")
            for digest in struct.iter_unpack("<Q", digests)
        }
        past = [_past_line(row) for row in connection.execute(f"SELECT {HISTORY_COLUMNS} FROM history")]
        versions = [*self.lines().values(), *past]
        return {(line.id, content_of(line)) for line in versions if digest_of(canonical_json(line)) in known}

    def dump(self, without: Collection[str] = ()) -> list[bytes]:
        """Every current line in canonical form and order, but for some ids."""
        return sorted(canonical_json(line) for line_id, line in self.lines().items() if line_id not in without)

    def waiting(self) -> dict[str, str]:
        """The ids of the lines in its outbox, with their state."""
        return dict(self.ledger.database.connection().execute("SELECT id, state FROM outbox"))
