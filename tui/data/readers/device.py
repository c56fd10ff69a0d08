"""What this device knows of itself: its sync status, whose it is, the roles that this person holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from store.db.connection import Connection
from store.db.device_facts import FIRST_READ, first_read_progress, read_device_facts
from store.domain.limits import read_limits
from store.exceptions import UNREACHABLE_CODES
from store.queries.status import is_in_agreement, outbox_counts
from tui.data.sync_status import SyncStatus
from tui.i18n.labels import FAMILIES


def read_sync_status(connection: Connection) -> SyncStatus:
    """The status as this device's own facts and its outbox give it."""
    status = sync_status_from(read_device_facts(connection), outbox_counts(connection))
    return replace(status, lock_minutes=read_limits(connection).lock_minutes)


def sync_status_from(meta: Mapping[str, str], queue_counts: Mapping[str, int]) -> SyncStatus:
    """The status that the device's own facts describe; ``queue_counts`` are lines of the outbox by state."""
    last = json.loads(meta.get("last_round") or "{}")
    outcome = last.get("outcome")
    reached = _ms(meta.get("reached")) or _ms(last.get("at"))
    return SyncStatus(
        person=meta.get("person_name", ""),
        district=meta.get("district_name", ""),
        central=meta.get("central"),
        told_address=meta.get("told_address") or meta.get("central"),
        unsent=queue_counts.get("pending", 0),
        rejected=queue_counts.get("rejected", 0),
        verified_at=_ms(meta.get("verified_at")),
        offline_since=reached if outcome in UNREACHABLE_CODES else None,
        failure_code=_failure_code(outcome),
        offset_ms=int(meta.get("offset_ms", "0")),
        in_agreement=is_in_agreement(meta, queue_counts),
        roles=roles_in(meta),
        coming=first_read_progress(meta.get(FIRST_READ)),
    )


def read_person_id(connection: Connection) -> str | None:
    """The id of the person whose home this is."""
    return read_device_facts(connection).get("person")


def read_roles(connection: Connection) -> tuple[str, ...]:
    """The roles that this person holds, as far as this device knows; empty when it knows of none."""
    return roles_in(read_device_facts(connection))


def roles_in(meta: Mapping[str, str]) -> tuple[str, ...]:
    """The roles that the device's own facts name, each once."""
    return tuple(dict.fromkeys(str(role["role"]) for role in json.loads(meta.get("roles") or "[]")))


def _failure_code(outcome: str | None) -> str | None:
    if outcome in (*UNREACHABLE_CODES, None, "done"):
        return None
    return outcome if outcome in FAMILIES["trouble"] else "other"


def _ms(moment: str | None) -> int | None:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None
