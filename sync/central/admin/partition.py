"""``guanjia central partition``: the big tables of a PostgreSQL central in one partition a district.

Without ``apply`` it only tells what would be done. Every row is copied, while nobody else may use the tables, in one
transaction; a verified backup of the last day is required, for what a database does not survive.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from sync.central import audit
from sync.central.admin.condition import condition_of
from sync.central.admin.operator import operator_name
from sync.central.admin.setup import districts, open_database
from sync.central.clock import central_clock
from sync.central.db.commit_order import lock_district
from sync.central.db.database import CentralDatabase
from sync.central.db.partitions import (
    BIG_TABLES,
    RowsDiffer,
    analyze,
    end_with_client,
    lock_all,
    make_partitions,
    partition_name,
    sizes,
)
from sync.central.db.serving_role import OWNER_VARIABLE, as_owner, grant_serving, is_guarded
from sync.central.exceptions import OwnerNeeded, PartitionsFailed, PartitionsNeedBackup, PartitionsNeedPostgres

_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '20s'"


class PartitionPlan(NamedTuple):
    """The districts, those that lack a partition in some table (``missing``), those without a backup of the last day
    (``no_backup``), how many bytes are copied, and whether that was done (``rows`` of them then)."""

    districts: list[str]
    missing: list[str]
    no_backup: list[str]
    size: int
    done: bool = False
    rows: int = 0

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central partition --json`` prints it."""
        return {**self._asdict(), "tables": [table.name for table in BIG_TABLES]}


def partition(data_dir: Path, *, apply: bool = False) -> PartitionPlan:
    """What partitioning would do, and with ``apply`` do it, where anything is missing. Raises what `open_database`
    raises, `PartitionsNeedPostgres`, and where it is to be done `OwnerNeeded`, `PartitionsNeedBackup` or
    `PartitionsFailed`: everything is as it was before then."""
    with closing(open_database(data_dir)) as database:
        if database.engine.dialect.name != "postgresql":
            raise PartitionsNeedPostgres(place=data_dir)
        with database.read() as connection:
            plan = _plan(connection)
        if not apply or not plan.missing:
            return plan
        if plan.no_backup:
            raise PartitionsNeedBackup(district=plan.no_backup[0])
        try:
            return _apply(database, plan)
        except (SQLAlchemyError, RowsDiffer) as error:
            detail = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
            raise PartitionsFailed(detail=detail) from None


def _plan(connection: Connection) -> PartitionPlan:
    found, every = sizes(connection), districts(connection)
    tables = list(zip(BIG_TABLES, found, strict=True))
    missing = [code for code in every if any(partition_name(t, code) not in f.partitions for t, f in tables)]
    no_backup = [code for code in every if condition_of(connection, code, None).is_backup_overdue]
    return PartitionPlan(every, missing, no_backup, sum(each.size for each in found))


def _apply(database: CentralDatabase, plan: PartitionPlan) -> PartitionPlan:
    with as_owner(database) as owner:
        with database.read() as connection, owner.read() as owners:
            serving, owning = (
                each.execute(text("SELECT current_user::text")).scalar_one() for each in (connection, owners)
            )
            if is_guarded(owners):
                raise OwnerNeeded(variable=OWNER_VARIABLE)
        with owner.write() as connection:
            connection.execute(text(_LOCK_TIMEOUT))
            end_with_client(connection)
            lock_all(connection)
            rows = sum(make_partitions(connection, table, plan.districts) for table in BIG_TABLES)
            if serving != owning:
                grant_serving(connection, serving)
            _record(connection, plan.districts)
        with owner.write() as connection:
            analyze(connection)
    return plan._replace(missing=[], done=True, rows=rows)


def _record(connection: Connection, codes: list[str]) -> None:
    for code in codes:
        counter = lock_district(connection, code, central_clock().now_ms())
        if counter is not None:
            audit.record_event(connection, counter, "partitioned", by=operator_name())
            counter.save(connection, is_evidence=False)
