"""Copy the rows of all tables from one database to another, of either sort."""

from __future__ import annotations

from sqlalchemy import Connection, select

from sync.central.db.database import insert_rows
from sync.central.db.tables import METADATA

_BATCH = 500
"""Rows in memory at a time: a line may take a third of a megabyte, a part of an attachment 64 KiB."""


def copy_rows(source: Connection, target: Connection) -> None:
    """Insert every row of ``source`` into the empty tables of ``target``, which has the same schema."""
    for table in METADATA.sorted_tables:
        rows = source.execute(select(table), execution_options={"yield_per": _BATCH})
        for batch in rows.partitions():
            insert_rows(target, table, [tuple(row) for row in batch])
