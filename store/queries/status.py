"""The status of this home: its owner, what waits to be sent, the last round, and notices for the owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import orjson

from store.db.connection import Connection
from store.db.device_facts import FIRST_READ, FirstReadProgress, first_read_progress, read_device_facts
from store.queries.intake import LogState, log_state
from store.queries.lines import kind_tables
from store.queries.provisional_sql import count_provisional
from store.values.times import district_time, format_moment


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """The part of ``guanjia status`` that the store knows. ``lines`` counts every line here, deleted ones too;
    ``pending`` those not yet sent, ``rejected`` those that the central rejected; ``in_agreement`` as `is_in_agreement`
    has it; ``quarantined`` those with fields that are not valid (``store/writer/quarantine.py``); ``carried`` are those
    of the pending ones that left as files, whose answer has not come yet; ``provisional`` are versions that colleagues
    gave in a meeting and the central has not judged, which are no lines of this store; ``log`` is what is known of the
    central's log of what it took in."""

    person: str
    person_name: str
    district: str
    district_name: str
    device: str
    lines: int
    pending: int
    rejected: int
    cursor: str | None
    last_round: dict[str, object] | None
    verified_at: str | None
    clock_offset_ms: int
    central: str | None
    in_agreement: bool
    quarantined: int
    carried: int = 0
    provisional: int = 0
    log: LogState | None = None

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look: lines are refused, the last round ended without agreement, or the central's log
        is not what it was."""
        is_wrong = self.log is not None and self.log.fault is not None
        return is_wrong or bool(self.rejected) or (self.last_round or {}).get("in_agreement") is False

    def to_json(self) -> dict[str, object]:
        """The status as ``guanjia status --json`` prints it, without the daemon."""
        return {**asdict(self), "log": self.log and self.log.to_json()}


class SyncState(NamedTuple):
    """What is unsent and when both last agreed: the part of a `StoreStatus` for which no line is counted. ``coming``:
    how far this device's first read is, None where it is done."""

    central: str | None
    pending: int
    rejected: int
    verified_at: str | None
    in_agreement: bool
    coming: FirstReadProgress | None = None


class QuarantineEntry(NamedTuple):
    """A line with fields that are not valid: the problem of each (``store/values/faults.py``)."""

    id: str
    kind: str
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Notification:
    """A notice for the owner of this device: what (``code``), with which facts (``detail``), since when."""

    n: int
    at: str
    code: str
    detail: dict[str, Any]
    seen: bool


def store_status(connection: Connection) -> StoreStatus:
    """Who is this, how many lines are here and unsent, and when did the central last agree?"""
    meta = read_device_facts(connection)
    waiting = outbox_counts(connection)
    last_round = meta.get("last_round")
    return StoreStatus(
        meta.get("person", ""), meta.get("person_name", ""), meta.get("district", ""), meta.get("district_name", ""),
        meta.get("device", ""), count_lines(connection), waiting.get("pending", 0), waiting.get("rejected", 0),
        meta.get("cursor"), orjson.loads(last_round) if last_round else None, meta.get("verified_at"),
        meta.offset_ms, meta.get("central"), is_in_agreement(meta, waiting), count_quarantined(connection),
        count_carried(connection, meta), count_provisional(connection), log_state(meta),
    )  # fmt: skip


def count_carried(connection: Connection, facts: Mapping[str, str]) -> int:
    """How many of the lines that wait left as files that are not answered yet?"""
    if orjson.loads(facts.get("carried") or "[]") == []:
        return 0
    query = "SELECT count(*) FROM outbox WHERE state = 'pending' AND stamp <= ?"
    return int(connection.execute(query, (int(facts.get("carried_until") or 0),)).fetchone()[0])


def sync_state(connection: Connection) -> SyncState:
    """What is unsent, and when did the central last agree?"""
    facts, waiting = read_device_facts(connection), outbox_counts(connection)
    pending, rejected = waiting.get("pending", 0), waiting.get("rejected", 0)
    agrees = is_in_agreement(facts, waiting)
    coming = first_read_progress(facts.get(FIRST_READ))
    return SyncState(facts.get("central"), pending, rejected, facts.get("verified_at"), agrees, coming)


def is_in_agreement(facts: Mapping[str, str], waiting: Mapping[str, int]) -> bool:
    """Are device and central in agreement: did the latest round find both equal, and does nothing wait since? ``facts``
    are the device's, ``waiting`` what `outbox_counts` gives: unsent and refused lines, buckets still to be fetched."""
    last_round = orjson.loads(facts.get("last_round") or "{}")
    return last_round.get("outcome") == "done" and bool(last_round.get("verified")) and not any(waiting.values())


def outbox_counts(connection: Connection) -> dict[str, int]:
    """How many lines wait to be sent, and how many were rejected? By the outbox's states; ``backfill`` counts buckets
    that are still to be fetched."""
    rejected_rows = "SELECT count(*) FROM outbox WHERE state = 'rejected'"
    query = f"SELECT count(*), ({rejected_rows}), (SELECT count(*) FROM fill) FROM outbox"
    total, rejected, backfill = connection.execute(query).fetchone()
    counts = {"pending": total - rejected, "rejected": rejected, "backfill": backfill}
    return {state: count for state, count in counts.items() if count}


def count_quarantined(connection: Connection) -> int:
    """How many lines here have fields that are not valid?"""
    return int(connection.execute("SELECT count(*) FROM quarantine").fetchone()[0])


def quarantined_lines(connection: Connection, limit: int) -> list[QuarantineEntry]:
    """Which lines here have fields that are not valid, and what is wrong with them? Oldest first."""
    rows = connection.execute("SELECT id, kind, fields FROM quarantine ORDER BY at, id LIMIT ?", (limit,))
    return [QuarantineEntry(line_id, kind, orjson.loads(fields)) for line_id, kind, fields in rows]


def count_lines(connection: Connection) -> int:
    """How many lines are here, deleted ones too?"""
    names = [table.kind for table in kind_tables(connection)] + ["unknown_line"]
    counted = " + ".join(f'(SELECT count(*) FROM "{name}")' for name in names)
    return int(connection.execute(f"SELECT {counted}").fetchone()[0])


def notifications(connection: Connection, *, include_seen: bool = False) -> list[Notification]:
    """Which notices has the owner not seen yet? Newest first."""
    where = "" if include_seen else "WHERE seen = 0 "
    rows = connection.execute(f"SELECT n, at, code, detail, seen FROM notice {where}ORDER BY n DESC")
    return [
        Notification(n, format_moment(district_time(at)), code, orjson.loads(detail), bool(seen))
        for n, at, code, detail, seen in rows
    ]


def change_token(connection: Connection) -> int:
    """Has anybody else committed? A number that differs, on this connection, after another connection's commit."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])
