"""The copy of the ledger that is made before an upgrade, beside it: ``ledger.db.before-<schema>``.

One copy per schema, written under another name and renamed when it is whole. It guards against a fault of the upgrade
itself (which is one transaction, so a crash needs no copy), so a copy that cannot be made never keeps anybody from the
ledger: the upgrade is made all the same and the ledger remembers that there is no copy. Next: ``upgrade.py``.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from store.db.connection import Connection
from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.db.schema_version import HEAD
from store.exceptions import DiskFull, FileFailure, ReadOnlyStore

KEPT_SCHEMAS = 2
"""How many schemas' copies are kept; older ones are deleted when a new copy has been made."""
ABANDONED_S = 3_600
"""A half-written copy older than this is nobody's."""
MISSING_COPY_FACT = "upgraded_without_copy"
"""The device fact that names the schema to which the ledger was upgraded without a copy."""


def make_safety_copy(database: Database) -> bool:
    """Copy the ledger as it was before the upgrade to `HEAD`; False when there was no room or no permission for it."""
    target = database.path.with_name(f"{database.path.name}.before-{HEAD}")
    writing = target.with_name(f"{target.name}.part-{os.getpid()}")
    writing.unlink(missing_ok=True)
    try:
        database.backup(writing)
        if not _is_upgraded(writing, database):
            os.replace(writing, target)
            _delete_old_copies(target)
    except (DiskFull, FileFailure, ReadOnlyStore, OSError):
        return False
    finally:
        with contextlib.suppress(OSError):
            writing.unlink(missing_ok=True)
    return True


def note_missing_copy(connection: Connection) -> None:
    """Remember, in the transaction of the upgrade, that it was made without a copy."""
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (MISSING_COPY_FACT, HEAD))


def lacks_safety_copy(connection: Connection) -> bool:
    """Whether the last upgrade was made without a copy."""
    return read_device_facts(connection).get(MISSING_COPY_FACT) == HEAD


def _is_upgraded(copy: Path, database: Database) -> bool:
    """Whether another process had finished the upgrade before the copy was made."""
    copied = database.with_same_key(copy)
    try:
        return bool(copied.connection().execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,))
    finally:
        copied.close()


def _delete_old_copies(newest: Path) -> None:
    """Delete all but the newest copy of each of the last `KEPT_SCHEMAS` schemas, and what a killed process left half
    written. Earlier versions of the program gave every copy a name of its own (``before-<schema>-<time>``)."""
    by_schema: dict[str, list[Path]] = {}
    stem = newest.name.removesuffix(HEAD)
    for path in newest.parent.glob(f"{stem}[0-9]*"):
        if ".part-" not in path.name:
            by_schema.setdefault(path.name.removeprefix(stem).split("-")[0], []).append(path)
        elif time.time() - path.stat().st_mtime > ABANDONED_S:
            path.unlink(missing_ok=True)
    kept = {max(by_schema[schema], key=_modified_ns) for schema in sorted(by_schema)[-KEPT_SCHEMAS:]} | {newest}
    for path in {path for paths in by_schema.values() for path in paths} - kept:
        path.unlink(missing_ok=True)


def _modified_ns(path: Path) -> int:
    return path.stat().st_mtime_ns
