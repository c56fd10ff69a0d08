"""The big tables of a PostgreSQL database in one partition a district, each with the rest of the districts in one more.

A table is put aside, made anew with partitions, filled from it and given its indexes and triggers; sums of all rows, by
district, must be the same before and after. All of it is one transaction: it is done or it has not begun. No migration
does this, since it copies every row; the schema that migrations build and change is the same either way.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError

from sync.central.db.tables import AUDIT, BUCKET, INTAKE, LINE, SCOPE_EVENT, VERSION

BIG_TABLES = (LINE, VERSION, BUCKET, SCOPE_EVENT, AUDIT, INTAKE)
"""What grows with the work of the offices; every other table is small."""
OTHER, _ASIDE = "$other", "$aside"
"""Ends of the names of the partition of districts that have none of their own, and of a table that is put aside. No
district's code has this sign."""
_NAME_BYTES = 63
_SUMS = "SELECT district, count(*), sum(hashtextextended(row::text, 0)::numeric) FROM {table} row GROUP BY district"
_PARTITIONS = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = CAST(:name AS regclass) ORDER BY child.relname"""
_INDEXES = """
SELECT indexname, pg_get_indexdef(indexrelid) AS definition, indisprimary FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_indexes ON indexname = relname AND schemaname = current_schema()
WHERE indrelid = CAST(:name AS regclass) ORDER BY indisprimary DESC, indexname"""
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
WHERE conrelid = CAST(:name AS regclass) AND contype IN ('p', 'u') ORDER BY conname"""
_TRIGGERS = """
SELECT tgname, pg_get_triggerdef(oid) AS definition, tgtype & 1 = 1 AS for_rows FROM pg_trigger
WHERE tgrelid = CAST(:name AS regclass) AND NOT tgisinternal ORDER BY tgname"""


class TableSize(NamedTuple):
    """A table: how many bytes it takes with its indexes, and its partitions."""

    table: str
    size: int
    partitions: tuple[str, ...]


class Sums(NamedTuple):
    """What is in a table, by district: how many rows, and the sum of a hash of each."""

    rows: dict[str, tuple[int, int]]

    @property
    def total(self) -> int:
        """How many rows in all."""
        return sum(count for count, _ in self.rows.values())


class RowsDiffer(Exception):
    """A table has not the same rows after it was filled; the transaction must not be committed."""


def sizes(connection: Connection) -> list[TableSize]:
    """The big tables as they are. A partitioned table's size is that of its partitions."""
    return [TableSize(table.name, _size(connection, table.name), partitions(connection, table)) for table in BIG_TABLES]


def _size(connection: Connection, table: str) -> int:
    whole = "SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_partition_tree(:name)"
    plain = "SELECT pg_total_relation_size(CAST(:name AS regclass))"
    found = connection.execute(text(whole), {"name": table}).scalar()
    return int(found or connection.execute(text(plain), {"name": table}).scalar_one())


def partitions(connection: Connection, table: Table) -> tuple[str, ...]:
    """The names of a table's partitions; none where it has none."""
    return tuple(connection.execute(text(_PARTITIONS), {"name": table.name}).scalars())


def partition_name(table: Table, district: str) -> str:
    """The partition of a district, whose code may be any text."""
    name = f"{table.name}_{district}"
    if len(name.encode()) <= _NAME_BYTES:
        return name
    return f"{table.name}_{hashlib.sha256(district.encode()).hexdigest()[:32]}"


def sums(connection: Connection, table: Table) -> Sums:
    """What is in a table."""
    rows = connection.execute(text(_SUMS.format(table=table.name)))
    return Sums({district: (count, int(total)) for district, count, total in rows})


def lock_all(connection: Connection) -> None:
    """Keep everybody else out until the transaction ends, the district's rows first, as writers do."""
    connection.execute(text("LOCK TABLE district IN EXCLUSIVE MODE"))
    connection.execute(text(f"LOCK TABLE {', '.join(table.name for table in BIG_TABLES)} IN ACCESS EXCLUSIVE MODE"))


def end_with_client(connection: Connection, looks_every_ms: int = 5_000) -> None:
    """Let the server end this transaction where whoever began it was killed, though a table is being copied: else the
    locks stay until that is done. Not every version and system can (PostgreSQL 14; Linux)."""
    with contextlib.suppress(DBAPIError), connection.begin_nested():
        connection.execute(text(f"SET LOCAL client_connection_check_interval = {looks_every_ms}"))


def make_partitions(connection: Connection, table: Table, districts: Sequence[str]) -> int:
    """Make a table anew with a partition for each district; gives how many rows it has. Nobody else may use it until
    the transaction ends, which has to be rolled back where this raises `RowsDiffer`."""
    name = table.name
    before = sums(connection, table)
    constraints = connection.execute(text(_CONSTRAINTS), {"name": name}).all()
    named = {constraint for constraint, _ in constraints}
    indexes = [row.definition for row in connection.execute(text(_INDEXES), {"name": name}) if row[0] not in named]
    triggers = connection.execute(text(_TRIGGERS), {"name": name}).all()
    aside = _put_aside(connection, table)
    _run(connection, f"CREATE TABLE {name} (LIKE {aside} INCLUDING DEFAULTS) PARTITION BY LIST (district)")
    made = [_make_partition(connection, table, district) for district in sorted(districts)]
    made.append(f"{name}{OTHER}")
    _run(connection, f"CREATE TABLE {made[-1]} PARTITION OF {name} DEFAULT")
    _run(connection, f"INSERT INTO {name} SELECT * FROM {aside}")
    _run(connection, f"DROP TABLE {aside}")
    for constraint, definition in constraints:
        _run(connection, f"ALTER TABLE {name} ADD CONSTRAINT {constraint} {definition}")
    for definition in indexes:
        _run(connection, definition.replace(" ON ONLY ", " ON "))
    for _, definition, for_rows in triggers:  # PostgreSQL gives those for rows to the partitions itself
        for place in (name,) if for_rows else (name, *(_quoted(connection, each) for each in made)):
            _run(connection, _elsewhere(definition, name, place))
    after = sums(connection, table)
    if after != before:
        raise RowsDiffer(name)
    return after.total


def _put_aside(connection: Connection, table: Table) -> str:
    for partition in partitions(connection, table):
        short = f"aside_{hashlib.sha256(partition.encode()).hexdigest()[:16]}"
        _run(connection, f"ALTER TABLE {_quoted(connection, partition)} RENAME TO {short}")
    aside = f"{table.name}{_ASIDE}"
    _run(connection, f"ALTER TABLE {table.name} RENAME TO {aside}")
    return aside


def _make_partition(connection: Connection, table: Table, district: str) -> str:
    name = partition_name(table, district)
    value = district.replace("'", "''")
    place = _quoted(connection, name)
    _run(connection, f"CREATE TABLE {place} PARTITION OF {table.name} FOR VALUES IN ('{value}')")
    return name


def _elsewhere(trigger: str, table: str, place: str) -> str:
    """The definition of a trigger, for another table."""
    head, _, rest = trigger.partition(" ON ")
    _, _, rest = rest.partition(" ")
    return f"{head} ON {place} {rest}" if place != table else trigger


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))


def analyze(connection: Connection) -> None:
    """Make the planner know the new tables, after the commit."""
    for table in BIG_TABLES:
        _run(connection, f"ANALYZE {table.name}")
