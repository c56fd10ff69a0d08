"""The mark of a served SQLite file: it tells a plain copy of it, which lacks what its write-ahead log held.

While a central serves, its file carries the number of the session (SQLite's ``user_version``), written back into the
main file before anybody is served; `central.serving` beside it names the same session, and the counters reached. A
clean end sets the number to 0 in the last write. So a file with a number, without a log and without a folder that
knows the number, was copied alone from a central that was serving; a file whose counters are below those of its folder
was set back. The log is written back every few seconds, which bounds what a plain copy can lack; it stays no backup.

The counters are kept outside the folder too: beside it, or where systemd gives the service a place. So a whole folder
that was put back is told. A PostgreSQL that was set back is told in the same way, by the counters alone.

What it cannot tell: a copy of all files that was taken one after the other while the central served, one of
`central.db` and `central.serving` without the log, and a whole machine that was set back: only devices know then.
Next: ``sync/central/backup`` (backups).
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import orjson
import sqlcipher3.dbapi2 as sqlite
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from store.home.paths import write_private
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT, EPOCH

MARK_FILE = "central.serving"
OUTSIDE_SUFFIX = ".reached"
WRITE_BACK_SECONDS = 15.0
_KEPT_SESSIONS = 8
"""Several processes may serve one folder, and each start keeps the numbers of before."""
_LOG = logging.getLogger("guanjia.central")


class Gap(StrEnum):
    """Why a file is not all of its central: its log is missing, or it is older than what its folder has served."""

    LOG_MISSING = "log_missing"
    SET_BACK = "set_back"


class _Reached(NamedTuple):
    """How far a district is: the identity of its central, its present epoch and counter. Marks of older versions know
    neither identity nor epoch ("" and 0)."""

    central: str
    epoch: int
    counter: int

    def is_before(self, other: _Reached) -> bool:
        """Whether the database was at ``other`` before. A later epoch has begun since it was found to be set back."""
        return (self.epoch if other.epoch else 0, self.counter) < (other.epoch, other.counter)


class _Mark(NamedTuple):
    """What `central.serving` says: the sessions that served from this folder, and how far each district was."""

    sessions: list[int]
    reached: dict[str, _Reached]


def find_gap(database: CentralDatabase, data_dir: Path) -> Gap | None:
    """Why the database of a central is incomplete; None where nothing tells that it is. Ask before it is opened:
    opening a file creates a log. Raises `OSError`."""
    mark = _read_mark(data_dir / MARK_FILE)
    if database.file is not None:
        if not database.file.exists():
            return None
        session = _session_in_main_file(database.file)
        log = database.file.with_name(f"{database.file.name}-wal")
        if session and session not in mark.sessions:
            if not (log.exists() and log.stat().st_size > 0):
                return Gap.LOG_MISSING
            known = mark._replace(sessions=[*mark.sessions, session])
            _write_mark(data_dir / MARK_FILE, known)  # it came with its log, which goes now
    marks = [each for each in (mark, _read_mark(_outside(data_dir))) if each.reached]
    if marks:
        with contextlib.suppress(SQLAlchemyError), database.read() as connection:  # one without tables is no central
            present = _reached(connection)
            if any(_is_set_back(present, each.reached) for each in marks):
                return Gap.SET_BACK
    return None


def _is_set_back(present: Mapping[str, _Reached], before: Mapping[str, _Reached]) -> bool:
    """Whether the districts were further before; what was noted of another central says nothing."""
    known = {reached.central for reached in present.values()}
    if not any(reached.central in ("", *known) for reached in before.values()):
        return False
    return any(code not in present or present[code].is_before(reached) for code, reached in before.items())


def forget_marks(data_dir: Path) -> None:
    """Remove what is known of how far the central in a folder was."""
    (data_dir / MARK_FILE).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # a parent folder of others, or one that cannot be written
        _outside(data_dir).unlink(missing_ok=True)


def clear_mark(database: CentralDatabase, data_dir: Path) -> None:
    """Take the database as it is for complete from now on."""
    forget_marks(data_dir)
    if database.file is not None:
        with database.write() as connection:
            _set_session(connection, 0)


@contextlib.contextmanager
def serving_mark(database: CentralDatabase, data_dir: Path, every_s: float = WRITE_BACK_SECONDS) -> Iterator[None]:
    """Carry the mark while the block serves, and write the log back every so many seconds; for PostgreSQL the counters
    alone. Raises `OSError` or `SQLAlchemyError` before the block begins."""
    session = 1 + secrets.randbelow((1 << 31) - 1) if database.file is not None else 0
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
    sessions = _read_mark(data_dir / MARK_FILE).sessions
    with database.read() as connection:
        if session:
            before = _session(connection)
            sessions = [*sessions, session][-_KEPT_SESSIONS:] + ([before] if before else [])
        _note(data_dir, _Mark(sessions, _reached(connection)))
    if session:
        with database.write() as connection:
            _set_session(connection, session)
        _write_back(database, "FULL")


def _keep(database: CentralDatabase, data_dir: Path, session: int, every_s: float, ended: threading.Event) -> None:
    while not ended.wait(every_s):
        try:
            _refresh(database, data_dir, session)
        except (OSError, SQLAlchemyError) as error:
            _LOG.warning("the mark of what is served was not renewed (%s)", type(error).__name__)


def _refresh(database: CentralDatabase, data_dir: Path, session: int) -> None:
    """Write the log back, and what was reached before that into the folder."""
    with database.read() as connection:
        is_marked, reached = not session or _session(connection) != 0, _reached(connection)
    if not is_marked:  # another process that served the same folder has ended
        with database.write() as connection:
            _set_session(connection, session)
    if session:
        _write_back(database, "PASSIVE")
    mark = _read_mark(data_dir / MARK_FILE)
    if mark.reached != reached or (session and session not in mark.sessions):
        _note(data_dir, _Mark([*mark.sessions, *filter(None, [session])][-_KEPT_SESSIONS:], reached))


def _end(database: CentralDatabase, data_dir: Path, session: int) -> None:
    """The clean end: the last write takes the number away, and the last connection writes the log back."""
    try:
        with database.write() if session else database.read() as connection:
            reached = _reached(connection)
            if session and _session(connection) == session:
                _set_session(connection, 0)
        _note(data_dir, _Mark(_read_mark(data_dir / MARK_FILE).sessions, reached))
    except (OSError, SQLAlchemyError) as error:
        _LOG.warning("the mark of what was served was left (%s)", type(error).__name__)


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


def _reached(connection: Connection) -> dict[str, _Reached]:
    epoch = select(func.max(EPOCH.c.n)).where(EPOCH.c.district == DISTRICT.c.code).scalar_subquery()
    rows = connection.execute(select(DISTRICT.c.code, DISTRICT.c.central, epoch, DISTRICT.c.seq))
    return {code: _Reached(central, n or 0, seq) for code, central, n, seq in rows}


def _write_back(database: CentralDatabase, mode: str) -> None:
    """Checkpoint: outside a transaction, so on the driver's connection."""
    with database.driver_connection() as raw:
        raw.execute(f"PRAGMA wal_checkpoint({mode})")


