"""What a failure of the database means for a request: again, later, disk full, or a mistake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlcipher3.dbapi2 as sqlite
from psycopg import errors
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.ledger.line import canonical_json
from sync.central.admin.setup import open_database, write_central
from sync.central.api.app import create_app
from sync.central.db.commit_order import lock_district
from sync.central.db.database import CentralDatabase
from sync.central.db.failures import MAX_TRIES, DatabaseFailure, classify_failure, retry_conflicts
from sync.central.exceptions import CentralWriteFailure
from tests.sync.central.ledger import outcome_codes, project, visit
from tests.sync.central_fixture import DISTRICT, Central, create_central, serving_app


def raised(cause: Exception) -> DBAPIError:
    """An error of the driver as SQLAlchemy raises it."""
    error = DBAPIError.instance("INSERT", None, cause, Exception)
    assert isinstance(error, DBAPIError)
    return error


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (errors.DeadlockDetected(), DatabaseFailure.CONFLICT),
        (errors.SerializationFailure(), DatabaseFailure.CONFLICT),
        (errors.QueryCanceled(), DatabaseFailure.UNAVAILABLE),
        (errors.LockNotAvailable(), DatabaseFailure.UNAVAILABLE),
        (errors.AdminShutdown(), DatabaseFailure.UNAVAILABLE),
        (errors.TooManyConnections(), DatabaseFailure.UNAVAILABLE),
        (errors.ReadOnlySqlTransaction(), DatabaseFailure.UNAVAILABLE),
        (errors.IdleInTransactionSessionTimeout(), DatabaseFailure.UNAVAILABLE),
        (psycopg.OperationalError("connection refused"), DatabaseFailure.UNAVAILABLE),
        (errors.DiskFull(), DatabaseFailure.DISK_FULL),
        (errors.UniqueViolation(), DatabaseFailure.UNEXPECTED),
        (errors.UndefinedTable(), DatabaseFailure.UNEXPECTED),
        (sqlite.OperationalError("database is locked"), DatabaseFailure.UNAVAILABLE),
        (sqlite.IntegrityError("UNIQUE constraint failed"), DatabaseFailure.UNEXPECTED),
    ],
)
def test_every_failure_has_its_meaning(cause: Exception, failure: DatabaseFailure) -> None:
    """A statement cancelled, a deadlock or a serialization failure is never an unexpected error."""
    assert classify_failure(raised(cause)) is failure


def test_a_pool_without_a_free_connection_is_no_mistake() -> None:
    """Waiting in vain for a connection means: come back."""
    assert classify_failure(PoolTimeout()) is DatabaseFailure.UNAVAILABLE


def test_conflicts_are_tried_again_a_few_times() -> None:
    """Work that another transaction got in the way of is done again; other errors, and too many conflicts, are not."""
    left: list[Exception] = []

    def work() -> str:
        if left:
            raise raised(left.pop())
        return "done"

    left += [errors.DeadlockDetected(), errors.SerializationFailure()]
    assert retry_conflicts(work) == "done"
    for cause, tries in ((errors.DeadlockDetected(), MAX_TRIES), (errors.QueryCanceled(), 1)):
        left[:] = [cause] * 10
        with pytest.raises(DBAPIError):
            retry_conflicts(work)
        assert len(left) == 10 - tries


@contextmanager
def central_over(folder: Path) -> Iterator[tuple[Central, CentralDatabase]]:
    """A central and its open database."""
    data_dir = folder / "central"
    code = create_central(data_dir)
    database = open_database(data_dir)
    with serving_app(create_app(database)) as url:
        yield Central(data_dir, url, code), database


@pytest.mark.parametrize(("cause", "status"), [(errors.DeadlockDetected(), 200), (errors.QueryCanceled(), 503)])
def test_a_push_that_met_another_transaction(tmp_path: Path, cause: Exception, status: int) -> None:
    """A push in a deadlock is done again and answered; one whose statement was cancelled is asked to come back, and
    nothing of it is half done."""
    with central_over(tmp_path) as (central, database):
        laptop = central.enrol("局长")
        own = project(laptop)
        failures = [cause]

        def fail(_c: object, _k: object, statement: str, *_: object) -> None:
            if failures and "INSERT INTO line" in statement:
                raise raised(failures.pop())

        event.listen(database.engine, "before_cursor_execute", fail)
        response = laptop.client.post("/v1/push", content=b'{"lines":[' + canonical_json(own) + b"]}")
        assert (response.status_code, failures) == (status, [])
        assert outcome_codes(laptop.push([own])) == ["applied"]


def test_a_full_disk_is_told_as_that_and_reading_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """On a full disk a push is answered 507 and the log says it to the operator, while hello and pull still answer."""
    with central_over(tmp_path) as (central, database):
        laptop = central.enrol("局长")
        own = project(laptop)
        laptop.push([own])
        database.close()
        event.listen(database.engine, "connect", _leave_no_room)
        response = laptop.post("/v1/push", b'{"lines":[' + canonical_json(visit(laptop, own.id, "长" * 50_000)) + b"]}")
        assert (response.status_code, response.json()["code"]) == (507, "disk_full")
        assert int(response.headers["retry-after"]) >= 1
        assert "disk of the database is full" in caplog.text
        assert laptop.hello()["news"] is True
        assert [line["id"] for page in laptop.pull_all() for line in page["lines"]] == [own.id]


@pytest.mark.parametrize(
    ("cause", "said"),
    [(errors.DiskFull(), "the disk is full"), (sqlite.OperationalError("database is locked"), "database is locked")],
)
def test_the_operator_is_told_what_the_database_did_not_take_in(central: Central, cause: Exception, said: str) -> None:
    """An operator's command on a full disk, or beside a busy database, ends with a sentence that says so."""
    with pytest.raises(CentralWriteFailure, match=said), write_central(central.data_dir) as connection:
        lock_district(connection, DISTRICT, 0)
        raise raised(cause)


def _leave_no_room(raw: sqlite.Connection, _record: object) -> None:
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages}")
