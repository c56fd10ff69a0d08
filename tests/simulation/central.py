"""The real central of a simulated district, perhaps of a neighbouring one too: its application over ASGI, its SQLite
file, and its operator."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from atexit import register
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import httpx
import orjson
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import OperationalError

from store.ledger.clock_repair import ClockRepair
from store.ledger.line import Line, RandomBytes, parse_line
from sync.central.accounts.assignment_book import AccountPerson, account_persons
from sync.central.accounts.invitees import invitee_of_name
from sync.central.accounts.invites import create_invite
from sync.central.accounts.name_lookup import account_id
from sync.central.accounts.scope import Grant
from sync.central.admin.setup import add_district, ensure_database, open_database
from sync.central.api.app import create_app
from sync.central.db.clock_bounds import MAX_AHEAD_MS
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.database import CentralDatabase
from sync.central.db.settings import SQLITE_FILE
from sync.central.db.tables import ACCOUNT, SCOPE_EVENT
from sync.central.epochs import RESTORED, begin_epoch
from sync.central.integrity import RecentChecks
from sync.central.writes import assignments
from sync.central.writes.close_out_numbers import check_numbers
from tests.store.devices import START_MS

DISTRICT, NEIGHBOUR = "210903", "210904"
MOST_PAGES = 1 << 30
"""SQLite's bound for the pages of a file on a disk that is not full."""


