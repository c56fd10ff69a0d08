"""Apply migrations to one open connection, all or nothing. The only place that loads Alembic for the store."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy
import sqlcipher3.dbapi2 as sqlite
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from store.db.connection import Connection

HERE = Path(__file__).parent


def engine_over(connection: Connection) -> Engine:
    """A SQLAlchemy engine over one open SQLCipher connection: one SQLite build for the whole process (decision 7)."""
    return create_engine("sqlite+pysqlite://", module=sqlite, creator=lambda: connection, poolclass=StaticPool)


def config_for(connection: sqlalchemy.Connection) -> Config:
    """Alembic's settings, with the SQLAlchemy connection to work on."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the store behind a raw ``connection`` to ``revision`` in one transaction: all of it, or nothing.

    The transaction begins after SQLAlchemy's first connection: setting up its dialect rolls back what is open."""
    try:
        with engine_over(connection).connect() as work:
            connection.execute("BEGIN IMMEDIATE")
            command.upgrade(config_for(work), revision)
    except DBAPIError as error:
        raise error.orig or error from None  # as SQLite's own, which callers translate
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
