"""The mark of a served SQLite file: it tells a plain copy of it, which lacks what its write-ahead log held.

While a central serves, its file carries the number of the session (SQLite's ``user_version``), written back into the
main file before anybody is served; `central.serving` beside it names the same session, and the counters reached. A
clean end sets the number to 0 in the last write. So a file with a number, without a log and without a folder that
knows the number, was copied alone from a central that was serving; a file whose counters are below those of its folder
was set back. The log is written back every few seconds, which bounds what a plain copy can lack; it stays no backup.

What it cannot tell: a copy of all files that was taken one after the other while the central served, and one of
`central.db` and `central.serving` without the log. Next: ``sync/central/backup`` (backups).
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import orjson
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from store.home.paths import write_private
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT

MARK_FILE = "central.serving"
WRITE_BACK_SECONDS = 15.0
_KEPT_SESSIONS = 8
"""Several processes may serve one folder, and each start keeps the numbers of before."""
_LOG = logging.getLogger("guanjia.central")


class Gap(StrEnum):
    """Why a file is not all of its central: its log is missing, or it is older than what its folder has served."""

    LOG_MISSING = "log_missing"
    SET_BACK = "set_back"


class _Mark(NamedTuple):
    """What `central.serving` says: the sessions that served from this folder, and the counter of each district."""

    sessions: list[int]
    counters: dict[str, int]


def find_gap(database: CentralDatabase, data_dir: Path) -> Gap | None:
    """Why the file of a central is incomplete; None where nothing tells that it is. Ask before the database is opened:
    opening one creates a log. Raises `OSError`."""
    if database.file is None or not database.file.exists():
        return None
    mark = _read_mark(data_dir)
    session = _session_in_main_file(database.file)
    log = database.file.with_name(f"{database.file.name}-wal")
    has_log = log.exists() and log.stat().st_size > 0
    if session and session not in mark.sessions:
        if not has_log:
            return Gap.LOG_MISSING
        _write_mark(data_dir, _Mark([*mark.sessions, session], mark.counters))  # it came with its log, which goes now
    if mark.counters:
        with contextlib.suppress(SQLAlchemyError), database.read() as connection:  # a file without tables is no central
            reached = _counters(connection)
            if any(reached.get(district, 0) < counter for district, counter in mark.counters.items()):
                return Gap.SET_BACK
    return None


def clear_mark(database: CentralDatabase, data_dir: Path) -> None:
    """Take the file as it is for complete from now on."""
    (data_dir / MARK_FILE).unlink(missing_ok=True)
    with database.write() as connection:
        _set_session(connection, 0)


@contextlib.contextmanager
def serving_mark(database: CentralDatabase, data_dir: Path, every_s: float = WRITE_BACK_SECONDS) -> Iterator[None]:
    """Carry the mark while the block serves, and write the log back every so many seconds. Nothing for PostgreSQL.
    Raises `OSError` or `SQLAlchemyError` before the block begins."""
    if database.file is None:
        yield
        return
    session = 1 + secrets.randbelow((1 << 31) - 1)
    _begin(database, data_dir, session)
    ended = threading.Event()
    thread = threading.Thread(target=_keep, args=(database, data_dir, session, every_s, ended), name="write-back")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        _end(database, data_dir, session)


def _begin(database: CentralDatabase, data_dir: Path, session: int) -> None:
    sessions = [*_read_mark(data_dir).sessions, session][-_KEPT_SESSIONS:]
    with database.read() as connection:
        before = _session(connection)
        _write_mark(data_dir, _Mark([*sessions, *([before] if before else [])], _counters(connection)))
    with database.write() as connection:
        _set_session(connection, session)
    _write_back(database, "FULL")


def _keep(database: CentralDatabase, data_dir: Path, session: int, every_s: float, ended: threading.Event) -> None:
    while not ended.wait(every_s):
        try:
            _refresh(database, data_dir, session)
        except (OSError, SQLAlchemyError) as error:
            _LOG.warning("the log was not written back (%s)", type(error).__name__)


def _refresh(database: CentralDatabase, data_dir: Path, session: int) -> None:
    """Write the log back, and what was reached before that into the folder."""
    with database.read() as connection:
        is_marked, counters = _session(connection) != 0, _counters(connection)
    if not is_marked:  # another process that served the same folder has ended
        with database.write() as connection:
            _set_session(connection, session)
    _write_back(database, "PASSIVE")
    mark = _read_mark(data_dir)
    if mark.counters != counters or session not in mark.sessions:
        _write_mark(data_dir, _Mark([*mark.sessions, session][-_KEPT_SESSIONS:], counters))


def _end(database: CentralDatabase, data_dir: Path, session: int) -> None:
    """The clean end: the last write takes the number away, and the last connection writes the log back."""
    try:
        with database.write() as connection:
            counters = _counters(connection)
            if _session(connection) == session:
                _set_session(connection, 0)
        _write_mark(data_dir, _Mark(_read_mark(data_dir).sessions, counters))
    except (OSError, SQLAlchemyError) as error:
        _LOG.warning("the mark of the served file was left (%s)", type(error).__name__)


def _session_in_main_file(file: Path) -> int:
    """The number in the main file alone, past its log. SQLite reads it: closing a descriptor of our own would drop the
    locks of this process's connections to the same file."""
    try:
        connection = sqlite.connect(f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1", uri=True)
        with contextlib.closing(connection):
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite.Error:  # whatever is wrong with it is told by whoever opens it
        return 0


def _session(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())


def _set_session(connection: Connection, session: int) -> None:
    connection.exec_driver_sql(f"PRAGMA user_version = {session}")


def _counters(connection: Connection) -> dict[str, int]:
    return {code: seq for code, seq in connection.execute(select(DISTRICT.c.code, DISTRICT.c.seq))}


def _write_back(database: CentralDatabase, mode: str) -> None:
    """Checkpoint: outside a transaction, so on the driver's connection."""
    with database.driver_connection() as raw:
        raw.execute(f"PRAGMA wal_checkpoint({mode})")


def _read_mark(data_dir: Path) -> _Mark:
    try:
        values = orjson.loads((data_dir / MARK_FILE).read_bytes())
        return _Mark([int(number) for number in values["sessions"]], dict(values["counters"]))
    except FileNotFoundError:
        return _Mark([], {})
    except (KeyError, TypeError, ValueError):  # written by another version: it vouches for nothing
        return _Mark([], {})


def _write_mark(data_dir: Path, mark: _Mark) -> None:
    write_private(data_dir / MARK_FILE, orjson.dumps(mark._asdict()))
