"""A central's folder: ``central.toml`` names its database; without one it is an SQLite file beside it.

Folder and files are private (0700, 0600): the file is the whole ledger in plain text, and a database URL may contain a
password.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from store.home.paths import (
    close_file,
    create_private_folder,
    is_ours,
    is_private,
    require_permissions,
    write_private,
)
from store.values.text_files import decode_text
from store.values.toml_files import line_of, parse_toml, replace_statement
from sync.central.db.database import sqlite_url
from sync.central.db.object_store import ObjectAddress, ObjectStore, object_credentials, parse_object_address
from sync.central.exceptions import BadCentralSettings, NoCentral, NoCentralSettings

MAX_DEVICES = 5
"""How many devices an account may have, where the central's settings say nothing else."""
TOKEN_DAYS, STOP_DAYS = 90, 180
"""After so many days without a round a token has expired, and its device is stopped, where the central's settings say
nothing else."""
ROTATIONS_A_LIFE = 3
"""A token is replaced after this part of its life, where the central's settings say nothing else."""
SETTINGS_FILE, SQLITE_FILE = "central.toml", "central.db"
_MOST = 1_000_000
_OWN_NAMES = ("central.*", ".central.*", "backups", "*.pem", "*.crt", "*.key", "lost+found")
"""What a folder that is the central's alone holds. A folder with anything else in it is somebody's, and stays open."""


class DeviceLimits(NamedTuple):
    """How many devices an account may have, and numbers of days: how long a token lives from its device's last round
    (``token_days``), after how long without one a device is stopped (``stop_days``), and how old a token is when it is
    replaced (``rotation_days``)."""

    max_devices: int = MAX_DEVICES
    token_days: int = TOKEN_DAYS
    stop_days: int = STOP_DAYS
    rotation_days: int = TOKEN_DAYS // ROTATIONS_A_LIFE


USUAL_LIMITS = DeviceLimits()
"""Those of a central whose settings say nothing else."""


class CentralSettings(NamedTuple):
    """The settings that all processes of a central share: its database, the limits of devices and tokens, whether its
    log is JSON, the ``address`` that its devices use, where that is known, and the outside store of attached files with
    the file of its credentials, where there is one."""

    database: str
    limits: DeviceLimits = USUAL_LIMITS
    json_log: bool = False
    address: str | None = None
    blobs: ObjectAddress | None = None
    blobs_credentials: Path | None = None

    def object_store(self) -> ObjectStore | None:
        """The outside store of attached files; None without one. Raises `NoObjectCredentials`."""
        return None if self.blobs is None else ObjectStore(self.blobs, object_credentials(self.blobs_credentials))


def load_central_settings(data_dir: Path) -> CentralSettings:
    """Read the settings of the central in a folder. Raises `NoCentral`, or `BadCentralSettings`: a line that cannot be
    read may have named the database, and another one is not served in its place."""
    try:
        text = decode_text((data_dir / SETTINGS_FILE).read_bytes()).text
    except (FileNotFoundError, NotADirectoryError):
        is_partial = (data_dir / SQLITE_FILE).exists()
        raise (NoCentralSettings if is_partial else NoCentral)(place=data_dir) from None
    written = parse_toml(text)
    database = written.values.get("database", sqlite_url(data_dir.absolute() / SQLITE_FILE))
    bad_line = written.bad_lines[0].line if written.bad_lines else None
    if bad_line is not None or not isinstance(database, str):
        raise BadCentralSettings(path=data_dir / SETTINGS_FILE, line=bad_line or line_of(text, "database"))
    limits = {name: written.values[name] for name in DeviceLimits._fields if name in written.values}
    numbers = dict[str, int]()
    for name, value in limits.items():
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST:
            raise BadCentralSettings(path=data_dir / SETTINGS_FILE, line=line_of(text, name))
        numbers[name] = value
    part_of_life = max(1, numbers.get("token_days", TOKEN_DAYS) // ROTATIONS_A_LIFE)
    json_log = written.values.get("json_log", False)
    if not isinstance(json_log, bool):
        raise BadCentralSettings(path=data_dir / SETTINGS_FILE, line=line_of(text, "json_log"))
    texts = dict[str, str | None]()
    for name in ("address", "blobs", "blobs_credentials"):
        value = written.values.get(name)
        if not isinstance(value, str | None):
            raise BadCentralSettings(path=data_dir / SETTINGS_FILE, line=line_of(text, name))
        texts[name] = value
    try:
        blobs = parse_object_address(texts["blobs"]) if texts["blobs"] else None
    except ValueError:
        raise BadCentralSettings(path=data_dir / SETTINGS_FILE, line=line_of(text, "blobs")) from None
    credentials = data_dir / texts["blobs_credentials"] if texts["blobs_credentials"] else None
    all_limits = DeviceLimits(**{"rotation_days": part_of_life} | numbers)
    return CentralSettings(database, all_limits, json_log, texts["address"], blobs, credentials)


def save_address(data_dir: Path, address: str) -> None:
    """Note the address that devices use, which invitations name. Other lines stay as they are."""
    file = data_dir / SETTINGS_FILE
    text = decode_text(file.read_bytes())
    line = f'address = "{address}"    # what devices are told when they are invited'
    write_private(file, text.encode(replace_statement(text.text, "address", line)))


def save_central_settings(data_dir: Path, database: str | None) -> CentralSettings:
    """Create the folder and its settings; without a ``database`` the central has an SQLite file in the folder. Raises
    `DiskKeepsNoPermissions`."""
    create_private_folder(data_dir)
    require_permissions(data_dir)
    lines = [
        "# The central's settings. Without a database it is central.db, beside this file.",
        f"# max_devices = {MAX_DEVICES}    # how many devices a person may have; counts when the central is started",
        f"# token_days = {TOKEN_DAYS}    # after so many days without a round a device must be let in again",
        f"# stop_days = {STOP_DAYS}    # after so many it is stopped, and counts for max_devices no more",
        f"# rotation_days = {USUAL_LIMITS.rotation_days}    # so old a token is replaced; a third of token_days",
        "# json_log = true    # the log as JSON, one object a line, with the id of the request",
        '# blobs = "s3://bucket/prefix?endpoint=https://…"    # where attached files lie; else in the database',
    ]
    if database is not None:
        escaped = database.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'database = "{escaped}"')
    write_private(data_dir / SETTINGS_FILE, "\n".join([*lines, ""]).encode())
    return load_central_settings(data_dir)


def close_folder(data_dir: Path) -> None:
    """Make the central's folder private again, and with it what is in it. Only its owner does, and only where nothing
    else is in it. Raises `DiskKeepsNoPermissions`."""
    if is_private(data_dir.stat()) or not is_ours(data_dir):
        return
    if all(any(entry.match(name) for name in _OWN_NAMES) for entry in data_dir.iterdir()):
        data_dir.chmod(0o700)
        require_permissions(data_dir)


def close_database_file(file: Path) -> None:
    """Make an SQLite file private, with its write-ahead log and its safety copies. A new one is created private, so
    that SQLite creates what belongs to it with the same mode. Raises `DiskKeepsNoPermissions`."""
    file.touch(mode=0o600)
    for path in (file, *file.parent.glob(f"{file.name}[-.]*")):
        close_file(path)
