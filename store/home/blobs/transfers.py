"""How far the bytes of attachments have travelled: a small encrypted file beside the ledger, of this device alone.

Nothing in it cannot be asked again: which bytes the central has confirmed, which originals somebody has asked for, what
was refused, whether the queue is paused, what was spent of the budget of this hour and day. So a file that is damaged
is begun anew.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

from store.db.connection import Connection
from store.db.database import Database
from store.exceptions import DamagedStore, WrongKey
from store.home.blobs.budget import Spent

BlobKey = tuple[str, str]
"""A bucket and a SHA-256."""
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS confirmed (bucket TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (bucket, sha256))",
    "CREATE TABLE IF NOT EXISTS wanted (bucket TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (bucket, sha256))",
    "CREATE TABLE IF NOT EXISTS refused (bucket TEXT NOT NULL, sha256 TEXT NOT NULL, code TEXT NOT NULL, "
    "at INTEGER NOT NULL, PRIMARY KEY (bucket, sha256))",
    "CREATE TABLE IF NOT EXISTS progress (bucket TEXT NOT NULL, sha256 TEXT NOT NULL, done INTEGER NOT NULL, "
    "PRIMARY KEY (bucket, sha256))",
    "CREATE TABLE IF NOT EXISTS carried (bucket TEXT NOT NULL, sha256 TEXT NOT NULL, until INTEGER NOT NULL, "
    "PRIMARY KEY (bucket, sha256))",
    "CREATE TABLE IF NOT EXISTS fact (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)",
)
_CONFIRM = "INSERT OR IGNORE INTO confirmed (bucket, sha256) VALUES (?, ?)"
_FORGET_PROGRESS = "DELETE FROM progress WHERE bucket = ? AND sha256 = ?"
_FORGET_CARRIED = "DELETE FROM carried WHERE bucket = ? AND sha256 = ?"
_FORGET = (
    _FORGET_PROGRESS,
    _FORGET_CARRIED,
    "DELETE FROM confirmed WHERE bucket = ? AND sha256 = ?",
    "DELETE FROM wanted WHERE bucket = ? AND sha256 = ?",
    "DELETE FROM refused WHERE bucket = ? AND sha256 = ?",
)
_PERIODS_MS = {"hour": 3_600_000, "day": 86_400_000}
_ZONE_MS = 8 * 3_600_000
"""A day begins at midnight of the district's time."""
_SIDE_FILES = ("", "-wal", "-shm")


class TransferMarks(NamedTuple):
    """What is known: bytes that the central has ``confirmed``, that somebody ``wanted`` here, that were ``refused``
    (code and time, ms); whether the queue is ``paused``; of those on their way how many bytes are ``done``, and up to
    where a file for a stick has ``carried`` them that was not answered yet."""

    confirmed: frozenset[BlobKey]
    wanted: frozenset[BlobKey]
    refused: dict[BlobKey, tuple[str, int]]
    paused: bool
    done: dict[BlobKey, int]
    carried: dict[BlobKey, int]


def read_marks(ledger: Database) -> TransferMarks:
    """All that is known of one ledger's attachments."""
    with Transfers(ledger) as transfers:
        return transfers.marks()