def _outside(data_dir: Path) -> Path:
    """Where the counters are kept besides: for a service in the folder that systemd gives it, else beside the data."""
    place, of_service = data_dir.absolute(), os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    return (Path(of_service) if of_service else place.parent) / f"{place.name}{OUTSIDE_SUFFIX}"


def _read_mark(path: Path) -> _Mark:
    try:
        values = orjson.loads(path.read_bytes())
        epochs, centrals = values.get("epochs", {}), values.get("centrals", {})
        reached = {
            code: _Reached(str(centrals.get(code, "")), int(epochs.get(code, 0)), int(counter))
            for code, counter in values["counters"].items()
        }
        return _Mark([int(number) for number in values["sessions"]], reached)
    except (FileNotFoundError, PermissionError):
        return _Mark([], {})
    except (AttributeError, KeyError, TypeError, ValueError):  # written by another version: it vouches for nothing
        return _Mark([], {})


def _note(data_dir: Path, mark: _Mark) -> None:
    """Write the mark into the folder, and outside it where that is possible."""
    _write_mark(data_dir / MARK_FILE, mark)
    with contextlib.suppress(OSError):  # a parent folder of others: the mark inside the folder has to do
        _write_mark(_outside(data_dir), mark)


def _write_mark(path: Path, mark: _Mark) -> None:
    values = {
        "sessions": mark.sessions,
        "counters": {code: reached.counter for code, reached in mark.reached.items()},
        "epochs": {code: reached.epoch for code, reached in mark.reached.items()},
        "centrals": {code: reached.central for code, reached in mark.reached.items()},
    }
    write_private(path, orjson.dumps(values))
