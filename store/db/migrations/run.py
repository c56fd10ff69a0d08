"""Apply migrations to one open connection, all or nothing. The only place that loads Alembic for the store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

HERE = Path(__file__).parent


def engine_over(connection: Any) -> Engine:
    """A SQLAlchemy engine over one open SQLCipher connection: one SQLite build for the whole process (decision 7)."""
    return create_engine("sqlite+pysqlite://", module=sqlite, creator=lambda: connection, poolclass=StaticPool)


def config_for(connection: Any) -> Config:
    """Alembic's settings, with the SQLAlchemy connection to work on."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Any, revision: str = "head") -> None:
    """Bring the store behind a raw ``connection`` to ``revision`` in one transaction: all of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        with engine_over(connection).connect() as work:
            command.upgrade(config_for(work), revision)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
