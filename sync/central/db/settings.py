"""A central's folder: ``central.toml`` names its database; without one it is an SQLite file beside it. The folder has
mode 0700, since a database URL may contain a password."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

from store.home.paths import write_private
from sync.central.db.database import sqlite_url
from sync.central.exceptions import NoCentral

SETTINGS_FILE, SQLITE_FILE = "central.toml", "central.db"


class CentralSettings(NamedTuple):
    """The settings that all processes of a central share."""

    database: str


def load_central_settings(data_dir: Path) -> CentralSettings:
    """Read the settings of the central in a folder. Raises `NoCentral`."""
    try:
        written = tomllib.loads((data_dir / SETTINGS_FILE).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise NoCentral(place=data_dir) from None
    database = written.get("database")
    return CentralSettings(database if isinstance(database, str) else sqlite_url(data_dir.absolute() / SQLITE_FILE))


def save_central_settings(data_dir: Path, database: str | None) -> CentralSettings:
    """Create the folder and its settings; without a ``database`` the central has an SQLite file in the folder."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = ["# The central's settings. Without a database it is central.db, beside this file."]
    if database is not None:
        escaped = database.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'database = "{escaped}"')
    write_private(data_dir / SETTINGS_FILE, "\n".join([*lines, ""]).encode())
    return load_central_settings(data_dir)
