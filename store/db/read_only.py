"""Reading a store on a disk that is full or read-only, where SQLite can make none of the files it works with.

What is there is read: the file itself where its log is empty, else a copy of both on another disk (they are encrypted,
and so is the copy). Loaded only where a store cannot be opened as usual (``store/db/database.py``).
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection, translate_errors, use_key
from store.exceptions import StoreError


class ReadOnlyAccess:
    """Connections that read one store and never write. `close` deletes the copy, if one was made."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._copies = contextlib.ExitStack()
        self._copy: Path | None = None
        self._copied: tuple[tuple[int, int], ...] = ()
        """Size and time of change (ns) of the files as they were copied."""

    def connect(self, refused: StoreError) -> Connection:
        """A connection that reads. Raises ``refused``, why the store cannot be opened as usual, where it cannot be read
        either."""
        try:
            uri = self._uri()
            with translate_errors(self._path):
                connection = sqlite.connect(
                    uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
                )
        except (OSError, StoreError, sqlite.Error):
            raise refused from None
        try:
            use_key(connection, self._key)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite.Error:
            connection.close()
            raise refused from None
        return connection

    def close(self) -> None:
        """Delete the copy; a connection that still reads it goes on (Windows keeps the files until it is closed)."""
        self._copies.close()
        self._copy, self._copied = None, ()

    def _uri(self) -> str:
        """What is opened. Nobody writes to a store on such a disk, so it may be read without locks (``immutable``)."""
        log = self._path.with_name(f"{self._path.name}-wal")
        if not log.exists() or log.stat().st_size == 0:
            return f"file:{quote(str(self._path))}?mode=ro&immutable=1"
        files = self._path, log
        present = tuple((file.stat().st_size, file.stat().st_mtime_ns) for file in files)
        if self._copy is None or present != self._copied:  # the disk may have taken writes since the last copy
            self.close()
            copies = tempfile.TemporaryDirectory(prefix="guanjia-", ignore_cleanup_errors=True)
            folder = Path(self._copies.enter_context(copies))
            for file in files:
                shutil.copyfile(file, folder / file.name)
            self._copy, self._copied = folder / self._path.name, present
        return f"file:{quote(str(self._copy))}"
