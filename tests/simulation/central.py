"""The real central of one simulated district: its application over ASGI, its SQLite file, and its operator."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from atexit import register
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import httpx
import orjson
from sqlalchemy import Connection, select

from store.ledger.line import Line, RandomBytes, parse_line
from sync.central.accounts import roles
from sync.central.accounts.invitees import invitee_of_name
from sync.central.accounts.invites import create_invite
from sync.central.accounts.name_lookup import account_id
from sync.central.accounts.scope import Grant
from sync.central.admin.setup import add_district, ensure_database, open_database
from sync.central.api.app import create_app
from sync.central.db.commit_order import DistrictCounter, lock_district
from sync.central.db.settings import SQLITE_FILE
from sync.central.db.tables import ACCOUNT, SCOPE_EVENT
from sync.central.integrity import RecentChecks
from sync.central.writes.close_out_numbers import check_numbers
from tests.store.devices import START_MS

DISTRICT = "210903"


@cache
def _new_central() -> Path:
    """An empty central, created once: its migrations take longer than a short simulation."""
    folder = Path(tempfile.mkdtemp(prefix="guanjia-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    database = ensure_database(folder / "central", None)
    with database.write() as connection:
        add_district(connection, DISTRICT, "示范区", START_MS, Random(DISTRICT).randbytes)
    database.close()
    return folder / "central"


class SimulatedCentral:
    """The central in ``folder``, with the simulation's true time as its clock and ids from its seed."""

    def __init__(self, folder: Path, wall: Callable[[], int], random_bytes: RandomBytes) -> None:
        shutil.copytree(_new_central(), folder)
        self.folder = folder
        self.wall = wall
        self._random_bytes = random_bytes
        self.grants: dict[str, list[Grant]] = {}
        self._copy: tuple[Path, dict[str, list[Grant]]] | None = None
        self.start()

    def start(self) -> None:
        """Serve what is in the folder."""
        self.database = open_database(self.folder)
        checks = RecentChecks(lambda: self.wall() / 1000)
        app = create_app(self.database, self.wall, lambda: True, random_bytes=self._random_bytes, recent_checks=checks)
        self.transport = httpx.ASGITransport(app)

    def stop(self) -> None:
        """Stop serving."""
        self.database.close()

    def restart(self) -> None:
        """End the process and start it again."""
        self.stop()
        self.start()

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

    def set_back(self) -> None:
        """Replace the database by the copy. The operator then grants and withdraws roles until they are as before."""
        assert self._copy is not None
        self.stop()
        path, then = self._copy
        database = self.folder / SQLITE_FILE
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(path, database)
        self.start()
        now, self.grants = self.grants, {name: list(grants) for name, grants in then.items()}
        for name, grants in now.items():
            self.grant(name, *(grant for grant in grants if grant not in then[name]))
            self.withdraw(name, *(grant for grant in then[name] if grant not in grants))

    # The operator

    @contextlib.contextmanager
    def _locked(self) -> Iterator[tuple[Connection, DistrictCounter]]:
        with self.database.write() as connection:
            counter = lock_district(connection, DISTRICT, self.wall(), self._random_bytes)
            assert counter is not None
            yield connection, counter
            counter.save(connection)

    def code(self, name: str, *grants: Grant) -> str:
        """A one-time code for an account, which gets these roles."""
        with self._locked() as (connection, counter):
            invitee = invitee_of_name(connection, counter, name, again=True)
            code, _ = create_invite(connection, counter, invitee, grants)
        known = self.grants.setdefault(name, [])
        known += [grant for grant in grants if grant not in known]
        return code

    def grant(self, name: str, *grants: Grant) -> None:
        """Grant roles to an account."""
        with self._locked() as (connection, counter):
            self.grants[name] += roles.grant_roles(connection, counter, self._account(connection, name), grants)

    def withdraw(self, name: str, *grants: Grant) -> None:
        """Withdraw roles from an account."""
        with self._locked() as (connection, counter):
            taken = roles.withdraw_roles(connection, counter, self._account(connection, name), grants)
        self.grants[name] = [grant for grant in self.grants[name] if grant not in taken]

    @staticmethod
    def _account(connection: Connection, name: str) -> str:
        return account_id(connection, DISTRICT, name)

    # Its contents

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of one of its tables."""
        with self.database.read() as connection:
            rows = connection.exec_driver_sql(f"SELECT {', '.join(columns)} FROM {table}")
            return [tuple(row) for row in rows]

    def versions(self) -> list[Line]:
        """Every stored version, current and older ones."""
        wires = self.rows("line", "wire") + self.rows("version", "wire")
        return [parse_line(orjson.loads(wire)) for (wire,) in wires]

    def doubled_numbers(self) -> dict[str, list[str]]:
        """The close-out numbers that several issues claim, as the bureau is told."""
        with self.database.read() as connection:
            return check_numbers(connection, DISTRICT).doubled

    def withdrawals(self) -> set[tuple[str, str]]:
        """(account, bucket) of every bucket that ever left an account's scope."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(ACCOUNT.c.name, SCOPE_EVENT.c.bucket)
                .join(ACCOUNT, (ACCOUNT.c.id == SCOPE_EVENT.c.account) & (ACCOUNT.c.district == SCOPE_EVENT.c.district))
                .where(~SCOPE_EVENT.c.granted)
            )
            return {(row[0], row[1]) for row in rows}
