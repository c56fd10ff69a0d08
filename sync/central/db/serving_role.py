"""Two roles of a PostgreSQL database: the owner migrates it, a narrower one serves and cannot rewrite the past.

``central.toml`` names the address with which the central serves. Where `OWNER_VARIABLE` names another one of the same
database, commands migrate with that, and the serving role gets what it needs (`grant_serving`): it may add rows
everywhere, change what serving changes, and owns nothing, so it cannot drop triggers, nor change an audit row or a
version, nor delete a line; what it may do is have the texts about an erased person emptied (``triggers.py``). Without
it there is one role, as before, and `is_guarded` says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from sync.central.db.database import CentralDatabase
from sync.central.db.tables import (
    ACCOUNT,
    ATTEMPT,
    BLOB,
    BLOB_PART,
    BUCKET,
    CLAIM,
    CLOCK_REPORT,
    CLOSE_SERIAL,
    CO_HANDLER,
    DEVICE,
    DISTRICT,
    EPOCH,
    HEALING_DEVICE,
    INVITE,
    LINE,
    METADATA,
    PROPOSAL,
    ROLE,
)

OWNER_VARIABLE = "GUANJIA_CENTRAL_OWNER_DATABASE"
"""The environment variable with the owner's address: for the commands that migrate, not for serving."""
_DISTRICT_COLUMNS = (
    "seq", "lines", "hi", "lo", "kinds", "clock_mark", "clock_doubt_ms", "audit_link", "repair_due", "clock_repairs",
    "clock_doubt_at",
    "grants_day", "intake",
)  # fmt: skip
UPDATED = {
    DISTRICT: _DISTRICT_COLUMNS,
    LINE: tuple(LINE.columns.keys()[2:]),
    BUCKET: ("seq", "lines", "hi", "lo", "project", "department"),
    ROLE: ("granted_at", "withdrawn_at"),
    ACCOUNT: ("name",),
    INVITE: ("name", "used_at", "device", "created_at", "expires_at"),
    EPOCH: ("begun_at", "copied_at"),
    CLAIM: ("decision", "wire"),
    PROPOSAL: ("decision", "wire"),
    CLOSE_SERIAL: ("serial",),
    BLOB: ("size", "received", "whole_at", "erased_at", "sent_at", "stored_at"),
    BLOB_PART: ("sha256",),
    **{table: tuple(table.columns.keys()) for table in (DEVICE, HEALING_DEVICE, CLOCK_REPORT, ATTEMPT)},
}
"""The columns that serving changes; every other one is written once."""
DELETED = (CLOCK_REPORT, ATTEMPT, CO_HANDLER, BLOB, BLOB_PART)
"""The tables of which serving deletes rows: none is a record of what people did; the third follows from lines, and
bytes that turn out not to be those that a line names are thrown away, while triggers keep those that are whole and not
erased."""
_GUARDED = "'audit', 'version', 'line'"
_IS_GUARDED = f"""
SELECT NOT EXISTS (
  SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
  AND (relname IN ({_GUARDED}) OR pg_partition_root(oid) IN (
    SELECT oid FROM pg_class WHERE relname IN ({_GUARDED}) AND relnamespace = current_schema()::regnamespace))
  AND (pg_has_role(relowner, 'MEMBER') OR has_table_privilege(oid, 'DELETE, TRUNCATE, TRIGGER'))
)"""


def grant_serving(connection: Connection, role: str) -> None:
    """Give a role exactly what serving needs; ``connection`` is the owner's."""
    name = connection.dialect.identifier_preparer.quote(role)
    tables = ", ".join(table.name for table in METADATA.sorted_tables)
    statements = [
        f"REVOKE ALL ON {tables}, alembic_version FROM {name}",
        f"GRANT SELECT ON alembic_version TO {name}",
        f"GRANT SELECT, INSERT ON {tables} TO {name}",
        f"GRANT DELETE ON {', '.join(table.name for table in DELETED)} TO {name}",
        f"GRANT EXECUTE ON FUNCTION guanjia_erase TO {name}",
        *(f"GRANT UPDATE ({', '.join(columns)}) ON {table.name} TO {name}" for table, columns in UPDATED.items()),
    ]
    for statement in statements:
        connection.execute(text(statement))


def is_guarded(connection: Connection) -> bool | None:
    """Whether the role of this connection can neither drop the triggers of append-only tables nor delete from them;
    None for SQLite, which has no roles."""
    if connection.dialect.name != "postgresql":
        return None
    return bool(connection.execute(text(_IS_GUARDED)).scalar())


@contextmanager
def as_owner(database: CentralDatabase) -> Iterator[CentralDatabase]:
    """The database with the owner's role, where there is such an address; at the end of the block the serving role gets
    what it needs. Else the same database. Raises `ValueError` for an address of another database."""
    address = os.environ.get(OWNER_VARIABLE)
    if not address or database.engine.dialect.name != "postgresql":
        yield database
        return
    owner = CentralDatabase(address)
    try:
        with database.read() as connection, owner.read() as owners:
            role, place = connection.execute(text(_WHERE)).one()
            owner_role, owners_place = owners.execute(text(_WHERE)).one()
        if place != owners_place:
            raise ValueError(f"{OWNER_VARIABLE} is another database than the one of central.toml")
        yield owner
        if role != owner_role:
            with owner.write() as connection:
                grant_serving(connection, role)
    finally:
        owner.close()


_WHERE = """
SELECT current_user::text, oid::text || ' ' || pg_postmaster_start_time()::text FROM pg_database
WHERE datname = current_database()"""
"""The role, and what tells the database from any other: its number, and when its server began, to the microsecond."""