class Transfers:
    """The marks of one ledger's attachments. Opens nothing before the first use."""

    def __init__(self, ledger: Database) -> None:
        self._file = ledger.with_same_key(ledger.path.with_suffix(".transfers"))
        self._is_made = False

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _write(self) -> Iterator[Connection]:
        self._make()
        with self._file.write() as connection:
            yield connection

    def _read(self) -> Connection:
        self._make()
        return self._file.connection()

    def _make(self) -> None:
        """Make the tables, once. What is written last may be lost with the power, since all of it can be asked again:
        so nothing waits for the disk."""
        try:
            self._file.connection()
        except (DamagedStore, WrongKey):
            self._begin_anew()
        if self._is_made:
            return
        self._file.connection().execute("PRAGMA synchronous = NORMAL")
        with self._file.write() as connection:
            for statement in _SCHEMA:
                connection.execute(statement)
        self._is_made = True

    def _begin_anew(self) -> None:
        self._file.close()
        self._is_made = False
        for suffix in _SIDE_FILES:
            self._file.path.with_name(f"{self._file.path.name}{suffix}").unlink(missing_ok=True)

    def marks(self) -> TransferMarks:
        """All that is known."""
        if not self._file.path.exists():
            return TransferMarks(frozenset(), frozenset(), {}, False, {}, {})
        with self._write() as connection:
            rows = connection.execute("SELECT bucket, sha256, code, at FROM refused").fetchall()
            under_way = connection.execute("SELECT bucket, sha256, done FROM progress").fetchall()
            carried = connection.execute("SELECT bucket, sha256, until FROM carried").fetchall()
            return TransferMarks(
                self._keys(connection, "confirmed"),
                self._keys(connection, "wanted"),
                {(bucket, sha256): (code, at) for bucket, sha256, code, at in rows},
                self._fact(connection, "paused") == "1",
                {(bucket, sha256): done for bucket, sha256, done in under_way},
                {(bucket, sha256): until for bucket, sha256, until in carried},
            )

    @staticmethod
    def _keys(connection: Connection, table: str) -> frozenset[BlobKey]:
        return frozenset(
            (bucket, sha256) for bucket, sha256 in connection.execute(f"SELECT bucket, sha256 FROM {table}")
        )

    def confirm(self, keys: Sequence[BlobKey]) -> None:
        """The central has these whole."""
        with self._write() as connection:
            connection.executemany(_CONFIRM, keys)
            connection.executemany("DELETE FROM refused WHERE bucket = ? AND sha256 = ?", keys)
            connection.executemany(_FORGET_PROGRESS, keys)
            connection.executemany(_FORGET_CARRIED, keys)

    def carry(self, ends: Iterable[tuple[BlobKey, int]]) -> None:
        """These have left in a file for a stick, up to there."""
        with self._write() as connection:
            rows = [(*key, until) for key, until in ends]
            connection.executemany("INSERT OR REPLACE INTO carried VALUES (?, ?, ?)", rows)

    def want(self, keys: Iterable[BlobKey]) -> None:
        """These are to come here."""
        with self._write() as connection:
            connection.executemany("INSERT OR IGNORE INTO wanted (bucket, sha256) VALUES (?, ?)", list(keys))

    def arrived(self, key: BlobKey) -> None:
        """These are here, from the central, which so has them."""
        with self._write() as connection:
            connection.execute("DELETE FROM wanted WHERE bucket = ? AND sha256 = ?", key)
            connection.execute(_FORGET_PROGRESS, key)
            connection.execute(_CONFIRM, key)

    def progress(self, key: BlobKey, done: int) -> None:
        """Of these so many bytes are on the other side, or have come from there."""
        with self._write() as connection:
            connection.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (*key, done))
            connection.execute(_FORGET_CARRIED, key)

    def refuse(self, key: BlobKey, code: str, now_ms: int) -> None:
        """These were not taken, or what came was something else."""
        with self._write() as connection:
            connection.execute("INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?)", (*key, code, now_ms))
            connection.execute(_FORGET_PROGRESS, key)
            connection.execute(_FORGET_CARRIED, key)

    def forget(self, keys: Sequence[BlobKey]) -> None:
        """These have left this device: whatever is known of them."""
        if self._file.path.exists():
            with self._write() as connection:
                for statement in _FORGET:
                    connection.executemany(statement, keys)

    def pause(self, *, paused: bool) -> None:
        """Let no bytes travel, or let them again."""
        with self._write() as connection:
            self._set(connection, "paused", "1" if paused else "0")

    def is_paused(self) -> bool:
        """Whether no bytes are to travel."""
        if not self._file.path.exists():
            return False
        return self._fact(self._read(), "paused") == "1"

    def enter_epoch(self, epoch: str) -> None:
        """A central that was set back to an earlier copy may have lost bytes: what it confirmed in another epoch counts
        no more."""
        with self._write() as connection:
            if self._fact(connection, "epoch") != epoch:
                connection.execute("DELETE FROM confirmed")
                connection.execute("DELETE FROM progress")
                connection.execute("DELETE FROM carried")
                self._set(connection, "epoch", epoch)

    def spend(self, count: int, now_ms: int) -> Spent:
        """Count bytes that have travelled; gives how many have in this hour and on this day."""
        if not count and not self._file.path.exists():
            return Spent()
        spent = Spent()
        with self._write() as connection:
            for period, length in _PERIODS_MS.items():
                current = str((now_ms + _ZONE_MS) // length)
                is_same = self._fact(connection, period) == current
                total = count + (int(self._fact(connection, f"spent_{period}") or 0) if is_same else 0)
                spent = spent._replace(**{period: total})
                if count:
                    self._set(connection, period, current)
                    self._set(connection, f"spent_{period}", str(total))
        return spent

    @staticmethod
    def _fact(connection: Connection, name: str) -> str | None:
        row = connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    @staticmethod
    def _set(connection: Connection, name: str, value: str) -> None:
        connection.execute("INSERT OR REPLACE INTO fact (name, value) VALUES (?, ?)", (name, value))
