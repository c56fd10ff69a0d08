"""Moves whole bytes of attachments from the database to the outside store, and erases there what was erased here.

Bytes arrive in the database, whichever store there is, so a store that is away holds up nobody: its bytes wait. What is
whole is moved by whoever serves, once: it is noted that an object may be there, the object is written, and in one
transaction it is noted that it is there and the parts are deleted. Whatever is killed between two of these, the same is
done again, by this process or another one, under the same name with the same content.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, true, tuple_, update

from sync.central.db.database import CentralDatabase
from sync.central.db.object_store import ObjectStore, object_name
from sync.central.db.tables import BLOB, BLOB_PART, BlobRow
from sync.central.reads.blobs import BlobReads
from sync.protocol.blobs import PART_BYTES

PAGE = 100
"""So many are looked up at a time."""
_KEYS = (BLOB.c.district, BLOB.c.bucket, BLOB.c.sha256)
_IS_WHOLE = BLOB.c.whole_at.is_not(None) & BLOB.c.erased_at.is_(None)
TO_MOVE = _IS_WHOLE & BLOB.c.stored_at.is_(None)
"""Bytes that are whole and lie in the database."""
TO_ERASE = BLOB.c.erased_at.is_not(None) & BLOB.c.sent_at.is_not(None)
"""Erased bytes of which an object may be left."""
_LOG = logging.getLogger("guanjia.central")


class BlobMoves(NamedTuple):
    """Carries bytes between a ``database`` and a ``store``; ``now_ms`` is the central's time, ``stopped`` whether to
    end between two."""

    database: CentralDatabase
    store: ObjectStore
    now_ms: Callable[[], int]
    stopped: Callable[[], bool] = lambda: False

    def run(self) -> int:
        """Move all that is whole, and delete the objects of what was erased; gives how many were moved. Raises
        `ObjectsUnreachable` and other errors of the store, and those of the database: the next time goes on."""
        for row in self._each(TO_ERASE):
            self._erase(row)
        return sum(self._move(row) for row in self._each(TO_MOVE))

    def _each(self, chosen: ColumnElement[bool]) -> Iterator[BlobRow]:
        """The rows of which this holds, each once."""
        last = ("", "", "")
        while not self.stopped():
            after = select(BLOB).where(chosen, tuple_(*_KEYS) > last).order_by(*_KEYS).limit(PAGE)
            with self.database.read() as connection:
                rows = [BlobRow(*row) for row in connection.execute(after)]
            if not rows:
                return
            for row in rows:
                if self.stopped():
                    return
                yield row
            last = rows[-1][:3]

    def _move(self, row: BlobRow) -> bool:
        with self.database.write() as connection:
            if not _set(connection, row, sent_at=self.now_ms()):
                return False  # erased or moved meanwhile
        with self.database.read() as connection:
            content = BlobReads(connection, row.district, true()).parts(row, 0, -(-row.size // PART_BYTES))
        if hashlib.sha256(content).hexdigest() != row.sha256:
            _LOG.error("an attached file in the database is damaged, and stays there: %s", row.sha256)
            return False
        name = object_name(*row[:3])
        self.store.put(name, content)
        with self.database.write() as connection:
            is_moved = _set(connection, row, stored_at=self.now_ms())
            if is_moved:
                parts = BLOB_PART.c.district, BLOB_PART.c.bucket, BLOB_PART.c.sha256
                same = [column == value for column, value in zip(parts, row[:3], strict=True)]
                connection.execute(delete(BLOB_PART).where(*same))
        if not is_moved:
            self._drop_if_erased(row, name)
        return is_moved

    def _drop_if_erased(self, row: BlobRow, name: str) -> None:
        """Delete the object of bytes that were erased while it was written."""
        with self.database.read() as connection:
            is_erased = connection.execute(select(BLOB.c.erased_at.is_not(None)).where(*_same(row))).scalar()
        if is_erased:
            self.store.delete(name)

    def _erase(self, row: BlobRow) -> None:
        self.store.delete(object_name(*row[:3]))
        gone = update(BLOB).where(*_same(row), BLOB.c.erased_at.is_not(None)).values(sent_at=None, stored_at=None)
        with self.database.write() as connection:
            connection.execute(gone)


def _same(row: BlobRow) -> list[ColumnElement[bool]]:
    return [column == value for column, value in zip(_KEYS, row[:3], strict=True)]


def _set(connection: Connection, row: BlobRow, **noted: int) -> bool:
    """Note this of bytes that are whole and in the database; gives whether they are."""
    return connection.execute(update(BLOB).where(*_same(row), TO_MOVE).values(noted)).rowcount == 1