@cache
def _new_central() -> Path:
    """An empty central of both districts, created once: its migrations take longer than a short simulation."""
    folder = Path(tempfile.mkdtemp(prefix="guanjia-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    _found(folder / "central", None)
    return folder / "central"


def _found(folder: Path, url: str | None) -> None:
    database = ensure_database(folder, url)
    with database.write() as connection:
        for district in (DISTRICT, NEIGHBOUR):
            add_district(connection, district, "示范区", START_MS, Random(district).randbytes)
    database.close()


class DatabaseServer(NamedTuple):
    """A PostgreSQL database, empty but for its schema, and how its server crashes and starts again."""

    url: str
    restart: Callable[[], None]


class SimulatedCentral:
    """The central in ``folder``, with ids from its seed. ``off_ms``: its clock minus the true time; while that is not
    0, no time server vouches for it."""

    def __init__(
        self,
        folder: Path,
        true_time: Callable[[], int],
        random_bytes: RandomBytes,
        districts: tuple[str, ...],
        server: DatabaseServer | None = None,
    ) -> None:
        self._server = server
        self.folder = folder
        self.districts = districts
        self.off_ms = 0
        self.has_been_off = False
        self._breaks_at: int | None = None
        self._repairs: list[ClockRepair] = []
        self._true_time = true_time
        self._random_bytes = random_bytes
        self._statements_left: int | None = None
        self._max_pages: int | None = None
        self._district_of: dict[str, str] = {}
        self.grants: dict[str, list[Grant]] = {}
        self._copy: tuple[Path, dict[str, list[Grant]]] | None = None
        if server is None:
            shutil.copytree(_new_central(), folder)
        else:
            _found(folder, server.url)
        self.start()

    def start(self) -> None:
        """Serve what is in the folder."""
        self.database = open_database(self.folder)
        self._own = self.database if self._server is None else open_database(self.folder)
        if self._server is None:
            event.listen(self.database.engine, "begin", self._limit_pages)
            event.listen(self.database.engine, "before_cursor_execute", self._count_statement)
        checks = RecentChecks(lambda: self._true_time() / 1000)
        app = create_app(
            self.database, self.wall, lambda: self.off_ms == 0, random_bytes=self._random_bytes, recent_checks=checks
        )
        self.transport = httpx.ASGITransport(app)

    def wall(self) -> int:
        """Its clock, in milliseconds since 1970."""
        return self._true_time() + self.off_ms

    def latest(self) -> int:
        """The latest time that its clock may show and be believed."""
        return self._true_time() + min(self.off_ms, MAX_AHEAD_MS)

    def stop(self) -> None:
        """Stop serving."""
        self.database.close()
        self._own.close()

    def restart(self) -> None:
        """End the process and start it again."""
        self.stop()
        self.start()

    # Faults

    def set_clock(self, off_ms: int) -> None:
        """Its clock shows so much more than the true time."""
        self.off_ms = off_ms
        self.has_been_off |= off_ms != 0

    def lose_database(self, statements: int) -> None:
        """The database goes away at this statement of the next request. A real server crashes now."""
        if self._server is None:
            self._breaks_at = statements
        else:
            self._server.restart()

    def _by_hand(self) -> CentralDatabase:
        """The database as the operator's commands open it, whatever became of the application's connections."""
        if self._server is not None:
            self._own.close()
        return self._own

    def fill_disk(self) -> None:
        """From now on its file cannot grow (SQLite)."""
        if self._server is not None:
            return
        with self.database.read() as connection:
            self._max_pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def free_disk(self) -> None:
        """There is room again."""
        self._max_pages = None if self._max_pages is None else MOST_PAGES

    @property
    def is_full(self) -> bool:
        """Whether its disk is full."""
        return self._max_pages not in (None, MOST_PAGES)

    def _limit_pages(self, connection: Connection) -> None:
        if self._max_pages is not None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {self._max_pages}")

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """One request is served. Where the database is to be lost, it goes away at a statement of it, with every
        connection of the pool, as when its server restarts."""
        self._statements_left, self._breaks_at = self._breaks_at, None
        if self._statements_left is not None:
            self.database.engine.dispose()
        try:
            yield
        finally:
            self._statements_left = None

    def _count_statement(self, *_arguments: object) -> None:
        if self._statements_left is None:
            return
        self._statements_left -= 1
        if self._statements_left < 0:
            gone = sqlite.OperationalError("the server has ended the connection")
            raise OperationalError("", None, gone, hide_parameters=True, connection_invalidated=False)

    # Copies of the database

    @property
    def has_copy(self) -> bool:
        """Whether there is an older copy to restore."""
        return self._copy is not None

    def keep_copy(self) -> None:
        """Make the copy that `set_back` restores."""
        path = self.folder / "copy.db"
        path.unlink(missing_ok=True)
        with self.database.engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("VACUUM INTO ?", (str(path),))
        self._copy = (path, {name: list(grants) for name, grants in self.grants.items()})

    def set_back(self, *, by_command: bool) -> int:
        """Replace the database by the copy, as ``guanjia central restore`` does or by copying files. The operator then
        grants and withdraws roles until they are as before. Gives the epoch of the copy. The mark that a served folder
        carries, and the one outside it, are not played: where one tells, ``central serve`` begins the epoch that
        ``by_command`` begins here, and where none does, that is files copied (`test_serving_mark`)."""
        assert self._copy is not None
        self.stop()
        path, then = self._copy
        database = self.folder / SQLITE_FILE
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(path, database)
        self.start()
        epoch = self.epoch
        if by_command:
            self._begin_epochs()
        if not self.clock_is_believed:  # nothing can be granted before the operator has set it right
            self.set_clock(0)
        now, self.grants = self.grants, {name: list(grants) for name, grants in then.items()}
        for name, grants in now.items():
            self.grant(name, *(grant for grant in grants if grant not in then[name]))
            self.withdraw(name, *(grant for grant in then[name] if grant not in grants))
        return epoch

    def _begin_epochs(self) -> None:
        with self.database.write() as connection:
            for district in self.districts:
                counter = lock_district(connection, district, self.wall(), self._random_bytes)
                assert counter is not None
                begin_epoch(connection, counter, RESTORED)
                counter.save(connection)

    @property
    def epoch(self) -> int:
        """How often it has begun anew, as far as it knows."""
        return max(int(row[0]) for row in self.rows(f"epoch WHERE district = '{DISTRICT}'", "n"))

    # The operator

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[tuple[Connection, DistrictCounter]]:
        with self._by_hand().write() as connection:
            counter = lock_district(connection, self._district_of[name], self.wall(), self._random_bytes)
            assert counter is not None
            yield connection, counter
            counter.save(connection)

    def code(self, district: str, name: str, *grants: Grant) -> str:
        """A one-time code for an account of a district, which gets these roles."""
        self._district_of[name] = district
        with self._locked(name) as (connection, counter):
            invitee = invitee_of_name(connection, counter, name, again=True)
            code = create_invite(connection, counter, invitee, grants).code
        known = self.grants.setdefault(name, [])
        known += [grant for grant in grants if grant not in known]
        return code

    @property
    def clock_is_believed(self) -> bool:
        """Whether the operator's commands that date something are taken: not while the clock is doubtful."""
        return all(self._believes_clock(district) for district in self.districts)

    def _believes_clock(self, district: str) -> bool:
        with self._by_hand().write() as connection:
            counter = lock_district(connection, district, self.wall(), self._random_bytes)
            assert counter is not None
            return self.off_ms == 0 or counter.clock_is_trusted

    def grant(self, name: str, *grants: Grant) -> None:
        """Grant roles to an account."""
        with self._locked(name) as (connection, counter):
            self.grants[name] += assignments.grant(connection, counter, self._account(connection, name), grants)

    def withdraw(self, name: str, *grants: Grant) -> None:
        """Withdraw roles from an account."""
        with self._locked(name) as (connection, counter):
            taken = assignments.withdraw(connection, counter, self._account(connection, name), grants)
        self.grants[name] = [grant for grant in self.grants[name] if grant not in taken]

    def _account(self, connection: Connection, name: str) -> AccountPerson:
        account = account_id(connection, self._district_of[name], name)
        people = account_persons(connection, self._district_of[name])
        return next(each for each in people if each.account == account)

    # Its contents

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of one of its tables."""
        with self._by_hand().read() as connection:
            rows = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table}")
            return [tuple(row) for row in rows]

    def versions(self) -> list[Line]:
        """Every stored version, current and older ones."""
        wires = self.rows("line", "wire") + self.rows("version", "wire")
        return [parse_line(orjson.loads(wire)) for (wire,) in wires]

    def doubled_numbers(self) -> dict[str, list[str]]:
        """The close-out numbers that several issues claim, as the bureau is told."""
        with self._by_hand().read() as connection:
            return check_numbers(connection, DISTRICT).doubled

    def new_repairs(self) -> list[ClockRepair]:
        """What it has repaired of its clock's time ahead and not told of here before."""
        if not self.has_been_off:
            return []
        told = [repair for (text,) in self.rows("district", "clock_repairs") for repair in orjson.loads(text or "[]")]
        fresh = [ClockRepair(*repair) for repair in told if ClockRepair(*repair) not in self._repairs]
        self._repairs += fresh
        return fresh

    def district_of(self, account: str) -> str:
        """The district of an account."""
        return self._district_of[account]

    def withdrawals(self) -> set[tuple[str, str]]:
        """(account, bucket) of every bucket that ever left an account's scope."""
        with self._by_hand().read() as connection:
            rows = connection.execute(
                select(ACCOUNT.c.name, SCOPE_EVENT.c.bucket)
                .join(ACCOUNT, (ACCOUNT.c.id == SCOPE_EVENT.c.account) & (ACCOUNT.c.district == SCOPE_EVENT.c.district))
                .where(~SCOPE_EVENT.c.granted)
            )
            return {(row[0], row[1]) for row in rows}
