"""A real PostgreSQL for tests: a cluster of its own in a temporary folder, reached through a Unix socket only.

PostgreSQL refuses to run as root, so there it runs as another user. Nothing listens on a port, so two runs of the
suite never meet. Use the fixture ``postgres`` (in ``conftest.py``), or ``database_url`` for both databases.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import QueuePool

from sync.central.db.database import CentralDatabase
from sync.central.db.migrations.run import upgrade
from sync.central.db.tables import METADATA
from tests.needs import postgresql_bin

_UNPRIVILEGED = ("postgres", "nobody")
_START_SECONDS = 60
_LASTING_NAME = "lasting"
_DISCONNECT_OTHERS = (
    f"SELECT application_name = '{_LASTING_NAME}', pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
    f"AND NOT (application_name = '{_LASTING_NAME}' AND state = 'idle')"
)
_COUNT_LASTING = (
    f"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = '{_LASTING_NAME}'"
)


class LastingDatabase(CentralDatabase):
    """The database that all tests of a process share, with connections that outlast the central of a test: a new one
    costs PostgreSQL and SQLAlchemy more than most tests do."""

    def close(self) -> None:
        """Keep the connections for the next central."""

    def size(self) -> int:
        """How many connections are open and free."""
        pool = self.engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedin()


_LASTING: dict[str, LastingDatabase] = {}


def lasting_database(url: str | None) -> LastingDatabase | None:
    """The database that the tests of this process share, where it has this address."""
    return _LASTING.get(url or "")


class Cluster:
    """A cluster; `database` makes a database in it."""

    def __init__(self, programs: Path, folder: Path, user: str | None, *, fsync: bool = False) -> None:
        self.folder = folder
        self._fsync = "on" if fsync else "off"
        self.user = user or "guanjia"
        self._programs = programs
        self._runs_as = user
        self._numbers = count(1)
        self._migrated: str | None = None
        self._emptying: psycopg.Connection[Any] | None = None

    @property
    def pid(self) -> int:
        """The process above all of its processes."""
        return self._process.pid

    def start(self) -> None:
        """Start the server, and wait until it takes connections."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": self._fsync,
            "full_page_writes": self._fsync,
            "autovacuum": "off",
            "jit": "off",
            "max_connections": "60",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self.folder / "data", *options], user=self._runs_as, cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        _wait_for(self)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop the server: SIGINT ends its connections, SIGQUIT leaves it to be recovered from its log."""
        self._process.send_signal(how)
        self._process.wait(_START_SECONDS)

    def restart(self) -> None:
        """Let the server crash, and start it again."""
        self.stop(signal.SIGQUIT)
        self.start()

    def database(self) -> str:
        """The URL of a database with a central's schema and nothing else. It is the same one each time, emptied: what
        the first connections to a new database cost, and its migration, is more than most tests do."""
        if self._migrated is None:
            self._migrated = self.empty_database()
            _migrate(self._migrated)
            _LASTING[self._migrated] = LastingDatabase(f"{self._migrated}&application_name={_LASTING_NAME}")
        else:
            self._empty(self._migrated)
        return self._migrated

    def _empty(self, url: str) -> None:
        """Delete every row, past the triggers that forbid it to a central, once whoever worked there is disconnected.
        All of it goes through one connection, while nothing ends it: a new one costs more than deleting does."""
        tables = ";".join(f"DELETE FROM {table.name}" for table in METADATA.sorted_tables)
        emptying = self._disconnect_others(url)
        emptying.execute(f"SET session_replication_role = replica;{tables}")

    def _disconnect_others(self, url: str) -> psycopg.Connection[Any]:
        """Disconnect all but idle connections of the `LastingDatabase`; where one of its own had to go, all go."""
        try:
            emptying = self._emptying or psycopg.connect(url, autocommit=True)
            ended = emptying.execute(_DISCONNECT_OTHERS).fetchall()
        except psycopg.OperationalError:  # a test has ended it, or the server
            emptying = psycopg.connect(url, autocommit=True)
            ended = emptying.execute(_DISCONNECT_OTHERS).fetchall()
        lasting = lasting_database(url)
        known = emptying.execute(_COUNT_LASTING).fetchone()
        if lasting is not None and ((True, True) in ended or known != (lasting.size(),)):
            lasting.engine.dispose()
        self._emptying = emptying
        return emptying

    def empty_database(self) -> str:
        """The URL of a new database without a schema."""
        name = f"central_{next(self._numbers)}"
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{self.user}@/{name}?host={self.folder}"

    def is_up(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self._conninfo("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _conninfo(self, database: str) -> str:
        return f"host={self.folder} user={self.user} dbname={database}"


def _migrate(url: str) -> None:
    database = CentralDatabase(url)
    with database.write() as connection:
        upgrade(connection)
    database.close()


@contextlib.contextmanager
def cluster(*, fsync: bool = False) -> Iterator[Cluster]:
    """A fresh cluster, gone afterwards with everything in it. Only with ``fsync`` its commits wait for the disk."""
    programs = postgresql_bin()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed; mark the test with needs('postgresql')")
    folder = Path(tempfile.mkdtemp(prefix="gj-pg-"))  # short: a socket's path may have 107 bytes
    user = _hand_over(folder)
    try:
        data = folder / "data"
        initdb: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            user or "guanjia",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        subprocess.run([*initdb, "--no-sync"], user=user, cwd=folder, check=True, capture_output=True)
        running = Cluster(programs, folder, user, fsync=fsync)
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)


def _hand_over(folder: Path) -> str | None:
    """The user to run as, who then owns the folder; None where we are not root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = next(known[name] for name in _UNPRIVILEGED if name in known)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return entry.pw_name


def _wait_for(running: Cluster) -> None:
    until = time.monotonic() + _START_SECONDS
    while not running.is_up():
        if time.monotonic() > until:
            raise TimeoutError("PostgreSQL did not start")
        time.sleep(0.05)
