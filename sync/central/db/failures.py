"""What an error of the database means for a request: tried again, answered "not now", "disk full", or unexpected.

The driver is not asked for: SQLAlchemy has its classes, and a central over SQLite need not load PostgreSQL's (8 MB).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from enum import Enum
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

MAX_TRIES = 3
"""How often the work of a request is tried in all when other transactions get in its way."""
_SQLITE_FULL = 13
_SQLSTATE_DISK_FULL = "53100"
_SQLSTATE_CLASS_ROLLBACK = "40"
"""Deadlocks and serialization failures: the transaction left no trace and may be repeated."""
_UNAVAILABLE_STATES = ("25006", "25P03")
"""A standby or read-only server after a failover, an idle transaction that the server ended: no `OperationalError`."""
WorkResult = TypeVar("WorkResult")


class DatabaseFailure(Enum):
    """``CONFLICT``: another transaction was in the way. ``UNAVAILABLE``: locked, cancelled, restarting or away.
    ``DISK_FULL``: it can be read, not written. ``UNEXPECTED``: a mistake of ours, or damage."""

    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    DISK_FULL = "disk_full"
    UNEXPECTED = "unexpected"


def classify_failure(error: SQLAlchemyError) -> DatabaseFailure:
    """What this error means."""
    if isinstance(error, PoolTimeout):
        return DatabaseFailure.UNAVAILABLE
    if not isinstance(error, DBAPIError):
        return DatabaseFailure.UNEXPECTED
    cause = error.orig
    state = getattr(cause, "sqlstate", None) or ""
    if state == _SQLSTATE_DISK_FULL or getattr(cause, "sqlite_errorcode", None) == _SQLITE_FULL:
        return DatabaseFailure.DISK_FULL
    if state.startswith(_SQLSTATE_CLASS_ROLLBACK):
        return DatabaseFailure.CONFLICT
    away = error.connection_invalidated or isinstance(error, OperationalError)
    return DatabaseFailure.UNAVAILABLE if away or state in _UNAVAILABLE_STATES else DatabaseFailure.UNEXPECTED


def retry_conflicts(work: Callable[[], WorkResult]) -> WorkResult:
    """Do the work, again where another transaction got in its way: all that a request does is in transactions, and the
    same request sent again changes nothing. Raises what the last try raised."""
    for _ in range(MAX_TRIES - 1):
        try:
            return work()
        except SQLAlchemyError as error:
            if classify_failure(error) is not DatabaseFailure.CONFLICT:
                raise
    return work()


@contextlib.contextmanager
def best_effort() -> Iterator[None]:
    """What was read is answered though the database cannot be written now, as on a full disk."""
    try:
        yield
    except SQLAlchemyError as error:
        if classify_failure(error) is DatabaseFailure.UNEXPECTED:
            raise
