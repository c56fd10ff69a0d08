"""Apply migrations to a central's database, all or nothing. The only place that loads Alembic for the central.

What an older version has taken in becomes the first entries of the log (``sync/central/db/intake_log.py``).
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from sync.central.db.intake_log import begin_logs

HERE = Path(__file__).parent
_LOCK = 0x6775616E6A6961
"""PostgreSQL advisory lock: when several machines start at once, one migrates and the others wait."""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the database to ``revision`` within the transaction that ``connection`` is in."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if revision == "head":
        begin_logs(connection)
