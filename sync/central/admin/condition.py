"""Whether a central would survive: is its database all of it, and how old is the newest verified backup.

Each backup is an event of the audit (``sync/central/backup``); what the files tell is ``db/serving_mark.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from sync.central import audit
from sync.central.admin.operator import iso_time
from sync.central.clock import central_clock
from sync.central.db.serving_mark import Gap
from sync.central.db.serving_role import is_guarded

MAX_BACKUP_AGE_MS = 88_200_000
"""A day, and half an hour for a backup to be written: an older one is overdue."""


class LastBackup(NamedTuple):
    """The newest verified backup of a district: when it was made (milliseconds since 1970), its file and lines."""

    made_at: int
    file: str
    lines: int


class Condition(NamedTuple):
    """What an operator should look at: why the database is incomplete, if it is; the newest backup; and whether the
    database keeps the serving role from rewriting the past (None for SQLite, ``db/serving_role.py``)."""

    gap: Gap | None
    backup: LastBackup | None
    is_backup_overdue: bool
    is_guarded: bool | None = None

    def to_json(self) -> dict[str, object]:
        """As ``guanjia central stats --json`` prints it, among the other facts."""
        last = self.backup and {**self.backup._asdict(), "made_at": iso_time(self.backup.made_at)}
        return {
            "complete": self.gap is None,
            "gap": self.gap and self.gap.value,
            "backup": last,
            "backup_overdue": self.is_backup_overdue,
            "database_guarded": self.is_guarded,
        }


def condition_of(connection: Connection, district: str, gap: Gap | None) -> Condition:
    """The condition of a district, whose files have this ``gap``."""
    detail = audit.newest_detail(connection, district, "backup")
    last = None if detail is None else _last_backup(detail)
    age_ms = None if last is None else central_clock().now_ms() - last.made_at
    is_overdue = age_ms is None or abs(age_ms) > MAX_BACKUP_AGE_MS  # one from the future tells of a wrong clock
    return Condition(gap, last, is_overdue, is_guarded(connection))


def _last_backup(detail: Mapping[str, object]) -> LastBackup:
    return LastBackup(int(str(detail["made_at"])), str(detail["file"]), int(str(detail["lines"])))
